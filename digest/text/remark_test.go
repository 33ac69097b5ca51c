package text_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/text"
)

// TestRemarks: a remark stands after its row, and below a row with which it does not fit.
func TestRemarks(t *testing.T) {
	table := &digest.Table{
		Head: []string{"Rep", "needs update"}, Rows: [][]string{{"Ana", "6"}, {"Ben", "13"}}, Remarks: []string{"away to Fri 4 Dec, Ben covers"},
	}
	for _, c := range []struct {
		width int
		head  bool
		want  string
	}{
		{80, false, "Ana    6   away to Fri 4 Dec, Ben covers\nBen   13\n"},
		{0, false, "Ana    6   away to Fri 4 Dec, Ben covers\nBen   13\n"},
		{30, false, "Ana    6\n  away to Fri 4 Dec, Ben covers\nBen   13\n"},
		{80, true, "Rep   needs update\nAna              6   away to Fri 4 Dec, Ben covers\nBen             13\n"},
	} {
		if got := text.Aligned(table, c.width, c.head); got != c.want {
			t.Errorf("width %d, head %v: got\n%s\nwant\n%s", c.width, c.head, got, c.want)
		}
	}
}
