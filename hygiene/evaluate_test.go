package hygiene

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// always is a rule that says the same of every deal.
func always(id string, v Verdict) Rule {
	return Rule{ID: id, Severity: Medium, Doc: Doc{Fix: "fix " + id}, Check: func(*Pass, *Deal) Verdict { return v }}
}

var failing = Verdict{Outcome: Fail, Reason: Plain("broken"), Value: Plain("3"), Threshold: Plain("2"), ThresholdFrom: FromDefault}

// testPass is a pass of a small company, prepared, with the given rules.
func testPass(t testing.TB, rules ...Rule) *Pass {
	t.Helper()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	p := &Pass{
		Now: time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC),
		Source: Source{
			Name: "sales",
			Info: crm.Info{Link: "https://acme.example/{id}", Fields: crm.Fields{"amount": crm.Readable, "phase": crm.Hidden}},
			Users: map[string]*crm.User{
				"ana": {ID: "ana", Name: "Ana", Email: "ana@acme.example", Active: true},
				"eve": {ID: "eve", Name: "Eve", Email: "eve@acme.example", Active: true},
				"old": {ID: "old", Name: "Old", Email: "old@acme.example"},
			},
			Stages: []crm.Stage{
				{ID: "s4", Label: "Negotiation", Order: 40, Active: true, Forecast: "Commit"},
				{ID: "s1", Label: "Qualified", Order: 10, Active: true},
				{ID: "s2", Label: "Discovery", Order: 20, Active: true},
				{ID: "s3", Label: "Proposal", Order: 30, Active: true},
				{ID: "s2b", Label: "Demo", Order: 25},
				{ID: "won", Label: "Won", Order: 50, Active: true, Closed: true, Won: true},
				{ID: "r1", Pipeline: "Renewal", Label: "Renewing", Order: 5, Active: true},
			},
		},
		Rules:    rules,
		Settings: map[string]Settings{},
		Teams: &Teams{List: []Team{
			{Name: "West", Members: []string{"ana@acme.example", "old@acme.example"}, Calendar: &Calendar{Location: zone}},
			{Name: "Also West", Members: []string{"ana@acme.example"}},
		}},
		Company: time.UTC,
		Commit:  []string{"Commit"},
	}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	return p
}

func testDeal() *Deal {
	return &Deal{Source: "sales", Opportunity: crm.Opportunity{
		ID: "006A", Name: "Globex renewal", Stage: "s2", OwnerID: "ana", Amount: crm.Num(86000), Currency: "USD",
		CloseDate: crm.NewDate(2026, 12, 18), CreatedAt: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), ForecastCategory: "commit",
	}}
}

func outcomes(r *Result) string {
	var s []string
	for _, id := range []string{"a", "b", OwnerInactive} {
		if o, ok := r.Outcomes[id]; ok {
			s = append(s, id+" "+o.String())
		}
	}
	return strings.Join(s, ", ")
}

func TestEvaluateGuards(t *testing.T) {
	young := func(d *Deal) { d.Opportunity.CreatedAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name   string
		rule   func(*Rule)
		deal   func(*Deal)
		pass   func(*Pass)
		want   string
		finds  int
		reason string
	}{
		{name: "fails", want: "a fail", finds: 1, reason: "broken"},
		{name: "too young", deal: young, want: "a exempt", reason: "too young: judged when it is 2 business days old"},
		{name: "young, for a rule that does not wait", deal: young, rule: func(r *Rule) { r.Young = true }, want: "a fail", finds: 1, reason: "broken"},
		{name: "created two business days ago, over a weekend", want: "a fail", finds: 1, reason: "broken",
			deal: func(d *Deal) { d.Opportunity.CreatedAt = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }},
		{name: "age unknown", deal: func(d *Deal) { d.Opportunity.CreatedAt = time.Time{} }, want: "a unknown", reason: "nobody knows how old the deal is"},
		{name: "age unknown, for a rule that does not wait", deal: func(d *Deal) { d.Opportunity.CreatedAt = time.Time{} },
			rule: func(r *Rule) { r.Young = true }, want: "a fail", finds: 1, reason: "broken"},
		{name: "needs what can be read", rule: func(r *Rule) { r.Needs = []string{"amount"} }, want: "a fail", finds: 1, reason: "broken"},
		{name: "needs what is hidden", rule: func(r *Rule) { r.Needs = []string{"amount", "phase"} }, want: "a unknown", reason: "phase cannot be read with this login"},
		{name: "needs what is not mapped", rule: func(r *Rule) { r.Needs = []string{"buying_committee"} }, want: "a unknown", reason: "buying committee is not mapped"},
		{name: "wants what is hidden", rule: func(r *Rule) { r.Wants = func(*Pass) []string { return []string{"phase"} } }, want: "a fail", finds: 1, reason: "broken"},
		{name: "off", pass: func(p *Pass) { p.Settings["a"] = Settings{Off: true} }, want: "", reason: "switched off in the configuration"},
		{name: "closed", deal: func(d *Deal) { d.Opportunity.Closed = true }, want: "", reason: "the deal is closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := always("a", failing)
			if c.rule != nil {
				c.rule(&r)
			}
			p, d := testPass(t, r), testDeal()
			if c.deal != nil {
				c.deal(d)
			}
			if c.pass != nil {
				c.pass(p)
				if err := p.Prepare(); err != nil {
					t.Fatal(err)
				}
			}
			got := p.Evaluate(d)
			if outcomes(&got) != c.want || len(got.Failed) != c.finds {
				t.Errorf("got %q and %d findings, want %q and %d", outcomes(&got), len(got.Failed), c.want, c.finds)
			}
			if e := p.Explain(d); len(e) != 1 || e[0].Reason != c.reason || e[0].Off != p.Settings["a"].Off {
				t.Errorf("explain: got %+v, want reason %q", e, c.reason)
			}
		})
	}
}

