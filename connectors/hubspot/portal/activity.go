package portal

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Activities are the five kinds of activity in the order they are read.
var Activities = []string{"calls", "emails", "meetings", "tasks", "notes"}

// Spoken are the kinds of activity but emails, which have a scope of their own.
var Spoken = []string{"calls", "meetings", "tasks", "notes"}

// Told are the details of activities and contacts that [crm.Fields] names, each with the kinds
// of object that have it. Every portal has them, so a detail is readable where its kinds are.
var Told = map[string][]string{
	crm.ActivitiesSubject: {"calls", "meetings", "tasks"},
	crm.ActivitiesCreator: Spoken,
	crm.ActivitiesApp:     Spoken,
	crm.CallsOutcome:      {"calls"},
	crm.CallsDirection:    {"calls"},
	crm.EmailsDirection:   {"emails"},
	crm.MeetingsOutcome:   {"meetings"},
	crm.ContactsRole:      {"contacts"}, // the labels of the link; no label of HubSpot's own says which contact is the primary one
}

// ActivityProperties lists the properties that each kind of activity is read with.
var ActivityProperties = map[string][]string{
	"calls":    made("hs_call_title", "hs_activity_type", "hs_call_direction", "hs_call_disposition", "hs_call_status"),
	"emails":   made("hs_email_subject", "hs_email_direction", "hs_email_status", "hs_sequence_id"),
	"meetings": made("hs_meeting_title", "hs_activity_type", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome"),
	"tasks":    made("hs_task_subject", "hs_task_type", "hs_task_status", "hs_task_completion_date"),
	"notes":    made(),
}

// made are the properties that all kinds of activity share, and more.
func made(more ...string) []string {
	return append([]string{"hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_object_source", "hs_object_source_id", "hs_object_source_detail_1", "hs_created_by_user_id"}, more...)
}

// ActivityMark differs where the properties of a kind differ, so that activities which were
// read with fewer are read again. It is part of cursors.
func ActivityMark(object string) string {
	sum := sha256.Sum256([]byte(strings.Join(ActivityProperties[object], " ")))
	return object + " " + hex.EncodeToString(sum[:4])
}

// titles and subtypes are the properties that hold [crm.Activity.Subject] and Subtype.
var (
	titles   = map[string]string{"calls": "hs_call_title", "emails": "hs_email_subject", "meetings": "hs_meeting_title", "tasks": "hs_task_subject"}
	subtypes = map[string]string{"calls": "hs_activity_type", "meetings": "hs_activity_type", "tasks": "hs_task_type"}
)

// Name is the id of a record within its stream: five kinds of object make one stream
// of activities, and HubSpot's ids differ for certain only within a kind.
func Name(object, id string) string {
	if object == "deals" {
		return id
	}
	return object + ":" + id
}

// Activity normalises an activity that belongs to deals. A meeting that has ended
// by asOf counts as done unless its outcome says otherwise. A value of an unexpected form,
// or that the answer leaves out, makes the activity unclear.
func (p *Portal) Activity(object string, rec *row.Record, deals []string, asOf time.Time) crm.Activity {
	r := p.read(rec)
	a := crm.Activity{
		ID:             Name(object, string(rec.ID)),
		OpportunityIDs: deals,
		OwnerID:        r.Text("hubspot_owner_id"),
		At:             r.Time("hs_timestamp"),
		CreatedAt:      r.Time("hs_createdate"),
		Subject:        r.told(titles[object]),
		Subtype:        r.told(subtypes[object]),
		Origin:         r.origin(),
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
	a.Automated = automated(&a, strings.ToUpper(r.Text("hs_object_source")), object == "emails" && r.sequenced())
	a.Unclear = len(r.Odd()) > 0
	return a
}

// ActivityDetails are the properties of a kind of activity that no time and no outcome rests
// on: where an answer lacks one, the detail is not told, and the rest is as good as before.
func ActivityDetails(object string) []string {
	out := []string{"hs_object_source_id", "hs_object_source_detail_1", "hs_created_by_user_id"}
	for _, of := range []map[string]string{titles, subtypes} {
		if p := of[object]; p != "" {
			out = append(out, p)
		}
	}
	return out
}

// told is a detail, cut by [crm.Clip]; "" where the answer lacks it.
func (r *reading) told(property string) string {
	return told(r.Record.Properties[property])
}

func told(v row.Value) string {
	if v == row.Strange {
		return ""
	}
	return crm.Clip(string(v))
}

// origin is who made the record. HubSpot names a user in the id of the source as well, where a
// person did it in HubSpot's own pages.
func (r *reading) origin() crm.Origin {
	o := crm.Origin{By: r.told("hs_created_by_user_id"), Via: strings.ToUpper(r.told("hs_object_source")), App: r.told("hs_object_source_id"), AppName: r.told("hs_object_source_detail_1")}
	return byUser(o)
}

// byUser takes the user out of an App that is one: "userId:9586504".
func byUser(o crm.Origin) crm.Origin {
	if id, ok := strings.CutPrefix(o.App, "userId:"); ok {
		o.App = ""
		if o.By == "" {
			o.By = id
		}
	}
	return o
}

// dispositions are the call outcomes that every portal has. An outcome that a portal
// has added has an id too, but this API does not tell its name, so the id is its word.
var dispositions = map[string]string{
	"f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
	"b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
	noAnswer:                               "No answer",
	busy:                                   "Busy",
	"a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
	"17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
}

const (
	noAnswer = "73a0d17f-1163-4015-bdd5-ec830791da20"
	busy     = "9d9162e7-6cf3-4944-bf63-4dff82258764"
)

// missed reports whether a call of this status reached nobody.
func missed(status string) bool {
	return status == "MISSED" || status == "NO_ANSWER" || status == "BUSY"
}

// call reads a call. A call without a status was logged by a person, or lies ahead: the
// time tells, when the deal is judged.
func (r *reading) call(a *crm.Activity) {
	a.Kind = crm.Call
	switch r.Text("hs_call_direction") {
	case "INBOUND":
		a.Direction = crm.In
	case "OUTBOUND":
		a.Direction = crm.Out
	}
	status := r.Text("hs_call_status")
	switch status {
	case "CANCELED", "FAILED":
		a.Outcome = status
		return
	case "QUEUED", "RINGING", "CONNECTING", "IN_PROGRESS", "CALLING_CRM_USER":
	default: // reached or not, and calls that were logged afterwards
		a.Done = true
	}
	disposition := strings.ToLower(r.Text("hs_call_disposition"))
	a.Outcome = cmp.Or(dispositions[disposition], crm.Clip(disposition), status)
	if a.Direction == crm.In && (missed(status) || disposition == noAnswer || disposition == busy) {
		a.Done = false // nobody spoke with the buyer
	}
}

func (r *reading) email(a *crm.Activity) {
	a.Kind = crm.Email
	switch r.Text("hs_email_direction") {
	case "INCOMING_EMAIL":
		a.Direction = crm.In
	case "EMAIL":
		a.Direction = crm.Out
	}
	a.Outcome = r.Text("hs_email_status")
	if r.Text("hs_email_direction") == "DRAFT_EMAIL" {
		a.Outcome = "DRAFT"
	}
	switch a.Outcome {
	case "SCHEDULED", "SENDING", "BOUNCED", "FAILED", "DRAFT":
	default:
		a.Done = true
	}
}

// sequenced reports whether a sequence sent the email. A portal whose plan has no
// sequences may lack the property, and then nothing is left out.
func (r *reading) sequenced() bool {
	return r.Has("hs_sequence_id") && r.Text("hs_sequence_id") != ""
}

func (r *reading) meeting(a *crm.Activity, asOf time.Time) {
	a.Kind = crm.Meeting
	if start := r.Time("hs_meeting_start_time"); !start.IsZero() {
		a.At = start
	}
	end := r.Time("hs_meeting_end_time")
	if end.IsZero() {
		end = a.At
	}
	switch a.Outcome = r.Text("hs_meeting_outcome"); a.Outcome {
	case "COMPLETED":
		a.Done = true
	case "CANCELED", "NO_SHOW", "RESCHEDULED":
	default:
		a.Done = !end.IsZero() && end.Before(asOf)
	}
}

// task reads a task. HubSpot keeps an instant at which a task is due, which is on
// another date elsewhere: the owner's calendar decides, so Due is left empty. Until the
// task is completed, HubSpot's date of completion holds the due date too.
func (r *reading) task(a *crm.Activity) {
	a.Kind = crm.Task
	a.Outcome = r.Text("hs_task_status")
	if a.Done = a.Outcome == "COMPLETED"; !a.Done {
		r.Text("hs_task_subject") // an open task may park its deal, so its subject is known or the task is unclear
		return
	}
	at := r.Time("hs_task_completion_date")
	if at.IsZero() || a.At.Before(at) && at.Sub(a.CreatedAt).Abs() <= time.Minute {
		return // it was written down afterwards, with the time at which it happened
	}
	a.At = at
}

// automated reports whether a machine made the activity. An activity that comes from
// the buyer is contact, however it was logged. Calls and meetings are held by people,
// although dialers and calendars, which are integrations, log them.
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
