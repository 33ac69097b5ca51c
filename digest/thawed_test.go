package digest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// TestThawedSaysWhatIsLeftOut: the first digest after a freeze says that it is about what is
// high where something else is left out, and not where nothing is.
func TestThawedSaysWhatIsLeftOut(t *testing.T) {
	w := &wall{thawed: true, last: time.Date(2026, 12, 22, 8, 30, 0, 0, time.UTC), loc: time.UTC}
	of := func(s ...hygiene.Severity) (ds []*deal) {
		for _, one := range s {
			ds = append(ds, &deal{open: []*hygiene.Life{{Finding: hygiene.Finding{Severity: one}}}})
		}
		return ds
	}
	for _, c := range []struct {
		needs []*deal
		want  string
	}{
		{nil, "First digest since 22 Dec."},
		{of(hygiene.High), "First digest since 22 Dec."},
		{of(hygiene.High, hygiene.Medium), "First digest since 22 Dec: high only, and what is due in the commit."},
	} {
		b := &brief{wall: w, book: &book{needs: c.needs}}
		if got := b.thawedLine(); len(got) != 1 || got[0].Text != c.want {
			t.Errorf("%d deals: %v, want %q", len(c.needs), got, c.want)
		}
	}
}
