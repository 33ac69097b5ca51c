package daemon_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// empties answers like a handler, but has each answer that matches path lose what a pattern
// finds, each one or each nth.
type empties struct {
	http.Handler
	path *regexp.Regexp
	what *regexp.Regexp
	by   string
	each int // 0 is 1
	n    int
}

func (e *empties) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	r.Header.Del("Accept-Encoding")
	e.Handler.ServeHTTP(rec, r)
	body := rec.Body.Bytes()
	if e.path.MatchString(r.URL.String()) {
		body = e.what.ReplaceAllFunc(body, func(one []byte) []byte {
			if e.n++; e.n%max(e.each, 1) != 0 {
				return one
			}
			return []byte(e.by)
		})
	}
	maps.Copy(w.Header(), rec.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(bytes.Clone(body))
}

// sayings are those that mention one of the words.
func sayings(o outcome, words ...string) (out []string) {
	for s := range o.said {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) }) {
			out = append(out, s)
		}
	}
	return out
}

// differing are the ids of records of the streams that two runs left differently.
func differing(a, b outcome, streams ...string) (out []string) {
	for id, text := range a.records {
		if b.records[id] != text && slices.ContainsFunc(streams, func(s string) bool { return strings.HasPrefix(id, s+" ") }) {
			out = append(out, id)
		}
	}
	return out
}

// A value that comes empty for all deals at once, or for all people, is doubted: nothing is
// found by it, nothing that was found is settled by it, it is said, and the next right answer
// ends it.
func TestValuesThatVanishAtOnce(t *testing.T) {
	deals, people := regexp.MustCompile(`deals|query`), regexp.MustCompile(`owners|query`)
	for _, c := range []struct {
		crm, name string
		path      *regexp.Regexp
		what, by  string
		each      int
	}{
		{"hubspot", "amount", deals, `"amount":"[^"]*"`, `"amount":null`, 1},
		{"hubspot", "close_date", deals, `"closedate":"[^"]*"`, `"closedate":null`, 1},
		{"hubspot", "owner", deals, `"hubspot_owner_id":"[^"]*"`, `"hubspot_owner_id":null`, 1},
		{"hubspot", "stage", deals, `"dealstage":"[^"]*"`, `"dealstage":null`, 1},
		{"hubspot", "created_at", deals, `"createdate":"[^"]*"`, `"createdate":null`, 1},
		{"hubspot", "address", people, `"email":"[^"]*"`, `"email":null`, 1},
		{"salesforce", "amount", deals, `"Amount":[0-9.e+]+`, `"Amount":null`, 1},
		{"salesforce", "next_step", deals, `"NextStep":"[^"]*"`, `"NextStep":null`, 1},
		{"salesforce", "forecast_category", deals, `"ForecastCategoryName":"[^"]*"`, `"ForecastCategoryName":null`, 1},
		{"salesforce", "address", people, `"Email":"[^"]*"`, `"Email":null`, 1},
		{"hubspot", "amount", deals, `"amount":"[^"]*"`, `"amount":null`, 2},
		{"salesforce", "next_step", deals, `"NextStep":"[^"]*"`, `"NextStep":null`, 2},
		{"salesforce", "amount", deals, `"Amount":[0-9.e+]+`, `"Amount":null`, 4},
		{"salesforce", "active", people, `"IsActive":true`, `"IsActive":false`, 1},
	} {
		t.Run(fmt.Sprintf("%s %s, each %d", c.crm, c.name, c.each), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				full := c.crm == "salesforce" // whose days read no deal again
				clean, l := newLab(t, c.crm), newLab(t, c.crm)
				clean.sync(false)
				before := l.sync(false)
				handler := l.wire.handler
				faulty := &empties{Handler: handler, path: c.path, what: regexp.MustCompile(c.what), by: c.by, each: c.each}
				l.wire.handler = faulty
				clean.later(25 * time.Hour)
				l.later(25 * time.Hour)
				want, got := clean.sync(full), l.sync(full)
				if faulty.n == 0 {
					t.Fatal("no answer had the value")
				}
				if lost := differing(before, got, "users", "opportunities"); len(lost) > 0 {
					t.Errorf("changed in the cache: %v", lost)
				}
				if len(sayings(got, "came empty", "came as deactivated", "came without the address")) == 0 {
					t.Errorf("nothing says it: %v", got.said)
				}
				for f := range got.findings {
					if !want.findings[f] && !got.withheld {
						t.Errorf("found by it: %s", f)
					}
				}
				for f := range want.findings {
					if before.findings[f] && !got.findings[f] {
						t.Errorf("settled by it: %s", f)
					}
				}
				l.wire.handler = handler
				clean.later(20 * time.Minute)
				l.later(20 * time.Minute)
				want, got = clean.sync(false), l.sync(false)
				if d := differing(want, got, "users", "opportunities"); len(d) > 0 {
					t.Errorf("not healed: %v", d)
				}
				if s := sayings(got, "came empty", "came as", "came without"); len(s) > 0 {
					t.Errorf("still said: %v", s)
				}
			})
		})
	}
}

