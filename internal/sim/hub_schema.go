package sim

import (
	"fmt"
	"strings"
)

// hubType is one object type of the portal.
type hubType struct {
	name, singular, id string
	modified           string   // the property that incremental readers filter on
	scopes             []string // all of them are needed to read
	base, step         int64    // ids are base + n*step
	defaults           []string // properties given when none are asked for
	props              []hubProp
	index              map[string]*hubProp
}

// hubProp is the definition of a property.
type hubProp struct {
	name, typ, field string
	label            string // "" is made from the name
	calculated       bool
	noFilter         bool
	options          []string
}

func hubDefine(t hubType, props ...hubProp) *hubType {
	common := []hubProp{{name: "hs_object_id", typ: "number", calculated: true}, {name: "hs_merged_object_ids", typ: "enumeration", calculated: true},
		{name: "hs_created_by_user_id", typ: "number", calculated: true}, {name: "hs_updated_by_user_id", typ: "number", calculated: true},
		{name: "hs_lastmodifieddate", typ: "datetime", calculated: true}, {name: "hs_createdate", typ: "datetime", calculated: true},
		{name: "hubspot_owner_id", typ: "enumeration", field: "select"}, {name: "hs_object_source", typ: "string", calculated: true},
		{name: "hs_object_source_id", typ: "string", calculated: true}, {name: "hs_object_source_label", typ: "string", calculated: true}}
	if t.modified == "" {
		t.modified = "hs_lastmodifieddate"
	}
	t.props = append(common, props...)
	t.index = map[string]*hubProp{}
	for i := range t.props {
		p := &t.props[i]
		if p.field == "" {
			p.field = map[string]string{"datetime": "date", "number": "number", "enumeration": "select", "bool": "booleancheckbox"}[p.typ]
		}
		if p.field == "" {
			p.field = "text"
		}
		if p.label == "" {
			p.label = strings.ReplaceAll(strings.TrimPrefix(p.name, "hs_"), "_", " ")
		}
		t.index[p.name] = p
	}
	return &t
}

// created is the property that holds when a record was created.
func (t *hubType) created() string {
	switch t.name {
	case "deals", "contacts", "companies":
		return "createdate"
	}
	return "hs_createdate"
}

func hubActivity(name, singular, id string, base int64, scopes []string, props ...hubProp) *hubType {
	return hubDefine(hubType{name: name, singular: singular, id: id, base: base, step: 13, scopes: scopes,
		defaults: []string{"hs_createdate", "hs_lastmodifieddate", "hs_object_id"}},
		append([]hubProp{{name: "hs_timestamp", typ: "datetime"}, {name: "hs_activity_type", typ: "enumeration"},
			{name: "hs_body_preview", typ: "string", calculated: true}, {name: "hs_body_preview_html", typ: "string", calculated: true, noFilter: true}}, props...)...)
}

// hubContacts is the scope that most activities ride on.
var hubContacts = []string{"crm.objects.contacts.read"}

