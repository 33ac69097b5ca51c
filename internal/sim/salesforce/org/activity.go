package org

import (
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// Task is a task, call or e-mail to log; see [Org.AddTask].
type Task struct {
	WhatID, OwnerID, WhoID string
	Subject                string
	Due                    crm.Date
	Closed                 bool   // Status Completed, else Not Started
	Subtype                string // Task, Call, Email, ListEmail; "" is Task
	CallType               string // Inbound, Outbound
	Disposition            string
	Minutes                int    // length of a call
	By                     string // id of the user who logged the task; "" is the owner
}

// Event is a meeting; see [Org.AddEvent].
type Event struct {
	WhatID, OwnerID, WhoID string
	Subject                string
	Begin                  time.Time
	Minutes                int  // 0 is 30
	AllDay                 bool // on the date of Begin: the org writes midnight in UTC, whatever its zone
	Child                  bool
	Invitees               []string // user ids; each invitee gets a child copy of the event
	By                     string
}

// AddTask logs t and returns its id.
func (rec *Records) AddTask(t Task) string {
	if t.OwnerID == "" {
		t.OwnerID = rec.ownerOf(t.WhatID)
	}
	if t.By == "" {
		t.By = t.OwnerID
	}
	if t.Subtype == "" {
		t.Subtype = "Task"
	}
	v := soql.Values{"OwnerId": t.OwnerID, "Priority": "Normal", "Status": "Not Started", "TaskSubtype": t.Subtype}
	v.PutText("Subject", t.Subject)
	v.PutText("WhatId", t.WhatID)
	v.PutText("WhoId", t.WhoID)
	v.PutText("CallType", t.CallType)
	v.PutText("CallDisposition", t.Disposition)
	if t.Minutes > 0 {
		v["CallDurationInSeconds"] = t.Minutes * 60
	}
	if !t.Due.IsZero() {
		v["ActivityDate"] = t.Due
	}
	if t.Subtype == "Call" || t.Subtype == "Email" {
		v["Type"] = t.Subtype
	}
	if t.Closed {
		v["Status"], v["IsClosed"], v["CompletedDateTime"] = "Completed", true, rec.Second()
	}
	return rec.addActivity("Task", t.By, v)
}

// AddEvent books or logs e and returns its id.
func (rec *Records) AddEvent(e Event) string {
	if e.OwnerID == "" {
		e.OwnerID = rec.ownerOf(e.WhatID)
	}
	if e.By == "" {
		e.By = e.OwnerID
	}
	if e.Minutes == 0 {
		e.Minutes = 30
	}
	begin, on := e.Begin.UTC().Truncate(time.Second), crm.DateOf(e.Begin, rec.Zone())
	if e.AllDay {
		on = crm.DateOf(e.Begin, e.Begin.Location())
		begin, e.Minutes = on.In(time.UTC), 24*60
	}
	v := soql.Values{"OwnerId": e.OwnerID, "StartDateTime": begin, "EndDateTime": begin.Add(time.Duration(e.Minutes) * time.Minute),
		"ActivityDateTime": begin, "ActivityDate": on, "IsAllDayEvent": e.AllDay, "DurationInMinutes": e.Minutes,
		"ShowAs": "Busy", "EventSubtype": "Event", "Type": "Meeting", "IsChild": e.Child}
	v.PutText("Subject", e.Subject)
	v.PutText("WhatId", e.WhatID)
	v.PutText("WhoId", e.WhoID)
	v["IsGroupEvent"] = len(e.Invitees) > 0
	id := rec.addActivity("Event", e.By, v)
	for _, guest := range e.Invitees {
		copied := e
		copied.OwnerID, copied.Invitees, copied.Child = guest, nil, true
		rec.Tables["Event"].ByID[rec.AddEvent(copied)].Values["IsGroupEvent"] = true
	}
	return id
}

// addTaskSeries logs a recurring task: a pattern, which nobody completes, and an
// occurrence for each day.
func (rec *Records) addTaskSeries(t Task, days ...crm.Date) (pattern string, occurrences []string) {
	pattern = rec.AddTask(t)
	rec.Tables["Task"].ByID[pattern].Values["IsRecurrence"] = true
	for _, day := range days {
		t.Due = day
		id := rec.AddTask(t)
		rec.Tables["Task"].ByID[id].Values["RecurrenceActivityId"] = pattern
		occurrences = append(occurrences, id)
	}
	return pattern, occurrences
}

func (rec *Records) addActivity(object, by string, v soql.Values) string {
	if what, ok := v["WhatId"].(string); ok {
		v["AccountId"] = what
		if r := rec.Tables["Opportunity"].ByID[what]; r != nil {
			v.Put("AccountId", r.Values["AccountId"])
		}
	}
	r := rec.Create(object, by, v)
	if what, ok := v["WhatId"].(string); ok {
		rec.ByWhat[what] = append(rec.ByWhat[what], r)
		rec.lastActivity(what)
	}
	return r.ID
}

// addContactRole gives an opportunity the account's next contact, and returns the id
// of the OpportunityContactRole.
func (rec *Records) addContactRole(opportunityID, role string) (string, error) {
	r := rec.Tables["Opportunity"].ByID[opportunityID]
	if r == nil {
		return "", fmt.Errorf("add a contact role to %s: no such opportunity", opportunityID)
	}
	owner, _ := r.Values["OwnerId"].(string)
	account, _ := r.Values["AccountId"].(string)
	have := 0
	for _, x := range rec.Tables["OpportunityContactRole"].Rows {
		if x.Values["OpportunityId"] == r.ID {
			have++
		}
	}
	v := soql.Values{"OpportunityId": r.ID, "ContactId": rec.ContactAt(account, owner, have), "IsPrimary": have == 0}
	v.PutText("Role", role)
	return rec.Create("OpportunityContactRole", owner, v).ID, nil
}

// MoveActivity relates a task or event to another opportunity.
func (rec *Records) MoveActivity(id, whatID string) error {
	_, r, err := rec.Lookup(id)
	if err != nil {
		return err
	}
	old, _ := r.Values["WhatId"].(string)
	owner, _ := r.Values["OwnerId"].(string)
	rec.touch(r, owner)
	r.Values.PutText("WhatId", whatID)
	rec.ByWhat[old] = slices.DeleteFunc(rec.ByWhat[old], func(x *Row) bool { return x == r })
	if whatID != "" {
		rec.ByWhat[whatID] = append(rec.ByWhat[whatID], r)
	}
	rec.lastActivity(old)
	rec.lastActivity(whatID)
	return nil
}

// completeTask closes a task.
func (rec *Records) completeTask(id string) error {
	o, r, err := rec.Lookup(id)
	if err != nil {
		return err
	}
	if o.Name != "Task" {
		return fmt.Errorf("complete %s: the record is an %s, not a Task", id, o.Name)
	}
	owner, _ := r.Values["OwnerId"].(string)
	rec.touch(r, owner)
	r.Values["Status"], r.Values["IsClosed"], r.Values["CompletedDateTime"] = "Completed", true, rec.Second()
	what, _ := r.Values["WhatId"].(string)
	rec.lastActivity(what)
	return nil
}

// lastActivity recomputes LastActivityDate, the latest due date of an event or
// closed task. The platform makes the change, so only SystemModstamp is bumped.
func (rec *Records) lastActivity(what string) {
	r := rec.Tables["Opportunity"].ByID[what]
	if r == nil {
		return
	}
	var last crm.Date
	for _, a := range rec.ByWhat[what] {
		if _, isTask := a.Values["Status"]; a.Values["IsDeleted"] == true || isTask && a.Values["IsClosed"] != true {
			continue
		}
		if d, _ := a.Values["ActivityDate"].(crm.Date); d > last {
			last = d
		}
	}
	var now any
	if !last.IsZero() {
		now = last
	}
	if r.Values["LastActivityDate"] != now {
		rec.touch(r, "")
		r.Values.Put("LastActivityDate", now)
	}
}

// ownerOf is the id of the owner of an opportunity; "" is none.
func (rec *Records) ownerOf(what string) string {
	if r := rec.Tables["Opportunity"].ByID[what]; r != nil {
		owner, _ := r.Values["OwnerId"].(string)
		return owner
	}
	return ""
}
