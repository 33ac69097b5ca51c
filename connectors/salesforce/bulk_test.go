package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// direct calls a handler without a network, so waiting costs no time in a bubble of
// synctest.
type direct struct {
	handler http.Handler
	change  func(*http.Request, *http.Response) // changes each answer; nil changes none
	urls    []string
}

func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	d.urls = append(d.urls, req.Method+" "+req.URL.RequestURI())
	if d.change != nil {
		req.Header.Del("Accept-Encoding")
	}
	w := httptest.NewRecorder()
	if req.Body == nil {
		req.Body = http.NoBody
	}
	d.handler.ServeHTTP(w, req)
	resp := w.Result()
	resp.Request = req
	if d.change != nil {
		d.change(req, resp)
	}
	return resp, nil
}

// bulkOrg is an org that is read by jobs, in a bubble of synctest.
type bulkOrg struct {
	company *sim.Company
	org     *sim.Salesforce
	web     *direct
	cfg     salesforce.Config
	max     int64
	above   int
}

func newBulkOrg(t *testing.T, deals int) *bulkOrg {
	c := sim.New(sim.Options{Deals: deals})
	c.Salesforce().Set(func(o *sim.SalesforceOptions) { o.InstanceURL = "https://acme.my.salesforce.com" })
	o := c.Salesforce().Options()
	return &bulkOrg{company: c, org: c.Salesforce(), web: &direct{handler: c.Salesforce()}, cfg: salesforce.Config{
		Name: "sales", URL: "https://acme.my.salesforce.com", Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)},
		Fields:   map[string]string{"decision_criteria": "Decision_Criteria__c", "economic_buyer": "Economic_Buyer__c"},
		PageHint: 200,
	}, above: 1}
}

func (b *bulkOrg) source(t *testing.T) crm.Source {
	t.Helper()
	s, err := salesforce.New(b.cfg, rest.New(rest.Config{Transport: b.web, Attempts: 2, MaxBody: b.max}))
	if err != nil {
		t.Fatal(err)
	}
	s.JobsAbove(b.above)
	return s
}

