package org

import (
	"fmt"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// What an administrator does to the org.

// RenameStage gives a stage another label. As in a real org, every opportunity in
// the stage gets a new SystemModstamp, and no other stamp.
func (o *Org) RenameStage(apiName, label string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.renameStage(apiName, label)
}

// SetStages sets the stages in the sales process of an opportunity record type, by
// API name. Before SetStages a record type has all active stages.
func (o *Org) SetStages(developerName string, stages ...string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	id := o.rec.RecordType(developerName)
	if id == "" {
		return fmt.Errorf("set the stages of record type %q: no such record type", developerName)
	}
	o.rec.Processes[id] = stages
	o.rec.Since = o.rec.Second()
	return nil
}

// AddRecordType adds a record type of opportunities and returns its id.
func (o *Org) AddRecordType(developerName string) string {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.Since = o.rec.Second()
	return o.rec.Create("RecordType", "", soql.Values{"Name": developerName, "DeveloperName": developerName, "SobjectType": "Opportunity", "IsActive": true}).ID
}

// RenameRecordType gives a record type another API name. As in a real org, no
// opportunity gets a new stamp.
func (o *Org) RenameRecordType(developerName, now string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	id := o.rec.RecordType(developerName)
	if id == "" {
		return fmt.Errorf("rename record type %q: no such record type", developerName)
	}
	o.rec.Tables["RecordType"].ByID[id].Values["DeveloperName"] = now
	o.rec.Since = o.rec.Second()
	return nil
}

// Restamp gives every record of an object the same new SystemModstamp, as
// platform processes do.
func (o *Org) Restamp(object string) {
	o.rec.Lock()
	defer o.rec.Unlock()
	for _, r := range o.rec.Tables[object].Rows {
		o.rec.touch(r, "")
	}
}

// HideField hides a field from the login (field-level security).
func (o *Org) HideField(object, field string) { o.hide(object+"."+field, true) }

// ShowField ends HideField.
func (o *Org) ShowField(object, field string) { o.hide(object+"."+field, false) }

// HideObject takes the permission to read an object from the login.
func (o *Org) HideObject(object string) { o.hide(object, true) }

// ShowObject ends HideObject.
func (o *Org) ShowObject(object string) { o.hide(object, false) }

func (o *Org) hide(what string, hidden bool) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.hide(what, hidden, o.rec.Second())
}

// Enable switches an org feature on ([MultiCurrency], [PipelineInspection]).
func (o *Org) Enable(feature string) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.enable(feature, o.rec.Second())
}

// SetCurrency sets the currency of an org with a single one; "" is an org that does not
// tell. As in a real org, no record gets a new stamp.
func (o *Org) SetCurrency(code string) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.Currency = code
}

// Garble writes a text into a field of any type, as no user could. The service never
// answers so; a field whose type was changed, and faults, do.
func (o *Org) Garble(id, field, text string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	_, r, err := o.rec.Lookup(id)
	if err != nil {
		return err
	}
	r.Values[field] = text
	o.rec.touch(r, "")
	return nil
}

// HideRecord hides a record and its children from the login without a new stamp, as
// a change of sharing does.
func (o *Org) HideRecord(id string) { o.share(id, true) }

// ShowRecord ends HideRecord.
func (o *Org) ShowRecord(id string) { o.share(id, false) }

func (o *Org) share(id string, hidden bool) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.unshared[id] = hidden
}

// SetArchiving sets after how many days activities are archived (365 in an ordinary
// org), and whether an archived activity gets a new SystemModstamp. Without a new
// stamp, archived activities vanish from /query unnoticed.
func (o *Org) SetArchiving(days int, bump bool) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.archive = archiving{days, bump}
}
