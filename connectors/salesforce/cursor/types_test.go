package cursor

import "testing"

// TestRenamed: another name of a record type, and a name that comes late, are told; a new
// record type that no row was read with is not.
func TestRenamed(t *testing.T) {
	c, _ := Read("")
	c.Begin(nil, false, 0, 1000)
	c.Run.Types = map[string]string{"a": "New", "b": "Renewal"}
	c.Run.Began = 1000
	c.Run.KnowType("x", "")
	c.Finish()
	for _, now := range []struct {
		types   map[string]string
		renamed bool
	}{
		{map[string]string{"a": "New", "b": "Renewal"}, false},
		{map[string]string{"a": "New", "b": "Renewal", "c": "Partner"}, false},
		{map[string]string{"a": "New"}, false},
		{nil, false},
		{map[string]string{"a": "New", "b": "Upsell"}, true},
		{map[string]string{"a": "New", "b": "Renewal", "x": "Late"}, true},
	} {
		if got := c.Renamed(now.types); got != now.renamed {
			t.Errorf("%v: %v", now.types, got)
		}
	}
	c.Begin(nil, false, 0, 2000)
	c.Run.Types = map[string]string{"a": "New"}
	c.Finish()
	if !c.Renamed(map[string]string{"x": "Late"}) {
		t.Error("an increment forgets which names other rows were read with")
	}
}
