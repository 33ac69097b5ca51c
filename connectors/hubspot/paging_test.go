package hubspot

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

const (
	yesterday = 1795449600 // before the answers' Date
	done      = `{"v":1,"portal":"149063119","since":1795449600,"reread":1795449600,"deep":1795449600,"fields":["dealname","dealstage","hs_lastmodifieddate","hs_merged_object_ids"]}`
)

func deal(id int, name string) string {
	return fmt.Sprintf(`{"id":"%d","properties":{"dealname":%q,"dealstage":"s","hs_lastmodifieddate":"2026-11-24T10:00:00Z"}}`, id, name)
}

func names(p crm.Page) (out []string) {
	for _, o := range p.Opportunities {
		out = append(out, o.ID+"="+o.Name)
	}
	return out
}

// index answers searches of deals page by page, and fails for a search with an offset,
// which HubSpot refuses beyond 10,000 rows.
func index(t *testing.T, ids []int) func(call) (int, string) {
	return func(c call) (int, string) {
		if c.body["after"] != nil {
			t.Error("a search was paged by an offset")
		}
		last := 0
		filters := c.body["filterGroups"].([]any)[0].(map[string]any)["filters"].([]any)
		for _, f := range filters {
			if f := f.(map[string]any); f["propertyName"] == "hs_object_id" {
				last, _ = strconv.Atoi(f["value"].(string))
			}
		}
		limit := int(c.body["limit"].(float64))
		var rows []string
		rest := 0
		for _, id := range ids {
			switch {
			case id <= last:
			case len(rows) < limit:
				rows = append(rows, fmt.Sprintf(`{"id":"%d","properties":{}}`, id))
			default:
				rest++
			}
		}
		tail := ""
		if rest > 0 {
			tail = `,"paging":{"next":{"after":"` + strconv.Itoa(limit) + `"}}`
		}
		return 200, fmt.Sprintf(`{"total":%d,"results":[%s]%s}`, len(rows)+rest, strings.Join(rows, ","), tail)
	}
}

// store answers batch reads of the deals that are there.
func store(there func(id string) string) func(call) (int, string) {
	return func(c call) (int, string) {
		var rows, missing []string
		lost := ""
		for _, in := range c.body["inputs"].([]any) {
			id := in.(map[string]any)["id"].(string)
			if row := there(id); row != "" {
				rows = append(rows, row)
				continue
			}
			missing = append(missing, id)
		}
		if len(missing) > 0 {
			lost = `,"numErrors":1,"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","message":"Could not get some DEALS objects, they may be deleted or not exist.","context":{"ids":["` + strings.Join(missing, `","`) + `"]}}]`
		}
		slices.Reverse(rows) // in no order
		status := 200
		if lost != "" {
			status = 207
		}
		return status, `{"status":"COMPLETE","results":[` + strings.Join(rows, ",") + `]` + lost + `}`
	}
}

func named(id string) string {
	n, _ := strconv.Atoi(id)
	return deal(n, "n"+id)
}

