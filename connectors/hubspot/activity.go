package hubspot

import (
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// activityFields lists the properties that each kind of activity is read with.
var activityFields = map[string][]string{
	"calls":    {"hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_object_source", "hs_call_direction", "hs_call_disposition", "hs_call_status"},
	"emails":   {"hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_object_source", "hs_email_direction", "hs_email_status", "hs_sequence_id"},
	"meetings": {"hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_object_source", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome"},
	"tasks":    {"hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_object_source", "hs_task_status", "hs_task_completion_date"},
	"notes":    {"hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_object_source"},
}

// name is the id of a record among all of its stream: five kinds of object make
// one stream of activities, and ids are promised to differ within a kind only.
func name(object, id string) string {
	if object == "deals" {
		return id
	}
	return object + ":" + id
}

// activity normalises an activity that belongs to deals. A meeting that has ended
// by asOf counts as done unless its outcome says otherwise.
func (v *view) activity(object string, rec *record, deals []string, asOf time.Time) (crm.Activity, error) {
	r := &row{rec: rec, zone: v.account.zone}
	a := crm.Activity{
		ID:             name(object, string(rec.ID)),
		OpportunityIDs: deals,
		OwnerID:        r.text("hubspot_owner_id"),
		At:             r.time("hs_timestamp"),
		CreatedAt:      r.time("hs_createdate"),
	}
	switch object {
	case "calls":
		r.call(&a)
	case "emails":
		r.email(&a)
	case "meetings":
		r.meeting(&a, asOf)
	case "tasks":
		r.task(&a)
	case "notes":
		a.Kind, a.Done = crm.Note, true
	}
	a.Automated = automated(&a, strings.ToUpper(r.text("hs_object_source")), r.text("hs_sequence_id") != "")
	return a, r.err
}

// dispositions are the call outcomes that every portal has. Others have ids of
// their own, whose words this API does not tell.
var dispositions = map[string]string{
	"f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
	"b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
	"73a0d17f-1163-4015-bdd5-ec830791da20": "No answer",
	"9d9162e7-6cf3-4944-bf63-4dff82258764": "Busy",
	"a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
	"17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
}

func (r *row) call(a *crm.Activity) {
	a.Kind = crm.Call
	switch r.text("hs_call_direction") {
	case "INBOUND":
		a.Direction = crm.In
	case "OUTBOUND":
		a.Direction = crm.Out
	}
	status := r.text("hs_call_status")
	switch status {
	case "CANCELED", "FAILED":
		a.Outcome = status
		return
	case "QUEUED", "RINGING", "CONNECTING", "IN_PROGRESS", "CALLING_CRM_USER":
	default: // reached or not, and calls that were logged afterwards
		a.Done = true
	}
	if a.Outcome = dispositions[strings.ToLower(r.text("hs_call_disposition"))]; a.Outcome == "" {
		a.Outcome = status
	}
}

func (r *row) email(a *crm.Activity) {
	a.Kind = crm.Email
	switch r.text("hs_email_direction") {
	case "INCOMING_EMAIL":
		a.Direction = crm.In
	case "EMAIL":
		a.Direction = crm.Out
	}
	a.Outcome = r.text("hs_email_status")
	switch a.Outcome {
	case "SCHEDULED", "SENDING", "BOUNCED", "FAILED":
	default:
		a.Done = true
	}
}

func (r *row) meeting(a *crm.Activity, asOf time.Time) {
	a.Kind = crm.Meeting
	if start := r.time("hs_meeting_start_time"); !start.IsZero() {
		a.At = start
	}
	end := r.time("hs_meeting_end_time")
	if end.IsZero() {
		end = a.At
	}
	switch a.Outcome = r.text("hs_meeting_outcome"); a.Outcome {
	case "COMPLETED":
		a.Done = true
	case "CANCELED", "NO_SHOW", "RESCHEDULED":
	default:
		a.Done = !end.IsZero() && end.Before(asOf)
	}
}

// task reads a task. Its time is when it is due; the date of completion holds the
// due date until it is completed.
func (r *row) task(a *crm.Activity) {
	a.Kind = crm.Task
	a.Outcome = r.text("hs_task_status")
	a.Due = crm.DateOf(a.At, r.zone)
	if a.Done = a.Outcome == "COMPLETED"; a.Done {
		if at := r.time("hs_task_completion_date"); !at.IsZero() {
			a.At = at
		}
	}
}

// automated reports whether a machine made the activity. What comes from the
// buyer is a touch however it was logged; and calls and meetings are logged by
// dialers and calendars, which are integrations, although people hold them.
func automated(a *crm.Activity, source string, sequence bool) bool {
	if a.Direction == crm.In {
		return false
	}
	switch source {
	case "AUTOMATION_PLATFORM", "WORKFLOWS", "SEQUENCES", "BOT":
		return true
	case "INTEGRATION", "API":
		return a.Kind != crm.Call && a.Kind != crm.Meeting
	}
	return sequence && a.Kind == crm.Email
}
