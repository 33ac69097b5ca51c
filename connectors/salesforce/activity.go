package salesforce

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// activity keeps what counts as an activity. In an increment the others
// come along, because one that counted may no longer do.
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
	if a.At.IsZero() && !a.Due.IsZero() {
		a.At = a.Due.In(time.UTC)
	}
	if a.At.IsZero() && a.Done {
		a.At = a.CreatedAt // logged when it was done, before Salesforce noted completion
	}
	return a
}

// event normalises a row of Event. Salesforce does not say whether a meeting
// took place; one that has ended by the time of the page counts as done.
func (c *reading) event(r *row.Row) crm.Activity {
	a := c.common(r)
	a.Kind = crm.Meeting
	if a.At = r.Time("StartDateTime"); a.At.IsZero() {
		if a.At = r.Time("ActivityDateTime"); a.At.IsZero() {
			a.At = r.Time("ActivityDate")
		}
	}
	end := r.Time("EndDateTime")
	if end.IsZero() {
		end = a.At
	}
	a.Done = !end.IsZero() && end.Before(c.page.AsOf)
	return a
}

// common reads what tasks and events have in common. The owner may be a queue,
// which is nobody.
func (c *reading) common(r *row.Row) crm.Activity {
	a := crm.Activity{
		ID:        r.Text("Id"),
		OwnerID:   r.Text("OwnerId"),
		CreatedAt: r.Time("CreatedDate"),
		Automated: c.machines.Made(r, c.login),
	}
	if what := r.Text("WhatId"); isOpportunity(what) {
		a.OpportunityIDs = []string{what}
	}
	return a
}
