package salesforce_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// signingKey is made once, because making a key takes long.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// signsIn is an account whose source signs in by the flow.
func signsIn(t *testing.T, flow string) *account {
	t.Helper()
	a := newAccount(t, sim.Options{Deals: 150})
	switch a.cfg.Auth.Flow = flow; flow {
	case salesforce.JWTBearer:
		key, err := signingKey()
		if err != nil {
			t.Fatal(err)
		}
		a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.Certificate = &key.PublicKey })
		text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
		a.cfg.Auth.ClientSecret, a.cfg.Auth.Username, a.cfg.Auth.Key = secret.Secret{}, "pipetidy@acme.example", connectortest.Secret(t, string(text))
	case salesforce.Password:
		a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.Password, o.Auth.SecurityToken = `p<&>"'ß%s`, "tok]]>&Yz9" })
		a.cfg.Auth = salesforce.Auth{Flow: flow, Username: "pipetidy@acme.example", Password: connectortest.Secret(t, `p<&>"'ß%s`), SecurityToken: connectortest.Secret(t, "tok]]>&Yz9")}
	case salesforce.RefreshToken:
		a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.Rotate = true })
		a.cfg.Auth.RefreshToken = connectortest.Secret(t, a.org.Authorize())
		a.cfg.Vault = secret.Vault{Dir: filepath.Join(t.TempDir(), "tokens")}
	}
	return a
}

// TestFlows reads an org by each flow. The session ends in the middle, and a new process
// goes on.
func TestFlows(t *testing.T) {
	for _, flow := range []string{salesforce.ClientCredentials, salesforce.JWTBearer, salesforce.RefreshToken, salesforce.Password} {
		t.Run(flow, func(t *testing.T) {
			a := signsIn(t, flow)
			src := a.Source(t)
			c := newCache(t, crm.Opportunities)
			c.step(src)
			a.org.ExpireSessions()
			for c.step(src) {
				continue
			}
			if n := len(a.IDs(crm.Opportunities)); len(c.deals) != n {
				t.Errorf("%d deals, want %d", len(c.deals), n)
			}
			src = a.Source(t)
			if _, err := src.Describe(t.Context()); err != nil {
				t.Error(err)
			}
			if n := a.org.Tokens(); n != 3 {
				t.Errorf("%d logins, want 3", n)
			}
		})
	}
}

// TestFlowsRefused: the org has withdrawn the credentials of each flow.
func TestFlowsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		flow   string
		change func(a *account)
		kind   error
		want   string
	}{
		"another certificate": {salesforce.JWTBearer, func(a *account) {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				t.Fatal(err)
			}
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.Certificate = &key.PublicKey })
		}, crm.ErrAuth, "check that key belongs to the certificate"},
		"not authorised any more": {salesforce.JWTBearer, func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.JWTUsers = []string{} })
		}, crm.ErrAuth, "add a profile or permission set of the user"},
		"a sandbox": {salesforce.JWTBearer, func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.Audience = "https://test.salesforce.com" })
		}, crm.ErrAuth, "set audience to"},
		"revoked": {salesforce.RefreshToken, func(a *account) { a.org.RevokeGrants() }, crm.ErrAuth, "approve the app anew"},
		"another org, by key": {salesforce.JWTBearer, func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.OrgID = "00D000000000009EAA" })
		}, crm.ErrAccount, "the credentials now lead to org 00D000000000009EAA"},
		"another password": {salesforce.Password, func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.Password = "new" })
		}, crm.ErrAuth, "a new password comes with a new security token"},
		"switched off": {salesforce.Password, func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.Password = "" })
		}, crm.ErrAuth, "choose the flow client_credentials"},
		"another org, by password": {salesforce.Password, func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.OrgID = "00D000000000009EAA" })
		}, crm.ErrAccount, "the credentials now lead to org 00D000000000009EAA"},
		"another org, by token": {salesforce.RefreshToken, func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.Auth.OrgID = "00D000000000009EAA" })
		}, crm.ErrAccount, "the credentials now lead to org 00D000000000009EAA"},
	} {
		t.Run(name, func(t *testing.T) {
			a := signsIn(t, c.flow)
			src := a.Source(t)
			if _, err := src.Describe(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.change(a)
			a.org.ExpireSessions()
			for range 2 {
				if _, err := src.Fetch(t.Context(), crm.Opportunities, ""); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %s", err, c.want)
				}
			}
		})
	}
}
