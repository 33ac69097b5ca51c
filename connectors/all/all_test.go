package all_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/internal/secret"
)

func complains(validate func(report func(key, message string))) (mistakes bool) {
	validate(func(string, string) { mistakes = true })
	return mistakes
}

// TestFlowsOpen opens a source of each flow, with what the program gives it.
func TestFlowsOpen(t *testing.T) {
	for _, auth := range []salesforce.Auth{
		{Flow: "client_credentials", ClientID: "x", ClientSecret: secret.Secret{Env: "X"}},
		{Flow: "jwt_bearer", ClientID: "x", Username: "pipetidy@acme.example", Key: secret.Secret{File: "key"}},
		{Flow: "refresh_token", ClientID: "x", RefreshToken: secret.Secret{File: "token"}},
	} {
		c := all.Sources()[0].New().(*salesforce.Config)
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