func TestEvaluateFinding(t *testing.T) {
	p := testPass(t, always("a", failing))
	got := p.Evaluate(testDeal())
	facts := Facts{
		Name: "Globex renewal", URL: "https://acme.example/006A", OwnerID: "ana", OwnerName: "Ana", OwnerEmail: "ana@acme.example", OwnerActive: true,
		Team: "West", Stage: "s2", StageLabel: "Discovery", Amount: crm.Num(86000), Currency: "USD", CloseDate: crm.NewDate(2026, 12, 18),
		Forecast: "commit", Commit: true, Created: crm.NewDate(2026, 3, 2), CreatedAt: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC),
	}
	want := Result{
		Source: "sales", Record: "006A", Facts: facts, Outcomes: map[string]Outcome{"a": Fail},
		Failed: []Finding{{
			Key: key("006A", "a"), Severity: Medium, Says: Says{Message: Plain("broken"), Fix: Plain("fix a"), Value: Plain("3"), Threshold: Plain("2")}, ThresholdFrom: FromDefault, Deal: facts,
		}},
	}
	got.Voice = Voice{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}

	won, lost := testDeal(), testDeal()
	won.Opportunity.Closed, won.Opportunity.Won, lost.Opportunity.Closed = true, true, true
	if w, l := p.Evaluate(won).ClosedAs, p.Evaluate(lost).ClosedAs; w != Won || l != Lost {
		t.Errorf("closed deals: got %s and %s", w, l)
	}
	stranger := testDeal()
	stranger.Opportunity.OwnerID = "queue"
	if f := p.Evaluate(stranger).Facts; !f.OwnerActive || f.OwnerName != "" || f.Team != "" {
		t.Errorf("an owner that is no user: got %+v", f)
	}
}

func TestSeverity(t *testing.T) {
	for _, c := range []struct{ verdict, configured, want Severity }{
		{0, 0, Medium},
		{High, 0, High},
		{0, Low, Low},
		{0, High, High},
		{High, Low, Medium}, // raised by one step, from where the operator put it
		{High, Info, Low},
		{High, High, High},
		{Low, 0, Medium}, // a verdict never lowers
	} {
		v := failing
		v.Severity = c.verdict
		p := testPass(t, always("a", v))
		p.Settings["a"] = Settings{Severity: c.configured}
		if got := p.Evaluate(testDeal()).Failed[0].Severity; got != c.want {
			t.Errorf("verdict %s, configured %s: got %s, want %s", c.verdict, c.configured, got, c.want)
		}
	}
}

// A rule that an inactive owner hides is Exempt, so its findings end without being
// counted as fixed. With the rule owner-inactive off, nothing is hidden.
func TestInhibition(t *testing.T) {
	rules := []Rule{always("a", failing), always("b", Verdict{Outcome: Unknown}), always(OwnerInactive, failing)}
	p := testPass(t, rules...)
	got := p.Evaluate(testDeal())
	if want := "a exempt, b unknown, owner-inactive fail"; outcomes(&got) != want || len(got.Failed) != 1 {
		t.Errorf("got %q, want %q", outcomes(&got), want)
	}
	if v := p.Explain(testDeal())[0]; v.Reason != "waits for owner-inactive: broken" || v.Value != "3" || v.Verdict.Severity != 0 {
		t.Errorf("explain: got %+v", v)
	}
	p.Settings[OwnerInactive] = Settings{Off: true}
	got = p.Evaluate(testDeal())
	if want := "a fail, b unknown"; outcomes(&got) != want {
		t.Errorf("with the rule off: got %q, want %q", outcomes(&got), want)
	}
}