// TestFailure04OutOfWindow has an index whose rows are newer than the window of the
// search and come in any order (estuary PR 2210): no row may be skipped.
func TestFailure04OutOfWindow(t *testing.T) {
	inOrder := index(t, []int{3, 8, 9, 10, 11, 99, 100, 101, 102})
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals/search": func(c call) (int, string) {
			status, body := inOrder(c)
			var got map[string]any
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Error(err)
			}
			rows := got["results"].([]any)
			slices.Reverse(rows)
			for _, r := range rows {
				r.(map[string]any)["properties"] = map[string]any{"hs_lastmodifieddate": "2031-01-01T00:00:00Z"}
			}
			b, err := json.Marshal(got)
			if err != nil {
				t.Error(err)
			}
			return status, string(b)
		},
		"deals/batch": store(named),
	}}
	got := readAll(t, recordedSource(t, o, nil), crm.Opportunities, done)
	if diff := cmp.Diff([]string{"3=n3", "8=n8", "9=n9", "10=n10", "11=n11", "99=n99", "100=n100", "101=n101", "102=n102"}, names(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestIncrementIsPagedByID(t *testing.T) {
	ids := []int{8, 9, 10, 11, 99, 100, 101}
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals/search": index(t, ids),
		"deals/batch": store(func(id string) string {
			if id == "11" { // merged away or archived since the index saw it
				return ""
			}
			return named(id)
		}),
	}}
	got := readAll(t, recordedSource(t, o, nil), crm.Opportunities, done)
	if diff := cmp.Diff([]string{"8=n8", "9=n9", "10=n10", "99=n99", "100=n100", "101=n101"}, names(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"11"}, got.Deleted); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
	first := o.calls("deals/search")[0].body
	filter := first["filterGroups"].([]any)[0].(map[string]any)["filters"].([]any)[0].(map[string]any)
	if want := strconv.Itoa((yesterday - 15*60) * 1000); filter["propertyName"] != "hs_lastmodifieddate" || filter["operator"] != "GTE" || filter["value"] != want {
		t.Errorf("asked for %v, want all since %s", filter, want)
	}
	if c, err := readCursor(got.Next); err != nil || c.Since != time.Date(2026, 11, 23, 16, 12, 0, 0, time.UTC).Unix() {
		t.Errorf("the next run begins at %+v, %v; want the server's Date", c, err)
	}
}

func TestDeepOverlapNowAndThen(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){"deals/search": index(t, nil)}}
	at := strings.Replace(done, `"deep":1795449600`, `"deep":1795445000`, 1)
	readAll(t, recordedSource(t, o, nil), crm.Opportunities, crm.Cursor(at))
	value := o.calls("deals/search")[0].body["filterGroups"].([]any)[0].(map[string]any)["filters"].([]any)[0].(map[string]any)["value"]
	if want := strconv.Itoa((yesterday - 2*3600) * 1000); value != want {
		t.Errorf("asked since %v, want two hours back, %s", value, want)
	}
}

// TestBackfill has a page without rows in the middle, ids that gain a digit, and a
// deal that swallowed others.
func TestBackfill(t *testing.T) {
	pages := map[string]string{
		"":   `{"results":[` + deal(98, "a") + `,` + deal(99, "b") + `],"paging":{"next":{"after":"99"}}}`,
		"99": `{"results":[],"paging":{"next":{"after":"100"}}}`,
		"100": `{"results":[{"id":"100","properties":{"dealname":"c","dealstage":"s","hs_lastmodifieddate":"2026-11-24T10:00:00Z",` +
			`"hs_merged_object_ids":"98;7;100; 8 "}}],"paging":{"next":{"after":"100x"}}}`,
		"100x": `{"results":[` + deal(101, "d") + `]}`,
	}
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals": func(c call) (int, string) {
			if c.query["archived"][0] == "true" {
				return 200, `{"results":[{"id":"55","archived":true,"archivedAt":"2020-01-01T00:00:00Z"},{"id":"56","archived":false}]}`
			}
			return 200, pages[strings.Join(c.query["after"], "")]
		},
		"deals/search/count": always(200, `{"total":3,"results":[{"id":"98"}]}`),
	}}
	s := recordedSource(t, o, nil)
	var ascending []bool
	var at crm.Cursor
	for more := true; more; {
		p, err := s.Fetch(t.Context(), crm.Opportunities, at)
		if err != nil {
			t.Fatal(err)
		}
		ascending = append(ascending, p.Ascending)
		at, more = p.Next, p.More
	}
	if diff := cmp.Diff([]bool{true, true, false, true, false}, ascending); diff != "" {
		t.Errorf("ascending (-want +got):\n%s", diff)
	}
	got := readAll(t, s, crm.Opportunities, "")
	if diff := cmp.Diff([]string{"98=a", "99=b", "100=c", "101=d"}, names(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"7", "8", "98", "55"}, got.Deleted); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
}

func TestArchivedSinceTheLastRun(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals/search": index(t, nil),
		"deals": always(200, `{"results":[{"id":"1","archived":true,"archivedAt":"2020-01-01T00:00:00Z"},{"id":"2","archived":true,"archivedAt":"2026-11-24T10:00:00Z"},`+
			`{"id":"3","archived":true}]}`),
	}}
	got := readAll(t, recordedSource(t, o, nil), crm.Opportunities, done)
	if diff := cmp.Diff([]string{"2", "3"}, got.Deleted); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
}

