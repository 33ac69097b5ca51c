package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
	"github.com/pipetidy/pipetidy/crm"
)

// recorded is an org that answers from memory, by itself and in composites.
type recorded struct {
	mu     sync.Mutex
	answer map[string]string // by a part of the path; "503" is a busy org, a missing path is not found
	next   []string          // the next answers to the description of Opportunity
	apart  bool              // the org refuses composites
	calls  int               // without logins
}

func (o *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	status, body := 200, `{"access_token":"the-token","instance_url":"https://acme.my.salesforce.com"}`
	switch {
	case strings.HasSuffix(req.URL.Path, "/token"):
	case strings.HasSuffix(req.URL.Path, "/composite"):
		o.calls++
		status, body = o.composite(req.Body)
	default:
		o.calls++
		status, body = o.reply(req.URL.RequestURI())
	}
	h := http.Header{"Date": {"Tue, 24 Nov 2026 16:12:00 GMT"}}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: req}, nil
}

func (o *recorded) reply(address string) (status int, body string) {
	path, _ := url.QueryUnescape(address)
	for part, body := range o.answer {
		switch {
		case len(o.next) > 0 && part == "/sobjects/Opportunity/" && strings.Contains(path, part):
			body, o.next = o.next[0], o.next[1:]
			return 200, body
		case !strings.Contains(path, part):
		case body == "503":
			return 503, `[{"errorCode":"SERVER_UNAVAILABLE","message":"busy"}]`
		default:
			return 200, body
		}
	}
	return 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
}

func (o *recorded) composite(body io.Reader) (status int, answer string) {
	if o.apart {
		return 403, `[{"errorCode":"FORBIDDEN","message":"no composites"}]`
	}
	var asked struct {
		Requests []struct {
			URL string `json:"url"`
			ID  string `json:"referenceId"`
		} `json:"compositeRequest"`
	}
	if err := json.NewDecoder(body).Decode(&asked); err != nil {
		return 400, `[{"errorCode":"JSON_PARSER_ERROR","message":"no JSON"}]`
	}
	var list []string
	for _, q := range asked.Requests {
		status, body := o.reply(q.URL)
		list = append(list, fmt.Sprintf(`{"body":%s,"httpStatusCode":%d,"referenceId":%q}`, body, status, q.ID))
	}
	return 200, `{"compositeResponse":[` + strings.Join(list, ",") + `]}`
}

// set changes an answer.
func (o *recorded) set(part, body string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer[part] = body
}

// made returns the number of calls since the last made.
func (o *recorded) made() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.calls
	o.calls = 0
	return n
}

const (
	deal = `{"queryable":true,"fields":[{"name":"Id","type":"id","filterable":true},{"name":"Name","type":"string"},{"name":"StageName","type":"picklist"},{"name":"CloseDate","type":"date"},` +
		`{"name":"OwnerId","type":"reference"},{"name":"IsClosed","type":"boolean"},{"name":"IsWon","type":"boolean"},{"name":"CreatedDate","type":"datetime"},{"name":"Amount","type":"currency","filterable":true},` +
		`{"name":"NextStep","type":"string","filterable":false},{"name":"RecordTypeId","type":"reference","filterable":true},{"name":"no name","type":"string"}],` +
		`"recordTypeInfos":[{"recordTypeId":"012000000000000AAA","name":"Master","active":true,"master":true},` +
		`{"recordTypeId":"012000000000001AAA","name":"New business","developerName":"New","active":true,"master":false},` +
		`{"recordTypeId":"012000000000002AAA","name":"Old","developerName":"Old","active":false,"master":false}]}`
	person   = `{"queryable":true,"fields":[{"name":"Id","type":"id","filterable":true},{"name":"IsActive","type":"boolean","filterable":true}]}`
	notSeen  = `{"queryable":false,"fields":[{"name":"Id","type":"id","filterable":true}]}`
	american = `{"totalSize":1,"done":true,"records":[{"TimeZoneSidKey":"America/New_York","FiscalYearStartMonth":2}]}`
	stages   = `{"values":[{"value":"Prospecting"},{"value":"Closed Won"}]}`
)

