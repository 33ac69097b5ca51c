package hubspot_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// stageless has the portal's answers with the pipelines lack a stage, or all of a pipeline's.
func (a *account) stageless(stage string, whole bool) {
	a.portal.Fault(sim.Fault{Kind: sim.Edit, Path: "/crm/pipelines/", Times: -1, Change: func(b []byte) []byte {
		var answer struct {
			Results []map[string]any `json:"results"`
		}
		if err := json.Unmarshal(b, &answer); err != nil {
			panic(err)
		}
		answer.Results = slices.DeleteFunc(answer.Results, func(line map[string]any) bool {
			stages, _ := line["stages"].([]any)
			n := len(stages)
			line["stages"] = slices.DeleteFunc(stages, func(s any) bool { return s.(map[string]any)["id"] == stage })
			return whole && len(line["stages"].([]any)) < n
		})
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}})
}

// TestAStageThatNoPipelineLists has the pipelines' answers lack a stage that deals may be in by
// the description of deals: it stays as it was read. One that was deleted goes.
func TestAStageThatNoPipelineLists(t *testing.T) {
	for name, c := range map[string]struct{ whole, deleted bool }{"a stage": {}, "a pipeline": {whole: true}, "deleted": {deleted: true}} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 60})
			a.cfg.Now = a.company.Now
			src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
			poll(t, src, at)
			before := joined(toEnd(t, src, crm.Opportunities, "")).Opportunities
			stage := before[slices.IndexFunc(before, func(o crm.Opportunity) bool { return !o.Closed })].Stage
			stages := func() (all []crm.Stage) {
				pages := toEnd(t, src, crm.Stages, at[crm.Stages])
				at[crm.Stages] = pages[len(pages)-1].Next
				return pages[len(pages)-1].Stages
			}
			want := joined(toEnd(t, a.Source(t), crm.Stages, ""))
			if a.stageless(stage, c.whole); c.deleted {
				if err := a.portal.DeleteStage(stage); err != nil {
					t.Fatal(err)
				}
			}
			for hour := range 26 {
				a.later(61 * time.Minute)
				poll(t, src, map[crm.Stream]crm.Cursor{crm.Opportunities: at[crm.Opportunities]})
				a.later(6 * time.Minute)
				got := stages()
				has := slices.ContainsFunc(got, func(s crm.Stage) bool { return s.ID == stage })
				if !c.deleted && (!has || len(got) != want.Done) || c.deleted && has && hour > 2 {
					t.Fatalf("after %d hours %d of %d stages, with the one: %v", hour, len(got), want.Done, has)
				}
			}
		})
	}
}

// TestAStageThatWasNeverListed is in no answer of a first reading: deals in it say so.
func TestAStageThatWasNeverListed(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	deals := joined(toEnd(t, a.Source(t), crm.Opportunities, "")).Opportunities
	stage := deals[slices.IndexFunc(deals, func(o crm.Opportunity) bool { return !o.Closed })].Stage
	a.stageless(stage, false)
	src := a.Source(t)
	toEnd(t, src, crm.Stages, "")
	var notes []string
	for _, p := range toEnd(t, src, crm.Opportunities, "") {
		if strings.Contains(p.Note, "no pipeline lists the stage "+stage) {
			notes = append(notes, p.Note)
		}
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "is not deleted, so no rule about stages judges these deals") {
		t.Errorf("said %q", notes)
	}
}
