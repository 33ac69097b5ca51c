package text

import (
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/digest"
)

func TestAlignedGivesWay(t *testing.T) {
	table := &digest.Table{Head: []string{"Rep", "needs update", "new"}, Rows: [][]string{{strings.Repeat("長", 40), "12", "3"}, {"Bo", "3", "0"}}}
	got := Aligned(table, 40, true)
	for l := range strings.Lines(got) {
		if n := Columns(strings.TrimSuffix(l, "\n")); n > 40 {
			t.Errorf("%d columns: %s", n, l)
		}
	}
	if !strings.Contains(got, "…") || !strings.Contains(got, " 3 · ") {
		t.Errorf("got:\n%s", got)
	}
}
