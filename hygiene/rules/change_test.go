package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// step is one evaluation: what is done before it, and the lives of the deal's findings
// after it. Changes of the pass hold from then on.
type step struct {
	do   func(*hygiene.Pass, *hygiene.Deal)
	want []string // rule, state and marks; "since" is the step in which the life began
}

// lived writes a life. times are those of the steps.
func lived(l *hygiene.Life, times []time.Time) string {
	s := fmt.Sprintf("%s %s %s", l.Rule, l.State, l.Severity)
	for _, m := range []struct {
		is   bool
		word string
	}{{l.Held, "held"}, {l.Backlog, "backlog"}, {l.Newly, "newly"}, {l.Back, "back"}, {l.Rejudged.Equal(times[len(times)-1]), "rejudged"}} {
		if m.is {
			s += " " + m.word
		}
	}
	return s + fmt.Sprintf(" since %d", 1+slices.IndexFunc(times, l.Opened.Equal))
}

// set changes a parameter of a rule.
func set(rule, param string, value float64) func(*hygiene.Pass, *hygiene.Deal) {
	return func(p *hygiene.Pass, _ *hygiene.Deal) {
		s := p.Settings[rule]
		s.Params = map[string]float64{param: value}
		p.Settings[rule] = s
	}
}

// off switches a rule off, or on again.
func off(rule string, is bool) func(*hygiene.Pass, *hygiene.Deal) {
	return func(p *hygiene.Pass, _ *hygiene.Deal) { p.Settings[rule] = hygiene.Settings{Off: is} }
}

// field says whether the login sees a field.
func field(name string, a crm.Access) func(*hygiene.Pass, *hygiene.Deal) {
	return func(p *hygiene.Pass, _ *hygiene.Deal) { p.Source.Info.Fields[name] = a }
}

// defined sets the definitions of the stages.
func defined(defs ...hygiene.StageDefinition) func(*hygiene.Pass, *hygiene.Deal) {
	return func(p *hygiene.Pass, _ *hygiene.Deal) {
		p.Source.Pipelines = []hygiene.Pipeline{{Name: "*", Stages: defs}}
	}
}

// both does several things at once.
func both(all ...func(*hygiene.Pass, *hygiene.Deal)) func(*hygiene.Pass, *hygiene.Deal) {
	return func(p *hygiene.Pass, d *hygiene.Deal) {
		for _, do := range all {
			do(p, d)
		}
	}
}

// called logs a call on a date.
func called(on string) func(*hygiene.Pass, *hygiene.Deal) {
	return func(_ *hygiene.Pass, d *hygiene.Deal) {
		at, err := moment(on)
		if err != nil {
			panic(err)
		}
		d.Activities = append(d.Activities, crm.Activity{ID: on, Kind: crm.Call, At: at, CreatedAt: at, Done: true})
	}
}

// holiday closes a date in the calendar of the team.
func holiday(date string) func(*hygiene.Pass, *hygiene.Deal) {
	return func(p *hygiene.Pass, _ *hygiene.Deal) {
		d, err := crm.ParseDate(date)
		if err != nil {
			panic(err)
		}
		p.Teams.List[0].Calendar.Holidays = hygiene.NewHolidays([]hygiene.DayOff{{Date: d, Why: "holiday"}})
	}
}

// deal changes the deal.
func deal(do func(o *crm.Opportunity)) func(*hygiene.Pass, *hygiene.Deal) {
	return func(_ *hygiene.Pass, d *hygiene.Deal) { do(&d.Opportunity) }
}

// quiet is a deal that nobody has called for 15 business days; the limit is 14.
var quiet = called("2026-11-03")

