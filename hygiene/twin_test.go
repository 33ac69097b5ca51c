package hygiene

import "testing"

// A person who is known by another address in this CRM is the same person: team,
// facts and tallies speak of the first address.
func TestOnePersonSeveralAddresses(t *testing.T) {
	for _, members := range [][]string{{"ana@acme.example"}, {"ana@oldco.example"}} {
		p := testPass(t, always("a", failing))
		p.People = People{"ana@oldco.example": "ana@acme.example"}
		p.Source.Users["ana"].Email = "ana@oldco.example"
		p.Teams.List[0].Members, p.Teams.List[1].Members = members, nil
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		r := p.Evaluate(testDeal())
		if f := r.Failed[0].Deal; f.OwnerEmail != "ana@acme.example" || f.Team != "West" {
			t.Errorf("members %v: got %q in team %q", members, f.OwnerEmail, f.Team)
		}
		all := NewTallies(p, nil)
		all.Add(&r)
		if got := all.List()[0]; got.OwnerEmail != "ana@acme.example" || got.Team != "West" {
			t.Errorf("members %v: tally of %q in team %q", members, got.OwnerEmail, got.Team)
		}
	}
}

// A deal that exists in another CRM as well is judged and counted there.
func TestTwin(t *testing.T) {
	hidden := always("b", failing)
	hidden.Needs = []string{"phase"}
	p := testPass(t, always("a", failing), hidden)
	p.Twins = map[string]Counted{"006A": {Source: "big deals", ID: "77"}, "006B": {Source: "big deals", ID: "78"}}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	d := testDeal()
	r := p.Evaluate(d)
	if !r.Twin || len(r.Failed) != 0 || outcomes(&r) != "a exempt, b exempt" {
		t.Errorf("got twin %v, %q and %v", r.Twin, outcomes(&r), r.Failed)
	}
	for _, e := range p.Explain(d) {
		if e.Verdict.Outcome != Exempt || e.Reason != "counted as 77 in big deals" {
			t.Errorf("explain: %+v", e.Verdict)
		}
	}
	all := NewTallies(p, nil)
	all.Add(&r)
	if got := all.List(); len(got) != 0 {
		t.Errorf("a twin is tallied: %+v", got)
	}
	other := testDeal()
	other.Opportunity.ID = "006C"
	if r := p.Evaluate(other); r.Twin || len(r.Failed) != 1 {
		t.Errorf("a deal that is no twin: %+v", r)
	}

	open := Life{Finding: found("006A", "a", "old words", 0), State: Open, Opened: day1, First: day0}
	won := testDeal()
	won.Opportunity.Closed, won.Opportunity.Won = true, true
	for _, r := range []Result{r, p.Evaluate(won)} {
		got := Diff([]Life{open}, []Result{r}, nil, again(now, 9))
		if len(got) != 1 || got[0].State != Off || !got[0].Ended.Equal(now) {
			t.Errorf("a finding of before it was known to be a twin (closed as %d): %+v", r.ClosedAs, got)
		}
	}
}

func TestPeopleEmail(t *testing.T) {
	var nobody People
	if got := nobody.Email("ana@acme.example"); got != "ana@acme.example" {
		t.Errorf("got %q", got)
	}
}

// A deal that is closed in the other CRM is not to be parked there either.
func TestAParkOfATwinSaysWhereToGo(t *testing.T) {
	for closed, want := range map[State]string{
		0:    `"Acme Expansion" is counted as 77 in big deals; park it there`,
		Won:  `"Acme Expansion" is closed elsewhere: it is 77 in big deals, which was won, so nothing is asked about it; close the deal here as well`,
		Lost: `"Acme Expansion" is closed elsewhere: it is 77 in big deals, which was lost, so nothing is asked about it; close the deal here as well`,
	} {
		p := testPass(t, always("a", failing))
		d := testDeal()
		d.Opportunity.Name = "Acme Expansion"
		p.Twins = map[string]Counted{d.Opportunity.ID: {Source: "big deals", ID: "77", ClosedAs: closed}}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		_, _, err := p.ParkBy(d, Park{Until: p.Today(d) + 9, Reason: "the buyer is away", By: "ana@acme.example"}, p.Now)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
