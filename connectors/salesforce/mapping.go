package salesforce

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// standardField says where Salesforce keeps a standard field of an opportunity.
type standardField struct {
	name        string
	fields      []string // API names; the first readable field counts
	overridable bool     // the configuration may name another field
	types       string   // the types that fit, as describe calls them; "" is any
	optional    bool     // an org without the feature has no such field, so the name is unmapped and not hidden
}

const (
	numeric = "currency double percent int long"
	dated   = "date datetime"
)

// standard lists the standard fields in the order of the export.
var standard = []standardField{
	{name: "name", fields: []string{"Name"}, overridable: true},
	{name: "pipeline", fields: []string{"RecordTypeId"}, overridable: true, optional: true},
	{name: "stage", fields: []string{"StageName"}},
	{name: "amount", fields: []string{"Amount"}, overridable: true, types: numeric},
	{name: "currency", fields: []string{"CurrencyIsoCode"}, overridable: true, optional: true},
	{name: "close_date", fields: []string{"CloseDate"}, overridable: true, types: dated},
	{name: "owner", fields: []string{"OwnerId"}},
	{name: "account", fields: []string{"AccountId"}, overridable: true},
	{name: "next_step", fields: []string{"NextStep"}, overridable: true},
	{name: "forecast_category", fields: []string{"ForecastCategoryName", "ForecastCategory"}, overridable: true},
	{name: "closed", fields: []string{"IsClosed"}},
	{name: "won", fields: []string{"IsWon"}},
	{name: "created_at", fields: []string{"CreatedDate"}},
	{name: "modified_at", fields: []string{"LastModifiedDate", "SystemModstamp"}},
	{name: "stage_since", fields: []string{"LastStageChangeDate"}, overridable: true, types: dated},
	{name: "lead_source", fields: []string{"LeadSource"}, overridable: true, optional: true},
	{name: "type", fields: []string{"Type"}, overridable: true, optional: true},
	{name: "probability", fields: []string{"Probability"}, overridable: true, types: numeric, optional: true},
	{name: "products", fields: []string{"HasOpportunityLineItem"}, overridable: true, types: "boolean " + numeric, optional: true},
	{name: "created_by", fields: []string{"CreatedById"}, overridable: true, optional: true},
	{name: "modified_by", fields: []string{"LastModifiedById"}, overridable: true, optional: true},
	{name: "last_activity_at", fields: []string{"LastActivityDate"}, overridable: true, types: dated},
}

// mapping says which field of Opportunity holds the value of each name of ours. Its
// fields are configured and visible to the login.
type mapping struct {
	from   map[string]*schema.Field // by our name; nil is hidden
	custom []string                 // our names of configured fields, sorted
	types  map[string]string        // API names of the record types by id, where the record type is the pipeline; else nil
	why    map[string]string        // by our name: why a field is hidden, and what to do
}

// mapping joins the configured fields with the fields that the login can see.
func (w configured) mapping(o *schema.Object) *mapping {
	m := &mapping{from: map[string]*schema.Field{}, why: map[string]string{}}
	taken := map[string]bool{}
	put := func(name, types string, candidates ...string) {
		taken[name] = true
		m.from[name] = nil
		for _, c := range candidates {
			if f := o.Field(c); f != nil && (types == "" || slices.Contains(strings.Fields(types), f.Type)) {
				m.from[name] = f
				return
			}
		}
		m.why[name] = w.whyHidden(o, name, types, candidates[0])
	}
	for _, f := range standard {
		if other, ok := w.fields[f.name]; ok && f.overridable {
			put(f.name, f.types, other)
			continue
		}
		if f.optional && o.Field(f.fields[0]) == nil {
			continue
		}
		put(f.name, f.types, f.fields...)
		if f.name == "pipeline" && m.from[f.name] != nil {
			m.types = o.RecordTypes()
		}
	}
	if other, ok := w.fields["next_activity_at"]; ok {
		put("next_activity_at", dated, other)
	}
	for _, name := range slices.Sorted(maps.Keys(w.fields)) {
		if !taken[name] {
			put(name, "", w.fields[name])
			m.custom = append(m.custom, name)
		}
	}
	return m
}

// whyHidden tells the operator why no field holds the value of name.
func (w configured) whyHidden(o *schema.Object, name, types, field string) string {
	_, named := w.fields[name]
	switch f := o.Field(field); {
	case f != nil:
		return fmt.Sprintf("fields.%s names %s, whose type is %s; name a field of a type that fits: %s", name, f.Name, f.Type, strings.Join(strings.Fields(types), ", "))
	case named:
		return fmt.Sprintf("fields.%s names %s, which the login does not see on Opportunity; check the spelling of the API name, then let the run-as user read the field (field-level security)", name, field)
	}
	return fmt.Sprintf("the login does not see the field %s of Opportunity; let the run-as user read the field (field-level security)", field)
}

// access says which names are readable, for crm.Info.
func (m *mapping) access() crm.Fields {
	access := crm.Fields{}
	for name, f := range m.from {
		access[name] = readable(f != nil)
	}
	return access
}

// dates lists our names of the times that the org keeps as dates, for crm.Info.
func (m *mapping) dates() (out []string) {
	for _, name := range []string{"last_activity_at", "next_activity_at", "stage_since"} {
		if f := m.from[name]; f != nil && f.Type == "date" {
			out = append(out, name)
		}
	}
	return out
}

// twin is the field that names the same deal in another source, "" where none does; nil is
// the mapping of another object than Opportunity.
func (m *mapping) twin() string {
	if m == nil || m.from[crm.SameAs] == nil {
		return ""
	}
	return m.from[crm.SameAs].Name
}

// selection lists the fields that a query of opportunities selects, sorted, without
// Id, IsDeleted and the stamp, which every query selects.
func (m *mapping) selection() []string {
	var names []string
	for _, f := range m.from {
		if f != nil {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
