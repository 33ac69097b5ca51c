package salesforce

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

func good(t testing.TB) Config {
	return Config{Name: "sales", URL: "https://acme.my.salesforce.com", Auth: Auth{ClientID: "3MVG9", ClientSecret: connectortest.Secret(t, "x")},
		Fields: map[string]string{"amount": "ARR__c", "decision_criteria": "Decision_Criteria__c", "next_activity_at": "Next__c"}}
}

// some is a secret that no test reads, none is no secret.
var some, none = secret.Secret{File: "x"}, secret.Secret{}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string // key: part of the message; "" is no mistake
	}{
		{"good", func(*Config) {}, ""},
		{"a slash at the end", func(c *Config) { c.URL += "/" }, ""},
		{"loopback", func(c *Config) { c.URL = "http://127.0.0.1:8080" }, ""},
		{"no url", func(c *Config) { c.URL = "" }, "url: is missing"},
		{"clear text", func(c *Config) { c.URL = "http://acme.my.salesforce.com" }, "url: http would send credentials in the clear"},
		{"path", func(c *Config) { c.URL += "/services" }, "url: must be the host only: https://acme.my.salesforce.com"},
		{"lightning", func(c *Config) { c.URL = "https://acme.lightning.force.com" }, "url: this is the address for people; the API is at https://acme.my.salesforce.com"},
		{"login host", func(c *Config) { c.URL = "https://login.salesforce.com" }, "url: client credentials do not work on login.salesforce.com"},
		{"sandbox login host", func(c *Config) { c.URL = "https://test.salesforce.com" }, "url: client credentials do not work"},
		{"no id", func(c *Config) { c.Auth.ClientID = "" }, "auth.client_id: is missing"},
		{"no secret", func(c *Config) { c.Auth.ClientSecret = none }, "auth.client_secret: is missing"},
		{"login host by key", func(c *Config) { byKeyOf(c); c.URL = "https://login.salesforce.com" }, ""},
		{"login host by token", func(c *Config) { byTokenOf(c); c.URL = "https://test.salesforce.com" }, ""},
		{"unknown flow", func(c *Config) { c.Auth.Flow = "device" }, `auth.flow: "device" is no flow; write client_credentials, jwt_bearer, refresh_token or password`},
		{"by password", byPasswordOf, ""},
		{"by password on a login host", func(c *Config) { byPasswordOf(c); c.URL = "https://login.salesforce.com" }, ""},
		{"by password without the token", func(c *Config) { byPasswordOf(c); c.Auth.SecurityToken = none }, ""},
		{"no password", func(c *Config) { byPasswordOf(c); c.Auth.Password = none }, "auth.password: is missing"},
		{"password without a user", func(c *Config) { byPasswordOf(c); c.Auth.Username = "" }, "auth.username: is missing"},
		{"password and an app", func(c *Config) { byPasswordOf(c); c.Auth.ClientID = "3MVG9" }, "auth.client_id: does not belong to password"},
		{"password and a key", func(c *Config) { byPasswordOf(c); c.Auth.Key = some }, "auth.key: does not belong to password"},
		{"token of another flow", func(c *Config) { c.Auth.SecurityToken = some }, "auth.security_token: does not belong to client_credentials; remove it, or choose the flow password"},
		{"credentials with a username", func(c *Config) { c.Auth.Username = "x" }, "auth.username: does not belong to client_credentials; remove it, or choose the flow jwt_bearer"},
		{"credentials with a token", func(c *Config) { c.Auth.RefreshToken = some }, "auth.refresh_token: does not belong to client_credentials"},
		{"by key", byKeyOf, ""},
		{"by key with a secret", func(c *Config) { byKeyOf(c); c.Auth.ClientSecret = some }, "auth.client_secret: does not belong to jwt_bearer"},
		{"by key without one", func(c *Config) { byKeyOf(c); c.Auth.Key = none }, "auth.key: is missing"},
		{"by key without a user", func(c *Config) { byKeyOf(c); c.Auth.Username = "" }, "auth.username: is missing"},
		{"audience with a path", func(c *Config) { byKeyOf(c); c.Auth.Audience = "https://login.salesforce.com/" }, "auth.audience: must be a host alone"},
		{"audience that is none", func(c *Config) { byKeyOf(c); c.Auth.Audience = "login" }, "auth.audience: must be a host alone"},
		{"by token", byTokenOf, ""},
		{"by token with a secret", func(c *Config) { byTokenOf(c); c.Auth.ClientSecret = some }, ""},
		{"by token without one", func(c *Config) { byTokenOf(c); c.Auth.RefreshToken = none }, "auth.refresh_token: is missing"},
		{"by token with a key", func(c *Config) { byTokenOf(c); c.Auth.Key = some }, "auth.key: does not belong to refresh_token"},
		{"by token with an audience", func(c *Config) { byTokenOf(c); c.Auth.Audience = "https://login.salesforce.com" }, "auth.audience: does not belong to refresh_token"},
		{"by token, with nowhere to keep it", func(c *Config) { byTokenOf(c); c.Vault = nil }, "New: auth.flow: refresh_token requires a vault"},
		{"capture", func(c *Config) { c.Capture = "gmail" }, `activity_capture: "gmail" is no place`},
		{"few activities", func(c *Config) { c.Keep.Activities = 2 }, "keep.activities: must be at least 3mo"},
		{"closed in the future", func(c *Config) { c.Keep.Closed = -1 }, "keep.closed: must not be negative"},
		{"bulk for a page", func(c *Config) { c.BulkAbove = 1999 }, "bulk_above: must be at least 2000"},
		{"least of all", func(c *Config) {
			c.Keep.Closed, c.Keep.Activities, c.BulkAbove, c.Capture = 1, 3, 2000, CaptureEinstein
		}, ""},
		{"no name", func(c *Config) { c.Name = "" }, "name: is missing"},
		{"version", func(c *Config) { c.APIVersion = "66" }, `api_version: "66" is no API version`},
		{"old version", func(c *Config) { c.APIVersion = "v52.0" }, "api_version: v52.0 is too old"},
		{"budget", func(c *Config) { c.Budget = 1.2 }, "api_budget: must lie between"},
		{"overlap", func(c *Config) { c.Overlap = -time.Second }, "overlap: must lie between"},
		{"page", func(c *Config) { c.PageHint = 100 }, "page: must lie between"},
		{"query in a field", func(c *Config) { c.Fields["x"] = "Id FROM User" }, "fields.x: \"Id FROM User\" is no API name"},
		{"relation", func(c *Config) { c.Fields["x"] = "Account.Name" }, "fields.x: "},
		{"reserved", func(c *Config) { c.Fields["stage"] = "Stage__c" }, "fields.stage: this name always stands for a standard field"},
		{"reserved stream", func(c *Config) { c.Fields["activities"] = "A__c" }, "fields.activities: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := good(t)
			c.change(&cfg)
			var got []string
			cfg.check(func(key, message string) { got = append(got, key+": "+message) })
			_, err := New(cfg, rest.New(rest.Config{}))
			if c.want == "" {
				if len(got) != 0 || err != nil {
					t.Errorf("got %q, %v", got, err)
				}
				return
			}
			if late, ok := strings.CutPrefix(c.want, "New: "); ok { // a mistake of the program, which Validate does not report
				if len(got) != 0 || err == nil || !strings.Contains(err.Error(), late) {
					t.Errorf("got %q, %v", got, err)
				}
				return
			}
			if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
				t.Errorf("got %q, want one that begins with %q", got, c.want)
			}
			if err == nil || !strings.Contains(err.Error(), got[0]) {
				t.Errorf("New says %v", err)
			}
		})
	}
}