func TestChangesOfTheYardstickAreNobodysWork(t *testing.T) {
	const noActivity, nothingBooked, noStep = hygiene.NoActivity, hygiene.NoFutureActivity, hygiene.NextStepMissing
	noNextStep := deal(func(o *crm.Opportunity) { o.NextStep = "" })
	unclear := func(fields ...string) func(*hygiene.Pass, *hygiene.Deal) {
		return deal(func(o *crm.Opportunity) { o.Unclear = fields })
	}
	for _, c := range []struct {
		name  string
		rules []string // that run
		steps []step
	}{
		{"a limit is raised and lowered", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{set(noActivity, "days", 40), []string{"no-activity off medium backlog rejudged since 1"}},
			{set(noActivity, "days", 14), []string{"no-activity open medium backlog newly since 3"}},
			{called("2026-11-24"), []string{"no-activity fixed medium backlog newly since 3"}},
		}},
		{"a limit of another rule is raised when somebody calls", []string{noActivity, "stage-stuck"}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{both(set("stage-stuck", "days", 99), called("2026-11-24")), []string{"no-activity fixed medium backlog since 1"}},
		}},
		{"a limit is lowered soon after a fix", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{called("2026-11-16"), []string{"no-activity fixed medium backlog since 1"}},
			{set(noActivity, "days", 5), []string{"no-activity open medium backlog newly since 3"}},
		}},
		{"a rule is switched off and on", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{off(noActivity, true), []string{"no-activity off medium backlog rejudged since 1"}},
			{off(noActivity, false), []string{"no-activity open medium backlog newly since 3"}},
		}},
		{"a rule runs for the first time", []string{noActivity}, []step{
			{both(quiet, off(noActivity, true)), nil},
			{off(noActivity, false), []string{"no-activity open medium backlog newly since 2"}},
		}},
		{"a rule judges otherwise in a new version of the program", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Rules[0].Version++
				p.Rules[0].Check = func(*hygiene.Pass, *hygiene.Deal) hygiene.Verdict { return hygiene.Verdict{} }
			}, []string{"no-activity off medium backlog rejudged since 1"}},
		}},
		{"a severity is set", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Settings[noActivity] = hygiene.Settings{Severity: hygiene.High}
			}, []string{"no-activity open high backlog rejudged since 1"}},
			{called("2026-11-24"), []string{"no-activity fixed high backlog since 1"}},
		}},
		{"a severity is set when somebody calls", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{both(called("2026-11-24"), func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Settings[noActivity] = hygiene.Settings{Severity: hygiene.High}
			}), []string{"no-activity fixed medium backlog since 1"}},
		}},
		{"another category counts as commit", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Commit = []string{"Commit", "Best Case"} }, []string{"no-activity open high backlog rejudged since 1"}},
		}},
		{"another category counts as commit, and a rule is about no other deals", []string{"commit-early-stage"}, []step{
			{deal(func(o *crm.Opportunity) { o.Stage = "discovery" }), nil},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Commit = []string{"Commit", "Best Case"} }, []string{"commit-early-stage open medium backlog newly since 2"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Commit = []string{"Commit"} }, []string{"commit-early-stage off medium backlog newly rejudged since 2"}},
		}},
		{"the fiscal year starts with another month", []string{"close-date-pushed-over-period"}, []step{
			{func(p *hygiene.Pass, d *hygiene.Deal) {
				p.Fiscal = time.February
				d.Opportunity.CloseDate = crm.NewDate(2027, 1, 8)
				d.Changes = []crm.Change{{ID: "1", Field: crm.FieldCloseDate, Old: "2026-12-20", OldKnown: true, New: "2027-01-08", At: p.Now.AddDate(0, 0, -3)}}
			}, nil},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Fiscal = time.January }, []string{"close-date-pushed-over-period open medium backlog newly since 2"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Fiscal = 0 }, []string{"close-date-pushed-over-period open medium backlog newly since 2"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Fiscal = time.April }, []string{"close-date-pushed-over-period open medium backlog newly since 2"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Fiscal = time.February }, []string{"close-date-pushed-over-period off medium backlog newly rejudged since 2"}},
		}},
		{"a definition that the finding does not rest on", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{defined(hygiene.StageDefinition{Name: "Negotiation", MaxDays: 3}), []string{"no-activity open medium backlog since 1"}},
		}},
		{"the deal itself moves into the commit", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{deal(func(o *crm.Opportunity) { o.ForecastCategory = "Commit" }), []string{"no-activity open high backlog since 1"}},
		}},
		{"a definition comes and goes", []string{"stage-stuck"}, []step{
			{deal(func(o *crm.Opportunity) { o.StageSince, _ = moment("2026-11-17") }), nil},
			{defined(hygiene.StageDefinition{Name: "Negotiation", MaxDays: 3}), []string{"stage-stuck open medium backlog newly since 2"}},
			{defined(), []string{"stage-stuck off medium backlog newly rejudged since 2"}},
		}},
		{"a definition asks for a field that had a rule of its own", []string{hygiene.StageExitCriteriaMissing, hygiene.AmountMissing}, []step{
			{deal(func(o *crm.Opportunity) {
				o.Amount = crm.Number{}
				o.StageSince, _ = moment("2026-11-17")
			}), []string{"amount-missing open medium backlog since 1"}},
			{defined(hygiene.StageDefinition{Name: "Negotiation", Entry: []string{"amount"}}), []string{
				"amount-missing off medium backlog rejudged since 1", "stage-exit-criteria-missing open high backlog newly since 2",
			}},
			{defined(), []string{"amount-missing open medium backlog since 1", "stage-exit-criteria-missing off high backlog newly rejudged since 2"}},
		}},
		{"a holiday comes and goes", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{holiday("2026-11-11"), []string{"no-activity off medium backlog rejudged since 1"}},
			{holiday("2026-10-12"), []string{"no-activity open medium backlog newly since 3"}},
		}},
		{"a team moves to another zone", []string{hygiene.CloseDatePast}, []step{
			{deal(func(o *crm.Opportunity) { o.CloseDate = crm.NewDate(2026, 11, 23) }), nil},
			{func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Teams.List[0].Calendar = &hygiene.Calendar{Location: mustZone("Asia/Tokyo")}
			}, []string{"close-date-past open high backlog newly since 2"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Teams.List[0].Calendar = &hygiene.Calendar{Location: pacific}
			}, []string{"close-date-past off high backlog newly rejudged since 2"}},
		}},
		{"the owner joins a team in another zone", []string{hygiene.CloseDatePast}, []step{
			{deal(func(o *crm.Opportunity) { o.CloseDate, o.OwnerID = crm.NewDate(2026, 11, 23), "zoe" }), nil},
			{func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Teams.List = append(p.Teams.List, hygiene.Team{Name: "Tokyo", Members: []string{"zoe@acme.example"}, Calendar: &hygiene.Calendar{Location: mustZone("Asia/Tokyo")}})
			}, []string{"close-date-past open high backlog newly since 2"}},
		}},
		{"somebody in another zone gets the deal", []string{hygiene.CloseDatePast}, []step{
			{both(deal(func(o *crm.Opportunity) { o.CloseDate = crm.NewDate(2026, 11, 23) }), func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Teams.List = append(p.Teams.List, hygiene.Team{Name: "Tokyo", Members: []string{"zoe@acme.example"}, Calendar: &hygiene.Calendar{Location: mustZone("Asia/Tokyo")}})
				p.Source.Users["zoe"].Active = true
			}), nil},
			{deal(func(o *crm.Opportunity) { o.OwnerID = "zoe" }), []string{"close-date-past open high since 2"}},
			{deal(func(o *crm.Opportunity) { o.CloseDate = crm.NewDate(2026, 12, 23) }), []string{"close-date-past re-dated high since 2"}},
		}},
		{"the stages are put into another order", []string{hygiene.AmountMissing}, []step{
			{deal(func(o *crm.Opportunity) { o.Amount, o.Stage = crm.Number{}, "qualified" }), nil},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Source.Stages[1].Order = 0 }, []string{"amount-missing open medium backlog newly since 2"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Source.Stages[1].Order = 2 }, []string{"amount-missing off medium backlog newly rejudged since 2"}},
		}},
		{"the deal goes to an earlier stage and comes back", []string{hygiene.AmountMissing}, []step{
			{deal(func(o *crm.Opportunity) { o.Amount = crm.Number{} }), []string{"amount-missing open medium backlog since 1"}},
			{deal(func(o *crm.Opportunity) { o.Stage = "qualified" }), []string{"amount-missing off medium backlog since 1"}},
			{deal(func(o *crm.Opportunity) { o.Stage = "negotiation" }), []string{"amount-missing open medium since 3"}},
		}},
		{"a pipeline is skipped and judged again", []string{noActivity}, []step{
			{both(quiet, deal(func(o *crm.Opportunity) { o.Pipeline = "Renewal" })), []string{"no-activity open medium backlog since 1"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Skip = []string{"renewal"} }, []string{"no-activity off medium backlog rejudged since 1"}},
			{func(p *hygiene.Pass, _ *hygiene.Deal) { p.Skip = nil }, []string{"no-activity open medium backlog newly since 3"}},
		}},
		{"a field that hid another finding is hidden, and seen again", []string{noStep, nothingBooked}, []step{
			{both(quiet, noNextStep), []string{"next-step-missing open high backlog since 1"}},
			{field("next_step", crm.Hidden), []string{"next-step-missing open high held backlog since 1", "no-future-activity open medium backlog since 1"}},
			{field("next_step", crm.Readable), []string{"next-step-missing open high backlog since 1", "no-future-activity off medium backlog rejudged since 1"}},
			{field("next_step", crm.Hidden), []string{"next-step-missing open high held backlog since 1", "no-future-activity open medium backlog since 1"}},
		}},
		{"a finding that had ended before another hid it", []string{noStep, nothingBooked}, []step{
			{quiet, []string{"no-future-activity open medium backlog since 1"}},
			{deal(func(o *crm.Opportunity) { o.Stage, o.CloseDate = "qualified", crm.NewDate(2027, 6, 1) }), []string{"no-future-activity off medium backlog since 1"}},
			{both(noNextStep, deal(func(o *crm.Opportunity) { o.Stage = "negotiation" })), []string{"next-step-missing open high since 3", "no-future-activity off medium backlog since 1"}},
			{field("next_step", crm.Hidden), []string{"next-step-missing open high held since 3", "no-future-activity open medium since 3"}},
		}},
		{"the value of one deal becomes unclear", []string{noStep, nothingBooked}, []step{
			{both(quiet, noNextStep), []string{"next-step-missing open high backlog since 1"}},
			{unclear("next_step"), []string{"next-step-missing open high held backlog since 1", "no-future-activity open medium backlog since 1"}},
		}},
		{"e-mails are hidden, so what hid another finding is unknown", []string{noActivity, nothingBooked}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{field("emails", crm.Hidden), []string{"no-activity open medium held backlog since 1", "no-future-activity open medium backlog since 1"}},
		}},
		{"the rule that hid another finding is switched off", []string{noActivity, nothingBooked}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{off(noActivity, true), []string{"no-activity off medium backlog rejudged since 1", "no-future-activity open medium backlog since 1"}},
		}},
		{"deals without an owner are not told any more", []string{hygiene.OwnerMissing, noActivity}, []step{
			{both(quiet, deal(func(o *crm.Opportunity) { o.OwnerID = "" })), []string{"owner-missing open high backlog since 1"}},
			{off(hygiene.OwnerMissing, true), []string{"no-activity open medium backlog since 1", "owner-missing off high backlog rejudged since 1"}},
		}},
		{"somebody deals with what hid another finding", []string{noStep, nothingBooked}, []step{
			{both(quiet, noNextStep), []string{"next-step-missing open high backlog since 1"}},
			{deal(func(o *crm.Opportunity) { o.NextStep = "Maya signs" }), []string{"next-step-missing fixed high backlog since 1", "no-future-activity open medium since 2"}},
		}},
		{"a field is seen for the first time", []string{hygiene.NoContact}, []step{
			{both(field("contacts", crm.Hidden), deal(func(o *crm.Opportunity) { o.Contacts = crm.Num(0) })), nil},
			{field("contacts", crm.Readable), []string{"no-contact open high backlog newly since 2"}},
		}},
		{"a value is kept in another field of the CRM", []string{noStep}, []step{
			{func(*hygiene.Pass, *hygiene.Deal) {}, nil},
			{both(noNextStep, func(p *hygiene.Pass, _ *hygiene.Deal) {
				p.Source.Info.Mapped = map[string]string{"next_step": "Next_Step__c"}
			}), []string{"next-step-missing open high backlog newly since 2"}},
		}},
		{"a limit is raised while the deal cannot be judged", []string{noActivity}, []step{
			{quiet, []string{"no-activity open medium backlog since 1"}},
			{deal(func(o *crm.Opportunity) { o.Unclear = []string{"stage"} }), []string{"no-activity open medium held backlog since 1"}},
			{set(noActivity, "days", 40), []string{"no-activity open medium held backlog since 1"}},
			{deal(func(o *crm.Opportunity) { o.Unclear = nil }), []string{"no-activity off medium backlog rejudged since 1"}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) { follow(t, c.rules, c.steps) })
	}
}

