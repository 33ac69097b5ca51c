package portal

import (
	"fmt"
	"strings"
)

// Type is one object type of the portal.
type Type struct {
	Name, Singular, ID string
	Modified           string   // the property that incremental readers filter on
	Scopes             []string // reading requires all of the scopes
	Base, Step         int64    // ids are base + n*step
	Defaults           []string // the properties that a request without properties gets
	Props              []Property
	index              map[string]*Property
}

// Property is the definition of a property.
type Property struct {
	Name, Type, Field string
	Label             string // "" is made from the name
	Calculated        bool
	NoFilter          bool
	Options           []string
}

func define(t Type, props ...Property) *Type {
	common := []Property{{Name: "hs_object_id", Type: "number", Calculated: true}, {Name: "hs_merged_object_ids", Type: "enumeration", Calculated: true},
		{Name: "hs_created_by_user_id", Type: "number", Calculated: true}, {Name: "hs_updated_by_user_id", Type: "number", Calculated: true},
		{Name: "hs_lastmodifieddate", Type: "datetime", Calculated: true}, {Name: "hs_createdate", Type: "datetime", Calculated: true},
		{Name: "hubspot_owner_id", Type: "enumeration", Field: "select"}, {Name: "hs_object_source", Type: "string", Calculated: true},
		{Name: "hs_object_source_id", Type: "string", Calculated: true}, {Name: "hs_object_source_label", Type: "string", Calculated: true},
		{Name: "hs_object_source_detail_1", Type: "string", Calculated: true}}
	if t.Modified == "" {
		t.Modified = "hs_lastmodifieddate"
	}
	t.Props = append(common, props...)
	t.index = map[string]*Property{}
	for i := range t.Props {
		p := &t.Props[i]
		if p.Field == "" {
			p.Field = map[string]string{"datetime": "date", "number": "number", "enumeration": "select", "bool": "booleancheckbox"}[p.Type]
		}
		if p.Field == "" {
			p.Field = "text"
		}
		if p.Label == "" {
			p.Label = strings.ReplaceAll(strings.TrimPrefix(p.Name, "hs_"), "_", " ")
		}
		t.index[p.Name] = p
	}
	return &t
}

// Created is the property with the time of a record's creation.
func (t *Type) Created() string {
	switch t.Name {
	case "deals", "contacts", "companies":
		return "createdate"
	}
	return "hs_createdate"
}

func defineActivity(name, singular, id string, base int64, scopes []string, props ...Property) *Type {
	return define(Type{Name: name, Singular: singular, ID: id, Base: base, Step: 13, Scopes: scopes,
		Defaults: []string{"hs_createdate", "hs_lastmodifieddate", "hs_object_id"}},
		append([]Property{{Name: "hs_timestamp", Type: "datetime"}, {Name: "hs_activity_type", Type: "enumeration"},
			{Name: "hs_body_preview", Type: "string", Calculated: true}, {Name: "hs_body_preview_html", Type: "string", Calculated: true, NoFilter: true}}, props...)...)
}

// contactsScope is the scope that most activities require.
var contactsScope = []string{"crm.objects.contacts.read"}

