package salesforce

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// activity takes a row of Task or Event. An increment also gives rows that do not
// count as activities; such a row is told as deleted, because it may have counted
// before.
func (c *reading) activity(r *row.Row) {
	switch {
	case r.Flag("IsRecurrence"), r.Flag("IsChild"):
		c.page.Deleted = append(c.page.Deleted, r.Text("Id"))
	case c.part.object == "Task":
		c.page.Activities = append(c.page.Activities, c.task(r))
	default:
		c.page.Activities = append(c.page.Activities, c.event(r))
	}
}

// task normalises a row of Task.
func (c *reading) task(r *row.Row) crm.Activity {
	a := c.common(r)
	a.Kind = crm.Task
	a.Due = r.Date("ActivityDate")
	a.Done = r.Flag("IsClosed")
	a.Outcome = r.Text("CallDisposition")
	a.Subtype = crm.Clip(r.Text("TaskSubtype"))
	switch kind, subtype := r.Text("Type"), r.Text("TaskSubtype"); {
	case kind == "Call" || subtype == "Call":
		a.Kind = crm.Call
	case kind == "Email" || subtype == "Email" || subtype == "ListEmail":
		a.Kind = crm.Email
	}
	switch r.Text("CallType") {
	case "Inbound":
		a.Direction = crm.In
	case "Outbound":
		a.Direction = crm.Out
	}
	a.At = r.Time("CompletedDateTime")
	if a.At.IsZero() && a.Due.IsZero() && a.Done {
		a.At = a.CreatedAt // a task from before Salesforce noted completion was logged when it was done
	}
	return a
}

// event normalises a row of Event. Salesforce does not say whether a meeting took
// place, so a meeting counts as done when it has ended by the time of the page. An
// all-day event has a date and no time: Salesforce writes it as midnight UTC. It counts
// as done when its date has begun in UTC; a calendar decides when it is over.
func (c *reading) event(r *row.Row) crm.Activity {
	a := c.common(r)
	a.Kind = crm.Meeting
	if a.At = r.Time("StartDateTime"); a.At.IsZero() {
		a.At = r.Time("ActivityDateTime")
	}
	end := r.Time("EndDateTime")
	if end.IsZero() {
		end = a.At
	}
	if a.At.IsZero() || r.Flag("IsAllDayEvent") {
		if a.Due = r.Date("ActivityDate"); a.Due.IsZero() {
			a.Due = crm.DateOf(a.At, time.UTC)
		}
		a.At = time.Time{}
		if end.IsZero() && !a.Due.IsZero() {
			end = a.Due.In(time.UTC)
		}
	}
	a.Done = !end.IsZero() && end.Before(c.page.AsOf)
	return a
}

// common normalises the fields that tasks and events share. The owner may be a queue
// instead of a user.
func (c *reading) common(r *row.Row) crm.Activity {
	a := crm.Activity{
		ID:        r.Text("Id"),
		OwnerID:   r.Text("OwnerId"),
		CreatedAt: r.Time("CreatedDate"),
		Automated: c.machines.Made(r, c.login),
		Subject:   crm.Clip(r.Text("Subject")),
		Origin:    crm.Origin{By: r.Text("CreatedById")},
	}
	if what := r.Text("WhatId"); isOpportunity(what) {
		a.OpportunityIDs = []string{what}
	}
	return a
}