// follow evaluates one deal step by step. Each step is repeated, as after a crash before
// the yardstick was noted.
func follow(t *testing.T, ids []string, steps []step) {
	t.Helper()
	d := &hygiene.Deal{Source: "sales", Opportunity: crm.Opportunity{
		ID: "006A", Name: "Globex renewal", Stage: "negotiation", OwnerID: "ana", CreatedAt: time.Date(2026, 3, 2, 12, 0, 0, 0, pacific),
		StageSince: time.Date(2026, 11, 23, 12, 0, 0, 0, pacific), CloseDate: crm.NewDate(2026, 12, 18), Amount: crm.Num(86000),
		NextStep: "Maya confirms the budget", ForecastCategory: "Best Case", Contacts: crm.Num(1),
	}}
	p := company()
	p.Rules = slices.DeleteFunc(p.Rules, func(r hygiene.Rule) bool { return !slices.Contains(ids, r.ID) })
	var stored []hygiene.Life
	var was hygiene.Yardstick
	var times []time.Time
	for i, s := range steps {
		s.do(p, d)
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		times = append(times, p.Now.Add(time.Duration(i)*24*time.Hour))
		round := &hygiene.Round{At: times[i], Generation: uint64(i), Was: was, Is: p.Yardstick()}
		results := []hygiene.Result{p.Evaluate(d)}
		stored = merge(stored, hygiene.Diff(stored, results, nil, round))
		var got []string
		for i := range stored {
			got = append(got, lived(&stored[i], times))
		}
		if diff := cmp.Diff(s.want, got); diff != "" {
			t.Errorf("step %d, changed %s: want -, got +\n%s", i+1, strings.Join(round.Is.Changed(was), ", "), diff)
		}
		round.At = round.At.Add(time.Minute)
		if again := hygiene.Diff(stored, results, nil, round); again != nil {
			t.Errorf("step %d, repeated, changes again: %+v", i+1, again)
		}
		was = round.Is
	}
}

// merge writes the changed lives over the stored ones.
func merge(stored, changed []hygiene.Life) []hygiene.Life {
	for _, l := range changed {
		if i := slices.IndexFunc(stored, func(o hygiene.Life) bool { return o.Key == l.Key }); i >= 0 {
			stored[i] = l
		} else {
			stored = append(stored, l)
		}
	}
	slices.SortFunc(stored, func(a, b hygiene.Life) int { return a.Compare(b.Key) })
	return stored
}
