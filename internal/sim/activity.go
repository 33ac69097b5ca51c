package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Task is a task, call or e-mail to log; see [Company.AddTask].
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

// Event is a meeting; see [Company.AddEvent].
type Event struct {
	WhatID, OwnerID, WhoID string
	Subject                string
	Begin                  time.Time
	Minutes                int // 0 is 30
	Child                  bool
	Invitees               []string // user ids; each gets a child copy, as for a group event
	By                     string
}

// AddTask logs t and returns its id.
func (c *Company) AddTask(t Task) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.addTask(t)
}

func (c *Company) addTask(t Task) string {
	if t.OwnerID == "" {
		t.OwnerID = c.ownerOf(t.WhatID)
	}
	if t.By == "" {
		t.By = t.OwnerID
	}
	if t.Subtype == "" {
		t.Subtype = "Task"
	}
	v := values{"OwnerId": t.OwnerID, "Priority": "Normal", "Status": "Not Started", "TaskSubtype": t.Subtype}
	put(v, "Subject", text(t.Subject))
	put(v, "WhatId", text(t.WhatID))
	put(v, "WhoId", text(t.WhoID))
	put(v, "CallType", text(t.CallType))
	put(v, "CallDisposition", text(t.Disposition))
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
		v["Status"], v["IsClosed"], v["CompletedDateTime"] = "Completed", true, c.second()
	}
	return c.addActivity("Task", t.By, v)
}

// AddEvent books or logs e and returns its id.
func (c *Company) AddEvent(e Event) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.addEvent(e)
}

func (c *Company) addEvent(e Event) string {
	if e.OwnerID == "" {
		e.OwnerID = c.ownerOf(e.WhatID)
	}
	if e.By == "" {
		e.By = e.OwnerID
	}
	if e.Minutes == 0 {
		e.Minutes = 30
	}
	begin := e.Begin.UTC().Truncate(time.Second)
	v := values{"OwnerId": e.OwnerID, "StartDateTime": begin, "EndDateTime": begin.Add(time.Duration(e.Minutes) * time.Minute),
		"ActivityDateTime": begin, "ActivityDate": crm.DateOf(begin, c.zone()), "DurationInMinutes": e.Minutes,
		"ShowAs": "Busy", "EventSubtype": "Event", "Type": "Meeting", "IsChild": e.Child}
	put(v, "Subject", text(e.Subject))
	put(v, "WhatId", text(e.WhatID))
	put(v, "WhoId", text(e.WhoID))
	v["IsGroupEvent"] = len(e.Invitees) > 0
	id := c.addActivity("Event", e.By, v)
	for _, guest := range e.Invitees {
		copied := e
		copied.OwnerID, copied.Invitees, copied.Child = guest, nil, true
		c.tables["Event"].byID[c.addEvent(copied)].v["IsGroupEvent"] = true
	}
	return id
}

// AddTaskSeries logs a recurring task: the pattern, which is no task to do, and
// an occurrence for each day.
func (c *Company) AddTaskSeries(t Task, days ...crm.Date) (pattern string, occurrences []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pattern = c.addTask(t)
	c.tables["Task"].byID[pattern].v["IsRecurrence"] = true
	for _, day := range days {
		t.Due = day
		id := c.addTask(t)
		c.tables["Task"].byID[id].v["RecurrenceActivityId"] = pattern
		occurrences = append(occurrences, id)
	}
	return pattern, occurrences
}

func (c *Company) addActivity(object, by string, v values) string {
	if what, ok := v["WhatId"].(string); ok {
		v["AccountId"] = what
		if r := c.tables["Opportunity"].byID[what]; r != nil {
			put(v, "AccountId", r.v["AccountId"])
		}
	}
	r := c.create(object, by, v)
	if what, ok := v["WhatId"].(string); ok {
		c.byWhat[what] = append(c.byWhat[what], r)
		c.lastActivity(what)
	}
	return r.id
}

// AddContactRole gives an opportunity one more contact, the account's next one,
// and returns the id of the OpportunityContactRole.
func (c *Company) AddContactRole(opportunityID, role string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.tables["Opportunity"].byID[opportunityID]
	if r == nil {
		return "", fmt.Errorf("add a contact role to %s: no such opportunity", opportunityID)
	}
	owner, _ := r.v["OwnerId"].(string)
	account, _ := r.v["AccountId"].(string)
	have := 0
	for _, x := range c.tables["OpportunityContactRole"].rows {
		if x.v["OpportunityId"] == r.id {
			have++
		}
	}
	v := values{"OpportunityId": r.id, "ContactId": c.contactAt(account, owner, have), "IsPrimary": have == 0}
	put(v, "Role", text(role))
	return c.create("OpportunityContactRole", owner, v).id, nil
}

// MoveActivity relates a task or event to another opportunity.
func (c *Company) MoveActivity(id, whatID string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moveActivity(id, whatID)
}

func (c *Company) moveActivity(id, whatID string) error {
	_, r, err := c.record(id)
	if err != nil {
		return err
	}
	old, _ := r.v["WhatId"].(string)
	owner, _ := r.v["OwnerId"].(string)
	c.touch(r, owner)
	put(r.v, "WhatId", text(whatID))
	c.byWhat[old] = slices.DeleteFunc(c.byWhat[old], func(x *row) bool { return x == r })
	if whatID != "" {
		c.byWhat[whatID] = append(c.byWhat[whatID], r)
	}
	c.lastActivity(old)
	c.lastActivity(whatID)
	return nil
}

// CompleteTask closes a task.
func (c *Company) CompleteTask(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, r, err := c.record(id)
	if err != nil {
		return err
	}
	if o.name != "Task" {
		return fmt.Errorf("complete %s: it is an %s", id, o.name)
	}
	owner, _ := r.v["OwnerId"].(string)
	c.touch(r, owner)
	r.v["Status"], r.v["IsClosed"], r.v["CompletedDateTime"] = "Completed", true, c.second()
	what, _ := r.v["WhatId"].(string)
	c.lastActivity(what)
	return nil
}

// lastActivity recomputes LastActivityDate, the latest due date of an event or
// closed task. The platform does it, so only SystemModstamp tells.
func (c *Company) lastActivity(what string) {
	r := c.tables["Opportunity"].byID[what]
	if r == nil {
		return
	}
	var last crm.Date
	for _, a := range c.byWhat[what] {
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
		c.touch(r, "")
		put(r.v, "LastActivityDate", now)
	}
}

func (c *Company) ownerOf(what string) string {
	if r := c.tables["Opportunity"].byID[what]; r != nil {
		owner, _ := r.v["OwnerId"].(string)
		return owner
	}
	return ""
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
