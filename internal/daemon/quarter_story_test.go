package daemon_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// story is what happens once in the quarter, besides what everybody does each day.
type story struct {
	parked       string // name of the deal that waits
	since, until crm.Date
	imported     []string
	importDay    crm.Date
	closed       map[string]crm.Date          // deals that were closed between the lists and the digest, by name
	urgent       map[crm.Date]map[string]bool // what cannot wait, by name: high, or due in the commit; of certain days
	emptied      map[string]sim.BookDeal      // deals whose amount an integration emptied, as they were, by name
	first        map[string]crm.Date          // first day on which a finding was seen, by its key
	told         map[string]bool              // deals of which the manager could have read, without a break since, by name
	alone        map[crm.Date]map[string]bool // deals of which by a day of grace only the owner hears, by name
}

func newStory() *story {
	return &story{closed: map[string]crm.Date{}, urgent: map[crm.Date]map[string]bool{}, emptied: map[string]sim.BookDeal{}, first: map[string]crm.Date{},
		told: map[string]bool{}, alone: map[crm.Date]map[string]bool{}}
}

// The days of the story.
var (
	awayFrom     = crm.NewDate(2026, 10, 12)
	awayTo       = crm.NewDate(2026, 10, 23)
	thawDay      = crm.NewDate(2027, 1, 4)
	parkDay      = crm.NewDate(2026, 10, 14)
	wakeDay      = crm.NewDate(2026, 10, 26)
	rampFrom     = crm.NewDate(2026, 10, 5)
	emptyDay     = crm.NewDate(2026, 11, 2)
	releaseDay   = crm.NewDate(2026, 11, 5)
	importDay    = crm.NewDate(2026, 11, 10)
	leaveDay     = crm.NewDate(2026, 11, 20)
	territoryDay = crm.NewDate(2026, 12, 1)
)

func (s *story) must(q *quarter, err error) {
	q.t.Helper()
	if err != nil {
		q.t.Fatal(err)
	}
}

// of lists the open deals of a rep.
func (q *quarter) of(address string) (out []sim.BookDeal) {
	for _, d := range q.company.Book() {
		if d.Owner == address && !d.Closed {
			out = append(out, d)
		}
	}
	return out
}

// found lists the deals of a rep that need an update.
func (q *quarter) found(address string) (out []api.CheckFinding) {
	q.t.Helper()
	res, err := q.Check(q.t.Context(), api.CheckRequest{})
	if err != nil {
		q.t.Fatal(err)
	}
	for i := range res.Findings {
		if f := &res.Findings[i]; f.Opportunity.Owner == address {
			out = append(out, *f)
		}
	}
	return out
}

// looked notes after the poll of a morning what cannot wait: while Cleo is away of her deals,
// and after the freeze of all.
func (s *story) looked(q *quarter, d crm.Date, zone string) {
	q.t.Helper()
	s.saw(q, d)
	away := d >= awayFrom && d <= awayTo && zone == "Europe/Berlin"
	if !away && d != thawDay {
		return
	}
	if s.urgent[d] == nil {
		s.urgent[d] = map[string]bool{}
	}
	res, err := q.Check(q.t.Context(), api.CheckRequest{})
	s.must(q, err)
	for i := range res.Findings {
		f := &res.Findings[i]
		if f.Severity == "high" && (!away || f.Opportunity.Owner == "cleo@acme.example") {
			s.urgent[d][f.Opportunity.Name] = true
		}
	}
	for _, x := range q.company.Book() {
		if on, err := crm.ParseDate(x.CloseDate); !away && err == nil && x.Commit && on <= d+7 {
			s.urgent[d][x.Name] = true
		}
	}
}

// saw notes what began when, and of which deals by a day of grace only the owner hears: all
// that is found on them began while the owner was new, or after the owner's territory changed.
func (s *story) saw(q *quarter, d crm.Date) {
	q.t.Helper()
	res, err := q.Check(q.t.Context(), api.CheckRequest{})
	s.must(q, err)
	commit := map[string]bool{}
	for _, x := range q.company.Book() {
		commit[x.Name] = x.Commit
	}
	told := map[string]bool{}
	all := map[string]bool{}
	for i := range res.Findings {
		f := &res.Findings[i]
		if _, ok := s.first[f.Key]; !ok {
			s.first[f.Key] = d
		}
		all[f.Opportunity.Name] = true
		if commit[f.Opportunity.Name] || d > q.graceEnds(s.first[f.Key], f.Opportunity.Owner) {
			told[f.Opportunity.Name] = true
		}
	}
	s.alone[d] = map[string]bool{}
	for name := range all {
		// What the manager has read of stays the manager's while anything is found on the deal.
		if s.told[name] = s.told[name] || told[name]; !s.told[name] {
			s.alone[d][name] = true
		}
	}
	maps.DeleteFunc(s.told, func(name string, _ bool) bool { return !all[name] })
}

// graceEnds is the last day on which only the owner hears of what began on a day; the day
// before where everybody hears of it at once.
func (q *quarter) graceEnds(began crm.Date, owner string) crm.Date {
	const days = 10
	last := began - 1
	team := ""
	for i := range q.cfg.Teams.List {
		if t := &q.cfg.Teams.List[i]; slices.Contains(t.Members, owner) {
			team = t.Name
		}
	}
	if owner == "lea@acme.example" && began >= rampFrom && began < rampFrom+90 {
		last = q.nthDay(team, began, days)
	}
	if team == "New York" || team == "Berlin" {
		if end := q.nthDay(team, territoryDay, days); began >= territoryDay && began <= end {
			last = max(last, end)
		}
	}
	return last
}

