package hygiene

import (
	"fmt"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

func TestPosition(t *testing.T) {
	defs := []Pipeline{
		{Name: "renewal", Stages: []StageDefinition{{Name: "Renewing", MaxDays: 3}}},
		{Name: "*", Stages: []StageDefinition{{Name: "proposal ", MaxDays: 9}, {Name: "s2", MaxDays: 7}}},
	}
	marked := []Pipeline{{Name: "*", Stages: []StageDefinition{{Name: "Discovery", Late: true}}}}
	for _, c := range []struct {
		name, pipeline, stage string
		definitions           []Pipeline
		place, total          int
		late                  bool
		days                  int // of the definition
	}{
		{name: "first", stage: "s1", place: 1, total: 4},
		{name: "second", stage: "s2", place: 2, total: 4},
		{name: "last but one", stage: "s3", place: 3, total: 4, late: true},
		{name: "last", stage: "s4", place: 4, total: 4, late: true},
		{name: "inactive", stage: "s2b", total: 4},
		{name: "closed", stage: "won", total: 4},
		{name: "unlisted", stage: "s9", total: 4},
		{name: "a pipeline with stages of its own", pipeline: "Renewal", stage: "r1", place: 1, total: 1},
		{name: "a stage that its pipeline does not have", pipeline: "Renewal", stage: "s3", total: 1},
		{name: "that stage in another pipeline", stage: "r1", total: 4},
		{name: "a pipeline that nothing names", pipeline: "Partner", stage: "s2", place: 2, total: 4},
		{name: "defined by label", stage: "s3", definitions: defs, place: 3, total: 4, late: true, days: 9},
		{name: "defined by id", stage: "s2", definitions: defs, place: 2, total: 4, days: 7},
		{name: "defined for another pipeline", pipeline: "RENEWAL", stage: "s2", definitions: defs, total: 1},
		{name: "defined for its pipeline", pipeline: "Renewal", stage: "r1", definitions: defs, place: 1, total: 1, days: 3},
		{name: "marked late", stage: "s2", definitions: marked, place: 2, total: 4, late: true},
		{name: "after the one marked late", stage: "s3", definitions: marked, place: 3, total: 4, late: true},
		{name: "before the one marked late", stage: "s1", definitions: marked, place: 1, total: 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := testPass(t)
			p.Source.Pipelines = c.definitions
			if err := p.Prepare(); err != nil {
				t.Fatal(err)
			}
			d := testDeal()
			d.Opportunity.Pipeline, d.Opportunity.Stage = c.pipeline, c.stage
			place, total := p.Position(d)
			if place != c.place || total != c.total || p.Late(d) != c.late {
				t.Errorf("got %d of %d, late %v; want %d of %d, late %v", place, total, p.Late(d), c.place, c.total, c.late)
			}
			days := 0
			if def := p.Definition(d); def != nil {
				days = def.MaxDays
			}
			if days != c.days {
				t.Errorf("got the definition of %d days, want %d", days, c.days)
			}
		})
	}
}

// Where a pipeline repeats some of the stages of all pipelines, the repeated stages
// are its own. Any other stage of a deal there has a name and no place.
func TestOwnStages(t *testing.T) {
	p := testPass(t)
	own := []crm.Stage{}
	for _, s := range p.Source.Stages {
		if s.Pipeline == "" && s.ID != "s3" {
			s.Pipeline, s.PipelineLabel = "New_Business", "New Business"
			own = append(own, s)
		}
	}
	p.Source.Stages = append(p.Source.Stages, own...)
	p.Source.Pipelines = []Pipeline{{Name: "new business", Stages: []StageDefinition{{Name: "Negotiation", MaxDays: 4}, {Name: "Proposal", MaxDays: 5}}}}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pipeline, stage, label string
		place, total, days     int
	}{
		{"New_Business", "s1", "Qualified", 1, 3, 0},
		{"New_Business", "s4", "Negotiation", 3, 3, 4},
		{"new_business", "s4", "Negotiation", 3, 3, 4},
		{"New_Business", "s3", "Proposal", 0, 3, 5},
		{"New_Business", "s2b", "Demo", 0, 3, 0},
		{"", "s4", "Negotiation", 4, 4, 0},
		{"Partner", "s4", "Negotiation", 4, 4, 0},
	} {
		d := testDeal()
		d.Opportunity.Pipeline, d.Opportunity.Stage = c.pipeline, c.stage
		place, total := p.Position(d)
		days := 0
		if def := p.Definition(d); def != nil {
			days = def.MaxDays
		}
		if p.StageLabel(d) != c.label || place != c.place || total != c.total || days != c.days {
			t.Errorf("%s of %q: %s, %d of %d, defined with %d days; want %+v", c.stage, c.pipeline, p.StageLabel(d), place, total, days, c)
		}
	}
	if got := p.Source.Unmatched(); len(got) != 0 {
		t.Errorf("unmatched: %q", got)
	}
}

