package hygiene

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// TestYardstickParts: what changes is one part, and the basis of those deals alone.
func TestYardstickParts(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	ana, zoe := Facts{Pipeline: "New", OwnerID: "ana", OwnerEmail: "ana@acme.example"}, Facts{Pipeline: "Old", OwnerID: "zoe", OwnerEmail: "zoe@acme.example"}
	nobody := Facts{Pipeline: "Elsewhere", Team: "West"}
	for _, c := range []struct {
		name   string
		change func(*Pass)
		parts  []string
		other  []string // whose basis is another one
	}{
		{"nothing", func(*Pass) {}, nil, nil},
		{"time passes", func(p *Pass) { p.Now = p.Now.AddDate(1, 0, 0) }, nil, nil},
		{"parameter", func(p *Pass) { p.Settings = map[string]Settings{"a": {Params: map[string]float64{"days": 3}}} }, []string{"rule a"}, []string{"ana a", "zoe a", "nobody a"}},
		{"parameter at its default", func(p *Pass) { p.Settings = map[string]Settings{"a": {Params: map[string]float64{"days": 2}}} }, nil, nil},
		{"rule off", func(p *Pass) { p.Settings = map[string]Settings{"b": {Off: true}} }, []string{"rule b"}, []string{"ana b", "zoe b", "nobody b"}},
		{"field hidden", func(p *Pass) { p.Source.Info.Fields = crm.Fields{"amount": crm.Hidden} }, []string{"amount", "rule a", "sight amount"}, []string{"ana a", "zoe a", "nobody a"}},
		{"another field", func(p *Pass) { p.Source.Info.Mapped = map[string]string{"amount": "ARR__c"} }, []string{"amount", "rule a"}, []string{"ana a", "zoe a", "nobody a"}},
		{"a field of no rule", func(p *Pass) { p.Source.Info.Mapped = map[string]string{"color": "Color__c"} }, nil, nil},
		{"stage added", func(p *Pass) {
			p.Source.Stages = append(slices.Clone(p.Source.Stages), crm.Stage{Pipeline: "new", ID: "9", Label: "Legal", Order: 1, Active: true})
		}, []string{"stages new"}, []string{"ana a", "ana b"}},
		{"stage renamed", func(p *Pass) {
			p.Source.Stages = slices.Clone(p.Source.Stages)
			p.Source.Stages[0].Label = "First"
		}, []string{"definitions new"}, []string{"ana a", "ana b"}},
		{"exit field", func(p *Pass) {
			p.Source.Pipelines = []Pipeline{{Name: "New", Stages: []StageDefinition{{Name: "One", MaxDays: 5, Exit: []string{"amount"}}}}}
		}, []string{"definitions new"}, []string{"ana a", "ana b"}},
		{"entry field", func(p *Pass) {
			p.Source.Pipelines = []Pipeline{{Name: "New", Stages: []StageDefinition{{Name: "One", MaxDays: 5, Entry: []string{"amount"}}}}}
		}, []string{"definitions new"}, []string{"ana a", "ana b"}},
		{"longer in a stage", func(p *Pass) {
			p.Source.Pipelines = []Pipeline{{Name: "New", Stages: []StageDefinition{{Name: "One", MaxDays: 6}}}}
		}, []string{"definitions new"}, []string{"ana a", "ana b"}},
		{"pipeline skipped", func(p *Pass) { p.Skip = []string{"Old"} }, []string{"skip old"}, []string{"zoe a", "zoe b"}},
		{"zone of the team", func(p *Pass) {
			p.Teams = &Teams{List: []Team{{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &Calendar{Location: tokyo}}}}
		}, []string{"calendar ana@acme.example", "team West"}, []string{"ana a", "ana b", "nobody a", "nobody b"}},
		{"holiday of the team", func(p *Pass) {
			p.Teams = &Teams{List: []Team{{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &Calendar{Location: time.UTC, Holidays: NewHolidays([]DayOff{{Date: crm.NewDate(2026, 12, 25)}})}}}}
		}, []string{"calendar ana@acme.example", "team West"}, []string{"ana a", "ana b", "nobody a", "nobody b"}},
		{"holiday of another year", func(p *Pass) {
			p.Teams = &Teams{List: []Team{{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &Calendar{Location: time.UTC, Holidays: NewHolidays([]DayOff{{Date: crm.NewDate(2062, 12, 25)}, {Date: crm.NewDate(2026, 12, 26)}})}}}}
		}, nil, nil},
		{"leave of the owner", func(p *Pass) {
			p.Almanac = &Almanac{People: map[string]*Calendar{"ana@acme.example": {Location: time.UTC, Off: []Span{{From: crm.NewDate(2026, 12, 1), To: crm.NewDate(2026, 12, 4)}}}}}
		}, []string{"calendar ana@acme.example"}, []string{"ana a", "ana b"}},
		{"leave of an owner without a team", func(p *Pass) {
			p.Almanac = &Almanac{People: map[string]*Calendar{"zoe@acme.example": {Location: time.UTC, Off: []Span{{From: crm.NewDate(2026, 12, 1), To: crm.NewDate(2026, 12, 4)}}}}}
		}, []string{"calendar zoe@acme.example"}, []string{"zoe a", "zoe b"}},
		{"freeze", func(p *Pass) {
			off := &Calendar{Location: time.UTC, Off: []Span{{From: crm.NewDate(2026, 12, 24), To: crm.NewDate(2027, 1, 2)}}}
			p.Almanac = &Almanac{Company: off, Teams: map[string]*Calendar{"West": off}}
		}, []string{"calendar "}, []string{"ana a", "ana b", "zoe a", "zoe b", "nobody a", "nobody b"}},
		{"zone of the company", func(p *Pass) { p.Company = tokyo }, []string{"calendar ", "calendar ana@acme.example", "team West"}, []string{"zoe a", "zoe b"}},
		{"zone of the account", func(p *Pass) { p.Source.Info.TimeZone = "Asia/Tokyo" }, []string{"clock"}, []string{"ana a", "ana b", "zoe a", "zoe b", "nobody a", "nobody b"}},
		{"commit", func(p *Pass) { p.Commit = []string{"Sure"} }, []string{"commit"}, []string{"ana a weight", "ana b weight", "zoe a weight", "zoe b weight", "nobody a weight", "nobody b weight"}},
		{"severity", func(p *Pass) { p.Settings = map[string]Settings{"a": {Severity: High}} }, []string{"severity a"}, []string{"ana a weight", "zoe a weight", "nobody a weight"}},
		{"next version", func(p *Pass) { p.Rules[1].Version++ }, []string{"rule b"}, []string{"ana b", "zoe b", "nobody b"}},
	} {
		pass := func() *Pass {
			never := func(*Pass, *Deal) Verdict { return Verdict{} }
			return &Pass{
				Now: now, Company: time.UTC,
				Rules: []Rule{{ID: "a", Check: never, Needs: []string{"amount"}, Params: []Param{{Name: "days", Default: 2}}}, {ID: "b", Check: never}},
				Teams: &Teams{List: []Team{{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &Calendar{Location: time.UTC}}}},
				Source: Source{
					Name: "sales", Info: crm.Info{Fields: crm.Fields{"amount": crm.Readable}},
					Stages:    []crm.Stage{{Pipeline: "new", ID: "1", Label: "One", Active: true}, {Pipeline: "old", ID: "2", Label: "Two", Active: true}},
					Pipelines: []Pipeline{{Name: "New", Stages: []StageDefinition{{Name: "One", MaxDays: 5}}}},
				},
			}
		}
		before, after := pass(), pass()
		c.change(after)
		for _, p := range []*Pass{before, after} {
			if err := p.Prepare(); err != nil {
				t.Fatal(err)
			}
		}
		was, is := before.Yardstick(), after.Yardstick()
		if diff := cmp.Diff(c.parts, is.Changed(was)); diff != "" {
			t.Errorf("%s: parts: want -, got +\n%s", c.name, diff)
		}
		var other []string
		for _, f := range []struct {
			who   string
			facts *Facts
		}{{"ana", &ana}, {"zoe", &zoe}, {"nobody", &nobody}} {
			for _, rule := range []string{"a", "b"} {
				x, y := was.Basis(rule, f.facts), is.Basis(rule, f.facts)
				if x.Verdict != y.Verdict {
					other = append(other, f.who+" "+rule)
				}
				if x.Weight != y.Weight {
					other = append(other, f.who+" "+rule+" weight")
				}
			}
		}
		if diff := cmp.Diff(c.other, other); diff != "" {
			t.Errorf("%s: bases: want -, got +\n%s", c.name, diff)
		}
	}
}

