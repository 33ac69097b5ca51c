package hygiene

// Basis is what a verdict rests on besides its deal, as hashes: the rule and its settings,
// the definitions and stages of the pipeline, the calendar, what the login can see. Two
// verdicts with one basis differ by what happened to the deal. The zero value is unknown.
type Basis struct {
	Verdict uint32 // of all that decides whether the rule fails
	Weight  uint32 // of what decides only how severe that is
}
