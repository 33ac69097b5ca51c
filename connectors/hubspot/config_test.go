package hubspot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

func good() Config {
	return Config{Name: "partners", Token: secret.Secret{File: "token"},
		Fields: map[string]string{"amount": "arr", "decision_criteria": "decision_criteria", "next_activity_at": "next_call"}}
}

func app() *Auth {
	file := secret.Secret{File: "token"}
	return &Auth{ClientID: "a", ClientSecret: file, RefreshToken: file}
}

// none is a secret that is not configured.
var none secret.Secret

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string // key: part of the message; "" is no mistake
	}{
		{"good", func(*Config) {}, ""},
		{"a slash at the end", func(c *Config) { c.URL = DefaultURL + "/" }, ""},
		{"loopback", func(c *Config) { c.URL = "http://127.0.0.1:8080" }, ""},
		{"clear text", func(c *Config) { c.URL = "http://api.hubapi.com" }, "url: http would send credentials in the clear"},
		{"path", func(c *Config) { c.URL = DefaultURL + "/crm/v3" }, "url: must be the host only: https://api.hubapi.com"},
		{"the pages", func(c *Config) { c.URL = "https://app-eu1.hubspot.com" }, "url: this is the address of HubSpot's pages; the API is at https://api.hubapi.com"},
		{"no token", func(c *Config) { c.Token = none }, "token: is missing"},
		{"an app", func(c *Config) { c.Token, c.Auth = none, app() }, ""},
		{"both", func(c *Config) { c.Auth = app() }, "auth: is for OAuth apps; leave out either auth or token"},
		{"no client", func(c *Config) { c.Token, c.Auth = none, app(); c.Auth.ClientID = "" }, "auth.client_id: is missing"},
		{"no client secret", func(c *Config) { c.Token, c.Auth = none, app(); c.Auth.ClientSecret = none }, "auth.client_secret: is missing"},
		{"no refresh token", func(c *Config) { c.Token, c.Auth = none, app(); c.Auth.RefreshToken = none }, "auth.refresh_token: is missing"},
		{"a refresh token without a file", func(c *Config) { c.Token, c.Auth = none, app(); c.Auth.RefreshToken = secret.Secret{Env: "X"} }, "auth.refresh_token: HubSpot may replace the token"},
		{"no name", func(c *Config) { c.Name = "" }, "name: is missing"},
		{"budget", func(c *Config) { c.Budget = 1.2 }, "api_budget: must lie between"},
		{"overlap", func(c *Config) { c.Overlap = -time.Second }, "overlap: must lie between"},
		{"page", func(c *Config) { c.PageLimit = 101 }, "page: must lie between"},
		{"rate", func(c *Config) { c.SearchRate = -1 }, "rate: must be at least 1"},
		{"several properties in one", func(c *Config) { c.Fields["x"] = "a,b" }, `fields.x: "a,b" is no internal name`},
		{"query in a field", func(c *Config) { c.Fields["x"] = "a&archived=true" }, "fields.x: "},
		{"reserved", func(c *Config) { c.Fields["stage"] = "my_stage" }, "fields.stage: this name is read from a standard property"},
		{"reserved stream", func(c *Config) { c.Fields["activities"] = "a" }, "fields.activities: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := good()
			c.change(&cfg)
			var got []string
			cfg.validate(func(key, message string) { got = append(got, key+": "+message) })
			_, err := New(cfg, rest.New(rest.Config{}))
			if c.want == "" {
				if len(got) != 0 || err != nil {
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

func TestDescribe(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){"properties": always(200, propertiesOf("dealname:string", "dealstage:string",
		"amount:string", "closedate:datetime", "hs_lastmodifieddate:datetime", "notes_last_updated:datetime", "arr:number"))}}
	s := recordedSource(t, o, func(c *Config) {
		c.Fields = map[string]string{"amount": "arr", "next_step": "gone", "champion": "gone_too"}
	})
	info, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.TimeZone != "US/Eastern" || info.Type != Type || info.Account != "149063119" || info.Currency != "USD" ||
		info.URL("7") != "https://app-eu1.hubspot.com/contacts/149063119/record/0-3/7" {
		t.Errorf("described as %+v", info)
	}
	for name, want := range map[string]crm.Access{
		"name": crm.Readable, "amount": crm.Readable, "close_date": crm.Readable, "last_activity_at": crm.Readable, "closed": crm.Readable,
		"next_step": crm.Hidden, "champion": crm.Hidden, "forecast_category": crm.Hidden, "stage_since": crm.Hidden, "owner": crm.Hidden,
		"currency": crm.Unmapped, "account": crm.Unmapped, "activities": crm.Readable, "history": crm.Readable, "contacts": crm.Readable,
	} {
		if got := info.Fields.Access(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if why := info.Why["champion"]; !strings.Contains(why, `no property "gone_too"`) || !strings.HasSuffix(why, "correct fields.champion of the source") || info.Why["stage_since"] != "" {
		t.Errorf("said why: %q", info.Why)
	}
	calls := len(o.seen)
	if _, err := s.Describe(t.Context()); err != nil || len(o.seen) != calls {
		t.Errorf("described again with %d calls, %v", len(o.seen)-calls, err)
	}
	for _, c := range o.seen {
		if c.auth != "Bearer "+testToken {
			t.Errorf("%s was asked with %q", c.key, c.auth)
		}
	}
	if got := fmt.Sprint(s.Streams()); got != "[users stages opportunities history activities contacts]" {
		t.Errorf("streams are %s", got)
	}
}

// TestCurrencyUnseen: where deals may be in several currencies, and the token does not see in
// which each is, an amount is in none that is known.
func TestCurrencyUnseen(t *testing.T) {
	without := propertiesOf("dealname:string", "dealstage:string", "amount:number", "closedate:datetime", "hs_lastmodifieddate:datetime")
	for others, want := range map[string]crm.Access{`["JPY"]`: crm.Hidden, `[]`: crm.Unmapped, `null`: crm.Unmapped} {
		o := &recorded{answer: map[string]func(call) (int, string){
			"account":    always(200, `{"portalId":1,"timeZone":"US/Eastern","companyCurrency":"EUR","additionalCurrencies":`+others+`}`),
			"properties": always(200, without)}}
		info, err := recordedSource(t, o, nil).Describe(t.Context())
		if err != nil || info.Fields.Access("currency") != want || (info.Currency == "EUR") != (want != crm.Hidden) || (info.Why["currency"] != "") != (want == crm.Hidden) {
			t.Errorf("%s: the currency of a deal is %s (%s), the portal's %q, %v", others, info.Fields.Access("currency"), info.Why["currency"], info.Currency, err)
		}
	}
}

func TestZoneThatIsNotKnown(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"account": always(200, `{"portalId":1,"timeZone":"Mars/Olympus","utcOffsetMilliseconds":-18000000,"uiDomain":"evil.example/x?","companyCurrency":"$"}`)}}
	s := recordedSource(t, o, nil)
	info, err := s.Describe(t.Context())
	if err != nil || info.URL("7") != "https://app.hubspot.com/contacts/1/record/0-3/7" || info.Currency != "" || info.TimeZone != "" {
		t.Fatalf("%+v, %v", info, err)
	}
	at := time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)
	if got := crm.DateOf(at, s.survey.known().Zone); got != crm.NewDate(2026, 11, 30) {
		t.Errorf("the date is %s", got)
	}
}

func TestResolve(t *testing.T) {
	s := recordedSource(t, &recorded{}, nil)
	const here = "https://app-eu1.hubspot.com/contacts/149063119"
	check := func(ref, want string) {
		t.Helper()
		if got := s.Resolve(ref); got != want {
			t.Errorf("%q is %q, want %q", ref, got, want)
		}
	}
	check("https://app.hubspot.com/contacts/2/record/0-3/7", "7") // the portal is not described yet
	if _, err := s.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		" 36104000003\n": "36104000003", "007": "", "7x": "", "-7": "", "": "", "999999999999999999999": "",
		here + "/record/0-3/36104000003": "36104000003", here + "/record/0-3/7/view/1?x=y#z": "7", here + "/deal/7": "7",
		here + "/record/0-1/7": "", here + "/record/0-3/7x": "", here + "/record/0-3/": "",
		"https://app.hubspot.com/contacts/2/record/0-3/7":               "", // another portal
		"https://evil.example/contacts/149063119/record/0-3/7":          "",
		"https://app.hubspot.com.evil/contacts/149063119/record/0-3/7":  "",
		"ftp://app.hubspot.com/contacts/149063119/record/0-3/7":         "",
		"https://acme.lightning.force.com/lightning/r/Opportunity/0061": "",
	} {
		check(ref, want)
	}
}

func TestForeignCursors(t *testing.T) {
	for _, at := range []string{"x", `{"v":1,"run":{"part":-1}}`, `{"v":2}`, `{"v":1,"org":5,"run":7}`} {
		if _, err := readCursor(crm.Cursor(at)); err == nil {
			t.Errorf("cursor %q is accepted", at)
		}
	}
}