// aDayLater is done after a day, when a lap is due.
const aDayLater = `{"v":1,"portal":"149063119","since":1795449600,"reread":1795363000,"deep":1795363000,"fields":["dealname","dealstage","hs_lastmodifieddate","hs_merged_object_ids"]}`

// TestReadAgain proves when a stream is read from its beginning: after a day, beside what
// changed, and when a property is read that was not read before.
func TestReadAgain(t *testing.T) {
	for name, c := range map[string]struct {
		at           string
		full, search bool
	}{
		"soon":              {done, false, true},
		"after a day":       {aDayLater, true, true},
		"with more to read": {strings.Replace(done, `"dealname",`, ``, 1), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := &recorded{answer: map[string]func(call) (int, string){"deals/search": index(t, nil)}}
			readAll(t, recordedSource(t, o, nil), crm.Opportunities, crm.Cursor(c.at))
			full := slices.ContainsFunc(o.calls("deals"), func(c call) bool { return c.query["archived"][0] == "false" })
			if search := len(o.calls("deals/search")) > 0; full != c.full || search != c.search {
				t.Errorf("read from the beginning: %v, searched: %v", full, search)
			}
		})
	}
}

// TestFailure13LongAddress has more properties than an address holds, which an edge
// answers with a page of HTML (airbyte issues 3977 and 33976).
func TestFailure13LongAddress(t *testing.T) {
	fields := map[string]string{}
	list := []string{"dealname:string", "dealstage:enumeration", "hs_lastmodifieddate:datetime"}
	for i := range 200 {
		p := fmt.Sprintf("a_property_with_a_rather_long_name_%03d", i)
		fields[fmt.Sprintf("f%d", i)], list = p, append(list, p+":string")
	}
	o := &recorded{answer: map[string]func(call) (int, string){
		"properties": always(200, propertiesOf(list...)),
		"deals": func(c call) (int, string) {
			if !api.Fits(c.query["properties"]) {
				return 414, "<html>"
			}
			if c.query["archived"][0] == "true" {
				return 200, `{"results":[]}`
			}
			return 200, `{"results":[{"id":"5","properties":{}}]}`
		},
		"deals/batch": store(named),
	}}
	got := readAll(t, recordedSource(t, o, func(c *Config) { c.Fields = fields }), crm.Opportunities, "")
	if diff := cmp.Diff([]string{"5=n5"}, names(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n := len(got.Opportunities[0].Custom); n != 200 {
		t.Errorf("%d fields of our own, want 200", n)
	}
}

// TestLinksArePaged gives one deal's contacts in two pages, one deal none, and one
// contact two labels.
func TestLinksArePaged(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals": foundIDs("1", "2", "3"),
		"links/deals/contacts/batch": func(c call) (int, string) {
			in := c.body["inputs"].([]any)
			if len(in) == 1 {
				if in[0].(map[string]any)["after"] != "MC0y" {
					t.Errorf("the second page was asked with %v", in)
				}
				return 200, `{"results":[{"from":{"id":"1"},"to":[{"toObjectId":9,"associationTypes":[{"typeId":3,"label":null}]}]}]}`
			}
			return 207, `{"results":[{"from":{"id":"1"},"to":[{"toObjectId":442222359747,"associationTypes":[{"label":"Decision maker"},{"label":"Primary"},{"label":"Billing"}]}],` +
				`"paging":{"next":{"after":"MC0y"}}},{"from":{"id":"3"},"to":[{"toObjectId":"9","associationTypes":[]}]}],"numErrors":1,"errors":[{"status":"error",` +
				`"category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","message":"No contact is associated with deal 2.","context":{"fromObjectId":["2"]}}]}`
		},
	}}
	got := readAll(t, recordedSource(t, o, nil), crm.Contacts, "")
	if diff := cmp.Diff([]string{"1", "2", "3"}, got.ContactsOf); diff != "" {
		t.Errorf("whole sets (-want +got):\n%s", diff)
	}
	want := []crm.Contact{
		{ID: "1:9", OpportunityID: "1", ContactID: "9"},
		{ID: "1:442222359747", OpportunityID: "1", ContactID: "442222359747", Role: "Billing, Decision maker", Primary: true},
		{ID: "3:9", OpportunityID: "3", ContactID: "9"},
	}
	if diff := cmp.Diff(want, got.Contacts); diff != "" {
		t.Errorf("contacts (-want +got):\n%s", diff)
	}
}

