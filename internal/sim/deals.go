package sim

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/pipetidy/pipetidy/crm"
)

// openStages is the order of the open stages.
var openStages = []string{Prospecting, Discovery, Proposal, Negotiation}

// rest is how many business days a deal in order has been in its stage at most;
// beyond is how many the rules allow, by default or by the demo's configuration.
var (
	rest   = map[string]int{Prospecting: 14, Discovery: 15, Proposal: 10, Negotiation: 10}
	beyond = map[string]int{Prospecting: 21, Discovery: 21, Proposal: 14, Negotiation: 14}
)

// inventor invents deals.
type inventor struct {
	rng     *rand.Rand
	today   crm.Date
	hubSpot bool

	roleless int // percent
}

// seedDeals plans the past (and a little of the future) of all deals. Of the open
// deals 212 in 300 are team West's, and about four in five are in order.
func (c *Company) seedDeals() {
	west, east := c.reps("West"), c.reps("East")
	c.stories(west)
	inv := &inventor{c.rng, c.clock.Today(), c.opt.HubSpot, c.opt.Roleless}
	open := c.opt.Deals
	others := max(open-len(c.storied), 0) // all named deals are West's
	n, eastern := 0, open*88/300
	for i := range others {
		team := west
		if i*eastern%others < eastern {
			team = east
		}
		c.schedule(inv.openDeal(n, team[c.rng.IntN(len(team))]))
		n++
	}
	for range open * 2 / 3 {
		team := west
		if c.rng.IntN(10) < 3 {
			team = east
		}
		c.schedule(inv.closedDeal(n, team[c.rng.IntN(len(team))]))
		n++
	}
}

// openDeal invents the n-th deal, open today.
func (inv *inventor) openDeal(n int, owner *person) *deal {
	d := &deal{owner: owner, renewal: inv.rng.IntN(5) == 0, hub: inv.hubSpot && owner.inHubSpot(n)}
	d.account, d.name = projectName(n, d.renewal)
	stage := [10]int{0, 0, 1, 1, 1, 2, 2, 2, 3, 3}[inv.rng.IntN(10)]
	if inv.rng.IntN(100) < 21 {
		d.problem, stage = inv.pickProblem(stage)
	}
	in := 1 + inv.rng.IntN(rest[openStages[stage]])
	if d.problem == stuck {
		in = beyond[openStages[stage]] + 1 + inv.rng.IntN(beyond[openStages[stage]])
	}
	entered := make([]crm.Date, stage+1)
	entered[stage] = before(inv.today, in)
	for i := stage - 1; i >= 0; i-- {
		entered[i] = before(entered[i+1], 3+inv.rng.IntN(12))
	}
	if d.problem == pastClose { // old enough to have been pushed before
		entered[0] = before(entered[0], 20+inv.rng.IntN(20))
	}
	inv.fill(d, stage, entered)
	if d.problem == silent && n%2 == 0 {
		d.contacts = 0 // the account's contact left, so the deal has no contact role
	}
	if n*37%100 < inv.roleless {
		d.contacts = 0
	}
	return d
}

// pickProblem chooses what is wrong with a deal, and a stage in which a rule finds
// that problem.
func (inv *inventor) pickProblem(stage int) (problem, int) {
	switch k := inv.rng.IntN(100); {
	case k < 26:
		return pastClose, max(stage, 2)
	case k < 46:
		return noStep, max(stage, 1)
	case k < 66:
		return silent, stage
	case k < 80:
		return stuck, stage
	case k < 92:
		return exitMissing, max(stage, 2)
	}
	return amountMissing, max(stage, 1)
}