// What comes empty again and again is what the CRM has: it is believed after an hour, and
// said.
func TestWhatStaysEmptyIsBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, "salesforce")
		l.sync(false)
		l.wire.handler = &empties{Handler: l.wire.handler, path: regexp.MustCompile("query"), what: regexp.MustCompile(`"Amount":[0-9.e+]+`), by: `"Amount":null`}
		l.later(time.Hour)
		first := l.sync(true)
		if first.records["opportunities "+l.company.IDs("Opportunity")[0]] == "" || len(sayings(first, "came empty")) == 0 {
			t.Fatalf("said: %v", first.said)
		}
		l.later(45 * time.Minute)
		second := l.sync(false)
		if d := differing(first, second, "opportunities"); len(d) > 0 {
			t.Errorf("believed after three quarters of an hour: %v", d)
		}
		l.later(20 * time.Minute)
		third := l.sync(false)
		if len(sayings(third, "so it is believed")) == 0 {
			t.Errorf("said: %v", third.said)
		}
		for id, text := range third.records {
			if strings.HasPrefix(id, "opportunities ") && !strings.Contains(text, `"Amount":{"Value":0,"Known":false}`) {
				t.Errorf("still has its amount: %s", text)
			}
		}
		l.later(20 * time.Minute)
		if s := sayings(l.sync(false), "came empty"); len(s) > 0 {
			t.Errorf("still said: %v", s)
		}
	})
}

// A doubt outlives the process, and a clock that is set back makes no hour of it.
func TestADoubtOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	x := newOrgBench(t, 60)
	x.synced(false)
	before := x.amounts()
	x.org.Fault(sim.Fault{Kind: sim.Edit, Path: "/query", Times: -1, Change: withoutAmounts})
	doubts := func(when string, full, want bool) {
		t.Helper()
		err := x.Sync(t.Context(), x.src, full, nil)
		if got := err != nil && strings.Contains(err.Error(), "amount came empty"); got != want {
			t.Errorf("%s: %v", when, err)
		}
		if n := x.amounts(); want && n != before || !want && n != 0 {
			t.Errorf("%s: %d deals have an amount, of %d", when, n, before)
		}
	}
	x.later(time.Hour)
	doubts("at first", true, true)
	x.reborn()
	x.later(50 * time.Minute)
	doubts("by the next process", false, true)
	x.later(-2 * time.Hour)
	doubts("by a clock that was set back", false, true)
	x.later(50 * time.Minute)
	doubts("less than an hour after that", false, true)
	x.reborn()
	x.later(15 * time.Minute)
	doubts("an hour after that", false, false)
}

// amounts is how many deals of the cache have an amount.
func (x *orgBench) amounts() (n int) {
	x.t.Helper()
	for after, more := "", true; more; more = after != "" {
		p, next, err := x.store.Export(x.t.Context(), "sales", crm.Opportunities, after, 500)
		if err != nil {
			x.t.Fatal(err)
		}
		for i := range p.Opportunities {
			if p.Opportunities[i].Amount.Known {
				n++
			}
		}
		after = next
	}
	return n
}