func TestLinksThatDoNotEnd(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals":                      foundIDs("1"),
		"links/deals/contacts/batch": always(200, `{"results":[{"from":{"id":"1"},"to":[],"paging":{"next":{"after":"MC0y"}}}]}`),
	}}
	if _, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Contacts, ""); !errors.Is(err, crm.ErrBusy) || len(o.calls("links/deals/contacts/batch")) != 2 {
		t.Errorf("got %v after %d calls", err, len(o.calls("links/deals/contacts/batch")))
	}
}

// TestUnlinkedActivities proves that an activity without a deal is left out only where
// the activity cannot have had a deal before.
func TestUnlinkedActivities(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"calls":                   always(200, `{"results":[{"id":"1","properties":{}},{"id":"2","properties":{}}]}`),
		"links/calls/deals/batch": always(207, `{"results":[{"from":{"id":"2"},"to":[{"toObjectId":20},{"toObjectId":3},{"toObjectId":20}]}],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"fromObjectId":["1"]}}]}`),
		"calls/search":            always(200, `{"results":[{"id":"1"},{"id":"4"}]}`),
		"calls/batch":             always(207, `{"results":[{"id":"1","properties":{}}],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["4"]}}]}`),
	}}
	s := recordedSource(t, o, nil)
	got := readAll(t, s, crm.Activities, "")
	if len(got.Activities) != 1 || got.Activities[0].ID != "calls:2" || !slices.Equal(got.Activities[0].OpportunityIDs, []string{"3", "20"}) {
		t.Errorf("the backfill gave %+v", got.Activities)
	}
	got = readAll(t, s, crm.Activities, got.Next)
	if len(got.Activities) != 1 || got.Activities[0].ID != "calls:1" || got.Activities[0].OpportunityIDs != nil || !slices.Equal(got.Deleted, []string{"calls:4"}) {
		t.Errorf("the increment gave %+v, deleted %q", got.Activities, got.Deleted)
	}
}

