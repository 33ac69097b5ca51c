package salesforce

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
)

// leastActivities is the least keep.activities, in months.
const leastActivities = 3

// check reports every mistake under its key in the configuration of a source.
func (c Config) check(report func(key, message string)) {
	c = c.withDefaults()
	if c.Name == "" {
		report("name", "is missing")
	}
	c.api().Validate(report)
	if c.Overlap < 0 || c.Overlap > 7*24*time.Hour {
		report("overlap", "must lie between 0 and 7 days")
	}
	if c.Capture != CaptureCRM && c.Capture != CaptureEinstein {
		report("activity_capture", fmt.Sprintf("%q is no place where e-mails become activities; write %s or %s", c.Capture, CaptureCRM, CaptureEinstein))
	}
	if c.Keep.Closed < 0 {
		report("keep.closed", "must not be negative")
	}
	if c.Keep.Activities < 0 || c.Keep.Activities > 0 && c.Keep.Activities < leastActivities {
		report("keep.activities", fmt.Sprintf("must be at least %dmo: rules look that far back", leastActivities))
	}
	if c.BulkAbove < api.MaxPage {
		report("bulk_above", fmt.Sprintf("must be at least %d, the number of rows that one call reads", api.MaxPage))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		c.validateField(name, c.Fields[name], func(message string) { report("fields."+name, message) })
	}
}

func (c Config) validateField(name, field string, report func(message string)) {
	if !schema.IsFieldName(field) {
		report(fmt.Sprintf("%q is no API name of a field; write it like Decision_Criteria__c", field))
	}
	if reserved(name) && !slices.Contains(Overridable(), name) {
		report("this name always stands for a standard field of Salesforce; choose another name")
	}
}

// reserved reports whether Pipetidy gives name a meaning.
func reserved(name string) bool {
	for _, f := range standard {
		if f.name == name {
			return true
		}
	}
	switch name {
	case "activities", "emails", "history", "contacts", "id", "next_activity_at", "url", "source", "custom", "owner_email", "stage_label":
		return true
	}
	return false
}

// Overridable lists the standard names for which Config.Fields may name another field.
func Overridable() []string {
	var names []string
	for _, f := range standard {
		if f.overridable {
			names = append(names, f.name)
		}
	}
	return append(names, "next_activity_at")
}
