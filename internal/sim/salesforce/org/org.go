package org

import (
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Org is a Salesforce org for its users and its administrator. All methods may be
// called at the same time; each method holds the clock.
type Org struct{ rec *Records }

// New is the org that keeps the records given.
func New(rec *Records) *Org { return &Org{rec} }

// SetCommitDelay makes later changes visible d after their stamp, as the rows of a
// long transaction are.
func (o *Org) SetCommitDelay(d time.Duration) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.delay = d
}

// AddTask logs t and returns its id.
func (o *Org) AddTask(t Task) string {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.AddTask(t)
}

// AddEvent books or logs e and returns its id.
func (o *Org) AddEvent(e Event) string {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.AddEvent(e)
}

// AddTaskSeries logs a recurring task: a pattern, which nobody completes, and an
// occurrence for each day.
func (o *Org) AddTaskSeries(t Task, days ...crm.Date) (pattern string, occurrences []string) {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.addTaskSeries(t, days...)
}

// AddContactRole gives an opportunity the account's next contact, and returns the id
// of the OpportunityContactRole.
func (o *Org) AddContactRole(opportunityID, role string) (string, error) {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.addContactRole(opportunityID, role)
}

// MoveActivity relates a task or event to another opportunity.
func (o *Org) MoveActivity(id, whatID string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.MoveActivity(id, whatID)
}

// CompleteTask closes a task.
func (o *Org) CompleteTask(id string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.completeTask(id)
}

// AddProducts gives an opportunity products worth amount. Writing the amount of an
// opportunity with products succeeds and changes nothing.
func (o *Org) AddProducts(id string, amount float64) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.addProducts(id, amount)
}

// Delete moves a record into the recycle bin. Deleted records stay in queryAll for 15
// days.
func (o *Org) Delete(id string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.setDeleted(id, true)
}

// Undelete takes a record out of the recycle bin.
func (o *Org) Undelete(id string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.setDeleted(id, false)
}

// Purge removes a record for good; no resource tells of a purged record.
func (o *Org) Purge(id string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	obj, r, err := o.rec.Lookup(id)
	if err != nil {
		return err
	}
	o.rec.purge(obj, r)
	return nil
}

// EmptyBin purges all records in the recycle bin.
func (o *Org) EmptyBin() {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.emptyBin()
}

// Find is the id of the first opportunity called name; "" is none.
func (o *Org) Find(name string) string {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.find(name)
}

// User is the id of the user with the address given; "" is none.
func (o *Org) User(email string) string {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.UserID(email)
}

// Record is a copy of a record's fields, derived ones included; nil is no such
// record. Empty fields are absent.
func (o *Org) Record(id string) map[string]any {
	o.rec.Lock()
	defer o.rec.Unlock()
	obj, r, err := o.rec.Lookup(id)
	if err != nil {
		return nil
	}
	out := maps.Clone(map[string]any(r.Values))
	for i := range obj.Fields {
		if v := o.rec.Value(obj, r.Values, obj.Fields[i].Name); v != nil && o.rec.Readable(obj, &obj.Fields[i]) {
			out[obj.Fields[i].Name] = v
		}
	}
	return out
}

// IDs lists the ids of an object's records that are not deleted, in order of
// creation.
func (o *Org) IDs(object string) []string {
	o.rec.Lock()
	defer o.rec.Unlock()
	return living(o.rec.Tables[object].Rows)
}

// Activities lists the ids of the tasks and events of an opportunity.
func (o *Org) Activities(opportunityID string) []string {
	o.rec.Lock()
	defer o.rec.Unlock()
	return living(o.rec.ByWhat[opportunityID])
}

// living are the ids of rows that are not deleted.
func living(rows []*Row) []string {
	var out []string
	for _, r := range rows {
		if r.Values["IsDeleted"] != true {
			out = append(out, r.ID)
		}
	}
	return out
}