// opened returns a schema of two objects over o, and its clock, which the test moves.
func opened(t *testing.T, o *recorded, cfg Config) (s *Schema, now *time.Time) {
	t.Helper()
	at := time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC)
	now = &at
	cfg.Objects, cfg.Every, cfg.Now = []string{"Opportunity", "User"}, 24*time.Hour, func() time.Time { return *now }
	org, err := api.New(api.Config{Config: login.Config{
		Name: "sales", URL: "https://acme.my.salesforce.com", Now: cfg.Now,
		Auth: login.Auth{ClientID: "3MVG9acme", ClientSecret: connectortest.Secret(t, "s3cr3t-of-the-app")},
	}}, rest.New(rest.Config{Transport: o, Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return New(org, cfg), now
}

func acme() *recorded {
	return &recorded{answer: map[string]string{
		"/sobjects/Opportunity/": deal, "/sobjects/User/": person, "FROM Organization": american, "012000000000001AAA/StageName": stages,
	}}
}

// TestOneCallForAllObjects: many streams begin at once, and one call describes all
// objects for a day.
func TestOneCallForAllObjects(t *testing.T) {
	o := acme()
	s, now := opened(t, o, Config{})
	var streams sync.WaitGroup
	for _, name := range []string{"Opportunity", "User", "User", "Opportunity", "User"} {
		streams.Go(func() {
			if found, err := s.Object(t.Context(), name); err != nil || found.Name != name {
				t.Errorf("%s: got %+v, %v", name, found, err)
			}
		})
	}
	streams.Wait()
	if n := o.made(); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	*now = now.Add(23 * time.Hour)
	if _, err := s.Object(t.Context(), "User"); err != nil || o.made() != 0 {
		t.Errorf("an answer of today was not kept: %v", err)
	}
	*now = now.Add(2 * time.Hour)
	if _, err := s.Object(t.Context(), "User"); err != nil || o.made() != 1 {
		t.Errorf("an answer of yesterday was kept: %v", err)
	}
}

func TestFields(t *testing.T) {
	s, _ := opened(t, acme(), Config{})
	found, err := s.Object(t.Context(), "Opportunity")
	if err != nil {
		t.Fatal(err)
	}
	if f := found.Field("amount"); f == nil || f.Name != "Amount" || !found.Filterable("AMOUNT") {
		t.Errorf("amount is %+v; names are without case", f)
	}
	if found.Field("NextStep") == nil || found.Filterable("NextStep") {
		t.Error("the next step can be read and not filtered by")
	}
	if found.Field("AccountId") != nil || found.Filterable("AccountId") || found.Field("no name") != nil {
		t.Error("a hidden field, or one whose name could end a query, is there")
	}
}

// TestHiddenObject: describe answers with 404, or says that no query may name the object.
func TestHiddenObject(t *testing.T) {
	for name, answer := range map[string]func(o *recorded){
		"not found":     func(o *recorded) { delete(o.answer, "/sobjects/User/") },
		"not queryable": func(o *recorded) { o.answer["/sobjects/User/"] = notSeen },
	} {
		o := acme()
		answer(o)
		s, _ := opened(t, o, Config{})
		if s.Hidden("User") {
			t.Errorf("%s: hidden before any answer", name)
		}
		if _, err := s.Object(t.Context(), "User"); !errors.Is(err, ErrNoObject) || !s.Hidden("User") || s.Hidden("Opportunity") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestDescriptionOfAnotherForm is a busy org, never an object without fields.
func TestDescriptionOfAnotherForm(t *testing.T) {
	for _, body := range []string{`{}`, `[]`, `{"fields":[]}`, "503"} {
		o := acme()
		o.answer["/sobjects/User/"] = body
		s, _ := opened(t, o, Config{})
		if _, err := s.Object(t.Context(), "User"); !errors.Is(err, crm.ErrBusy) || s.Hidden("User") {
			t.Errorf("%s: got %v, want busy", body, err)
		}
		if _, err := s.Object(t.Context(), "Opportunity"); err != nil {
			t.Errorf("%s: the other object is lost: %v", body, err)
		}
	}
}

// TestOrganization reads what holds for the whole org. A value that is not answered for
// the moment stays, and is read again within the hour.
func TestOrganization(t *testing.T) {
	for _, apart := range []bool{false, true} {
		o := acme()
		o.apart = apart
		s, now := opened(t, o, Config{})
		found, err := s.Object(t.Context(), "Opportunity")
		if err != nil {
			t.Fatal(err)
		}
		want := Organization{Zone: "America/New_York", Fiscal: time.February, Lines: []Line{
			{ID: "012000000000001AAA", Name: "New business", Developer: "New", Stages: []string{"Prospecting", "Closed Won"}},
		}}
		check := func(when string) {
			t.Helper()
			got, err := s.Ask(t.Context(), found)
			if err != nil {
				t.Fatal(err)
			}
			known := *got
			known.until, known.Wait = time.Time{}, 0
			if diff := cmp.Diff(want, known, cmp.AllowUnexported(Organization{})); diff != "" {
				t.Errorf("apart %v, %s (-want +got):\n%s", apart, when, diff)
			}
		}
		check("at first")
		o.made()
		check("from memory")
		if n := o.made(); n != 0 || s.Organization() == nil {
			t.Errorf("apart %v: %d calls for what is known", apart, n)
		}
		*now = now.Add(25 * time.Hour)
		o.set("FROM Organization", "503")
		o.set("012000000000001AAA/StageName", "503")
		check("while the org is busy")
		o.set("FROM Organization", strings.Replace(american, "2}", "4}", 1))
		o.set("012000000000001AAA/StageName", stages)
		*now = now.Add(2 * time.Hour)
		want.Fiscal = time.April
		check("an hour later")
	}
}

// TestGaps: an org that was busy from the first does not pass for one without sales
// processes, and a configured pipeline requires none.
func TestGaps(t *testing.T) {
	for i, unlined := range []bool{false, true, false, false} {
		o := acme()
		o.answer["012000000000001AAA/StageName"] = []string{"503", "503", `{"values":[null,{"value":"Closed Won"}]}`, `{"values":[{"value":"New"},{"label":"Won"}]}`}[i]
		s, _ := opened(t, o, Config{Unlined: unlined})
		found, err := s.Object(t.Context(), "Opportunity")
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Ask(t.Context(), found)
		if err != nil || (len(got.Gaps) == 0) != unlined || len(got.Lines) != 0 || got.Zone != "America/New_York" {
			t.Errorf("unlined %v: got %+v, %v", unlined, got, err)
		}
	}
}