// all returns the records of pages by id, as text.
func all(pages []crm.Page) map[string]string {
	out := map[string]string{}
	for _, p := range pages {
		for _, x := range p.Users {
			out[x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Stages {
			out[x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Opportunities {
			out[x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Activities {
			out[x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Changes {
			out[x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Contacts {
			out[x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, id := range p.Deleted {
			out[id] = "deleted"
		}
	}
	return out
}

// TestBulkAfterACrash reads each page in a new process, and reads each page twice.
func TestBulkAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		b.org.Set(func(o *sim.SalesforceOptions) { o.Bulk.MaxRecords = 100 })
		var at crm.Cursor
		var pages []crm.Page
		begin := b.company.Now()
		for more := true; more; {
			if _, err := b.source(t).Fetch(t.Context(), crm.Opportunities, at); err != nil {
				t.Fatal(err)
			}
			p, err := b.source(t).Fetch(t.Context(), crm.Opportunities, at)
			if err != nil {
				t.Fatal(err)
			}
			if p.More && p.Next == at {
				t.Fatal("it does not go on")
			}
			pages, at, more = append(pages, p), p.Next, p.More
			b.company.SetNow(b.company.Now().Add(time.Minute))
			b.org.ExpireSessions()
		}
		if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want {
			t.Errorf("%d deals, want %d", got, want)
		}
		var read []string
		for _, p := range pages {
			for _, d := range p.Opportunities {
				read = append(read, d.ID)
			}
		}
		slices.Sort(read)
		if n := len(slices.Compact(slices.Clone(read))); n != len(read) {
			t.Errorf("%d of %d deals came more than once", len(read)-n, len(read))
		}
		if last := pages[len(pages)-1]; !last.AsOf.Equal(begin) {
			t.Errorf("complete as of %v, want %v", last.AsOf, begin)
		}
		if n := len(b.org.Jobs()); n != 2 { // the first page was read twice
			t.Errorf("%d jobs", n)
		}
	})
}

// TestBulkProgress: pages tell the progress of a running job.
func TestBulkProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		b.org.Set(func(o *sim.SalesforceOptions) { o.Bulk.Polls = 8 })
		begin := time.Now()
		var waits []time.Duration
		pages, _ := pagesOf(t, b.source(t), crm.Opportunities, "", func(p crm.Page) {
			if want := len(b.company.IDs("Opportunity")); p.Total != want {
				t.Errorf("total is %d, want %d", p.Total, want)
			}
			waits = append(waits, time.Since(begin))
			begin = time.Now()
		})
		s := time.Second
		if diff := cmp.Diff([]time.Duration{0, s / 2, s, 2 * s, 4 * s, 8 * s, 10 * s, 10 * s, 10 * s, 0}, waits); diff != "" {
			t.Errorf("waits: %s", diff)
		}
		if last := pages[len(pages)-1]; last.Done != last.Total || last.More {
			t.Errorf("%d of %d", last.Done, last.Total)
		}
	})
}

// TestBulkFallsBack: a part whose job does not work is read by REST.
func TestBulkFallsBack(t *testing.T) {
	refuse := func(status int, code, path string) func(*bulkOrg) {
		return func(b *bulkOrg) {
			b.org.Fault(sim.Fault{Path: path, Times: -1, Status: status, Body: `[{"errorCode":"` + code + `","message":"no"}]`})
		}
	}
	bulk := func(change func(*sim.BulkOptions)) func(*bulkOrg) {
		return func(b *bulkOrg) { b.org.Set(func(o *sim.SalesforceOptions) { change(&o.Bulk) }) }
	}
	answer := func(change func(*http.Request, *http.Response)) func(*bulkOrg) {
		return func(b *bulkOrg) { b.web.change = change }
	}
	inBody := func(old, now string) func(*bulkOrg) {
		return answer(func(req *http.Request, resp *http.Response) {
			if strings.HasSuffix(req.URL.Path, "/results") {
				replaceBody(resp, old, now)
			}
		})
	}
	for name, c := range map[string]struct {
		change func(*bulkOrg)
		jobs   int
	}{
		"the object is not bulk-able":  {bulk(func(o *sim.BulkOptions) { o.NotBulkable = []string{"Opportunity"} }), 0},
		"no jobs are left today":       {bulk(func(o *sim.BulkOptions) { o.JobLimit = -1 }), 0},
		"the feature is not enabled":   {refuse(400, "FUNCTIONALITY_NOT_ENABLED", "/jobs/query"), 0},
		"no right to jobs":             {refuse(403, "API_DISABLED_FOR_ORG", "/jobs/query"), 0},
		"another API version":          {refuse(409, "CONFLICT", "/results"), 1},
		"jobs fail without a message":  {bulk(func(o *sim.BulkOptions) { o.Failing = -1 }), 1},
		"results answer 500 for ever":  {refuse(500, "UNKNOWN_EXCEPTION", "/results"), 1},
		"results answer 502 for ever":  {refuse(502, "BAD_GATEWAY", "/results"), 1},
		"looks answer 500 for ever":    {refuse(500, "UNKNOWN_EXCEPTION", "/jobs/query/750"), 1},
		"jobs never end":               {func(b *bulkOrg) { stuck(b) }, 1},
		"jobs are gone, again":         {refuse(404, "NOT_FOUND", "/results"), 2},
		"a job without an id":          {answer(func(req *http.Request, resp *http.Response) { noID(req, resp) }), 1},
		"results without columns":      {inBody("Id", "X"), 1},
		"results that are cut":         {inBody("\n\"006", "\n006\""), 1},
		"results are too large always": {func(b *bulkOrg) { b.max = 500_000; b.web.change = huge(0) }, 1},
		"results that lead nowhere": {answer(func(req *http.Request, resp *http.Response) {
			if strings.HasSuffix(req.URL.Path, "/results") {
				resp.Header.Set("Sforce-Locator", "MTAw")
				replaceBody(resp, "", "")
			}
		}), 1},
		"results that lead nowhere, of a job that counts nothing": {answer(func(req *http.Request, resp *http.Response) {
			replaceBody(resp, `"numberRecordsProcessed"`, `"x"`)
			if strings.HasSuffix(req.URL.Path, "/results") {
				resp.Header.Set("Sforce-Locator", "MTAw")
			}
		}), 1},
		"results that end early": {answer(func(req *http.Request, resp *http.Response) {
			if strings.HasSuffix(req.URL.Path, "/results") {
				resp.Header.Set("Sforce-Locator", "")
				halveBody(resp)
			}
		}), 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBulkOrg(t, 150)
				c.change(b)
				pages, _ := pagesOf(t, b.source(t), crm.Opportunities, "", func(crm.Page) {
					b.company.SetNow(b.company.Now().Add(time.Second))
				})
				if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want {
					t.Errorf("%d deals, want %d", got, want)
				}
				if n := len(b.org.Jobs()); n != c.jobs {
					t.Errorf("%d jobs, want %d", n, c.jobs)
				}
				if last := pages[len(pages)-1]; last.Done != len(all(pages)) {
					t.Errorf("it says that it read %d", last.Done)
				}
				created := 0
				for _, u := range b.web.urls {
					if strings.HasPrefix(u, "POST /services/data/v66.0/jobs/query") {
						created++
					}
				}
				if want := max(c.jobs, 1); created != want {
					t.Errorf("it asked for %d jobs, want %d", created, want)
				}
				if !slices.ContainsFunc(pages, func(p crm.Page) bool {
					return strings.Contains(p.Note, "Bulk API 2.0 does not read Opportunity here (")
				}) {
					t.Error("nobody is told why")
				}
			})
		})
	}
}

// TestBulkLargeResults: after a page that was too large, the next has fewer rows.
func TestBulkLargeResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		b.max = 500_000
		b.web.change = huge(1000)
		pages, _ := pagesOf(t, b.source(t), crm.Opportunities, "", nil)
		if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want {
			t.Errorf("%d deals, want %d", got, want)
		}
		if last := b.web.urls[len(b.web.urls)-3]; !strings.Contains(last, "maxRecords=625") {
			t.Errorf("the results came by %s", last)
		}
	})
}