// In a pipeline of two stages the first stage is not late, although it is one of the
// last two.
func TestLateInShortPipeline(t *testing.T) {
	p := testPass(t)
	p.Source.Stages = []crm.Stage{{ID: "s1", Order: 1, Active: true}, {ID: "s2", Order: 2, Active: true}}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	d := testDeal()
	if d.Opportunity.Stage = "s1"; p.Late(d) {
		t.Error("the first stage is late")
	}
	if d.Opportunity.Stage = "s2"; !p.Late(d) {
		t.Error("the second of two is not late")
	}
}

func TestOwnersTeam(t *testing.T) {
	p := testPass(t)
	d := testDeal()
	if tm := p.of(d).team; tm == nil || tm.Name != "West" {
		t.Errorf("team of somebody in two: got %+v, want the first", tm)
	}
	p.Now = time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC) // still the 24th in the West
	if got := p.Today(d); got != crm.NewDate(2026, 11, 24) {
		t.Errorf("today in the team's zone: got %s", got)
	}
	d2 := testDeal()
	d2.Opportunity.OwnerID = "eve"
	if got := p.Today(d2); got != crm.NewDate(2026, 11, 25) || p.of(d2).team != nil {
		t.Errorf("today without a team: got %s", got)
	}
}

func TestForecast(t *testing.T) {
	p := testPass(t)
	d := testDeal()
	if !p.Committed(d) {
		t.Error("the category is compared letter by letter")
	}
	d.Opportunity.ForecastCategory, d.Opportunity.Stage = "", "s4"
	d2 := *d
	if p.Forecast(&d2) != "Commit" || !p.Committed(&d2) {
		t.Error("without a category of its own the deal has not its stage's")
	}
	d3 := *d
	d3.Opportunity.Stage = "s1"
	p.Commit = append(p.Commit, "")
	if p.Committed(&d3) {
		t.Error("no category counts as commit")
	}
}

func TestDay(t *testing.T) {
	p, d := testPass(t), testDeal()
	for _, c := range []struct {
		date crm.Date
		want string
	}{
		{crm.NewDate(2026, 11, 24), "today"},
		{crm.NewDate(2026, 11, 23), "Mon"},
		{crm.NewDate(2026, 11, 18), "Wed"},
		{crm.NewDate(2026, 11, 17), "17 Nov"},
		{crm.NewDate(2026, 11, 25), "25 Nov"},
		{crm.NewDate(2025, 11, 25), "25 Nov 2025"},
		{crm.NewDate(2027, 1, 2), "2 Jan 2027"},
	} {
		if got := p.Voice(d).Day(c.date); got != c.want {
			t.Errorf("%s: got %q, want %q", c.date, got, c.want)
		}
	}
	for want, items := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := List(items); got != want {
			t.Errorf("List(%q): got %q", items, got)
		}
	}
}

func TestStageAt(t *testing.T) {
	p, d := testPass(t), testDeal()
	for id, want := range map[string]string{"s1": "Qualified 1", "s4": "Negotiation 4", "s2b": "Demo 0", "won": "Won 0", "elsewhere": "elsewhere 0"} {
		label, place := p.StageAt(d, id)
		if got := fmt.Sprint(label, " ", place); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

func TestAppointment(t *testing.T) {
	p, d := testPass(t), testDeal()
	day := func(n int) time.Time { return p.Now.AddDate(0, 0, n) }
	d.Activities = []crm.Activity{
		{Kind: crm.Task, At: day(1), Due: crm.DateOf(day(1), time.UTC)},
		{Kind: crm.Meeting, At: day(2), Outcome: "CANCELED"},
		{Kind: crm.Meeting, At: day(5)}, {Kind: crm.Call, At: day(3)},
	}
	if on, kind, ok := p.Appointment(d); !ok || kind != crm.Call || on != crm.NewDate(2026, 11, 27) {
		t.Errorf("got %s %s %v, want the call of 27 Nov", on, kind, ok)
	}
	task := testDeal()
	task.Activities = d.Activities[:2]
	if on, kind, ok := p.Appointment(task); ok {
		t.Errorf("a task is no appointment: %s %s", on, kind)
	}
	said := testDeal()
	said.Opportunity.NextActivityAt = day(4)
	if on, _, ok := p.Appointment(said); !ok || on != crm.NewDate(2026, 11, 28) {
		t.Errorf("what the CRM announces: got %s %v", on, ok)
	}
}

func TestCategory(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"COMMIT", "Commit"}, {"BEST_CASE", "Best Case"}, {"Best Case", "Best Case"}, {"Most Likely", "Most Likely"}, {"", ""}, {"ÉTÉ", "Été"},
	} {
		if got := category(c.in); got != c.want {
			t.Errorf("category(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
