package hygiene

import "slices"

// Continue leaves in the result only findings that go on, by their keys: what would begin is
// judged later. Until then its rule is Exempt, as a rule that does not look at the deal yet.
func (r *Result) Continue(goesOn func(Key) bool) {
	begins := func(f Finding) bool {
		if goesOn(f.Key) {
			return false
		}
		r.Outcomes[f.Rule] = Exempt
		return true
	}
	r.Failed = slices.DeleteFunc(r.Failed, begins)
	r.Paused = slices.DeleteFunc(r.Paused, begins)
}