// A yardstick of another version is not compared, so an update of the program alone changes
// nothing; one that knew only which rules ran makes the others fresh.
func TestYardstickOfAnotherVersion(t *testing.T) {
	is := Yardstick{partFormat: yardstickFormat, partRule + "a": "1", partRule + "b": "2", partCommit: "3"}
	if got := is.Changed(Yardstick{partFormat: "0", partRule + "a": "9"}); got != nil {
		t.Errorf("compared with another version: %v", got)
	}
	noted := maps.Clone(is)
	noted[partAmount] = "4"
	if got := noted.Changed(is); got != nil {
		t.Errorf("a part that no version noted before is another one: %v", got)
	}
	if got := is.Changed(is.Ran([]string{"a"})); !slices.Equal(got, []string{"rule b"}) {
		t.Errorf("where only a ran, changed are %v", got)
	}
	stored := []Life{{Finding: found("006A", "a", "m", 0), State: Open, Opened: day0, First: day0, Basis: Basis{7, 7}}}
	passed := []Result{judged("a", Passed, "", 0)}
	for _, c := range []struct {
		was  Yardstick
		want State
	}{{is, Off}, {Yardstick{partFormat: "0"}, Fixed}} {
		got := Diff(stored, passed, nil, &Round{At: now, Is: is, Was: c.was})
		if len(got) != 1 || got[0].State != c.want {
			t.Errorf("after %v: %+v, want %s", c.was, got, c.want)
		}
	}
	fails := []Result{judged("a", Fail, "m", 0)}
	if got := Diff(nil, fails, nil, &Round{At: now, Is: is, Was: Yardstick{partFormat: "0"}}); len(got) != 1 || got[0].Newly || got[0].Backlog {
		t.Errorf("after another version, a new finding is %+v", got)
	}
	if got := Diff(nil, fails, nil, &Round{At: now, Is: is, Was: is.Ran(nil)}); len(got) != 1 || !got[0].Newly || !got[0].Backlog {
		t.Errorf("a finding of a fresh rule is %+v", got)
	}
	stored[0].Basis = Basis{}
	if got := Diff(stored, passed, nil, &Round{At: now, Is: is, Was: is}); len(got) != 1 || got[0].State != Fixed {
		t.Errorf("a life of an earlier version ends as %+v", got)
	}
}
