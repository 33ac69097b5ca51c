package sim

import "strings"

// fieldType is a field's type as describe names it.
type fieldType string

const (
	tID        fieldType = "id"
	tString    fieldType = "string"
	tEmail     fieldType = "email"
	tPhone     fieldType = "phone"
	tText      fieldType = "textarea"
	tPicklist  fieldType = "picklist"
	tBool      fieldType = "boolean"
	tInt       fieldType = "int"
	tDouble    fieldType = "double"
	tCurrency  fieldType = "currency"
	tPercent   fieldType = "percent"
	tDate      fieldType = "date"
	tDateTime  fieldType = "datetime"
	tReference fieldType = "reference"
)

// field is one field of an object.
type field struct {
	name     string
	typ      fieldType
	length   int
	required bool
	noFilter bool     // selectable, but neither in WHERE nor in ORDER BY
	derived  bool     // set by the system
	to       []string // what a reference points at
	needs    string   // the org feature without which it does not exist
}

func (f *field) custom() bool { return strings.HasSuffix(f.name, "__c") }

// relation is the name under which SOQL follows a reference: OwnerId → Owner.
func (f *field) relation() string {
	if f.typ != tReference {
		return ""
	}
	return strings.TrimSuffix(f.name, "Id")
}

// object is one sObject type.
type object struct {
	name   string
	prefix string
	fields []field
	index  map[string]*field // lower-case names
}

func (o *object) field(name string) *field { return o.index[strings.ToLower(name)] }

func define(name, prefix string, fields ...field) *object {
	o := &object{name: name, prefix: prefix, index: map[string]*field{}}
	o.fields = append(o.fields, field{name: "Id", typ: tID, required: true, derived: true})
	o.fields = append(o.fields, fields...)
	for i := range o.fields {
		o.index[strings.ToLower(o.fields[i].name)] = &o.fields[i]
	}
	return o
}

// related finds the reference that a relationship name follows.
func (o *object) related(name string) *field {
	for i := range o.fields {
		if rel := o.fields[i].relation(); rel != "" && strings.EqualFold(rel, name) {
			return &o.fields[i]
		}
	}
	return nil
}

// values are a record's fields, by name. What is absent is null. Types are string,
// bool, int, float64, crm.Date and time.Time (whole seconds, UTC).
type values map[string]any

// put sets a field; nil makes it null.
func (v values) put(name string, value any) {
	if value == nil {
		delete(v, name)
		return
	}
	v[name] = value
}

// putText sets a text field, of which an empty one is null.
func (v values) putText(name, text string) {
	if text == "" {
		delete(v, name)
		return
	}
	v[name] = text
}
