package soql

import "strings"

// Type is a field's type as describe names it.
type Type string

// The types of fields.
const (
	ID        Type = "id"
	String    Type = "string"
	Email     Type = "email"
	Phone     Type = "phone"
	Textarea  Type = "textarea"
	Picklist  Type = "picklist"
	Bool      Type = "boolean"
	Int       Type = "int"
	Double    Type = "double"
	Currency  Type = "currency"
	Percent   Type = "percent"
	Date      Type = "date"
	DateTime  Type = "datetime"
	Reference Type = "reference"
)

// Field is one field of an object.
type Field struct {
	Name     string
	Type     Type
	Length   int
	Required bool
	NoFilter bool     // selectable, but neither in WHERE nor in ORDER BY
	Derived  bool     // set by the system, not by a user
	To       []string // the objects that a reference may point at
	Needs    string   // the org feature without which the field does not exist
}

// Custom reports whether the org defined the field.
func (f *Field) Custom() bool { return strings.HasSuffix(f.Name, "__c") }

// Relation is the name under which SOQL follows a reference: OwnerId → Owner.
func (f *Field) Relation() string {
	if f.Type != Reference {
		return ""
	}
	return strings.TrimSuffix(f.Name, "Id")
}

// Object is one sObject type.
type Object struct {
	Name   string
	Prefix string
	Fields []Field
	index  map[string]*Field // lower-case names
}

// Field finds a field without regard to case; nil is none.
func (o *Object) Field(name string) *Field { return o.index[strings.ToLower(name)] }

// Define makes an object with an Id and the fields given.
func Define(name, prefix string, fields ...Field) *Object {
	o := &Object{Name: name, Prefix: prefix, index: map[string]*Field{}}
	o.Fields = append(o.Fields, Field{Name: "Id", Type: ID, Required: true, Derived: true})
	o.Fields = append(o.Fields, fields...)
	for i := range o.Fields {
		o.index[strings.ToLower(o.Fields[i].Name)] = &o.Fields[i]
	}
	return o
}

// related finds the reference that a relationship name follows.
func (o *Object) related(name string) *Field {
	for i := range o.Fields {
		if rel := o.Fields[i].Relation(); rel != "" && strings.EqualFold(rel, name) {
			return &o.Fields[i]
		}
	}
	return nil
}

// Values are a record's fields, by name. An absent field is null. Types are string,
// bool, int, float64, crm.Date and time.Time (whole seconds, UTC).
type Values map[string]any

// Put sets a field; nil makes it null.
func (v Values) Put(name string, value any) {
	if value == nil {
		delete(v, name)
		return
	}
	v[name] = value
}

// PutText sets a text field; an empty text is null.
func (v Values) PutText(name, text string) {
	if text == "" {
		delete(v, name)
		return
	}
	v[name] = text
}
