package portal

import (
	"regexp"
	"slices"
)

var propertyForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,99}$`)

// IsProperty reports whether name can be the internal name of a property.
func IsProperty(name string) bool { return propertyForm.MatchString(name) }

// standardField says where HubSpot keeps a standard field of a deal.
type standardField struct {
	name        string
	from        []string // properties; the first that is there counts
	overridable bool
	types       string // the described types that make sense, "" is any
	optional    bool   // a portal without the feature lacks the property: unmapped, not hidden
}

const dated = "date datetime"

// standard lists the standard fields in the order of the export.
var standard = []standardField{
	{name: "name", from: []string{"dealname"}, overridable: true},
	{name: "pipeline", from: []string{"pipeline"}},
	{name: "stage", from: []string{"dealstage"}},
	{name: "amount", from: []string{"amount"}, overridable: true, types: "number"},
	{name: "currency", from: []string{"deal_currency_code"}, overridable: true, optional: true},
	{name: "close_date", from: []string{"closedate"}, overridable: true, types: dated},
	{name: "owner", from: []string{"hubspot_owner_id"}},
	{name: "account", from: []string{"hs_primary_associated_company"}, overridable: true, optional: true},
	{name: "next_step", from: []string{"hs_next_step"}, overridable: true},
	{name: "forecast_category", from: []string{"hs_manual_forecast_category"}, overridable: true},
	{name: "closed", from: []string{"hs_is_closed", "dealstage"}},
	{name: "won", from: []string{"hs_is_closed_won", "dealstage"}},
	{name: "created_at", from: []string{"createdate"}},
	{name: "modified_at", from: []string{"hs_lastmodifieddate"}},
	{name: "stage_since", from: []string{"hs_v2_date_entered_current_stage"}, overridable: true, types: dated},
	{name: "lead_source", from: []string{"hs_analytics_source"}, overridable: true, optional: true},
	{name: "type", from: []string{"dealtype"}, overridable: true, optional: true},
	{name: "probability", from: []string{likelihood}, overridable: true, types: "number", optional: true},
	{name: "products", from: []string{"hs_num_of_associated_line_items"}, overridable: true, types: "number bool", optional: true},
	{name: "created_by", from: []string{"hs_created_by_user_id"}, overridable: true, optional: true},
	{name: "created_via", from: []string{"hs_object_source"}, overridable: true, optional: true},
	{name: "created_app", from: []string{"hs_object_source_id"}, overridable: true, optional: true},
	{name: "created_app_name", from: []string{"hs_object_source_detail_1"}, overridable: true, optional: true},
	{name: "modified_by", from: []string{"hs_updated_by_user_id"}, overridable: true, optional: true},
	// Rules compare the field with contact with the buyer, so notes_last_contacted comes
	// first: notes_last_updated counts notes and tasks too.
	{name: "last_activity_at", from: []string{"notes_last_contacted", "notes_last_updated"}, overridable: true, types: dated},
	{name: "next_activity_at", from: []string{"notes_next_activity_date"}, overridable: true, types: dated},
}

// likelihood is a share of one; a property that the configuration names instead holds percent.
const likelihood = "hs_deal_stage_probability"

// lossReason answers for [crm.LossReason] unless the configuration names another property.
const lossReason = "closed_lost_reason"

// Merged names the deals that a deal has swallowed.
const Merged = "hs_merged_object_ids"

// Overridable lists the standard names that the configuration may point elsewhere.
func Overridable() []string {
	var names []string
	for _, f := range standard {
		if f.overridable {
			names = append(names, f.name)
		}
	}
	return names
}

// Reserved reports whether name has a meaning of its own.
func Reserved(name string) bool {
	for _, f := range standard {
		if f.name == name {
			return true
		}
	}
	switch name {
	case "activities", "emails", "history", "contacts", "id", "url", "source", "custom", "owner_email", "stage_label":
		return true
	}
	return false
}

// DealProperties lists the properties that deals are read with in a portal that has all
// of them.
func DealProperties() []string {
	names := []string{Merged, lossReason}
	for _, f := range standard {
		names = append(names, f.from...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
