package all_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// TestMembersOpen proves that each line of the lists leads to a member that
// opens with sound settings, and refuses the empty ones under some key.
func TestMembersOpen(t *testing.T) {
	sources := map[string]func(connectors.SourceConfig){
		"salesforce": func(c connectors.SourceConfig) {
			s := c.(*all.Salesforce)
			s.URL = "https://acme.my.salesforce.com"
			s.Auth = all.SalesforceAuth{Flow: "client_credentials", ClientID: "x", ClientSecret: secret.Secret{Env: "X"}}
		},
	}
	sources["hubspot"] = func(c connectors.SourceConfig) { c.(*all.HubSpot).Token = secret.Secret{Env: "X"} }
	for _, typ := range all.Sources() {
		c := typ.New()
		o := connectors.SourceOptions{Name: "sales", Budget: 0.2}
		if !complains(func(r func(string, string)) { c.Validate(o, r) }) {
			t.Errorf("%s: empty settings are accepted", typ.Name)
		}
		sources[typ.Name](c)
		if complains(func(r func(string, string)) { c.Validate(o, r) }) {
			t.Errorf("%s: sound settings are refused", typ.Name)
		}
		src, err := c.Open(o)
		if err != nil || src.Name() != "sales" || typ.Label == "" {
			t.Errorf("%s: opened %v, %v", typ.Name, src, err)
		}
	}
	notifiers := map[string]func(connectors.NotifierConfig){
		"slack": func(c connectors.NotifierConfig) { c.(*slack.Config).Token = secret.Secret{Env: "X"} },
		"email": func(c connectors.NotifierConfig) {
			e := c.(*email.Config)
			e.Host, e.From = "smtp.acme.example", "Pipetidy <pipetidy@acme.example>"
			e.Username, e.Password = "pipetidy", &secret.Secret{Env: "X"}
		},
	}
	for _, typ := range all.Notifiers() {
		c := typ.New()
		notifiers[string(typ.Channel)](c)
		if complains(c.Validate) {
			t.Errorf("%s: sound settings are refused", typ.Channel)
		}
		n, err := c.Open(connectors.NotifierOptions{Company: "Acme"})
		if err != nil || n.Channel() != typ.Channel || typ.Label == "" {
			t.Errorf("%s: opened %v, %v", typ.Channel, n, err)
		}
	}
}

func complains(validate func(report func(key, message string))) (mistakes bool) {
	validate(func(string, string) { mistakes = true })
	return mistakes
}

// TestFlowsOpen opens a source of each flow, with what the program gives it.
func TestFlowsOpen(t *testing.T) {
	for _, auth := range []all.SalesforceAuth{
		{Flow: "client_credentials", ClientID: "x", ClientSecret: secret.Secret{Env: "X"}},
		{Flow: "jwt_bearer", ClientID: "x", Username: "pipetidy@acme.example", Key: secret.Secret{File: "key"}},
		{Flow: "refresh_token", ClientID: "x", RefreshToken: secret.Secret{File: "token"}},
	} {
		c := all.Sources()[0].New().(*all.Salesforce)
		c.URL, c.Auth = "https://acme.my.salesforce.com", auth
		o := connectors.SourceOptions{Name: "sales", Budget: 0.2}
		if complains(func(r func(string, string)) { c.Validate(o, r) }) {
			t.Errorf("%s: sound settings are refused", auth.Flow)
		}
		o.Vault = secret.Vault{Dir: t.TempDir()}
		if _, err := c.Open(o); err != nil {
			t.Error(err)
		}
	}
}
