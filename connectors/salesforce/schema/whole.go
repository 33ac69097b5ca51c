package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// certain are the fields that no permission hides: fields that every row requires, and
// fields of the system. A description without one of them was cut, so it says nothing of
// its other fields either.
var certain = map[string][]string{
	"Opportunity":        {"Id", "Name", "CloseDate", "OwnerId", "IsClosed", "IsWon", "CreatedDate"}, // a hidden StageName makes the rules of stages unknown
	"OpportunityHistory": {"Id", "StageName", "CloseDate"},
	"OpportunityStage":   {"Id", "MasterLabel", "IsActive", "IsClosed", "IsWon"},
	"Task":               {"Id", "IsClosed"},
	"Event":              {"Id"},
	"User":               {"Id", "IsActive"},
}

// needed are the fields that field-level security may hide, and without which the rows of
// an object say nothing: an activity without its deal or its day is not "no activity". An
// object that lacks one counts as hidden.
var needed = map[string][]string{
	"Task":                   {"WhatId", "ActivityDate"},
	"Event":                  {"WhatId", "ActivityDate", "StartDateTime"},
	"OpportunityHistory":     {"OpportunityId", "CreatedDate"},
	"OpportunityContactRole": {"OpportunityId", "ContactId"},
}

// without returns those of the fields that the description does not have.
func (o *Object) without(fields []string) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return o.Field(name) != nil })
}

// tellsLess reports whether a description hides what the one before it told. A first
// description does if it hides the object, or names no master record type, which each
// object with record types has.
func (s *Schema) tellsLess(o *Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.known[o.Name]
	switch {
	case o.hidden:
		return before == nil || !before.hidden
	case before == nil:
		return o.Field("RecordTypeId") != nil && !slices.ContainsFunc(o.types, func(t recordType) bool { return t.Master })
	}
	types := o.RecordTypes()
	for name := range before.fields {
		if o.fields[name] == nil {
			return true
		}
	}
	for id := range before.RecordTypes() {
		if _, told := types[id]; !told {
			return true
		}
	}
	return false
}

// Unseen says what the login cannot read of hidden objects, and what to do.
func (s *Schema) Unseen(names ...string) (what, hint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var things []string
	hints := map[string]bool{}
	for _, name := range names {
		if o := s.known[name]; o != nil && len(o.lacks) > 0 {
			things = append(things, "the field "+strings.Join(o.lacks, ", nor ")+" of "+name)
			hints["let the run-as user read this field (field-level security)"] = true
			continue
		}
		things = append(things, "the object "+name)
		hints["give the run-as user read permission for this object"] = true
	}
	return "the login cannot read " + strings.Join(things, ", nor "), strings.Join(slices.Sorted(maps.Keys(hints)), ", and ")
}

// NoObject explains that the login cannot see an object.
func (s *Schema) NoObject(name string) error {
	what, hint := s.Unseen(name)
	return s.org.Fail(crm.ErrRefused, what, hint)
}