// nthDay is the nth business day of a team from a day on, the day included.
func (q *quarter) nthDay(team string, d crm.Date, n int) crm.Date {
	for ; ; d++ {
		if q.offWhy(team, d) == "" {
			if n--; n == 0 {
				return d
			}
		}
	}
}

// empty is what the faulty integration does.
func (s *story) empty(q *quarter) {
	q.t.Helper()
	res, err := q.Check(q.t.Context(), api.CheckRequest{})
	s.must(q, err)
	found := map[string]bool{}
	for i := range res.Findings {
		found[res.Findings[i].Opportunity.Name] = true
	}
	for _, x := range q.company.Book() {
		if x.CRM == "salesforce" && !x.Closed && !x.Commit && !x.Twin && x.Stage != sim.Prospecting && x.Amount > 0 && !found[x.Name] {
			s.must(q, q.company.SetField(x.ID, "Amount", nil))
			s.emptied[x.Name] = x
		}
	}
}

// refill is what the reps do about it: two amounts a day each.
func (s *story) refill(q *quarter) (n int) {
	q.t.Helper()
	done := map[string]int{}
	for _, x := range q.company.Book() {
		if was, ok := s.emptied[x.Name]; ok && !x.Closed && x.Amount == 0 && done[x.Owner] < 2 {
			s.must(q, q.company.SetField(x.ID, "Amount", was.Amount))
			done[x.Owner]++
			n++
		}
	}
	return n
}

// noon is what people do in the middle of a day.
func (s *story) noon(q *quarter, d crm.Date, zone string) {
	q.t.Helper()
	tell := func(format string, args ...any) { q.log.tell(d, fmt.Sprintf(format, args...)) }
	switch {
	case d == parkDay && zone == "Asia/Kolkata":
		// One of the deals that nobody tends, so that there is something to say when it wakes up.
		found := q.found("finn@acme.example")
		at := slices.IndexFunc(found, func(f api.CheckFinding) bool { return f.Opportunity.Name == sim.Vandelay })
		if at < 0 {
			q.t.Fatalf("nothing is found on %s: %+v", sim.Vandelay, found)
		}
		s.parked, s.since, s.until = sim.Vandelay, d, wakeDay
		s.must(q, q.company.Hold(found[at].Opportunity.ID, "On hold: budget in November", wakeDay))
		tell("Finn Farrell parks %s by a task to %s: budget in November", s.parked, wakeDay.Short())
	case d == emptyDay && zone == "America/New_York":
		s.empty(q)
		tell("a faulty integration empties the amounts of %d deals", len(s.emptied))
	case d == releaseDay && zone == "America/New_York":
		out, err := q.Release(q.t.Context(), api.ReleaseRequest{Rule: "amount-missing"})
		s.must(q, err)
		tell("Olga Brandt looks, and lets the rule through: pipetidy release amount-missing (%d pipelines)", len(out))
	case d > releaseDay && d <= releaseDay+14 && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday && zone == "America/New_York":
		if n := s.refill(q); n > 0 {
			tell("the reps fill in %d of the amounts", n)
		}
	case d == importDay && zone == "Europe/Berlin":
		ids, err := q.company.Import("eve@acme.example", 120)
		s.must(q, err)
		s.imported, s.importDay = ids, d
		tell("Eve imports 120 deals")
	case d == importDay+8 && zone == "Europe/Berlin":
		for i, id := range s.imported {
			if i < 100 {
				s.must(q, q.company.CloseLost(id, "No budget"))
				continue
			}
			_, err := q.company.AddContactRole(id, "Evaluator")
			s.must(q, err)
		}
		tell("Eve closes 100 of the imported deals, and links the people of the others")
	case d == leaveDay && zone == "Asia/Kolkata":
		s.must(q, q.company.Deactivate("finn@acme.example"))
		tell("Finn leaves, with %d open deals", len(q.of("finn@acme.example")))
	case d == leaveDay+5 && zone == "Asia/Kolkata":
		deals := q.of("finn@acme.example")
		for _, x := range deals {
			s.must(q, q.company.Give(x.ID, "gus@acme.example"))
		}
		tell("Gus gets the %d deals of Finn", len(deals))
	case d == territoryDay && zone == "America/New_York":
		deals := q.of("jo@acme.example")
		deals = deals[:min(6, len(deals))]
		var names []string
		for _, x := range deals {
			s.must(q, q.company.Give(x.ID, "dai@acme.example"))
			names = append(names, x.Name)
		}
		tell("territories change: Dai of Berlin gets from Jo of New York %s", strings.Join(names, ", "))
	}
}

// between is what happens after the reps' lists and before the managers' digests: each
// Wednesday a deal that the list of the day named is closed.
func (s *story) between(q *quarter, d crm.Date, zone string) {
	q.t.Helper()
	if zone != "Europe/Berlin" || d.Weekday() != 3 {
		return
	}
	for _, address := range []string{"ana@acme.example", "dai@acme.example", "ben@acme.example"} {
		found := q.found(address)
		if len(found) == 0 {
			continue
		}
		gone := &found[0].Opportunity
		s.must(q, q.company.CloseLost(gone.ID, "No budget"))
		s.closed[gone.Name] = d
		q.log.tell(d, fmt.Sprintf("%s closes %s at 08:25, between list and digest", q.names[address], gone.Name))
		return
	}
}
