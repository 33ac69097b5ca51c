package intake

import "testing"

// TestRemeasured: of two notes that measure one thing, the last holds.
func TestRemeasured(t *testing.T) {
	const list = "HubSpot's list of deals had 80 of about 231 records; searches found 151 more"
	for later, want := range map[string]bool{
		"HubSpot's list of deals had 40 of about 1,231 records; searches found 1,191 more": true,
		"HubSpot's list of calls had 40 of about 231 records; searches found 191 more":     false,
		"HubSpot did not answer for 1 deal":                                                false,
	} {
		if remeasured(list, later) != want {
			t.Errorf("%q: %v", later, !want)
		}
	}
}
