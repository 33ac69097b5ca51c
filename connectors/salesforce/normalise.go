package salesforce

import (
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// What turns rows into the words of package crm. Nothing here asks anybody
// anything: the same row gives the same record.

// opportunity normalises a row of Opportunity.
func (m *mapping) opportunity(r *row) crm.Opportunity {
	o := crm.Opportunity{
		ID:               r.text("Id"),
		Name:             r.text(m.at("name")),
		Stage:            r.text(m.at("stage")),
		Amount:           m.number(r, "amount"),
		Currency:         r.text(m.at("currency")),
		CloseDate:        r.date(m.at("close_date")),
		OwnerID:          r.text(m.at("owner")),
		AccountID:        r.text(m.at("account")),
		NextStep:         r.text(m.at("next_step")),
		ForecastCategory: r.text(m.at("forecast_category")),
		Closed:           r.flag(m.at("closed")),
		Won:              r.flag(m.at("won")),
		CreatedAt:        r.time(m.at("created_at")),
		ModifiedAt:       r.time(m.at("modified_at")),
		LastActivityAt:   r.time(m.at("last_activity_at")),
		NextActivityAt:   r.time(m.at("next_activity_at")),
	}
	o.Pipeline = r.text(m.at("pipeline"))
	if m.from["stage_since"] != nil {
		// Never changed since Salesforce began to note it: as old as the deal.
		if o.StageSince = r.time(m.at("stage_since")); o.StageSince.IsZero() {
			o.StageSince = o.CreatedAt
		}
	}
	for _, name := range m.custom {
		if f := m.from[name]; f != nil {
			o.Custom = append(o.Custom, custom(r, name, f))
		}
	}
	return o
}

// at is the field of a row that answers for our name; "" is none.
func (m *mapping) at(name string) string {
	f := m.from[name]
	switch {
	case f == nil:
		return ""
	case name == "pipeline" && m.recordRel:
		return "RecordType.DeveloperName"
	}
	return f.Name
}

func (m *mapping) number(r *row, name string) crm.Number {
	if m.from[name] == nil {
		return crm.Number{}
	}
	return r.number(m.at(name))
}

// custom reads a configured field by its described type.
func custom(r *row, name string, f *field) crm.Custom {
	c := crm.Custom{Name: name}
	if r.raw(f.Name) == nil {
		return c
	}
	switch f.Type {
	case "currency", "double", "percent", "int", "long":
		c.Type, c.Value = crm.Numeric, strconv.FormatFloat(r.number(f.Name).Value, 'f', -1, 64)
	case "boolean":
		c.Type, c.Value = crm.Boolean, strconv.FormatBool(r.flag(f.Name))
	case "date":
		c.Type, c.Value = crm.Dated, r.date(f.Name).String()
	case "datetime":
		c.Type, c.Value = crm.Timed, r.time(f.Name).Format(time.RFC3339)
	default:
		if c.Value = r.text(f.Name); c.Value != "" {
			c.Type = crm.Text
		}
	}
	return c
}

// user normalises a row of User.
func user(r *row) crm.User {
	return crm.User{
		ID:        r.text("Id"),
		Name:      r.text("Name"),
		Email:     strings.ToLower(strings.TrimSpace(r.text("Email"))),
		Active:    r.flag("IsActive"),
		ManagerID: r.text("ManagerId"),
		TimeZone:  r.text("TimeZoneSidKey"),
	}
}

// stage normalises a row of OpportunityStage. Opportunities hold a stage's API
// name, people read its label.
func stage(r *row) crm.Stage {
	s := crm.Stage{
		ID:       r.text("ApiName"),
		Label:    r.text("MasterLabel"),
		Order:    int(r.number("SortOrder").Value),
		Closed:   r.flag("IsClosed"),
		Won:      r.flag("IsWon"),
		Active:   r.flag("IsActive"),
		Forecast: r.text("ForecastCategoryName"),
	}
	if s.ID == "" {
		s.ID = s.Label
	}
	if s.Forecast == "" {
		s.Forecast = r.text("ForecastCategory")
	}
	return s
}

// contact normalises a row of OpportunityContactRole.
func contact(r *row) crm.Contact {
	return crm.Contact{
		ID:            r.text("Id"),
		OpportunityID: r.text("OpportunityId"),
		ContactID:     r.text("ContactId"),
		Role:          r.text("Role"),
		Primary:       r.flag("IsPrimary"),
	}
}

// task normalises a row of Task.
func (s *Source) task(r *row, login string) crm.Activity {
	a := s.activity(r, login)
	a.Kind = crm.Task
	a.Due = r.date("ActivityDate")
	a.Done = r.flag("IsClosed")
	a.Outcome = r.text("CallDisposition")
	switch kind, subtype := r.text("Type"), r.text("TaskSubtype"); {
	case kind == "Call" || subtype == "Call":
		a.Kind = crm.Call
	case kind == "Email" || subtype == "Email" || subtype == "ListEmail":
		a.Kind = crm.Email
	}
	switch r.text("CallType") {
	case "Inbound":
		a.Direction = crm.In
	case "Outbound":
		a.Direction = crm.Out
	}
	a.At = r.time("CompletedDateTime")
	if a.At.IsZero() && !a.Due.IsZero() {
		a.At = a.Due.In(time.UTC)
	}
	if a.At.IsZero() && a.Done {
		a.At = a.CreatedAt // logged when it was done, before Salesforce noted completion
	}
	return a
}

// event normalises a row of Event. Salesforce does not say whether a meeting
// took place; one that has ended by asOf counts as done.
func (s *Source) event(r *row, login string, asOf time.Time) crm.Activity {
	a := s.activity(r, login)
	a.Kind = crm.Meeting
	if a.At = r.time("StartDateTime"); a.At.IsZero() {
		if a.At = r.time("ActivityDateTime"); a.At.IsZero() {
			a.At = r.time("ActivityDate")
		}
	}
	end := r.time("EndDateTime")
	if end.IsZero() {
		end = a.At
	}
	a.Done = !end.IsZero() && end.Before(asOf)
	return a
}

// activity reads what tasks and events have in common. The owner may be a queue,
// which is nobody; login is the id of the user that reads.
func (s *Source) activity(r *row, login string) crm.Activity {
	a := crm.Activity{
		ID:        r.text("Id"),
		OwnerID:   r.text("OwnerId"),
		CreatedAt: r.time("CreatedDate"),
		Automated: s.machines.made(r, login),
	}
	if what := r.text("WhatId"); isOpportunity(what) {
		a.OpportunityIDs = []string{what}
	}
	return a
}

// changes are the values that a row of OpportunityHistory notes. It holds all
// values of its time and not what changed, so the values before are unknown
// here and restatements are left to [crm.Fold].
func changes(r *row) []crm.Change {
	c := crm.Change{OpportunityID: r.text("OpportunityId"), At: r.time("CreatedDate"), By: r.text("CreatedById")}
	if c.OpportunityID == "" || c.At.IsZero() {
		return nil
	}
	then := crm.Opportunity{Stage: r.text("StageName"), CloseDate: r.date("CloseDate"), Amount: r.number("Amount")}
	id := r.text("Id")
	var out []crm.Change
	for _, f := range []struct {
		field crm.Field
		from  string
	}{{crm.FieldStage, "StageName"}, {crm.FieldCloseDate, "CloseDate"}, {crm.FieldAmount, "Amount"}} {
		if !r.has(f.from) {
			continue // not visible is not empty
		}
		c.ID, c.Field, c.New = id+":"+string(f.field), f.field, crm.FieldValue(&then, f.field)
		out = append(out, c)
	}
	return out
}
