package salesforce_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// TestFlowsOpen opens a source of each flow, with the options that the program gives.
func TestFlowsOpen(t *testing.T) {
	for _, auth := range []salesforce.Auth{
		{Flow: "client_credentials", ClientID: "x", ClientSecret: secret.Secret{Env: "X"}},
		{Flow: "jwt_bearer", ClientID: "x", Username: "pipetidy@acme.example", Key: secret.Secret{File: "key"}},
		{Flow: "refresh_token", ClientID: "x", RefreshToken: secret.Secret{File: "token"}},
		{Flow: "password", Username: "pipetidy@acme.example", Password: secret.Secret{Env: "X"}},
	} {
		c := salesforce.Defaults()
		c.URL, c.Auth = "https://acme.my.salesforce.com", auth
		o := connectors.SourceOptions{Name: "sales", Budget: 0.2}
		c.Validate(o, func(key, message string) {
			t.Errorf("%s: sound settings are refused: %s: %s", auth.Flow, key, message)
		})
		o.Vault = secret.Vault{Dir: t.TempDir()}
		if _, err := c.Open(o); err != nil {
			t.Error(err)
		}
	}
}
