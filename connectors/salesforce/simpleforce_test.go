package salesforce_test

import (
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/simpleforce/simpleforce"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// judged is an org that simpleforce, a client that was written by others, has signed
// in to: a judge of the simulated org in Go, beside jsforce.
func judged(t *testing.T, version string) (*sim.Company, *simpleforce.Client, error) {
	t.Helper()
	before := log.Writer()
	log.SetOutput(io.Discard) // it logs each login
	t.Cleanup(func() { log.SetOutput(before) })
	c := sim.New(sim.Options{Deals: 2600})
	c.Salesforce().Set(func(o *sim.SalesforceOptions) { o.Auth.Password, o.Auth.SecurityToken = "secret", "token" })
	srv := httptest.NewServer(c.Salesforce())
	t.Cleanup(srv.Close)
	client := simpleforce.NewClient(srv.URL, simpleforce.DefaultClientID, version)
	return c, client, client.LoginPassword("pipetidy@acme.example", "secret", "token")
}

// TestJudgedBySimpleforce reads the simulated org by query and describe.
func TestJudgedBySimpleforce(t *testing.T) {
	c, client, err := judged(t, simpleforce.DefaultAPIVersion)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, id := range c.IDs("Opportunity") {
		want[id] = true
	}
	all, pages := len(want), 0
	for next := "SELECT Id, Name, StageName, Amount, Owner.Email FROM Opportunity ORDER BY Id"; next != ""; pages++ {
		page, err := client.Query(next)
		if err != nil {
			t.Fatal(err)
		}
		if page.TotalSize != all || page.Done != (page.NextRecordsURL == "") {
			t.Errorf("page %d: %d in all, done %t, next %q", pages, page.TotalSize, page.Done, page.NextRecordsURL)
		}
		for i := range page.Records {
			r := &page.Records[i]
			truth := c.Record(r.ID())
			if !want[r.ID()] || r.Type() != "Opportunity" || r.StringField("Name") != truth["Name"] || r.StringField("StageName") != truth["StageName"] {
				t.Errorf("record %v, in the org %v", r, truth)
			}
			if owner, _ := r.InterfaceField("Owner").(map[string]any); owner["Email"] != c.Record(truth["OwnerId"].(string))["Email"] {
				t.Errorf("%s is owned by %v", r.ID(), owner)
			}
			delete(want, r.ID())
		}
		next = page.NextRecordsURL
	}
	if len(want) > 0 || pages < 2 {
		t.Errorf("%d records never came, in %d pages", len(want), pages)
	}
	meta := client.SObject("Opportunity").Describe()
	if meta == nil {
		t.Fatal("no describe")
	}
	types := map[string]any{}
	for _, f := range (*meta)["fields"].([]any) {
		field := f.(map[string]any)
		types[field["name"].(string)] = field["type"]
	}
	for name, want := range map[string]string{"Id": "id", "Amount": "currency", "CloseDate": "date", "IsClosed": "boolean", "OwnerId": "reference", "StageName": "picklist", "SystemModstamp": "datetime"} {
		if types[name] != want {
			t.Errorf("%s is described as %v, want %s", name, types[name], want)
		}
	}
	if id := c.IDs("Opportunity")[0]; client.SObject("Opportunity").Get(id).StringField("Name") != c.Record(id)["Name"] {
		t.Errorf("record %s, read alone, is another", id)
	}
}

// TestSOAPLogin: what the simulated org refuses at login().
func TestSOAPLogin(t *testing.T) {
	if _, _, err := judged(t, "65.0"); err == nil || !strings.Contains(err.Error(), "UNSUPPORTED_API_VERSION") {
		t.Errorf("version 65 has no login(): %v", err)
	}
	c, client, err := judged(t, "64.0")
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want, user, password, token string) {
		t.Helper()
		if err := client.LoginPassword(user, password, token); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	const me = "pipetidy@acme.example"
	refused("INVALID_LOGIN", "nobody@acme.example", "secret", "token")
	refused("LOGIN_MUST_USE_SECURITY_TOKEN", me, "secret", "")
	refused("Client", "ana&ben@acme.example", "secret", "token") // simpleforce does not escape it
	c.Salesforce().Set(func(o *sim.SalesforceOptions) { o.Auth.SecurityToken = "" })
	for range 9 {
		refused("INVALID_LOGIN", me, "wrong", "")
	}
	refused("INVALID_LOGIN", me, "secret", "") // locked by now
	c.Salesforce().Set(func(o *sim.SalesforceOptions) { o.Auth.SOAPFault = "LOGIN_DURING_RESTRICTED_DOMAIN" })
	refused("LOGIN_DURING_RESTRICTED_DOMAIN", me, "secret", "")
	c.Salesforce().Set(func(o *sim.SalesforceOptions) { o.Auth.SOAPFault, o.Auth.Password = "", "" })
	refused("disabled by default", me, "secret", "")
}
