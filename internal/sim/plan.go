package sim

import (
	"sort"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// event is something that happens at a time.
type event struct {
	at time.Time
	do func()
}

// diary holds the events that will happen.
type diary struct {
	clock *clock.Clock
	plan  []event // in order of time once run has begun
}

// at plans do for minute (of the day) on d, in local time of loc.
func (p *diary) at(d crm.Date, loc *time.Location, minute int, do func()) {
	y, m, day := d.Civil()
	p.plan = append(p.plan, event{time.Date(y, m, day, minute/60, minute%60, 0, 0, loc).UTC(), do})
}

// run lets all planned events up to and including until happen, in order of time.
func (p *diary) run(until time.Time) {
	for {
		sort.SliceStable(p.plan, func(i, j int) bool { return p.plan[i].at.Before(p.plan[j].at) })
		n := sort.Search(len(p.plan), func(i int) bool { return p.plan[i].at.After(until) })
		if n == 0 {
			p.clock.During(time.Time{})
			return
		}
		due := p.plan[:n:n]
		p.plan = p.plan[n:]
		for _, e := range due {
			p.clock.During(e.at)
			e.do()
		}
	}
}

// forget drops events that were planned for a time up to until. The company begins
// in the middle of its first day, so events of that morning must not happen.
func (p *diary) forget(until time.Time) {
	kept := p.plan[:0]
	for _, e := range p.plan {
		if e.at.After(until) {
			kept = append(kept, e)
		}
	}
	p.plan = kept
}

// move is a value that a field takes on a date.
type move[T any] struct {
	on crm.Date
	to T
}

// deal is the planned course of an opportunity, and later what the company
// remembers of the opportunity.
type deal struct {
	id      string
	name    string
	account string
	owner   *person
	renewal bool
	hub     bool // lives in HubSpot

	stages   []move[string]   // the first move is the creation
	closes   []move[crm.Date] // the first move belongs to the creation
	amount   move[float64]    // zero: never
	nextStep move[string]
	criteria move[string]
	buyer    move[string]
	forecast move[string]
	reason   string // of the loss
	contacts int
	touches  []crm.Date // calls, e-mails, meetings
	meeting  crm.Date   // booked for then
	robot    crm.Date   // an automatic list e-mail went out
	held     crm.Date   // its owner wants nothing asked until then

	problem problem
	story   bool // a named deal: only its plan changes the deal
}

// problem is what is wrong with a deal.
type problem string

const (
	inOrder       problem = ""
	pastClose     problem = "past-close"
	noStep        problem = "no-step"
	silent        problem = "silent"
	stuck         problem = "stuck"
	exitMissing   problem = "exit-missing"
	amountMissing problem = "amount-missing"
)

// schedule plans the course of d.
func (c *Company) schedule(d *deal) {
	c.names[d.name] = true
	loc := d.owner.zone
	c.at(d.stages[0].on, loc, 9*60+c.rng.IntN(30), func() { c.open(d) })
	set := func(on crm.Date, minute int, field string, value any) {
		c.at(on, loc, minute, func() { _ = c.setField(d.id, d.owner.id, field, value) })
	}
	for _, m := range d.closes[1:] {
		set(m.on, 11*60+c.rng.IntN(40), "CloseDate", m.to)
	}
	if d.amount.on > d.stages[0].on {
		set(d.amount.on, 10*60+c.rng.IntN(20), "Amount", d.amount.to)
	}
	if d.nextStep.to != "" {
		set(d.nextStep.on, 10*60+20+c.rng.IntN(10), "NextStep", d.nextStep.to)
	}
	if d.criteria.to != "" {
		set(d.criteria.on, 10*60+30+c.rng.IntN(10), "Decision_Criteria__c", d.criteria.to)
	}
	if d.buyer.to != "" {
		set(d.buyer.on, 10*60+40+c.rng.IntN(10), "Economic_Buyer__c", d.buyer.to)
	}
	for _, m := range d.stages[1:] {
		set(m.on, 15*60+c.rng.IntN(50), "StageName", m.to)
	}
	if d.reason != "" {
		set(d.stages[len(d.stages)-1].on, 16*60, "Loss_Reason__c", d.reason)
	}
	if d.forecast.to != "" {
		set(d.forecast.on, 16*60+20, "ForecastCategoryName", d.forecast.to)
	}
	for i, on := range d.touches {
		c.scheduleTouch(d, i, on)
	}
	if d.robot != 0 && !d.hub { // HubSpot keeps marketing e-mail elsewhere
		c.at(d.robot, loc, 7*60, func() {
			c.rec.AddTask(org.Task{WhatID: d.id, Subject: "List email: product news", Subtype: "ListEmail", Closed: true, Due: c.clock.Today(), By: c.rec.UserID(integrationMail)})
		})
	}
	if d.meeting != 0 {
		c.at(before(c.clock.Today(), 1), loc, 16*60+30, func() { c.book(d, d.meeting) })
	}
}

func (c *Company) scheduleTouch(d *deal, i int, on crm.Date) {
	kind := c.rng.IntN(10)
	if i == 0 {
		kind = 0 // the first contact is a call
	}
	c.at(on, d.owner.zone, 13*60+c.rng.IntN(100), func() { c.contact(d, kind) })
}

// open creates the deal in the CRM where it lives.
func (c *Company) open(d *deal) {
	c.desk(d).open(d)
	c.deals[d.id] = d
}

// contact logs a call, an e-mail or a meeting that has just happened.
func (c *Company) contact(d *deal, kind int) {
	if d.id == "" || c.view(d)["IsDeleted"] == true {
		return // the deal never opened, or was deleted
	}
	c.desk(d).contact(d, kind)
}

// book puts a meeting on a later date into the calendar.
func (c *Company) book(d *deal, on crm.Date) {
	if d.id == "" || c.view(d)["IsDeleted"] == true {
		return
	}
	c.desk(d).book(d, on)
}