// fill invents everything but the stages of an open deal.
func (inv *inventor) fill(d *deal, stage int, entered []crm.Date) {
	today := inv.today
	for i, on := range entered {
		d.stages = append(d.stages, move[string]{on, openStages[i]})
	}
	inv.fillClose(d, stage, entered[0])
	if d.problem != amountMissing && (stage > 0 || inv.rng.IntN(2) == 0) {
		d.amount = move[float64]{entered[min(1, stage)], inv.price()}
	}
	if d.problem != noStep && (stage > 0 || inv.rng.IntN(3) > 0) {
		who, _ := buyerName(inv.rng.IntN(200))
		written := max(entered[stage], before(today, 1+inv.rng.IntN(7))) // recent, so the next step is not an old one
		d.nextStep = move[string]{written, fmt.Sprintf(steps[inv.rng.IntN(len(steps))], who)}
	} else if stage > 0 && inv.rng.IntN(3) == 0 {
		d.nextStep = move[string]{entered[stage], "  "} // blanks are no next step
	}
	if stage >= 2 && !(d.problem == exitMissing && stage == 2) || stage == 1 && inv.rng.IntN(2) == 0 {
		d.criteria = move[string]{entered[1], criteria[inv.rng.IntN(len(criteria))]}
	}
	if stage == 3 && d.problem != exitMissing || stage == 2 && inv.rng.IntN(2) == 0 {
		first, last := buyerName(inv.rng.IntN(200))
		d.buyer = move[string]{entered[2], first + " " + last}
	}
	d.contacts = 1 + inv.rng.IntN(3)
	last := before(today, 1+inv.rng.IntN(8))
	if d.problem == silent {
		last = before(today, 16+inv.rng.IntN(22))
	}
	for on := max(last, entered[0]); on >= entered[0] && len(d.touches) < 8; on = before(on, 4+inv.rng.IntN(6)) {
		d.touches = append(d.touches, on)
	}
	if d.problem == silent && last < entered[0] {
		// Nobody has called since the deal was created, so the deal becomes old enough.
		d.stages[0].on = min(d.stages[0].on, last)
		d.touches = []crm.Date{last}
	}
	// Most deals in order have their next meeting booked.
	if d.problem != noStep && d.problem != silent {
		if roll := inv.rng.IntN(24); roll < 8 || stage > 0 && roll < 23 {
			d.meeting = onBusinessDay(today + 1 + crm.Date(inv.rng.IntN(12)))
		}
	}
	if inv.rng.IntN(12) == 0 {
		d.robot = before(today, 1+inv.rng.IntN(5))
		d.robot = max(d.robot, d.stages[0].on+1)
		d.robot = min(d.robot, before(today, 1))
		if d.robot <= d.stages[0].on {
			d.robot = 0
		}
	}
}

// fillClose invents the close date and its moves.
func (inv *inventor) fillClose(d *deal, stage int, created crm.Date) {
	today := inv.today
	soon := []int{45, 28, 14, 6}[stage]
	final := onBusinessDay(today + crm.Date(soon+inv.rng.IntN(soon*2)))
	pushes := 0
	if inv.rng.IntN(4) == 0 {
		pushes = 1
	}
	if d.problem == pastClose {
		final = before(today, 2+inv.rng.IntN(14))
		pushes = 1 + inv.rng.IntN(2)
	}
	dates := []crm.Date{final}
	on := []crm.Date{}
	for range pushes {
		earlier := dates[0] - crm.Date(18+inv.rng.IntN(20))
		moved := min(before(earlier, 1), before(today, 2))
		if moved <= created {
			break
		}
		dates = append([]crm.Date{earlier}, dates...)
		on = append([]crm.Date{moved}, on...)
	}
	d.closes = []move[crm.Date]{{created, dates[0]}}
	for i := range on {
		d.closes = append(d.closes, move[crm.Date]{on[i], dates[i+1]})
	}
}

// closedDeal invents the n-th deal, won or lost in the last 15 months.
func (inv *inventor) closedDeal(n int, owner *person) *deal {
	d := &deal{owner: owner, renewal: inv.rng.IntN(5) == 0, contacts: 1 + inv.rng.IntN(3), hub: inv.hubSpot && owner.inHubSpot(n)}
	d.account, d.name = projectName(n, d.renewal)
	won := inv.rng.IntN(10) < 4
	reached := 3
	if !won {
		reached = inv.rng.IntN(4)
	}
	end := before(inv.today, 2+inv.rng.IntN(310))
	entered := make([]crm.Date, reached+1)
	next := end
	for i := reached; i >= 0; i-- {
		entered[i] = before(next, 2+inv.rng.IntN(18))
		next = entered[i]
	}
	for i, on := range entered {
		d.stages = append(d.stages, move[string]{on, openStages[i]})
	}
	d.amount = move[float64]{entered[0], inv.price()}
	d.closes = []move[crm.Date]{{entered[0], end - crm.Date(inv.rng.IntN(25))}, {end, end}}
	who, last := buyerName(inv.rng.IntN(200))
	d.nextStep = move[string]{entered[reached], fmt.Sprintf(steps[inv.rng.IntN(len(steps))], who)}
	d.criteria = move[string]{entered[min(1, reached)], criteria[inv.rng.IntN(len(criteria))]}
	if reached == 3 {
		d.buyer = move[string]{entered[2], who + " " + last}
	}
	result := ClosedWon
	if !won {
		result, d.reason = ClosedLost, lossReasons[inv.rng.IntN(len(lossReasons))]
	}
	d.stages = append(d.stages, move[string]{end, result})
	for on := entered[0]; on < end && len(d.touches) < 8; on = onBusinessDay(on + 4 + crm.Date(inv.rng.IntN(9))) {
		d.touches = append(d.touches, on)
	}
	return d
}

// price invents an amount: many are small, few are large.
func (inv *inventor) price() float64 {
	return math.Round(math.Exp(8.6+inv.rng.Float64()*3.3)/500) * 500
}
