package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// Advance lets the company live until the time given and sets its clock to it:
// deals move, dates pass, reps call, book, fix and forget. The first working day
// after the beginning also holds what happens once: the named deals' stories,
// Dana Reyes' last day, a deletion, and a task that moves to another deal. The
// past cannot be lived again; a time before the present only sets the clock.
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
	rng := rand.New(rand.NewPCG(c.opt.Seed, uint64(d)))
	for _, deal := range c.living() {
		v := c.view(deal)
		if deal.story || v["IsClosed"] == true {
			continue
		}
		if owner := c.rec.Tables["User"].ByID[deal.owner.id]; owner.Values["IsActive"] != true {
			continue
		}
		if deal.problem != inOrder {
			if rng.IntN(100) < 16 {
				c.fix(d, deal, rng)
			}
			continue
		}
		c.tend(d, deal, v, rng)
	}
	for range max(1, c.opt.Deals/75) + rng.IntN(3) { // about as many as end
		c.newDeal(d, rng)
	}
}

// tend is what a careful rep does with a deal in order.
func (c *Company) tend(d crm.Date, deal *deal, v soql.Values, rng *rand.Rand) {
	minute := 9*60 + rng.IntN(480)
	do := func(f func()) { c.at(d, deal.owner.zone, minute, f) }
	set := func(field string, value any) {
		do(func() { _ = c.setField(deal.id, deal.owner.id, field, value) })
	}
	if rng.IntN(100) < 2 {
		deal.problem = silent // the rep stops caring; time does the rest
		return
	}
	stage, _ := v["StageName"].(string)
	since, ok := v["LastStageChangeDate"].(time.Time)
	if !ok {
		since, _ = v["CreatedDate"].(time.Time)
	}
	in := businessDays(crm.DateOf(since, deal.owner.zone), d)
	closes, _ := v["CloseDate"].(crm.Date)
	switch {
	case closes <= d+1 && stage == Negotiation:
		result := ClosedWon
		if rng.IntN(10) < 4 {
			result = ClosedLost
			set("Loss_Reason__c", lossReasons[rng.IntN(len(lossReasons))])
		}
		set("StageName", result)
		set("CloseDate", d)
		return
	case closes <= d+1:
		set("CloseDate", onBusinessDay(d+20+crm.Date(rng.IntN(20))))
	case in >= rest[stage]+2 || in >= 4 && rng.IntN(12) == 0:
		c.moveOn(d, v, stage, rng, set)
	}
	if c.silence(deal, d) >= 8 || rng.IntN(8) == 0 {
		kind := rng.IntN(10)
		do(func() { c.contact(deal, kind) })
	}
	if deal.meeting <= d { // one meeting ends with the next one in the calendar
		on := onBusinessDay(d + 2 + crm.Date(rng.IntN(9)))
		deal.meeting = on
		who, _ := buyerName(rng.IntN(200))
		set("NextStep", fmt.Sprintf(steps[rng.IntN(len(steps))], who))
		do(func() { c.book(deal, on) })
	}
}

// moveOn takes a deal to the next stage with what that stage asks for.
func (c *Company) moveOn(d crm.Date, v soql.Values, stage string, rng *rand.Rand, set func(string, any)) {
	who, last := buyerName(rng.IntN(200))
	for i, s := range openStages[:3] {
		if s != stage {
			continue
		}
		if v["Amount"] == nil {
			set("Amount", float64(4000+rng.IntN(60)*500))
		}
		if i >= 1 && v["Decision_Criteria__c"] == nil {
			set("Decision_Criteria__c", criteria[rng.IntN(len(criteria))])
		}
		if i >= 2 && v["Economic_Buyer__c"] == nil {
			set("Economic_Buyer__c", who+" "+last)
		}
		set("NextStep", fmt.Sprintf(steps[rng.IntN(len(steps))], who))
		set("StageName", openStages[i+1])
		return
	}
	// Nothing after Negotiation but the end.
	set("StageName", ClosedWon)
	set("CloseDate", d)
}

// fix does what the finding asked for.
func (c *Company) fix(d crm.Date, deal *deal, rng *rand.Rand) {
	minute := 9*60 + rng.IntN(420)
	who, last := buyerName(rng.IntN(200))
	kind := rng.IntN(5)
	problem := deal.problem
	push := onBusinessDay(d + 14 + crm.Date(rng.IntN(21)))
	lost := rng.IntN(3) == 0
	reason := lossReasons[rng.IntN(len(lossReasons))]
	step := fmt.Sprintf(steps[rng.IntN(len(steps))], who)
	c.at(d, deal.owner.zone, minute, func() {
		set := func(field string, value any) { _ = c.setField(deal.id, deal.owner.id, field, value) }
		switch problem {
		case pastClose, stuck:
			if lost {
				set("Loss_Reason__c", reason)
				set("StageName", ClosedLost)
				set("CloseDate", d)
				break
			}
			if problem == pastClose {
				set("CloseDate", push)
				break
			}
			c.stepOn(c.view(deal), set, who+" "+last)
		case noStep:
			set("NextStep", step)
		case silent:
			c.contact(deal, kind)
		case exitMissing:
			set("Decision_Criteria__c", criteria[kind])
			set("Economic_Buyer__c", who+" "+last)
		case amountMissing:
			set("Amount", float64(8000+kind*1500))
		}
		deal.problem = inOrder
	})
}

// stepOn moves a stuck deal one stage further, exit criteria filled.
func (c *Company) stepOn(v soql.Values, set func(string, any), buyer string) {
	for i, s := range openStages[:3] {
		if s == v["StageName"] {
			set("Decision_Criteria__c", criteria[0])
			set("Economic_Buyer__c", buyer)
			if v["Amount"] == nil {
				set("Amount", 9000.0)
			}
			set("NextStep", "Contract to "+buyer)
			set("StageName", openStages[i+1])
			return
		}
	}
	set("StageName", ClosedWon)
	set("CloseDate", c.clock.Today())
}

// newDeal lets a rep open a deal.
func (c *Company) newDeal(d crm.Date, rng *rand.Rand) {
	reps := append(c.reps("West"), c.reps("East")...)
	n := 5000 + c.rec.Serials["Opportunity"] + len(c.plan)
	deal := &deal{owner: reps[rng.IntN(len(reps))], contacts: 1}
	deal.account, deal.name = projectName(n, false)
	deal.hub = c.opt.HubSpot && deal.owner.inHubSpot(n)
	deal.stages = []move[string]{{d, Prospecting}}
	deal.closes = []move[crm.Date]{{d, onBusinessDay(d + 50 + crm.Date(rng.IntN(40)))}}
	c.at(d, deal.owner.zone, 9*60+rng.IntN(400), func() { c.open(deal) })
	c.at(d, deal.owner.zone, 16*60+50, func() { c.contact(deal, 0) })
}

// firstDay plans what happens once: a duplicate is deleted, a call that was
// logged on the wrong deal moves to the right one.
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