func byKeyOf(c *Config) {
	c.Auth.Flow, c.Auth.ClientSecret, c.Auth.Username, c.Auth.Key = JWTBearer, none, "pipetidy@acme.example", some
}

func byPasswordOf(c *Config) {
	c.Auth = Auth{Flow: Password, Username: "pipetidy@acme.example", Password: some, SecurityToken: some}
}

func byTokenOf(c *Config) {
	c.Auth.Flow, c.Auth.ClientSecret, c.Auth.RefreshToken, c.Vault = RefreshToken, none, some, nowhere{}
}

// nowhere is a vault that saves nothing.
type nowhere struct{}

func (nowhere) Load(string) (string, error) { return "", nil }
func (nowhere) Save(string, string) error   { return nil }

func TestLink(t *testing.T) {
	for instance, want := range map[string]string{
		"https://acme.my.salesforce.com":              "https://acme.lightning.force.com/lightning/r/Opportunity/{id}/view",
		"https://acme--uat.sandbox.my.salesforce.com": "https://acme--uat.sandbox.lightning.force.com/lightning/r/Opportunity/{id}/view",
		"http://127.0.0.1:8080":                       "http://127.0.0.1:8080/lightning/r/Opportunity/{id}/view",
	} {
		if got := link(instance); got != want {
			t.Errorf("%s: got %s, want %s", instance, got, want)
		}
	}
}

func TestStreamsOrder(t *testing.T) {
	s := recordedSource(t, &recorded{}, 1)
	got := fmt.Sprint(s.Streams())
	if got != "[users stages opportunities history activities contacts]" {
		t.Errorf("streams are %s", got)
	}
	for _, name := range s.Streams() {
		if _, ok := streams[name]; !ok {
			t.Errorf("%s is listed and cannot be read", name)
		}
	}
}

// TestOverridable compares the names that an operator may override with a list, so that
// no name vanishes unnoticed.
func TestOverridable(t *testing.T) {
	want := strings.Fields("name pipeline amount currency close_date account next_step forecast_category stage_since lead_source type probability products created_by modified_by last_activity_at next_activity_at")
	if got := Overridable(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
