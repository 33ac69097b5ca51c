package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// anyDeal draws a deal of any age, in any state, with any activities and history.
func anyDeal(t *rapid.T, now time.Time) *hygiene.Deal {
	moment := func(label string) time.Time {
		if rapid.IntRange(0, 9).Draw(t, label+" is unknown") == 0 {
			return time.Time{}
		}
		return now.Add(time.Duration(rapid.IntRange(-24*400, 24*40).Draw(t, label)) * time.Hour)
	}
	word := func(label string) string {
		return rapid.SampledFrom([]string{"", " ", "\u202e", "\r\nBcc: x@y", "<b>&|> <!channel> =cmd()", "Maya signs", "call on 2026-12-01"}).Draw(t, label)
	}
	number := func(label string) crm.Number {
		return crm.Number{Known: rapid.Bool().Draw(t, label+" is known"), Value: float64(rapid.IntRange(-1, 2).Draw(t, label))}
	}
	stages := []string{"", "qualified", "discovery", "proposal", "retired", "negotiation", "elsewhere"}
	d := &hygiene.Deal{Source: "sales", Opportunity: crm.Opportunity{
		ID: "006A", Name: "Globex", Stage: rapid.SampledFrom(stages).Draw(t, "stage"),
		Pipeline: rapid.SampledFrom([]string{"", "Renewal"}).Draw(t, "pipeline"), OwnerID: rapid.SampledFrom([]string{"", "ana", "dana", "queue"}).Draw(t, "owner"),
		Amount: number("amount"), Contacts: number("contacts"), NextStep: word("next step"),
		ForecastCategory: rapid.SampledFrom([]string{"", "Commit", "Best Case"}).Draw(t, "category"),
		CreatedAt:        moment("created"), StageSince: moment("stage since"), LastActivityAt: moment("last activity"), NextActivityAt: moment("next activity"),
		CloseDate: crm.DateOf(moment("close date"), time.UTC),
	}}
	for _, name := range []string{"decision_criteria", "economic_buyer"} {
		if rapid.Bool().Draw(t, name+" is there") {
			typ := crm.ValueType(rapid.IntRange(int(crm.Empty), int(crm.Timed)).Draw(t, name+" type"))
			d.Opportunity.Custom = append(d.Opportunity.Custom, crm.Custom{Name: name, Type: typ, Value: word(name)})
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "activities") {
		d.Activities = append(d.Activities, crm.Activity{
			Kind: rapid.SampledFrom([]crm.ActivityKind{crm.Call, crm.Email, crm.Meeting, crm.Task, crm.Note, "other"}).Draw(t, "kind"),
			At:   moment("at"), Due: crm.DateOf(moment("due"), time.UTC), CreatedAt: moment("written"),
			Done: rapid.Bool().Draw(t, "done"), Automated: rapid.Bool().Draw(t, "automated"), Outcome: rapid.SampledFrom([]string{"", "CANCELED"}).Draw(t, "outcome"),
		})
	}
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		f := rapid.SampledFrom(crm.Tracked).Draw(t, "field")
		c := crm.Change{Field: f, At: moment("changed"), Observed: rapid.Bool().Draw(t, "observed"), New: word("new")}
		switch f {
		case crm.FieldStage:
			c.New = rapid.SampledFrom(stages).Draw(t, "new stage")
		case crm.FieldCloseDate:
			c.New = crm.DateOf(moment("new date"), time.UTC).String()
		}
		d.Changes = append(d.Changes, c)
	}
	d.Changes = crm.Fold(d.Changes)
	return d
}

// reasons are those of the rules that failed.
func reasons(failed map[string]hygiene.Finding, rules ...string) (out []string) {
	for _, r := range rules {
		if failed[r].Rule != "" {
			out = append(out, r)
		}
	}
	return out
}

// silent reports whether a rule found that nobody speaks to the buyer.
func silent(failed map[string]hygiene.Finding) bool {
	return reasons(failed, "next-step-missing", "no-activity", "never-touched", "no-future-activity", "close-date-pulled-in", "new-owner-no-touch", "commit-no-activity") != nil
}

