package org

import "fmt"

// What an administrator does to the org.

// RenameStage gives a stage another label. As in a real org this restamps every
// opportunity in that stage (SystemModstamp only).
func (o *Org) RenameStage(apiName, label string) error {
	o.rec.Lock()
	defer o.rec.Unlock()
	return o.rec.renameStage(apiName, label)
}

// SetStages says which stages the sales process of a record type of
// opportunities has, by API name. Until then it has all that are active.
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

// Restamp gives every record of an object the same new SystemModstamp, as
// platform processes do.
func (o *Org) Restamp(object string) {
	o.rec.Lock()
	defer o.rec.Unlock()
	for _, r := range o.rec.Tables[object].Rows {
		o.rec.touch(r, "")
	}
}

// HideField takes a field out of the login's sight (field-level security).
func (o *Org) HideField(object, field string) { o.hide(object+"."+field, true) }

// ShowField gives it back.
func (o *Org) ShowField(object, field string) { o.hide(object+"."+field, false) }

// HideObject takes away the permission to read an object.
func (o *Org) HideObject(object string) { o.hide(object, true) }

// ShowObject gives it back.
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

// HideRecord takes a record, with what belongs to it, out of the login's sight,
// as a change of sharing does: without a new stamp.
func (o *Org) HideRecord(id string) { o.share(id, true) }

// ShowRecord gives it back.
func (o *Org) ShowRecord(id string) { o.share(id, false) }

func (o *Org) share(id string, hidden bool) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.unshared[id] = hidden
}

// SetArchiving changes after how many days activities are archived (a year
// unless Support extended it), and whether that gives them a new SystemModstamp.
// Without one, readers of /query see them vanish.
func (o *Org) SetArchiving(days int, bump bool) {
	o.rec.Lock()
	defer o.rec.Unlock()
	o.rec.archive = archiving{days, bump}
}