// TestBulkStops: waiting for a job ends with the context.
func TestBulkStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		b.org.Set(func(o *sim.SalesforceOptions) { o.Bulk.Stuck = true })
		src := b.source(t)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		begin := time.Now()
		var at crm.Cursor
		var err error
		for err == nil {
			var p crm.Page
			p, err = src.Fetch(ctx, crm.Opportunities, at)
			at = p.Next
		}
		if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, crm.ErrBusy) || took != 20*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// TestBulkQuota: the calls of the day may be used up while a job runs.
func TestBulkQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		src := b.source(t)
		p, err := src.Fetch(t.Context(), crm.Opportunities, "")
		if err != nil {
			t.Fatal(err)
		}
		b.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = o.LimitMax })
		if _, err = src.Fetch(t.Context(), crm.Opportunities, p.Next); !errors.Is(err, crm.ErrQuota) {
			t.Errorf("got %v", err)
		}
		b.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = 0 })
		src = b.source(t) // the other one counts by the figure of before for a while
		pages, _ := pagesOf(t, src, crm.Opportunities, p.Next, nil)
		if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want || len(b.org.Jobs()) != 1 {
			t.Errorf("%d deals, want %d, by %d jobs", got, want, len(b.org.Jobs()))
		}
	})
}

// TestRecallNeedsNoJob: a recall has no cursor that could keep a job.
func TestRecallNeedsNoJob(t *testing.T) {
	b := newBulkOrg(t, 300)
	pages, err := b.source(t).(crm.Recaller).Recall(t.Context(), b.company.IDs("Opportunity")[:crm.MostRecalled])
	if err != nil || len(all(pages)) < 500 || len(b.org.Jobs()) != 0 {
		t.Errorf("%d records, %d jobs, %v", len(all(pages)), len(b.org.Jobs()), err)
	}
}
