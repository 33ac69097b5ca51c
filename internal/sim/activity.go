package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
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
	By                     string // user id of who logged it; "" is the owner
}

// Event is a meeting; see [Org.AddEvent].
type Event struct {
	WhatID, OwnerID, WhoID string
	Subject                string
	Begin                  time.Time
	Minutes                int // 0 is 30
	Child                  bool
	Invitees               []string // user ids; each gets a child copy, as for a group event
	By                     string
}

// addTask logs t and returns its id.
func (rec *orgRecords) addTask(t Task) string {
	if t.OwnerID == "" {
		t.OwnerID = rec.ownerOf(t.WhatID)
	}
	if t.By == "" {
		t.By = t.OwnerID
	}
	if t.Subtype == "" {
		t.Subtype = "Task"
	}
	v := values{"OwnerId": t.OwnerID, "Priority": "Normal", "Status": "Not Started", "TaskSubtype": t.Subtype}
	v.putText("Subject", t.Subject)
	v.putText("WhatId", t.WhatID)
	v.putText("WhoId", t.WhoID)
	v.putText("CallType", t.CallType)
	v.putText("CallDisposition", t.Disposition)
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

// addEvent books or logs e and returns its id.
func (rec *orgRecords) addEvent(e Event) string {
	if e.OwnerID == "" {
		e.OwnerID = rec.ownerOf(e.WhatID)
	}
	if e.By == "" {
		e.By = e.OwnerID
	}
	if e.Minutes == 0 {
		e.Minutes = 30
	}
	begin := e.Begin.UTC().Truncate(time.Second)
	v := values{"OwnerId": e.OwnerID, "StartDateTime": begin, "EndDateTime": begin.Add(time.Duration(e.Minutes) * time.Minute),
		"ActivityDateTime": begin, "ActivityDate": crm.DateOf(begin, rec.Zone()), "DurationInMinutes": e.Minutes,
		"ShowAs": "Busy", "EventSubtype": "Event", "Type": "Meeting", "IsChild": e.Child}
	v.putText("Subject", e.Subject)
	v.putText("WhatId", e.WhatID)
	v.putText("WhoId", e.WhoID)
	v["IsGroupEvent"] = len(e.Invitees) > 0
	id := rec.addActivity("Event", e.By, v)
	for _, guest := range e.Invitees {
		copied := e
		copied.OwnerID, copied.Invitees, copied.Child = guest, nil, true
		rec.tables["Event"].byID[rec.addEvent(copied)].v["IsGroupEvent"] = true
	}
	return id
}

// addTaskSeries logs a recurring task: the pattern, which is no task to do, and
// an occurrence for each day.
func (rec *orgRecords) addTaskSeries(t Task, days ...crm.Date) (pattern string, occurrences []string) {
	pattern = rec.addTask(t)
	rec.tables["Task"].byID[pattern].v["IsRecurrence"] = true
	for _, day := range days {
		t.Due = day
		id := rec.addTask(t)
		rec.tables["Task"].byID[id].v["RecurrenceActivityId"] = pattern
		occurrences = append(occurrences, id)
	}
	return pattern, occurrences
}

func (rec *orgRecords) addActivity(object, by string, v values) string {
	if what, ok := v["WhatId"].(string); ok {
		v["AccountId"] = what
		if r := rec.tables["Opportunity"].byID[what]; r != nil {
			v.put("AccountId", r.v["AccountId"])
		}
	}
	r := rec.create(object, by, v)
	if what, ok := v["WhatId"].(string); ok {
		rec.byWhat[what] = append(rec.byWhat[what], r)
		rec.lastActivity(what)
	}
	return r.id
}

// addContactRole gives an opportunity one more contact, the account's next one,
// and returns the id of the OpportunityContactRole.
func (rec *orgRecords) addContactRole(opportunityID, role string) (string, error) {
	r := rec.tables["Opportunity"].byID[opportunityID]
	if r == nil {
		return "", fmt.Errorf("add a contact role to %s: no such opportunity", opportunityID)
	}
	owner, _ := r.v["OwnerId"].(string)
	account, _ := r.v["AccountId"].(string)
	have := 0
	for _, x := range rec.tables["OpportunityContactRole"].rows {
		if x.v["OpportunityId"] == r.id {
			have++
		}
	}
	v := values{"OpportunityId": r.id, "ContactId": rec.contactAt(account, owner, have), "IsPrimary": have == 0}
	v.putText("Role", role)
	return rec.create("OpportunityContactRole", owner, v).id, nil
}

// moveActivity relates a task or event to another opportunity.
func (rec *orgRecords) moveActivity(id, whatID string) error {
	_, r, err := rec.record(id)
	if err != nil {
		return err
	}
	old, _ := r.v["WhatId"].(string)
	owner, _ := r.v["OwnerId"].(string)
	rec.touch(r, owner)
	r.v.putText("WhatId", whatID)
	rec.byWhat[old] = slices.DeleteFunc(rec.byWhat[old], func(x *row) bool { return x == r })
	if whatID != "" {
		rec.byWhat[whatID] = append(rec.byWhat[whatID], r)
	}
	rec.lastActivity(old)
	rec.lastActivity(whatID)
	return nil
}

// completeTask closes a task.
func (rec *orgRecords) completeTask(id string) error {
	o, r, err := rec.record(id)
	if err != nil {
		return err
	}
	if o.name != "Task" {
		return fmt.Errorf("complete %s: it is an %s", id, o.name)
	}
	owner, _ := r.v["OwnerId"].(string)
	rec.touch(r, owner)
	r.v["Status"], r.v["IsClosed"], r.v["CompletedDateTime"] = "Completed", true, rec.Second()
	what, _ := r.v["WhatId"].(string)
	rec.lastActivity(what)
	return nil
}

// lastActivity recomputes LastActivityDate, the latest due date of an event or
// closed task. The platform does it, so only SystemModstamp tells.
func (rec *orgRecords) lastActivity(what string) {
	r := rec.tables["Opportunity"].byID[what]
	if r == nil {
		return
	}
	var last crm.Date
	for _, a := range rec.byWhat[what] {
		if _, isTask := a.v["Status"]; a.v["IsDeleted"] == true || isTask && a.v["IsClosed"] != true {
			continue
		}
		if d, _ := a.v["ActivityDate"].(crm.Date); d > last {
			last = d
		}
	}
	var now any
	if !last.IsZero() {
		now = last
	}
	if r.v["LastActivityDate"] != now {
		rec.touch(r, "")
		r.v.put("LastActivityDate", now)
	}
}

// ownerOf is the id of the owner of an opportunity; "" is none.
func (rec *orgRecords) ownerOf(what string) string {
	if r := rec.tables["Opportunity"].byID[what]; r != nil {
		owner, _ := r.v["OwnerId"].(string)
		return owner
	}
	return ""
}