// Types is the schema, which is never changed.
var Types = []*Type{
	define(Type{Name: "deals", Singular: "deal", ID: "0-3", Base: 36_104_000_003, Step: 61, Scopes: []string{"crm.objects.deals.read"},
		Defaults: []string{"dealname", "amount", "closedate", "pipeline", "dealstage", "createdate", "hs_lastmodifieddate", "hs_object_id"}},
		Property{Name: "dealname", Type: "string"}, Property{Name: "amount", Type: "number"}, Property{Name: "deal_currency_code", Type: "enumeration"},
		Property{Name: "dealtype", Type: "enumeration", Options: []string{"newbusiness", "existingbusiness"}}, Property{Name: "description", Type: "string", Field: "textarea"},
		Property{Name: "closedate", Type: "datetime", Label: "Close Date"}, Property{Name: "createdate", Type: "datetime", Label: "Create Date", Calculated: true},
		Property{Name: "dealstage", Type: "enumeration", Field: "radio", Label: "Deal Stage"}, Property{Name: "pipeline", Type: "enumeration"},
		Property{Name: "hs_is_closed", Type: "bool", Calculated: true}, Property{Name: "hs_is_closed_won", Type: "bool", Calculated: true}, Property{Name: "hs_is_closed_lost", Type: "bool", Calculated: true},
		Property{Name: "hs_deal_stage_probability", Type: "number", Calculated: true}, Property{Name: "hs_manual_forecast_category", Type: "enumeration", Options: []string{"OMIT", "PIPELINE", "BEST_CASE", "COMMIT", "CLOSED"}},
		Property{Name: "amount_in_home_currency", Type: "number", Calculated: true}, Property{Name: "hs_forecast_amount", Type: "number", Calculated: true},
		Property{Name: "hs_next_step", Type: "string", Label: "Next step"}, Property{Name: "hs_priority", Type: "enumeration"},
		Property{Name: "notes_last_updated", Type: "datetime", Label: "Last Activity Date", Calculated: true}, Property{Name: "notes_last_contacted", Type: "datetime", Calculated: true},
		Property{Name: "notes_next_activity_date", Type: "datetime", Label: "Next Activity Date", Calculated: true}, Property{Name: "num_notes", Type: "number", Calculated: true},
		Property{Name: "num_contacted_notes", Type: "number", Calculated: true}, Property{Name: "num_associated_contacts", Type: "number", Calculated: true},
		Property{Name: "hs_v2_date_entered_current_stage", Type: "datetime", Calculated: true}, Property{Name: "hs_v2_time_in_current_stage", Type: "datetime", Calculated: true},
		Property{Name: "hs_primary_associated_company", Type: "number", Calculated: true}, Property{Name: "hs_num_of_associated_line_items", Type: "number", Calculated: true},
		Property{Name: "hs_analytics_source", Type: "enumeration"},
		Property{Name: "closed_lost_reason", Type: "string", Field: "textarea"}, Property{Name: "closed_won_reason", Type: "string", Field: "textarea"},
		Property{Name: "economic_buyer", Type: "string", Label: "Economic buyer"},
		Property{Name: "on_hold_until", Type: "date", Label: "On hold until"}, Property{Name: "on_hold_reason", Type: "string", Label: "On hold: reason"}),
	define(Type{Name: "contacts", Singular: "contact", ID: "0-1", Base: 151, Step: 50, Scopes: contactsScope, Modified: "lastmodifieddate",
		Defaults: []string{"firstname", "lastname", "email", "lastmodifieddate", "hs_object_id", "createdate"}},
		Property{Name: "firstname", Type: "string"}, Property{Name: "lastname", Type: "string"}, Property{Name: "email", Type: "string"}, Property{Name: "jobtitle", Type: "string"},
		Property{Name: "createdate", Type: "datetime", Calculated: true}, Property{Name: "lastmodifieddate", Type: "datetime", Calculated: true}),
	define(Type{Name: "companies", Singular: "company", ID: "0-2", Base: 9_402_118_007, Step: 29, Scopes: []string{"crm.objects.companies.read"},
		Defaults: []string{"name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"}},
		Property{Name: "name", Type: "string"}, Property{Name: "domain", Type: "string"}, Property{Name: "createdate", Type: "datetime", Calculated: true}),
	defineActivity("calls", "call", "0-48", 51_200_000_011, contactsScope, Property{Name: "hs_call_title", Type: "string"}, Property{Name: "hs_call_body", Type: "string"},
		Property{Name: "hs_call_direction", Type: "enumeration", Options: []string{"INBOUND", "OUTBOUND"}}, Property{Name: "hs_call_duration", Type: "number"},
		Property{Name: "hs_call_disposition", Type: "enumeration"}, Property{Name: "hs_call_status", Type: "enumeration"}),
	defineActivity("emails", "email", "0-49", 52_300_000_017, []string{"crm.objects.contacts.read", "sales-email-read"}, Property{Name: "hs_email_subject", Type: "string"},
		Property{Name: "hs_email_text", Type: "string"}, Property{Name: "hs_email_html", Type: "string", NoFilter: true}, Property{Name: "hs_email_direction", Type: "enumeration",
			Options: []string{"EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL", "DRAFT_EMAIL"}}, Property{Name: "hs_email_status", Type: "enumeration"},
		Property{Name: "hs_sequence_id", Type: "number"}),
	defineActivity("meetings", "meeting", "0-47", 53_400_000_023, contactsScope, Property{Name: "hs_meeting_title", Type: "string"}, Property{Name: "hs_meeting_body", Type: "string"},
		Property{Name: "hs_meeting_start_time", Type: "datetime"}, Property{Name: "hs_meeting_end_time", Type: "datetime"}, Property{Name: "hs_meeting_outcome", Type: "enumeration",
			Options: []string{"SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"}}, Property{Name: "hs_meeting_location", Type: "string"}, Property{Name: "hs_meeting_external_url", Type: "string"}),
	defineActivity("tasks", "task", "0-27", 54_500_000_029, contactsScope, Property{Name: "hs_task_subject", Type: "string"}, Property{Name: "hs_task_body", Type: "string"},
		Property{Name: "hs_task_status", Type: "enumeration", Options: []string{"NOT_STARTED", "IN_PROGRESS", "COMPLETED", "WAITING", "DEFERRED"}},
		Property{Name: "hs_task_priority", Type: "enumeration"}, Property{Name: "hs_task_type", Type: "enumeration", Options: []string{"EMAIL", "CALL", "TODO"}},
		Property{Name: "hs_task_completion_date", Type: "datetime"}),
	defineActivity("notes", "note", "0-46", 55_600_000_031, contactsScope, Property{Name: "hs_note_body", Type: "string", Field: "html"}),
}

