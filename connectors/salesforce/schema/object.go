package schema

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

// Object is what the login can see of an sObject type.
type Object struct {
	Name   string
	hidden bool              // the login cannot see the object, or not what its rows say
	lacks  []string          // the needed fields that a hidden object does not show; none where all of it is hidden
	fields map[string]*Field // by lower-case name
	types  []recordType
	at     time.Time // of the answer
}

// Field is one field of an object, as describe tells it. Describe does not list a
// field that field-level security hides.
type Field struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Filterable bool   `json:"filterable"`
}

// NewObject returns an object with the given fields, described at the time at.
func NewObject(name string, at time.Time, fields ...*Field) *Object {
	o := &Object{Name: name, fields: map[string]*Field{}, at: at}
	for _, f := range fields {
		if IsFieldName(f.Name) { // the name will stand in a query
			o.fields[strings.ToLower(f.Name)] = f
		}
	}
	return o
}

// Field returns the field called name, nil if the login cannot see the field. Case
// does not matter, as in SOQL.
func (o *Object) Field(name string) *Field { return o.fields[strings.ToLower(name)] }

// RecordTypes returns the API names of the record types by id. The record type of rows
// that have none has the name "".
func (o *Object) RecordTypes() map[string]string {
	names := map[string]string{}
	for _, t := range o.types {
		id, ok := row.LongID(t.ID)
		switch {
		case ok && t.Master:
			names[id] = ""
		case ok && t.Developer != "":
			names[id] = t.Developer
		}
	}
	return names
}

// Filterable reports whether the field called name may stand in a condition.
func (o *Object) Filterable(name string) bool {
	f := o.Field(name)
	return f != nil && f.Filterable
}

// ErrNoObject says that the login cannot see an object.
var ErrNoObject = errors.New("object is not visible")

var fieldForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

// IsFieldName reports whether name has the form of a field's API name.
func IsFieldName(name string) bool { return fieldForm.MatchString(name) }
