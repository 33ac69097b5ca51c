package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// shift is one working day of all reps.
type shift struct {
	c   *Company
	on  crm.Date
	rng *rand.Rand
}

// tend plans what a careful rep does with a deal in order.
func (s shift) tend(deal *deal, v soql.Values) {
	minute := 9*60 + s.rng.IntN(480)
	do := func(f func()) { s.c.at(s.on, deal.owner.zone, minute, f) }
	set := func(field string, value any) {
		do(func() {
			if field == "StageName" && s.c.view(deal)["IsClosed"] == true {
				return // somebody closed the deal since the morning
			}
			_ = s.c.setField(deal.id, deal.owner.id, field, value)
		})
	}
	if s.rng.IntN(100) < 2 {
		deal.problem = silent // the rep stops caring; time does the rest
		return
	}
	stage, _ := v["StageName"].(string)
	since, ok := v["LastStageChangeDate"].(time.Time)
	if !ok {
		since, _ = v["CreatedDate"].(time.Time)
	}
	in := businessDays(crm.DateOf(since, deal.owner.zone), s.on)
	closes, _ := v["CloseDate"].(crm.Date)
	switch {
	case closes <= s.on+1 && stage == Negotiation:
		result := ClosedWon
		if s.rng.IntN(10) < 4 {
			result = ClosedLost
			set("Loss_Reason__c", lossReasons[s.rng.IntN(len(lossReasons))])
		}
		set("StageName", result)
		set("CloseDate", s.on)
		return
	case closes <= s.on+1:
		set("CloseDate", onBusinessDay(s.on+20+crm.Date(s.rng.IntN(20))))
	case in >= rest[stage]+2 || in >= 4 && s.rng.IntN(12) == 0:
		s.moveOn(v, stage, set)
	}
	if s.c.silence(deal, s.on) >= 8 || s.rng.IntN(8) == 0 {
		kind := s.rng.IntN(10)
		do(func() { s.c.contact(deal, kind) })
	}
	if deal.meeting <= s.on { // after a meeting the rep books the next meeting
		on := onBusinessDay(s.on + 2 + crm.Date(s.rng.IntN(9)))
		deal.meeting = on
		who, _ := buyerName(s.rng.IntN(200))
		set("NextStep", fmt.Sprintf(steps[s.rng.IntN(len(steps))], who))
		do(func() { s.c.book(deal, on) })
	}
}

// moveOn moves a deal to the next stage and fills the fields that the stage requires.
func (s shift) moveOn(v soql.Values, stage string, set func(string, any)) {
	who, last := buyerName(s.rng.IntN(200))
	for i, name := range openStages[:3] {
		if name != stage {
			continue
		}
		if v["Amount"] == nil {
			set("Amount", float64(4000+s.rng.IntN(60)*500))
		}
		if i >= 1 && v["Decision_Criteria__c"] == nil {
			set("Decision_Criteria__c", criteria[s.rng.IntN(len(criteria))])
		}
		if i >= 2 && v["Economic_Buyer__c"] == nil {
			set("Economic_Buyer__c", who+" "+last)
		}
		set("NextStep", fmt.Sprintf(steps[s.rng.IntN(len(steps))], who))
		set("StageName", openStages[i+1])
		return
	}
	// Negotiation is the last open stage, so the deal is won.
	set("StageName", ClosedWon)
	set("CloseDate", s.on)
}

// fix corrects the problem of a deal.
func (s shift) fix(deal *deal) {
	minute := 9*60 + s.rng.IntN(420)
	who, last := buyerName(s.rng.IntN(200))
	kind := s.rng.IntN(5)
	problem := deal.problem
	push := onBusinessDay(s.on + 14 + crm.Date(s.rng.IntN(21)))
	lost := s.rng.IntN(3) == 0
	reason := lossReasons[s.rng.IntN(len(lossReasons))]
	step := fmt.Sprintf(steps[s.rng.IntN(len(steps))], who)
	s.c.at(s.on, deal.owner.zone, minute, func() {
		set := func(field string, value any) { _ = s.c.setField(deal.id, deal.owner.id, field, value) }
		switch problem {
		case pastClose, stuck:
			if lost {
				set("Loss_Reason__c", reason)
				set("StageName", ClosedLost)
				set("CloseDate", s.on)
				break
			}
			if problem == pastClose {
				set("CloseDate", push)
				break
			}
			s.stepOn(s.c.view(deal), set, who+" "+last)
		case noStep:
			set("NextStep", step)
		case silent:
			s.c.contact(deal, kind)
		case exitMissing:
			set("Decision_Criteria__c", criteria[kind])
			set("Economic_Buyer__c", who+" "+last)
		case amountMissing:
			set("Amount", float64(8000+kind*1500))
		}
		deal.problem = inOrder
	})
}

// stepOn moves a stuck deal one stage further and fills its exit criteria.
func (s shift) stepOn(v soql.Values, set func(string, any), buyer string) {
	for i, name := range openStages[:3] {
		if name == v["StageName"] {
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
	set("CloseDate", s.c.clock.Today())
}

// newDeal lets a rep open a deal.
func (s shift) newDeal() {
	reps := append(s.c.reps("West"), s.c.reps("East")...)
	n := 5000 + s.c.rec.Serials["Opportunity"] + len(s.c.plan)
	deal := &deal{owner: reps[s.rng.IntN(len(reps))], contacts: 1}
	deal.account, deal.name = projectName(n, false)
	for s.c.names[deal.name] {
		n++
		deal.account, deal.name = projectName(n, false)
	}
	s.c.names[deal.name] = true
	deal.hub = s.c.opt.HubSpot && deal.owner.inHubSpot(n)
	deal.stages = []move[string]{{s.on, Prospecting}}
	deal.closes = []move[crm.Date]{{s.on, onBusinessDay(s.on + 50 + crm.Date(s.rng.IntN(40)))}}
	s.c.at(s.on, deal.owner.zone, 9*60+s.rng.IntN(400), func() { s.c.open(deal) })
	s.c.at(s.on, deal.owner.zone, 16*60+50, func() { s.c.contact(deal, 0) })
}
