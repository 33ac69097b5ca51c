package hubspot

import (
	"fmt"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// TestToldDetails: a detail that the portal never answers for is not lacking; one that it has
// answered for, as a value or as empty, is where an answer leaves it out, and so is one that
// is no text.
func TestToldDetails(t *testing.T) {
	rec := func(properties ...string) row.Record {
		r := row.Record{ID: "1", Properties: map[string]row.Value{}}
		for _, p := range properties {
			r.Properties[p] = ""
		}
		return r
	}
	k := &told{}
	for i, c := range []struct {
		object string
		found  []row.Record
		want   string
	}{
		{"calls", []row.Record{rec(), rec("hs_call_status")}, "map[]"},
		{"calls", []row.Record{rec("hs_call_title"), rec()}, "map[1:[hs_call_title]]"},
		{"calls", []row.Record{rec()}, "map[0:[hs_call_title]]"},
		{"meetings", []row.Record{rec()}, "map[]"}, // another kind
		{"notes", []row.Record{{ID: "1", Properties: map[string]row.Value{"hs_object_source_id": row.Strange}}}, "map[0:[hs_object_source_id]]"},
	} {
		if got := fmt.Sprint(k.lacks(c.object, c.found)); got != c.want {
			t.Errorf("%d, %s: lacking are %s, want %s", i, c.object, got, c.want)
		}
	}
}