// hubTypes is the schema; nobody writes to it.
var hubTypes = []*hubType{
	hubDefine(hubType{name: "deals", singular: "deal", id: "0-3", base: 36_104_000_003, step: 61, scopes: []string{"crm.objects.deals.read"},
		defaults: []string{"dealname", "amount", "closedate", "pipeline", "dealstage", "createdate", "hs_lastmodifieddate", "hs_object_id"}},
		hubProp{name: "dealname", typ: "string"}, hubProp{name: "amount", typ: "number"}, hubProp{name: "deal_currency_code", typ: "enumeration"},
		hubProp{name: "dealtype", typ: "enumeration", options: []string{"newbusiness", "existingbusiness"}}, hubProp{name: "description", typ: "string", field: "textarea"},
		hubProp{name: "closedate", typ: "datetime", label: "Close Date"}, hubProp{name: "createdate", typ: "datetime", label: "Create Date", calculated: true},
		hubProp{name: "dealstage", typ: "enumeration", field: "radio", label: "Deal Stage"}, hubProp{name: "pipeline", typ: "enumeration"},
		hubProp{name: "hs_is_closed", typ: "bool", calculated: true}, hubProp{name: "hs_is_closed_won", typ: "bool", calculated: true}, hubProp{name: "hs_is_closed_lost", typ: "bool", calculated: true},
		hubProp{name: "hs_deal_stage_probability", typ: "number", calculated: true}, hubProp{name: "hs_manual_forecast_category", typ: "enumeration", options: []string{"OMIT", "PIPELINE", "BEST_CASE", "COMMIT", "CLOSED"}},
		hubProp{name: "amount_in_home_currency", typ: "number", calculated: true}, hubProp{name: "hs_forecast_amount", typ: "number", calculated: true},
		hubProp{name: "hs_next_step", typ: "string", label: "Next step"}, hubProp{name: "hs_priority", typ: "enumeration"},
		hubProp{name: "notes_last_updated", typ: "datetime", label: "Last Activity Date", calculated: true}, hubProp{name: "notes_last_contacted", typ: "datetime", calculated: true},
		hubProp{name: "notes_next_activity_date", typ: "datetime", label: "Next Activity Date", calculated: true}, hubProp{name: "num_notes", typ: "number", calculated: true},
		hubProp{name: "num_contacted_notes", typ: "number", calculated: true}, hubProp{name: "num_associated_contacts", typ: "number", calculated: true},
		hubProp{name: "hs_v2_date_entered_current_stage", typ: "datetime", calculated: true}, hubProp{name: "hs_v2_time_in_current_stage", typ: "datetime", calculated: true},
		hubProp{name: "closed_lost_reason", typ: "string", field: "textarea"}, hubProp{name: "closed_won_reason", typ: "string", field: "textarea"},
		hubProp{name: "economic_buyer", typ: "string", label: "Economic buyer"}),
	hubDefine(hubType{name: "contacts", singular: "contact", id: "0-1", base: 151, step: 50, scopes: hubContacts, modified: "lastmodifieddate",
		defaults: []string{"firstname", "lastname", "email", "lastmodifieddate", "hs_object_id", "createdate"}},
		hubProp{name: "firstname", typ: "string"}, hubProp{name: "lastname", typ: "string"}, hubProp{name: "email", typ: "string"}, hubProp{name: "jobtitle", typ: "string"},
		hubProp{name: "createdate", typ: "datetime", calculated: true}, hubProp{name: "lastmodifieddate", typ: "datetime", calculated: true}),
	hubDefine(hubType{name: "companies", singular: "company", id: "0-2", base: 9_402_118_007, step: 29, scopes: []string{"crm.objects.companies.read"},
		defaults: []string{"name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"}},
		hubProp{name: "name", typ: "string"}, hubProp{name: "domain", typ: "string"}, hubProp{name: "createdate", typ: "datetime", calculated: true}),
	hubActivity("calls", "call", "0-48", 51_200_000_011, hubContacts, hubProp{name: "hs_call_title", typ: "string"}, hubProp{name: "hs_call_body", typ: "string"},
		hubProp{name: "hs_call_direction", typ: "enumeration", options: []string{"INBOUND", "OUTBOUND"}}, hubProp{name: "hs_call_duration", typ: "number"},
		hubProp{name: "hs_call_disposition", typ: "enumeration"}, hubProp{name: "hs_call_status", typ: "enumeration"}),
	hubActivity("emails", "email", "0-49", 52_300_000_017, []string{"crm.objects.contacts.read", "sales-email-read"}, hubProp{name: "hs_email_subject", typ: "string"},
		hubProp{name: "hs_email_text", typ: "string"}, hubProp{name: "hs_email_html", typ: "string", noFilter: true}, hubProp{name: "hs_email_direction", typ: "enumeration",
			options: []string{"EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"}}, hubProp{name: "hs_email_status", typ: "enumeration"},
		hubProp{name: "hs_sequence_id", typ: "number"}),
	hubActivity("meetings", "meeting", "0-47", 53_400_000_023, hubContacts, hubProp{name: "hs_meeting_title", typ: "string"}, hubProp{name: "hs_meeting_body", typ: "string"},
		hubProp{name: "hs_meeting_start_time", typ: "datetime"}, hubProp{name: "hs_meeting_end_time", typ: "datetime"}, hubProp{name: "hs_meeting_outcome", typ: "enumeration",
			options: []string{"SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"}}, hubProp{name: "hs_meeting_location", typ: "string"}, hubProp{name: "hs_meeting_external_url", typ: "string"}),
	hubActivity("tasks", "task", "0-27", 54_500_000_029, hubContacts, hubProp{name: "hs_task_subject", typ: "string"}, hubProp{name: "hs_task_body", typ: "string"},
		hubProp{name: "hs_task_status", typ: "enumeration", options: []string{"NOT_STARTED", "IN_PROGRESS", "COMPLETED", "WAITING", "DEFERRED"}},
		hubProp{name: "hs_task_priority", typ: "enumeration"}, hubProp{name: "hs_task_type", typ: "enumeration", options: []string{"EMAIL", "CALL", "TODO"}},
		hubProp{name: "hs_task_completion_date", typ: "datetime"}),
	hubActivity("notes", "note", "0-46", 55_600_000_031, hubContacts, hubProp{name: "hs_note_body", typ: "string", field: "html"}),
}

