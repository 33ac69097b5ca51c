package all_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/digest"
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
		"slack": func(c connectors.NotifierConfig) { c.(*all.Slack).Token = secret.Secret{Env: "X"} },
		"email": func(c connectors.NotifierConfig) {
			e := c.(*all.Email)
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

// TestSlackIDs proves that the member ids of the configuration reach the notifier.
func TestSlackIDs(t *testing.T) {
	var opened string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/conversations.open" {
			opened = string(body)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true,"ts":"1.1","channel":"D1"}`)
	}))
	defer api.Close()
	t.Setenv("X", "xoxb-1")
	n, err := (&all.Slack{Token: secret.Secret{Env: "X"}, URL: api.URL}).Open(connectors.NotifierOptions{SlackIDs: map[string]string{"ana@acme.example": "U012AB3CD"}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = n.Send(t.Context(), &digest.Delivery{Recipient: "ana@acme.example"}, digest.Part{Body: []byte(`{"text":"x"}`)}, nil)
	if !strings.Contains(opened, `"U012AB3CD"`) {
		t.Errorf("opened %q", opened)
	}
}

func TestAllows(t *testing.T) {
	own := &all.Email{From: "Pipetidy <pipetidy@acme.example>"}
	listed := &all.Email{From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"OldCo.example"}}
	for _, c := range []struct {
		email   *all.Email
		address string
		want    bool
	}{{own, "ana@ACME.example", true}, {own, "ana@oldco.example", false}, {listed, "ana@oldco.example", true}, {listed, "ana@acme.example", false}, {listed, "ana@sub.oldco.example", false}} {
		if got := c.email.Allows(c.address); got != c.want {
			t.Errorf("%v allows %s: %v", c.email.Allow, c.address, got)
		}
	}
}
