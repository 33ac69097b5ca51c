package hygiene

// Ids of rules that the engine itself knows by name.
const (
	// CloseDatePast passes in two ways, told apart by Diff: the deal was dealt
	// with, or its date was moved.
	CloseDatePast = "close-date-past"
	// OwnerInactive hides the other findings of its deal.
	OwnerInactive = "owner-inactive"
)

// Inhibited returns the failed rule that makes a finding of rule idle, or "".
// Nobody can follow up on a deal whose owner has left: it needs an owner first,
// and everything else is a consequence.
func Inhibited(rule string, failed func(rule string) bool) (by string) {
	if rule != OwnerInactive && failed(OwnerInactive) {
		return OwnerInactive
	}
	return ""
}
