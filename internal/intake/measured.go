package intake

import "regexp"

// measure is what a note measures: "80 of about 231 records".
var measure = regexp.MustCompile(`[\d,]+ of about [\d,]+`)

// remeasured reports whether a later note measures what the first one did. Several streams
// read the same list of deals, so a sync would say two numbers of one thing; the last holds.
func remeasured(before, now string) bool {
	a, b := measure.FindStringIndex(before), measure.FindStringIndex(now)
	return a != nil && b != nil && before[:a[0]] == now[:b[0]]
}