// hubActivities are the types that a deal's last activity comes from.
var hubActivities = []string{"calls", "emails", "meetings", "tasks", "notes"}

// hubTypeNamed finds a type by name, singular or id, without regard to case.
func hubTypeNamed(name string) *hubType {
	for _, t := range hubTypes {
		if strings.EqualFold(t.name, name) || strings.EqualFold(t.singular, name) || t.id == name {
			return t
		}
	}
	return nil
}

// hubLinkTypes are the ids of unlabelled associations, by direction.
var hubLinkTypes = map[[2]string]int{
	{"deals", "contacts"}: 3, {"contacts", "deals"}: 4, {"deals", "companies"}: 341, {"companies", "deals"}: 342,
	{"deals", "calls"}: 205, {"calls", "deals"}: 206, {"deals", "emails"}: 209, {"emails", "deals"}: 210, {"deals", "meetings"}: 211, {"meetings", "deals"}: 212,
	{"deals", "notes"}: 213, {"notes", "deals"}: 214, {"deals", "tasks"}: 215, {"tasks", "deals"}: 216,
	{"contacts", "calls"}: 193, {"calls", "contacts"}: 194, {"contacts", "emails"}: 197, {"emails", "contacts"}: 198, {"contacts", "meetings"}: 199, {"meetings", "contacts"}: 200,
	{"contacts", "notes"}: 201, {"notes", "contacts"}: 202, {"contacts", "tasks"}: 203, {"tasks", "contacts"}: 204,
	{"contacts", "companies"}: 279, {"companies", "contacts"}: 280,
}

// property finds the definition of a property; those of the stages exist as
// long as their stage does.
func (h *portalRecords) property(t *hubType, name string) *hubProp {
	if p := t.index[name]; p != nil {
		return p
	}
	if p := h.custom[t.name+"."+name]; p != nil {
		return p
	}
	if t.name != "deals" {
		return nil
	}
	for _, dir := range []string{"entered", "exited"} {
		if id, ok := strings.CutPrefix(name, "hs_v2_date_"+dir+"_"); ok && h.stage(id) != nil {
			return &hubProp{name: name, typ: "datetime", field: "date", calculated: true}
		}
	}
	return nil
}

func (h *portalRecords) stageProps() []hubProp {
	var out []hubProp
	for _, p := range h.pipelines {
		for _, s := range p.stages {
			for _, dir := range []string{"entered", "exited"} {
				out = append(out, hubProp{name: "hs_v2_date_" + dir + "_" + s.id, typ: "datetime", field: "date", calculated: true,
					label: fmt.Sprintf("Date %s %q (%s)", dir, s.label, p.label)})
			}
		}
	}
	return out
}
