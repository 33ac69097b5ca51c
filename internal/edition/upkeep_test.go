package edition

import (
	"slices"
	"testing"
)

// TestWhatSharesAReasonIsOneClause proves that a freeze is told in one clause for all digests of all
// teams, and that a team with a holiday of its own, and a digest without a team, keep theirs.
func TestWhatSharesAReasonIsOneClause(t *testing.T) {
	const freeze, holiday = "no day of work on 24 Dec (freeze)", "no day of work on 24 Dec (holiday of us)"
	var none []unsent
	for _, team := range []string{"Kolkata", "Berlin"} {
		for _, name := range []string{"rep-daily", "manager-daily"} {
			none = append(none, unsent{name, team, freeze})
		}
	}
	none = append(none, unsent{"rep-daily", "Oslo", freeze}, unsent{"rep-daily", "Boston", holiday}, unsent{"ops-daily", "", "nobody is named"})
	want := []string{
		"manager-daily and rep-daily of teams Berlin and Kolkata went to nobody: " + freeze,
		"ops-daily went to nobody: nobody is named",
		"rep-daily of team Boston went to nobody: " + holiday,
		"rep-daily of team Oslo went to nobody: " + freeze,
	}
	if got := forNobody(none); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := forNobody(nil); len(got) != 0 {
		t.Errorf("of nothing it says %q", got)
	}
}
