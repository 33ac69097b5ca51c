package hubspot

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// TestFewerPropertiesAreReadAgain: activities that an earlier version read with fewer
// properties, whose cursors named the kinds alone, are read again, and those of this version
// are not.
func TestFewerPropertiesAreReadAgain(t *testing.T) {
	v := &view{}
	for _, c := range []struct {
		what   string
		fields []string
		again  bool
	}{
		{"the kinds alone", portal.Activities, true},
		{"with their marks", v.selection(crm.Activities), false},
		{"one without", append([]string{"notes"}, v.selection(crm.Activities)[:4]...), true},
	} {
		cur := &cursor{Since: 1, Fields: c.fields}
		if cur.begin(crm.Activities, v.selection(crm.Activities), 0, time.Unix(2, 0)); cur.Run.Full != c.again {
			t.Errorf("%s: read again is %v", c.what, cur.Run.Full)
		}
	}
	cur := &cursor{Since: 1, Fields: (&view{Portal: portal.Portal{Schema: portal.Join(nil, nil)}}).selection(crm.History)}
	if cur.begin(crm.History, (&view{Portal: portal.Portal{Schema: portal.Join(nil, nil)}}).fields(crm.History), 0, time.Unix(2, 0)); !cur.Run.Full {
		t.Error("histories that were read without their writers are not read again")
	}
	before := portal.ActivityMark("notes")
	defer func(list []string) { portal.ActivityProperties["notes"] = list }(portal.ActivityProperties["notes"])
	portal.ActivityProperties["notes"] = append([]string{"hs_note_body"}, portal.ActivityProperties["notes"]...)
	if portal.ActivityMark("notes") == before {
		t.Error("a property more is not noticed")
	}
}
