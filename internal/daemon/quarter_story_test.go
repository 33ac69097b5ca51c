package daemon_test

import (
	"fmt"
	"strings"

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
}

// The days of the story.
var (
	awayFrom     = crm.NewDate(2026, 10, 12)
	awayTo       = crm.NewDate(2026, 10, 23)
	thawDay      = crm.NewDate(2027, 1, 4)
	parkDay      = crm.NewDate(2026, 10, 14)
	wakeDay      = crm.NewDate(2026, 10, 26)
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
	away := d >= awayFrom && d <= awayTo && zone == "Europe/Berlin"
	if !away && d != thawDay {
		return
	}
	if s.urgent == nil {
		s.urgent = map[crm.Date]map[string]bool{}
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

// noon is what people do in the middle of a day.
func (s *story) noon(q *quarter, d crm.Date, zone string) {
	q.t.Helper()
	tell := func(format string, args ...any) { q.log.tell(d, fmt.Sprintf(format, args...)) }
	switch {
	case d == parkDay && zone == "America/New_York":
		if found := q.found("kim@acme.example"); len(found) > 0 {
			deal := &found[0].Opportunity
			s.parked, s.since, s.until = deal.Name, d, wakeDay
			s.must(q, q.company.Hold(deal.ID, "On hold: budget in November", wakeDay))
			tell("Kim parks %s by a task to %s: budget in November", s.parked, wakeDay.Short())
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
		if s.closed == nil {
			s.closed = map[string]crm.Date{}
		}
		s.closed[gone.Name] = d
		q.log.tell(d, fmt.Sprintf("%s closes %s at 08:25, between list and digest", nick(address), gone.Name))
		return
	}
}
