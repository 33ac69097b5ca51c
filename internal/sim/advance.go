package sim

import (
	"math/rand/v2"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// Advance lets the company live until the time given and sets its clock to it:
// deals move, dates pass, reps call, book, fix and forget. The first working day
// after the beginning also holds the events that happen once: the named deals'
// stories, Dana Reyes' last day, a deletion, and a task that moves to another deal.
// A time before the present only sets the clock: nothing happens twice.
func (c *Company) Advance(to time.Time) {
	c.clock.Lock()
	defer c.clock.Unlock()
	to = to.UTC().Truncate(time.Second)
	first := crm.DateOf(c.opt.Start, c.clock.Zone())
	for d := crm.DateOf(c.lived, c.clock.Zone()); d <= crm.DateOf(to, c.clock.Zone()); d++ {
		if !business(d) || d < c.planned+1 {
			continue
		}
		c.planned = d
		// 04:00 Eastern: after the day before has ended everywhere, before
		// anybody works.
		y, m, day := d.Civil()
		dawn := time.Date(y, m, day, 4, 0, 0, 0, c.clock.Zone())
		if dawn.After(to) {
			c.planned = d - 1
			break
		}
		c.run(dawn)
		c.clock.During(dawn)
		c.day(d)
		if d == onBusinessDay(first) {
			c.firstDay(d)
		}
		c.clock.During(time.Time{})
		c.forget(c.lived)
	}
	c.run(to)
	if to.After(c.lived) {
		c.lived = to
	}
	c.clock.Set(to)
}

// day plans one working day of all reps.
func (c *Company) day(d crm.Date) {
	s := shift{c, d, rand.New(rand.NewPCG(c.opt.Seed, uint64(d)))}
	for _, deal := range c.living() {
		v := c.view(deal)
		if deal.story || v["IsClosed"] == true {
			continue
		}
		if owner := c.rec.Tables["User"].ByID[deal.owner.id]; owner.Values["IsActive"] != true {
			continue
		}
		if deal.problem != inOrder {
			if s.rng.IntN(100) < 16 {
				s.fix(deal)
			}
			continue
		}
		s.tend(deal, v)
	}
	for range max(1, c.opt.Deals/75) + s.rng.IntN(3) { // about as many new deals as deals that close
		s.newDeal()
	}
}

// firstDay plans what happens once: a duplicate is deleted, and a call that was
// logged on the wrong deal moves to the right deal.
func (c *Company) firstDay(d crm.Date) {
	var mine []*org.Row
	for _, r := range c.rec.Tables["Opportunity"].Rows {
		if x := c.deals[r.ID]; x != nil && !x.story && x.problem == inOrder && r.Values["IsClosed"] != true && r.Values["StageName"] == Prospecting {
			mine = append(mine, r)
		}
	}
	if len(mine) < 3 {
		return
	}
	c.partnersFirstDay(d)
	gone := mine[0]
	c.at(d, c.clock.Zone(), 12*60, func() { c.rec.Bin(org.Objects["Opportunity"], gone, true) })
	from, to := mine[1], mine[2]
	for _, a := range c.rec.ByWhat[from.ID] {
		if a.Values["Status"] != nil {
			c.at(d, c.clock.Zone(), 12*60+30, func() { _ = c.rec.MoveActivity(a.ID, to.ID) })
			return
		}
	}
}

// silence is the number of business days since somebody spoke to the buyer.
func (c *Company) silence(deal *deal, d crm.Date) int {
	v := c.view(deal)
	if v == nil {
		return 0
	}
	last, ok := v["LastActivityDate"].(crm.Date)
	if !ok {
		created, _ := v["CreatedDate"].(time.Time)
		last = crm.DateOf(created, deal.owner.zone)
	}
	return businessDays(last, d)
}
