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

// TestOtherPatternsReadAgain: other patterns than before read the stream again, because the
// same row may now give another record. So does a version of the program that keeps more of
// the row. Subjects are read whether or not there are patterns, and names only for logins.
func TestOtherPatternsReadAgain(t *testing.T) {
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
	if !strings.Contains(plain, "Subject") || strings.Contains(plain, "CreatedBy.") {
		t.Errorf("without patterns and users it reads %s", plain)
	}
	if some, _ := look([]string{"a@b.example"}, nil); !strings.Contains(some, "CreatedBy.Email") {
		t.Errorf("with users it reads %s", some)
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
	before := at
	before.Fields = slices.Clone(at.Fields)
	for i, f := range before.Fields {
		before.Fields[i] = strings.TrimSuffix(f, " "+activityMark)
	}
	if before.Begin(at.Fields, false, 0, 0); !before.Run.Full {
		t.Error("what an earlier version has read is not read again")
	}
}
