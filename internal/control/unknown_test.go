package control

import "testing"

// TestNearness: a deal is meant by its name, by its name or id with a slip, and by how its name
// begins, in this order; by a few letters, or by none of these, it is not.
func TestNearness(t *testing.T) {
	const name, id = "Globex renewal", "0065g00000XyZ12AAB"
	for ref, want := range map[string]int{
		name: sameName, "globex RENEWAL": sameName, "Globex renewall": 1, "Globx renewall": 2, "0065g00000XyZ12AAC": 1,
		"Globex": beginning, "glob": beginning, "Glo": farther, "renewal": farther, "Initech": farther, "": farther, "006": farther,
	} {
		if got := nearness(ref, name, id); got != want {
			t.Errorf("%q: got %d, want %d", ref, got, want)
		}
	}
	if got := nearness("0065g", "", id); got != farther {
		t.Errorf("the beginning of an id is near: %d", got)
	}
}
