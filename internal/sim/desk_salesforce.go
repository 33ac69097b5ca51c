package sim

import (
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// desk is a CRM as a rep works in it.
type desk interface {
	// open creates the deal and gives d its id.
	open(d *deal)
	// contact logs a call, an e-mail or a meeting that has just happened.
	contact(d *deal, kind int)
	// book puts a meeting on a later date into the calendar.
	book(d *deal, on crm.Date)
	// view returns the deal's values as its rep sees the deal, under Salesforce's
	// field names; nil is no such deal.
	view(d *deal) soql.Values
}

// desk returns the CRM in which the deal lives.
func (c *Company) desk(d *deal) desk {
	if d.hub {
		return partnerDesk{c.portal, c.roster}
	}
	return salesDesk{c.rec}
}

func (c *Company) view(d *deal) soql.Values { return c.desk(d).view(d) }

// salesDesk is Salesforce as a rep works in it.
type salesDesk struct{ rec *org.Records }

// open creates the opportunity.
func (s salesDesk) open(d *deal) {
	first := d.stages[0]
	account := s.rec.Account(d.account, d.owner.id)
	recordType := "New_Business"
	if d.renewal {
		recordType = "Renewal"
	}
	v := soql.Values{"Name": d.name, "AccountId": account, "OwnerId": d.owner.id, "StageName": first.to, "CloseDate": d.closes[0].to,
		"RecordTypeId": s.rec.RecordType(recordType), "PushCount": 0, "Type": "New Customer", "LeadSource": "Web"}
	if d.renewal {
		v["Type"], v["LeadSource"] = "Existing Customer", "Renewal"
	}
	if d.amount.on != 0 && d.amount.on <= first.on {
		v["Amount"] = d.amount.to
	}
	stage, _ := s.rec.StageValues(first.to)
	maps.Copy(v, stage)
	r := s.rec.Create("Opportunity", d.owner.id, v)
	d.id = r.ID
	s.rec.History(r, d.owner.id, "", nil)
	for i := range d.contacts {
		s.introduce(d, i)
	}
}

// introduce links the n-th person of the account to the deal.
func (s salesDesk) introduce(d *deal, n int) {
	r := s.rec.Tables["Opportunity"].ByID[d.id]
	account, _ := r.Values["AccountId"].(string)
	who := s.rec.ContactAt(account, d.owner.id, n)
	s.rec.Create("OpportunityContactRole", d.owner.id, soql.Values{"OpportunityId": d.id, "ContactId": who,
		"Role": []string{"Decision Maker", "Evaluator", "Executive Sponsor"}[n%3], "IsPrimary": n == 0})
	if n == 0 {
		r.Values["ContactId"] = who
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
		s.rec.AddTask(org.Task{WhatID: d.id, WhoID: who, Subject: "Call", Subtype: "Call", CallType: dir, Disposition: "Connected", Minutes: 5 + kind*4, Closed: true, Due: today})
	case kind < 8:
		s.rec.AddTask(org.Task{WhatID: d.id, WhoID: who, Subject: "Email: following up", Subtype: "Email", Closed: true, Due: today})
	default:
		begin := s.rec.Present().Add(-45 * time.Minute)
		id := s.rec.AddEvent(org.Event{WhatID: d.id, WhoID: who, Subject: "Working session", Begin: begin, Minutes: 45})
		if kind == 9 { // a group meeting: an extra row for the invited manager
			_, r, _ := s.rec.Lookup(id)
			r.Values["IsGroupEvent"] = true
			if boss := s.rec.UserID(d.owner.manager()); boss != "" {
				child := s.rec.AddEvent(org.Event{WhatID: d.id, WhoID: who, Subject: "Working session", Begin: begin, Minutes: 45, OwnerID: boss, By: d.owner.id, Child: true})
				_, r, _ = s.rec.Lookup(child)
				r.Values["IsGroupEvent"] = true
			}
		}
	}
}

// book puts a meeting on a later date into the calendar.
func (s salesDesk) book(d *deal, on crm.Date) {
	y, m, day := on.Civil()
	s.rec.AddEvent(org.Event{WhatID: d.id, WhoID: s.primaryContact(d), Subject: "Meeting", Begin: time.Date(y, m, day, 13, 0, 0, 0, d.owner.zone)})
}

func (s salesDesk) primaryContact(d *deal) string {
	who, _ := s.view(d)["ContactId"].(string)
	return who
}

func (s salesDesk) view(d *deal) soql.Values {
	if r := s.rec.Tables["Opportunity"].ByID[d.id]; r != nil {
		return r.Values
	}
	return nil
}
