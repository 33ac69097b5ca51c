package hubspot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestPropertyLeftOut has one of three deals without a property that was asked for: the
// property is unknown for this deal, not empty, and the others are read as they are.
func TestPropertyLeftOut(t *testing.T) {
	for properties, unclear := range map[string][]string{
		`{"dealstage":"s","hs_lastmodifieddate":null}`: {"name"},
		`{"dealname":null,"dealstage":""}`:             {"modified_at"},
		`{"dealstage":"s"}`:                            {"modified_at", "name"},
		`{"dealname":"odd"}`:                           nil, // whether the deal is closed is not known
		`{}`:                                           nil,
		`null`:                                         nil,
	} {
		for from, at := range oddFrom() {
			t.Run(properties+" in the "+from, func(t *testing.T) {
				o := oddly(t, `{"id":"5","properties":`+properties+`}`)
				o.omits = true
				p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Opportunities, at)
				if err != nil || len(p.Deleted) > 0 {
					t.Fatal(p.Deleted, err)
				}
				if unclear == nil {
					if got := names(p); !slices.Equal(got, []string{"4=n4", "6=n6"}) || !strings.Contains(p.Note, "record 5: it cannot be read whether the deal is closed") {
						t.Errorf("read %v, said %q", got, p.Note)
					}
					return
				}
				for _, o := range p.Opportunities {
					if want := o.ID == "5"; want != slices.Equal(o.Unclear, unclear) || !want && o.Unclear != nil {
						t.Errorf("deal %s: unclear %v", o.ID, o.Unclear)
					}
				}
				if len(p.Opportunities) != 3 {
					t.Errorf("read %v", names(p))
				}
			})
		}
	}
}

// TestPropertyLeftOutIsDescribedLater has an answer that contradicts a description of a
// moment ago: the portal is described again when the description is not fresh any more,
// once, and not by each page before.
func TestPropertyLeftOutIsDescribedLater(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	last := `{"id":"2","properties":{"dealname":"b","dealstage":"s"}}`
	o := &recorded{omits: true, answer: map[string]func(call) (int, string){
		"deals": func(call) (int, string) { return 200, `{"results":[` + deal(1, "a") + `,` + last + `]}` },
	}}
	s := recordedSource(t, o, func(c *Config) { c.Now = func() time.Time { return now } })
	for _, step := range []struct {
		after     time.Duration
		described int
	}{{0, 1}, {time.Minute, 1}, {5 * time.Minute, 2}, {time.Minute, 2}} {
		now = now.Add(step.after)
		readAll(t, s, crm.Opportunities, "")
		if n := len(o.calls("properties")); n != step.described {
			t.Errorf("after %v: described %d times, want %d", step.after, n, step.described)
		}
	}
	last, now = deal(2, "b"), now.Add(5*time.Minute)
	readAll(t, s, crm.Opportunities, "")
	readAll(t, s, crm.Opportunities, "")
	now = now.Add(50 * time.Minute)
	readAll(t, s, crm.Opportunities, "")
	if n := len(o.calls("properties")); n != 3 {
		t.Errorf("described %d times, want 3", n)
	}
}
