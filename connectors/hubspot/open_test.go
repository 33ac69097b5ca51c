package hubspot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// overseen is an account whose requests about open deals are noted.
type overseen struct {
	*account
	mu       sync.Mutex
	searches int                        // for open deals
	links    map[string]int             // calls for the links of deals, by what they are linked with
	deals    map[string]map[string]bool // the deals of these calls
}

func (o *overseen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(b))
	o.mu.Lock()
	if strings.HasSuffix(r.URL.Path, "/deals/search") && bytes.Contains(b, []byte("hs_is_closed")) {
		o.searches++
	}
	if _, to, ok := strings.Cut(r.URL.Path, "/associations/2026-09/deals/"); ok {
		to = strings.TrimSuffix(to, "/batch/read")
		o.links[to]++
		var body struct{ Inputs []struct{ ID string } }
		_ = json.Unmarshal(b, &body)
		for _, in := range body.Inputs {
			if o.deals[to] == nil {
				o.deals[to] = map[string]bool{}
			}
			o.deals[to][in.ID] = true
		}
	}
	o.mu.Unlock()
	o.portal.ServeHTTP(w, r)
}

// reset forgets what was noted.
func (o *overseen) reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.searches, o.links, o.deals = 0, map[string]int{}, map[string]map[string]bool{}
}

func (o *overseen) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// manyOpen is a portal with so many more open deals, polled to its end.
func manyOpen(t *testing.T, n int) (a *overseen, src crm.Source, at map[crm.Stream]crm.Cursor, imported []string) {
	t.Helper()
	a = &overseen{account: newAccount(t, sim.Options{Deals: 20})}
	a.reset()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	a.cfg.URL = srv.URL
	a.cfg.PageLimit = 0
	rows := make([]map[string]string, n)
	for i := range rows {
		rows[i] = map[string]string{"dealname": fmt.Sprint("imported ", i), "pipeline": "default", "dealstage": "appointmentscheduled"}
	}
	imported, err := a.portal.Import("deals", time.Time{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	notes, err := a.portal.Import("notes", time.Time{}, slices.Repeat([]map[string]string{{"hs_timestamp": "2026-11-20T10:00:00Z"}}, 30))
	a.must(err)
	for _, id := range notes {
		a.must(a.portal.Associate("notes", id, "deals", imported[0]))
	}
	a.must(a.portal.Associate("notes", notes[0], "deals", imported[n-2]))
	a.later(3 * time.Hour)
	src, at = a.Source(t), map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	a.later(3 * time.Hour)
	return a, src, at, imported
}

// TestOpenDealsAreSearchedForOnce polls for hours: the hour's look at the links of open
// deals knows which deals are open from the stream of deals, and no search tells it again.
func TestOpenDealsAreSearchedForOnce(t *testing.T) {
	a, src, at, imported := manyOpen(t, 2500)
	a.reset()
	poll(t, src, at)
	if t.Logf("the first look at 2,500 open deals: %d searches, links %v", a.searches, a.links); a.searches == 0 || a.searches > 13 {
		t.Errorf("%d searches for open deals, want each once for both streams", a.searches)
	}
	closed, reopened, archived := imported[3], imported[4], imported[5]
	a.must(a.portal.SetProperty("deals", reopened, "dealstage", "closedwon"))
	a.later(20 * time.Minute)
	poll(t, src, at)
	a.must(a.portal.SetProperty("deals", closed, "dealstage", "closedwon"))
	a.must(a.portal.SetProperty("deals", reopened, "dealstage", "appointmentscheduled"))
	a.must(a.portal.Archive("deals", archived))
	made, err := a.portal.Import("deals", time.Time{}, []map[string]string{{"dealname": "new", "pipeline": "default", "dealstage": "appointmentscheduled"}})
	a.must(err)
	for range 2 {
		a.later(45 * time.Minute)
		poll(t, src, at)
	}
	a.reset()
	a.later(time.Hour)
	poll(t, src, at)
	if t.Logf("an hour's look at 2,500 open deals: %d searches, links %v", a.searches, a.links); a.searches != 1 {
		t.Errorf("%d searches for open deals an hour later, want one that counts them", a.searches)
	}
	for to, n := range a.links {
		if n != 3 && (to != "contacts" || n != 4) { // the contacts of changed deals are read beside
			t.Errorf("%d calls for the links with %s", n, to)
		}
	}
	for what, c := range map[string]struct {
		id   string
		want bool
	}{"closed": {closed, false}, "opened again": {reopened, true}, "archived": {archived, false}, "made": {made[0], true}, "untouched": {imported[9], true}} {
		if a.deals["calls"][c.id] != c.want {
			t.Errorf("%s: looked at: %v, want %v", what, a.deals["calls"][c.id], c.want)
		}
	}
}

// TestALookHasABound looks at the links of more deals than an hour has calls for, with
// another process in the middle: each hour goes on where the last one stopped, no deal is
// left out, and a link that came meanwhile is found. Links that are not new cost nothing.
func TestALookHasABound(t *testing.T) {
	a, src, at, imported := manyOpen(t, 300)
	a.cfg.Budget = hubspot.DefaultBudget / 500 // a hundred deals an hour
	last := imported[len(imported)-1]
	seen, most, note, found := map[string]bool{}, 0, "", false
	hour := func() {
		a.later(61 * time.Minute)
		a.reset()
		p := poll(t, src, at)[crm.Activities]
		if len(p.Activities) > 20 {
			t.Errorf("%d activities were read again", len(p.Activities))
		}
		found = found || slices.ContainsFunc(p.Activities, func(x crm.Activity) bool { return x.ID == "notes:"+note })
		most = max(most, len(a.deals["notes"]))
		for id := range a.deals["notes"] {
			seen[id] = true
		}
	}
	for h := range 12 {
		if h == 0 || h == 5 {
			src = a.Source(t)
		}
		hour()
	}
	if open := slices.DeleteFunc(slices.Clone(imported), func(id string) bool { return seen[id] }); len(open) > 0 || most > 100 {
		t.Errorf("%d open deals were not looked at in twelve hours; %d in an hour, want 100", len(open), most)
	}
	made, err := a.portal.Import("notes", time.Time{}, []map[string]string{{"hs_timestamp": "2026-11-20T10:00:00Z"}})
	a.must(err)
	for range 2 {
		hour()
	}
	note, found = made[0], false
	a.must(a.portal.Associate("notes", note, "deals", last))
	for range 5 {
		hour()
	}
	if !found {
		t.Error("the note that was linked late is not found")
	}
}
