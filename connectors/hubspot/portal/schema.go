package portal

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Property is a property of deals as HubSpot describes it.
type Property struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // string, number, bool, enumeration, date, datetime
	Archived bool   `json:"archived"`

	Options json.RawMessage `json:"options"` // read of the stage alone
}

// Schema says which property answers for which of our names: the standard and the
// configured properties, as far as the portal has them.
type Schema struct {
	from   map[string]*Property // by our name; nil is hidden
	custom []string             // our names of configured fields, sorted
	stages map[string]string    // the stages that a deal may be in, of all pipelines: their labels by id
}

// Join makes the schema of the configured names and the described properties.
func Join(configured map[string]string, described []Property) *Schema {
	known := make(map[string]*Property, len(described))
	for i := range described {
		if p := &described[i]; !p.Archived && IsProperty(p.Name) {
			known[p.Name] = p
		}
	}
	m := &Schema{from: map[string]*Property{}}
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
		if !Reserved(name) {
			put(name, "", configured[name])
			m.custom = append(m.custom, name)
		}
	}
	if _, ok := configured[crm.LossReason]; !ok && known[lossReason] != nil {
		put(crm.LossReason, "", lossReason)
		m.custom = append(m.custom, crm.LossReason)
		slices.Sort(m.custom)
	}
	if p := m.from["stage"]; p != nil {
		m.stages = optionsOf(p)
	}
	return m
}

// Access says what can be read, for [crm.Info].
func (m *Schema) Access() crm.Fields {
	access := crm.Fields{}
	for name, p := range m.from {
		access[name] = Readable(p != nil)
	}
	return access
}

// Dates lists our names of the times that the portal keeps as dates, for [crm.Info].
func (m *Schema) Dates() (out []string) {
	for _, name := range []string{"last_activity_at", "next_activity_at", "stage_since"} {
		if p := m.from[name]; p != nil && p.Type == "date" {
			out = append(out, name)
		}
	}
	return out
}

// Readable says whether a field is readable or hidden.
func Readable(ok bool) crm.Access {
	if ok {
		return crm.Readable
	}
	return crm.Hidden
}

// Missing lists our names of the fields that the portal does not have, sorted.
func (m *Schema) Missing() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(m.from)) {
		if m.from[name] == nil {
			out = append(out, name)
		}
	}
	return out
}

// Selection lists the properties that deals are read with, sorted.
func (m *Schema) Selection() []string {
	names := []string{Merged}
	for _, p := range m.from {
		if p != nil {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// At is the property that answers for our name; "" is none.
func (m *Schema) At(name string) string {
	if p := m.from[name]; p != nil {
		return p.Name
	}
	return ""
}

// Historic pairs the fields whose history is read with their properties.
func (m *Schema) Historic() []Historic {
	var out []Historic
	for _, f := range []crm.Field{crm.FieldStage, crm.FieldCloseDate, crm.FieldAmount, crm.FieldNextStep, crm.FieldOwner} {
		if p := m.from[string(f)]; p != nil {
			out = append(out, Historic{f, p})
		}
	}
	return out
}

// Historic is a field whose history is read, and its property.
type Historic struct {
	Field crm.Field
	From  *Property
}

// Closing lists the properties that tell of a deal's end, for streams that do not read
// all properties.
func (m *Schema) Closing() []string {
	names := []string{"hs_object_id"}
	for _, field := range []string{"closed", "won", "pipeline", "stage", "close_date"} {
		if name := m.At(field); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Present lists the properties that histories are read with: those that tell of a deal's end,
// and the present values of what has a history.
func (m *Schema) Present() []string {
	names := m.Closing()
	for _, h := range m.Historic() {
		if !slices.Contains(names, h.From.Name) {
			names = append(names, h.From.Name)
		}
	}
	return names
}

// Covers reports whether the records have all properties that deals are read with. An
// empty property is null; HubSpot leaves out a property that does not exist any more.
func (m *Schema) Covers(list []row.Record) bool {
	for i := range list {
		for _, p := range m.from {
			if p == nil {
				continue
			}
			if _, ok := list[i].Properties[p.Name]; !ok {
				return false
			}
		}
	}
	return true
}

// optionsOf are the labels of what a property may hold, by value; nil where that cannot be read.
func optionsOf(p *Property) map[string]string {
	var list []struct {
		Value row.Text `json:"value"`
		Label row.Text `json:"label"`
	}
	if json.Unmarshal(p.Options, &list) != nil {
		return nil
	}
	out := make(map[string]string, len(list))
	for _, o := range list {
		out[string(o.Value)] = string(o.Label)
	}
	return out
}

// Stage is the label of a stage that a deal may be in, whether or not a pipeline lists it;
// ok is false for one that is not among these.
func (m *Schema) Stage(id string) (label string, ok bool) {
	label, ok = m.stages[id]
	return label, ok
}