func TestAnotherPortal(t *testing.T) {
	o := &recorded{}
	portal, token := "149063119", connectortest.Secret(t, testToken)
	o.answer = map[string]func(call) (int, string){
		"account": func(call) (int, string) { return 200, `{"portalId":` + portal + `,"timeZone":"UTC"}` },
	}
	s := recordedSource(t, o, func(c *Config) { c.Token = token })
	at := readAll(t, s, crm.Opportunities, "").Next
	portal = "2"
	if err := os.WriteFile(token.File, []byte("pat-eu1-another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Fetch(t.Context(), crm.Opportunities, at); !errors.Is(err, crm.ErrAccount) {
		t.Errorf("got %v", err)
	}
	if info, err := s.Describe(t.Context()); err != nil || info.Account != "2" {
		t.Errorf("described %+v, %v", info, err)
	}
}

// TestHiddenKinds takes scopes away: the fields that cannot be read are hidden, and the
// other kinds are read.
func TestHiddenKinds(t *testing.T) {
	refused := always(403, `{"category":"MISSING_SCOPES","message":"x"}`)
	o := &recorded{answer: map[string]func(call) (int, string){"emails/probe": refused, "emails": refused}}
	s := recordedSource(t, o, nil)
	info, err := s.Describe(t.Context())
	if err != nil || info.Fields["emails"] != crm.Hidden || info.Fields["activities"] != crm.Readable || info.Fields["contacts"] != crm.Readable || !slices.Contains(s.Streams(), crm.Activities) {
		t.Fatalf("without emails: %v, %v, %v", info.Fields, s.Streams(), err)
	}
	const remedy = "; add what is missing to the service key in HubSpot, under Settings → Integrations → Service Keys (in some accounts Development → Keys → Service keys)"
	emails := "the token may not read emails: the token lacks the scope sales-email-read"
	if diff := cmp.Diff(map[string]string{"emails": emails + remedy}, info.Why); diff != "" {
		t.Errorf("without emails: want -, got +:\n%s", diff)
	}
	if got := []crm.Access{info.Fields[crm.EmailsDirection], info.Fields[crm.CallsOutcome], info.Fields[crm.HistoryApp], info.Fields[crm.ContactsRole], info.Fields.Access(crm.ContactsPrimary)}; !slices.Equal(got, []crm.Access{crm.Hidden, crm.Readable, crm.Readable, crm.Readable, crm.Unmapped}) {
		t.Errorf("without emails the details are %v", got)
	}
	readAll(t, s, crm.Activities, "")
	if len(o.calls("emails")) != 0 {
		t.Error("emails were called for although they are hidden")
	}
	for _, object := range append([]string{"contacts"}, portal.Activities...) {
		o.answer[object+"/probe"] = refused
	}
	s = recordedSource(t, o, nil)
	info, err = s.Describe(t.Context())
	if err != nil || info.Fields["activities"] != crm.Hidden || info.Fields["contacts"] != crm.Hidden || fmt.Sprint(s.Streams()) != "[users stages opportunities history]" {
		t.Fatalf("without contacts: %v, %v, %v", info.Fields, s.Streams(), err)
	}
	const scope = "the token lacks the scope crm.objects.contacts.read"
	if diff := cmp.Diff(map[string]string{
		"activities": "the token may not read calls, meetings, tasks, notes: " + scope + remedy,
		"emails":     emails + remedy,
		"contacts":   "the token may not read contacts: " + scope + remedy,
	}, info.Why); diff != "" {
		t.Errorf("without contacts: want -, got +:\n%s", diff)
	}
	if _, err := s.Fetch(t.Context(), crm.Activities, ""); !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "crm.objects.contacts.read") {
		t.Errorf("got %v", err)
	}
}

// TestPropertyVanishes takes a property away after the description: HubSpot leaves the
// property out without a word, and the property must not be taken for empty.
func TestPropertyVanishes(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	described := propertiesOf("dealname:string", "dealstage:string", "hs_lastmodifieddate:datetime", "hs_next_step:string")
	o := &recorded{omits: true, answer: map[string]func(call) (int, string){
		"properties": func(call) (int, string) { return 200, described },
		"deals":      always(200, `{"results":[`+deal(1, "a")+`]}`),
	}}
	s := recordedSource(t, o, func(c *Config) { c.Now = func() time.Time { return now } })
	if info, _ := s.Describe(t.Context()); info.Fields["next_step"] != crm.Readable {
		t.Fatal("next_step was not readable", info.Fields)
	}
	described, now = propertiesOf("dealname:string", "dealstage:string", "hs_lastmodifieddate:datetime"), now.Add(10*time.Minute)
	readAll(t, s, crm.Opportunities, "")
	if info, _ := s.Describe(t.Context()); info.Fields["next_step"] != crm.Hidden {
		t.Error("next_step is still readable")
	}
	if n := len(o.calls("properties")); n != 2 {
		t.Errorf("described %d times, want twice", n)
	}
}

func TestUnreachable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	s, err := New(Config{Name: "partners", URL: closed.URL, Token: connectortest.Secret(t, testToken)}, rest.New(rest.Config{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Describe(t.Context()); !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "check url, the network") {
		t.Errorf("got %v", err)
	}
}

func TestTokens(t *testing.T) {
	for name, c := range map[string]struct {
		token secret.Secret
		want  string
	}{
		"empty":      {connectortest.Secret(t, " \n"), "the token is empty"},
		"two lines":  {connectortest.Secret(t, "pat\nX-Evil: 1"), "the token holds a character that cannot be part of it"},
		"unreadable": {secret.Secret{File: "no-such-file"}, "the token cannot be read: secret file no-such-file does not exist"},
	} {
		o := &recorded{}
		s := recordedSource(t, o, func(cfg *Config) { cfg.Token = c.token })
		if _, err := s.Describe(t.Context()); !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), c.want) || len(o.seen) != 0 {
			t.Errorf("%s: got %v after %d calls", name, err, len(o.seen))
		}
	}
}