// A scan lends the deal: after the callback, the deal's memory holds other data.
func TestResultOwnsItsStrings(t *testing.T) {
	var lent [][]byte
	lend := func(s string) string {
		b := []byte(s)
		lent = append(lent, b)
		return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // a store's view, to be scribbled over
	}
	leaky := Rule{ID: "a", Severity: Low, Check: func(_ *Pass, d *Deal) Verdict {
		s := d.Opportunity.Name
		return Verdict{Outcome: Fail, Reason: Plain(s), Subject: s, Value: Plain(s), Threshold: Plain(s), ThresholdFrom: s, Fix: Plain(s)}
	}}
	p, d := testPass(t, leaky), testDeal()
	o := &d.Opportunity
	d.Source = lend("elsewhere")
	for _, s := range []*string{&o.ID, &o.Name, &o.Stage, &o.OwnerID, &o.Currency, &o.ForecastCategory} {
		*s = lend(*s)
	}
	o.Pipeline, o.Stage = lend("Renewal"), lend("unlisted")
	r := p.Evaluate(d)
	tallies := NewTallies(p, nil)
	tallies.Add(&r)
	before := fmt.Sprintf("%+v %+v", r, tallies.List())
	for _, b := range lent {
		for i := range b {
			b[i] = '#'
		}
	}
	if after := fmt.Sprintf("%+v %+v", r, tallies.List()); after != before {
		t.Errorf("the result changed with the deal's memory:\n%s\n%s", before, after)
	}
}

func TestEvaluateSideBySide(t *testing.T) {
	p := testPass(t, Rule{ID: "a", Severity: Low, Check: func(p *Pass, d *Deal) Verdict {
		on, _ := p.LastTouch(d)
		return Verdict{Outcome: Fail, Reason: Plain(fmt.Sprint(p.Owner(d).ID, on))}
	}})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			d := testDeal()
			at := time.Unix(50000, 0).UTC().AddDate(0, 0, i)
			d.Activities = []crm.Activity{{Kind: crm.Call, Done: true, At: at}}
			for range 200 {
				if got, want := p.Evaluate(d).Failed[0].Says.Message, Plain(fmt.Sprint("ana", crm.DateOf(at, time.UTC))); got != want {
					t.Errorf("got %q, want %q", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPrepareRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*Pass)
		want string
	}{
		{"no time", func(p *Pass) { p.Now = time.Time{} }, "set Now"},
		{"no zone", func(p *Pass) { p.Company = nil }, "set Company"},
		{"a rule twice", func(p *Pass) { p.Rules = append(p.Rules, p.Rules[0]) }, `rule "a"`},
		{"a rule without check", func(p *Pass) { p.Rules = []Rule{{ID: "c"}} }, `rule "c"`},
	} {
		p := testPass(t, always("a", failing))
		c.do(p)
		if err := p.Prepare(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestUnjudged(t *testing.T) {
	a, b := always("a", failing), always("b", failing)
	a.Needs, a.Wants = []string{"amount", "phase"}, func(*Pass) []string { return []string{"amount", "buyer"} }
	b.Needs = []string{"buyer"}
	p := testPass(t, a, b)
	want := []Unjudged{{Rule: "a", Field: "phase", Access: crm.Hidden}, {Rule: "a", Field: "buyer", Access: crm.Unmapped, Partly: true}, {Rule: "b", Field: "buyer", Access: crm.Unmapped}}
	if diff := cmp.Diff(want, p.Unjudged()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	// Emails are among the activities, unless a source says otherwise.
	c := always("c", failing)
	c.Needs = []string{"activities", "emails"}
	for _, fields := range []crm.Fields{{}, {"activities": crm.Hidden}, {"activities": crm.Hidden, "emails": crm.Hidden}} {
		q := testPass(t, c)
		q.Source.Info.Fields = fields
		if err := q.Prepare(); err != nil {
			t.Fatal(err)
		}
		if got := q.Unjudged(); len(got) != 1 || got[0].Field != "activities" {
			t.Errorf("%v: got %+v, want the activities only", fields, got)
		}
	}
	for _, fields := range []crm.Fields{{"activities": crm.Readable}, {"activities": crm.Readable, "emails": crm.Hidden}} {
		q := testPass(t, c)
		q.Source.Info.Fields = fields
		if err := q.Prepare(); err != nil {
			t.Fatal(err)
		}
		if got := q.Unjudged(); len(got) != len(fields)-1 {
			t.Errorf("%v: got %+v", fields, got)
		}
	}
	p.Settings["a"] = Settings{Off: true}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	if got := p.Unjudged(); len(got) != 1 || got[0].Rule != "b" {
		t.Errorf("a rule that is off asks for nothing: got %+v", got)
	}
}
