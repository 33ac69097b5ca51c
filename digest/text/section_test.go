package text_test

import (
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/text"
)

// The headings of a table are written once: beside the title where the table follows
// it at once, above the rows where lines stand between.
func TestHeadingsOfATable(t *testing.T) {
	table := &digest.Table{Head: []string{"Rep", "open findings"}, Rows: [][]string{{"Ana", "3"}, {"Ben", "11"}}}
	for name, s := range map[string]digest.Section{
		"title":           {Title: "TEAM", Table: table},
		"title and lines": {Title: "TEAM", Lines: []digest.Line{{{Text: "Two of three are active."}}}, Table: table},
		"no title":        {Table: table},
	} {
		t.Run(name, func(t *testing.T) {
			d := digest.Digest{Subject: "s", Sections: []digest.Section{{Lines: []digest.Line{{{Text: "first"}}}}, s}}
			got := text.Write(&d, text.Options{Width: 80})
			if n := strings.Count(got, "open findings"); n != 1 {
				t.Errorf("the heading is written %d times, want once:\n%s", n, got)
			}
		})
	}
}