// Whatever the deal looks like: what cannot be read never makes a finding, every
// rule that runs has an outcome, and a finding exists exactly where it is Fail.
func TestUnknownNeverFinds(t *testing.T) {
	words := map[string]string{"decision_criteria": "decision criteria", "economic_buyer": "economic buyer", "amount": "amount"}
	rapid.Check(t, func(t *rapid.T) {
		p := company()
		p.Source.Pipelines = []hygiene.Pipeline{{Name: "*", Stages: []hygiene.StageDefinition{
			{Name: "Discovery", Order: 0, MaxDays: 21, Exit: []string{"decision_criteria", "next_step"}},
			{Name: "Proposal", Order: 1, MaxDays: 14, Exit: []string{"economic_buyer", "amount"}, Entry: []string{"contact"}},
			{Name: "Negotiation", Order: 2, Late: true},
		}}}
		fields := p.Source.Info.Fields
		for _, f := range []string{"activities", "emails", "contacts", "history", "owner", "amount", "close_date", "decision_criteria", "economic_buyer", "next_step"} {
			if a := rapid.SampledFrom([]crm.Access{crm.Readable, crm.Hidden, crm.Unmapped}).Draw(t, f); a == crm.Unmapped {
				delete(fields, f)
			} else {
				fields[f] = a
			}
		}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := anyDeal(t, p.Now)
		// Values of this deal that cannot be read are as unknown as fields of the source.
		unclear := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
			"owner", "amount", "close_date", "decision_criteria", "economic_buyer", "next_step", "last_activity_at",
		}), 0, 2, rapid.ID[string]).Draw(t, "unclear")
		d.Opportunity.Unclear = unclear
		for i := range d.Activities {
			d.Activities[i].Unclear = rapid.IntRange(0, 9).Draw(t, "unclear activity") == 0
		}
		r := p.Evaluate(d)
		failed := map[string]hygiene.Finding{}
		for _, f := range r.Failed {
			l := hygiene.Life{Finding: f}
			p.Tell(&l)
			failed[f.Rule] = l.Finding
		}
		for _, rule := range p.Rules {
			f, finding := failed[rule.ID]
			o, asked := r.Outcomes[rule.ID]
			if !asked || finding != (o == hygiene.Fail) {
				t.Fatalf("%s: outcome %s (asked: %v), finding: %v", rule.ID, o, asked, finding)
			}
			if !finding {
				continue
			}
			for _, n := range rule.Needs {
				if !p.Readable(n) || slices.Contains(unclear, n) {
					t.Fatalf("%s: found %q though %s cannot be read", rule.ID, f.Message, n)
				}
			}
			if f.Message == "" || f.Value == "" || f.Threshold == "" || f.ThresholdFrom == "" || f.Fix == "" || f.Severity == 0 {
				t.Fatalf("a finding without its figures: %+v", f)
			}
		}
		if f, ok := failed["stage-exit-criteria-missing"]; ok {
			for field, w := range words {
				if (!p.Readable(field) || slices.Contains(unclear, field)) && strings.Contains(f.Message, w) {
					t.Fatalf("%q names %s, which cannot be read", f.Message, field)
				}
			}
		}
		if (!p.Readable("activities") || d.Unclear("activities") != "") && silent(failed) {
			t.Fatalf("silence was found though activities cannot be read: %+v", r.Failed)
		}
		// That something is planned after the close date, and not before, rests on no e-mail.
		if f, ok := failed[hygiene.NoFutureActivity]; ok && !p.Readable("emails") && !strings.Contains(f.Message, ", after the close date ") && (!p.Late(d) || strings.Contains(f.Message, "contact")) {
			t.Fatalf("%q was found though emails cannot be read", f.Message)
		}
		if on, hidden := p.HiddenActivity(d); hidden && silent(failed) {
			t.Fatalf("silence was found though an activity on %s may be hidden: %+v", on, r.Failed)
		}
		if (failed[hygiene.OwnerInactive].Rule != "" || failed[hygiene.OwnerMissing].Rule != "") && len(failed) != 1 {
			t.Fatalf("an owner who is gone does not hide the rest: %+v", r.Failed)
		}
		if !d.Opportunity.Contacts.Known && failed["no-contact"].Rule != "" {
			t.Fatalf("contacts that nobody counted are missing: %+v", r.Failed)
		}
		if n := len(reasons(failed, "no-activity", "never-touched", "no-future-activity")); n > 1 {
			t.Fatalf("one deal, %d reasons: %+v", n, r.Failed)
		}
	})
}