// Activities are the types that count for a deal's last activity.
var Activities = []string{"calls", "emails", "meetings", "tasks", "notes"}

// TypeNamed finds a type by name, singular or id, without regard to case.
func TypeNamed(name string) *Type {
	for _, t := range Types {
		if strings.EqualFold(t.Name, name) || strings.EqualFold(t.Singular, name) || t.ID == name {
			return t
		}
	}
	return nil
}

// linkTypes are the ids of unlabelled associations, by direction.
var linkTypes = map[[2]string]int{
	{"deals", "contacts"}: 3, {"contacts", "deals"}: 4, {"deals", "companies"}: 341, {"companies", "deals"}: 342,
	{"deals", "calls"}: 205, {"calls", "deals"}: 206, {"deals", "emails"}: 209, {"emails", "deals"}: 210, {"deals", "meetings"}: 211, {"meetings", "deals"}: 212,
	{"deals", "notes"}: 213, {"notes", "deals"}: 214, {"deals", "tasks"}: 215, {"tasks", "deals"}: 216,
	{"contacts", "calls"}: 193, {"calls", "contacts"}: 194, {"contacts", "emails"}: 197, {"emails", "contacts"}: 198, {"contacts", "meetings"}: 199, {"meetings", "contacts"}: 200,
	{"contacts", "notes"}: 201, {"notes", "contacts"}: 202, {"contacts", "tasks"}: 203, {"tasks", "contacts"}: 204,
	{"contacts", "companies"}: 279, {"companies", "contacts"}: 280,
}

// Property finds the definition of a property. A property of a stage exists as long as
// the stage.
func (h *Records) Property(t *Type, name string) *Property {
	if p := t.index[name]; p != nil {
		return p
	}
	if p := h.Custom[t.Name+"."+name]; p != nil {
		return p
	}
	if t.Name != "deals" {
		return nil
	}
	for _, dir := range []string{"entered", "exited"} {
		if id, ok := strings.CutPrefix(name, "hs_v2_date_"+dir+"_"); ok && h.Stage(id) != nil {
			return &Property{Name: name, Type: "datetime", Field: "date", Calculated: true}
		}
	}
	return nil
}

// StageProps are the properties that exist for each stage.
func (h *Records) StageProps() []Property {
	var out []Property
	for _, p := range h.Pipelines {
		for _, s := range p.Stages {
			for _, dir := range []string{"entered", "exited"} {
				out = append(out, Property{Name: "hs_v2_date_" + dir + "_" + s.ID, Type: "datetime", Field: "date", Calculated: true,
					Label: fmt.Sprintf("Date %s %q (%s)", dir, s.Label, p.Label)})
			}
		}
	}
	return out
}
