package salesforce

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
)

// TestSubjectIsReadOnlyWithPatterns: subjects, which people wrote, are read only if
// patterns are configured. Other patterns than before read the stream again, because the
// same row may now give another record.
func TestSubjectIsReadOnlyWithPatterns(t *testing.T) {
	var fields []*schema.Field
	for _, f := range append([]string{"SystemModstamp"}, eventFields...) {
		fields = append(fields, &schema.Field{Name: f, Filterable: true})
	}
	o := schema.NewObject("Event", time.Time{}, fields...)
	parts := streams["activities"].parts
	of := parts[slices.IndexFunc(parts, func(p part) bool { return p.object == "Event" })]
	look := func(users, subjects []string) (string, cursor.Cursor) {
		w := configured{machines: machine.New(users, subjects)}
		var who *schema.Object
		if w.asksWho("Event") {
			who = schema.NewObject("User", time.Time{}, &schema.Field{Name: "Email"})
		}
		v, ok := w.see(of, o, who)
		if !ok {
			t.Fatal("no time of change")
		}
		c := cursor.Cursor{Since: 1}
		c.Fields = names([]sight{v})
		return strings.Join(v.selection, " "), c
	}
	plain, at := look(nil, []string{})
	if strings.Contains(plain, "Subject") || strings.Contains(plain, "CreatedBy.") {
		t.Errorf("without patterns and users it reads %s", plain)
	}
	if some, _ := look([]string{"a@b.example"}, nil); !strings.Contains(some, "Subject") || !strings.Contains(some, "CreatedBy.Email") {
		t.Errorf("with patterns and users it reads %s", some)
	}
	for _, c := range []struct {
		users, subjects []string
		again           bool
	}{
		{nil, []string{}, false},
		{[]string{"005RO000000aaaaYAA"}, []string{}, true},
		{nil, []string{"x*"}, true},
	} {
		_, now := look(c.users, c.subjects)
		next := at
		next.Begin(now.Fields, false, 0, 0)
		if next.Run.Full != c.again {
			t.Errorf("users %v, subjects %v: read again is %v, want %v", c.users, c.subjects, next.Run.Full, c.again)
		}
	}
	task := schema.NewObject("Task", time.Time{}, &schema.Field{Name: "SystemModstamp", Filterable: true}, &schema.Field{Name: "Subject"})
	of = parts[slices.IndexFunc(parts, func(p part) bool { return p.object == "Task" })]
	if v, ok := (configured{machines: machine.New(nil, []string{})}).see(of, task, nil); !ok || !slices.Contains(v.selection, "Subject") {
		t.Errorf("of a task, which may park its deal, it reads %v", v.selection)
	}
}
