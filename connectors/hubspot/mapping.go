package hubspot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// property is a property of deals as HubSpot describes it.
type property struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // string, number, bool, enumeration, date, datetime
	Archived bool   `json:"archived"`
}

// standardField says where HubSpot keeps a standard field of a deal.
type standardField struct {
	name        string
	from        []string // properties, the first that is there counts
	overridable bool
	types       string // the described types that make sense, "" is any
	optional    bool   // portals without the feature do not have it: unmapped, not hidden
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
	{name: "next_step", from: []string{"hs_next_step"}, overridable: true},
	{name: "forecast_category", from: []string{"hs_manual_forecast_category"}, overridable: true},
	{name: "closed", from: []string{"hs_is_closed", "dealstage"}},
	{name: "won", from: []string{"hs_is_closed_won", "dealstage"}},
	{name: "created_at", from: []string{"createdate"}},
	{name: "modified_at", from: []string{"hs_lastmodifieddate"}},
	{name: "stage_since", from: []string{"hs_v2_date_entered_current_stage"}, overridable: true, types: dated},
	// Contact with the buyer is what the field is compared with; the other counts
	// notes and tasks too.
	{name: "last_activity_at", from: []string{"notes_last_contacted", "notes_last_updated"}, overridable: true, types: dated},
	{name: "next_activity_at", from: []string{"notes_next_activity_date"}, overridable: true, types: dated},
}

// mapping is wanted ∩ described: which property answers for which name.
type mapping struct {
	from   map[string]*property // by our name; nil is hidden
	custom []string             // our names of configured fields, sorted
}

// properties asks which properties deals have.
func (s *Source) properties(ctx context.Context) (*mapping, error) {
	var list struct {
		Results []property `json:"results"`
	}
	q := request{pace: s.calls, path: "/crm/properties/" + version + "/deals", what: "the properties of deals", scope: scopes["deals"]}
	if _, err := s.get(ctx, q, &list); err != nil {
		return nil, err
	}
	if len(list.Results) == 0 {
		return nil, s.unreadable(errors.New("deals have no property"))
	}
	return join(s.cfg.Fields, list.Results), nil
}

// join joins the configuration with what is described.
func join(configured map[string]string, described []property) *mapping {
	known := make(map[string]*property, len(described))
	for i := range described {
		if p := &described[i]; !p.Archived && propertyForm.MatchString(p.Name) {
			known[p.Name] = p
		}
	}
	m := &mapping{from: map[string]*property{}}
	put := func(name, types string, candidates ...string) {
		m.from[name] = nil
		for _, c := range candidates {
			if p := known[c]; p != nil && (types == "" || slices.Contains(strings.Fields(types), p.Type)) {
				m.from[name] = p
				return
			}
		}
	}
	for _, f := range standard {
		other, ok := configured[f.name]
		switch {
		case ok && f.overridable:
			put(f.name, f.types, other)
		case f.optional && known[f.from[0]] == nil:
		default:
			put(f.name, f.types, f.from...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		if !reserved(name) {
			put(name, "", configured[name])
			m.custom = append(m.custom, name)
		}
	}
	return m
}

// access says what can be read, for crm.Info.
func (m *mapping) access() crm.Fields {
	access := crm.Fields{}
	for name, p := range m.from {
		access[name] = readable(p != nil)
	}
	return access
}

// missing lists our names of the fields that the portal does not have, sorted.
func (m *mapping) missing() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(m.from)) {
		if m.from[name] == nil {
			out = append(out, name)
		}
	}
	return out
}

// merged names the deals that a deal has swallowed.
const merged = "hs_merged_object_ids"

// selection lists the properties that deals are read with, sorted.
func (m *mapping) selection() []string {
	names := []string{merged}
	for _, p := range m.from {
		if p != nil {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// at is the property that answers for our name, "" is none.
func (m *mapping) at(name string) string {
	if p := m.from[name]; p != nil {
		return p.Name
	}
	return ""
}

// historic pairs the fields whose history is read with their properties.
func (m *mapping) historic() []historic {
	var out []historic
	for _, f := range []crm.Field{crm.FieldStage, crm.FieldCloseDate, crm.FieldAmount, crm.FieldNextStep, crm.FieldOwner} {
		if p := m.from[string(f)]; p != nil {
			out = append(out, historic{f, p})
		}
	}
	return out
}

type historic struct {
	field crm.Field
	from  *property
}
