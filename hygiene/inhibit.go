package hygiene

import (
	"slices"
)

// IDs of rules that code outside of the catalogue knows by name.
const (
	// CloseDatePast passes because somebody dealt with the deal, or because somebody
	// moved its date; Diff distinguishes the two.
	CloseDatePast = "close-date-past"
	// OwnerInactive and OwnerMissing hide the other findings of their deal.
	OwnerInactive = "owner-inactive"
	OwnerMissing  = "owner-missing"

	AmountMissing            = "amount-missing"
	CloseDateMissing         = "close-date-missing"
	CloseDatePushed          = "close-date-pushed"
	CommitNoActivity         = "commit-no-activity"
	NeverTouched             = "never-touched"
	NewOwnerNoTouch          = "new-owner-no-touch"
	NextStepMissing          = "next-step-missing"
	NoActivity               = "no-activity"
	NoContact                = "no-contact"
	NoFutureActivity         = "no-future-activity"
	StageExitCriteriaMissing = "stage-exit-criteria-missing"
)

// Inhibited returns the failed rule, the root, that makes a finding of rule idle, or
// "": one deal, one reason.
//
// Nobody can follow up on a deal without an owner, or whose owner has left. The deal
// needs an owner first, so these two rules are roots of every other. Any other root
// says the same as the idle finding: its message names the moves of the date, or that
// nothing is booked.
func Inhibited(rule string, failed func(rule string) bool) (by string) {
	all := roots(rule)
	if i := slices.IndexFunc(all, failed); i >= 0 {
		return all[i]
	}
	return ""
}

// roots are the rules that inhibit findings of rule, the first of which counts.
func roots(rule string) []string {
	switch rule {
	case OwnerInactive, OwnerMissing:
		return nil
	case CloseDatePushed:
		return []string{OwnerInactive, OwnerMissing, CloseDatePast}
	case NoActivity:
		return []string{OwnerInactive, OwnerMissing, NeverTouched}
	case NoFutureActivity:
		return []string{OwnerInactive, OwnerMissing, NextStepMissing, NeverTouched, NoActivity, NewOwnerNoTouch, CommitNoActivity}
	}
	return []string{OwnerInactive, OwnerMissing}
}

// hiders are the rules whose findings may stand for one of rule: its roots, and the stage
// definitions where they ask for the same field.
func hiders(rule string) []string {
	switch rule {
	case AmountMissing, CloseDateMissing, NextStepMissing, NoContact, NoFutureActivity:
		return append(roots(rule), StageExitCriteriaMissing)
	}
	return roots(rule)
}

// Hides reports whether a finding of the one rule may stand for one of the other: a finding
// that ends as such a one begins was not dealt with, and is told by another reason.
func Hides(by, rule string) bool { return slices.Contains(hiders(rule), by) }

// inhibit makes the findings of a deal Exempt that a root inhibits. There is one
// verdict for each of the rules.
func (x *index) inhibit(rules []Rule, verdicts []Verdict) {
	failed := func(id string) bool {
		i, ok := x.rules[id]
		return ok && verdicts[i].Outcome == Fail
	}
	// All roots are found before any verdict changes, because a finding that is hidden
	// still hides others.
	var room [64]string
	hidden := room[:0]
	for i := range verdicts {
		by := ""
		if verdicts[i].Outcome == Fail {
			by = Inhibited(rules[i].ID, failed)
		}
		hidden = append(hidden, by)
	}
	for i, by := range hidden {
		if by != "" {
			verdicts[i].Outcome, verdicts[i].Severity, verdicts[i].Waits = Exempt, 0, by
			verdicts[i].Reason = Say("waits", Text(by), Part(verdicts[i].Reason))
		}
	}
}
