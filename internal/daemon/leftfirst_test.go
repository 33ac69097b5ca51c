package daemon_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// rowOf matches a row of an object in an answer, with what it has of another object.
func rowOf(object string) *regexp.Regexp {
	const other = `\{(?:[^{}]|\{[^{}]*\})*\}`
	return regexp.MustCompile(`\{"attributes":\{[^{}]*"type":"` + object + `"[^{}]*\}(?:[^{}]|` + other + `)*\}`)
}

// TestWhatAFirstReadingLeavesOutIsNoFinding: in the first answers some rows lack what tells
// which deal they are of, or their id. They are left out, so that nobody knows what a deal
// without any has: no finding says that it has none, or skipped a stage. The next poll reads
// them.
func TestWhatAFirstReadingLeavesOutIsNoFinding(t *testing.T) {
	for _, c := range []struct{ object, column string }{
		{"OpportunityContactRole", "OpportunityId"}, {"OpportunityContactRole", "Id"},
		{"Task", "WhatId"}, {"Event", "WhatId"}, {"Event", "Id"}, {"OpportunityHistory", "OpportunityId"},
	} {
		t.Run(c.object+" "+c.column, func(t *testing.T) {
			t.Parallel()
			x, clean := newOrgBench(t, 120), newOrgBench(t, 120)
			n, most := 0, 380
			if c.column == "Id" {
				most = 60 // for so few rows without an id a poll asks by their stamps
			}
			column := regexp.MustCompile(`"` + c.column + `":"[^"]*"`)
			row := rowOf(c.object)
			x.org.Fault(sim.Fault{Path: "/query", Kind: sim.Edit, Times: -1, Change: func(body []byte) []byte {
				return row.ReplaceAllFunc(body, func(one []byte) []byte {
					if n++; n%4 != 0 || n > most {
						return one
					}
					return column.ReplaceAll(one, []byte(`"`+c.column+`":null`))
				})
			}})
			x.synced(false)
			clean.synced(false)
			if st, err := x.Status(t.Context()); err != nil || !strings.Contains(strings.Join(st.Notices, " "), "left out") {
				t.Fatalf("the scenario does not hold: %v, %v", st.Notices, err)
			}
			truth := clean.findings()
			for deal, rules := range x.findings() {
				if more := slices.DeleteFunc(rules, func(r string) bool { return slices.Contains(truth[deal], r) }); len(more) > 0 {
					t.Errorf("deal %s is said to break %q", deal, more)
				}
			}
			x.org.ClearFaults()
			for _, b := range []*orgBench{x, clean} {
				b.later(15 * time.Minute)
				b.polled()
			}
			if d := cmp.Diff(clean.findings(), x.findings()); d != "" {
				t.Errorf("findings after a clean poll (-truth +ours):\n%s", d)
			}
			if len(x.findings()) == 0 {
				t.Error("the scenario does not hold: no findings")
			}
		})
	}
}

// More rows of a first reading lack their ids than a poll asks for by their stamps: the number
// of rows tells that they are missing, the next reading that finds the CRM well has them, and
// status does not go on to say that they are left out.
func TestManyRowsWithoutAnIDComeBack(t *testing.T) {
	for _, object := range []string{"Task", "Event", "OpportunityContactRole"} {
		for _, full := range []bool{false, true} {
			t.Run(object+map[bool]string{false: ", polls", true: ", sync --full"}[full], func(t *testing.T) {
				t.Parallel()
				x, clean := newOrgBench(t, 120), newOrgBench(t, 120)
				n, lost := 0, 0
				row := rowOf(object)
				x.org.Fault(sim.Fault{Path: "/query", Kind: sim.Edit, Times: -1, Change: func(body []byte) []byte {
					return row.ReplaceAllFunc(body, func(one []byte) []byte {
						if n++; n%5 != 0 || lost == 52 {
							return one
						}
						lost++
						return regexp.MustCompile(`"Id":"[^"]*"`).ReplaceAll(one, []byte(`"Id":null`))
					})
				}})
				x.synced(false)
				clean.synced(false)
				if lost < 25 {
					t.Fatalf("the scenario does not hold: %d rows", lost)
				}
				x.org.ClearFaults()
				for range 2 {
					x.later(15 * time.Minute)
					clean.later(15 * time.Minute)
					x.synced(full)
					clean.synced(full)
				}
				x.isLike(clean)
				st, err := x.Status(t.Context())
				if said := strings.Join(st.Notices, "; "); err != nil || strings.Contains(said, "left out") {
					t.Errorf("status says %s (%v)", said, err)
				}
			})
		}
	}
}
