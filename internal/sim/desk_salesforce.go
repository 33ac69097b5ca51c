package sim

import (
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// desk is a CRM as a rep works in it.
type desk interface {
	// open creates the deal, which gets its id.
	open(d *deal)
	// contact logs a call, an e-mail or a meeting that has just happened.
	contact(d *deal, kind int)
	// book puts a meeting on a later date into the calendar.
	book(d *deal, on crm.Date)
	// view is the deal as its rep sees it, under Salesforce's field names; nil is
	// no such deal.
	view(d *deal) values
}

// desk is where the deal lives.
func (c *Company) desk(d *deal) desk {
	if d.hub {
		return partnerDesk{c.portal, c.roster}
	}
	return salesDesk{c.rec}
}

func (c *Company) view(d *deal) values { return c.desk(d).view(d) }

// salesDesk is Salesforce.
type salesDesk struct{ rec *orgRecords }

// open creates the opportunity.
func (s salesDesk) open(d *deal) {
	first := d.stages[0]
	account := s.rec.account(d.account, d.owner.id)
	recordType := "New_Business"
	if d.renewal {
		recordType = "Renewal"
	}
	v := values{"Name": d.name, "AccountId": account, "OwnerId": d.owner.id, "StageName": first.to, "CloseDate": d.closes[0].to,
		"RecordTypeId": s.rec.recordType(recordType), "PushCount": 0, "Type": "New Customer", "LeadSource": "Web"}
	if d.renewal {
		v["Type"], v["LeadSource"] = "Existing Customer", "Renewal"
	}
	if d.amount.on != 0 && d.amount.on <= first.on {
		v["Amount"] = d.amount.to
	}
	stage, _ := s.rec.stageValues(first.to)
	maps.Copy(v, stage)
	r := s.rec.create("Opportunity", d.owner.id, v)
	d.id = r.id
	s.rec.history(r, d.owner.id, "", nil)
	for i := range d.contacts {
		who := s.rec.contactAt(account, d.owner.id, i)
		s.rec.create("OpportunityContactRole", d.owner.id, values{"OpportunityId": d.id, "ContactId": who,
			"Role": []string{"Decision Maker", "Evaluator", "Executive Sponsor"}[i%3], "IsPrimary": i == 0})
		if i == 0 {
			r.v["ContactId"] = who
		}
	}
}

// contact logs a call, an e-mail or a meeting that has just happened.
func (s salesDesk) contact(d *deal, kind int) {
	today := crm.DateOf(s.rec.Present(), d.owner.zone)
	who := s.primaryContact(d)
	switch {
	case kind < 5:
		dir := "Outbound"
		if kind == 4 {
			dir = "Inbound"
		}
		s.rec.addTask(Task{WhatID: d.id, WhoID: who, Subject: "Call", Subtype: "Call", CallType: dir, Disposition: "Connected", Minutes: 5 + kind*4, Closed: true, Due: today})
	case kind < 8:
		s.rec.addTask(Task{WhatID: d.id, WhoID: who, Subject: "Email: following up", Subtype: "Email", Closed: true, Due: today})
	default:
		begin := s.rec.Present().Add(-45 * time.Minute)
		id := s.rec.addEvent(Event{WhatID: d.id, WhoID: who, Subject: "Working session", Begin: begin, Minutes: 45})
		if kind == 9 { // a group meeting: an extra row for the invited manager
			_, r, _ := s.rec.record(id)
			r.v["IsGroupEvent"] = true
			if boss := s.rec.userID(d.owner.manager()); boss != "" {
				child := s.rec.addEvent(Event{WhatID: d.id, WhoID: who, Subject: "Working session", Begin: begin, Minutes: 45, OwnerID: boss, By: d.owner.id, Child: true})
				_, r, _ = s.rec.record(child)
				r.v["IsGroupEvent"] = true
			}
		}
	}
}

// book puts a meeting on a later date into the calendar.
func (s salesDesk) book(d *deal, on crm.Date) {
	y, m, day := on.Civil()
	s.rec.addEvent(Event{WhatID: d.id, WhoID: s.primaryContact(d), Subject: "Meeting", Begin: time.Date(y, m, day, 13, 0, 0, 0, d.owner.zone)})
}

func (s salesDesk) primaryContact(d *deal) string {
	who, _ := s.view(d)["ContactId"].(string)
	return who
}

func (s salesDesk) view(d *deal) values {
	if r := s.rec.tables["Opportunity"].byID[d.id]; r != nil {
		return r.v
	}
	return nil
}
