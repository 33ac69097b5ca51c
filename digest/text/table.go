package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// Aligned writes the rows of a table in aligned columns; head adds the row of headings.
// The first column is cut when the table would be wider than width. A remark that does not
// fit after its row stands below it.
func Aligned(t *digest.Table, width int, head bool) string {
	rows := t.Rows
	if head {
		rows = append([][]string{t.Head}, rows...)
	}
	var sizes []int
	cells := make([][]string, len(rows))
	for i, r := range rows {
		for j, c := range r {
			c = plain.Clip(c, 60)
			cells[i] = append(cells[i], c)
			if j == len(sizes) {
				sizes = append(sizes, 0)
			}
			sizes[j] = max(sizes[j], Columns(c))
		}
	}
	if width > 0 && len(sizes) > 0 {
		total := 0
		for _, s := range sizes {
			total += s + 3
		}
		sizes[0] = max(min(sizes[0], sizes[0]-(total-width)), min(sizes[0], 8))
	}
	var b strings.Builder
	for i, r := range cells {
		var row strings.Builder
		for j, c := range r {
			switch {
			case j == 0:
				c = fit(c, sizes[0])
				row.WriteString(c + strings.Repeat(" ", sizes[0]-Columns(c)))
			case j == 1:
				row.WriteString("   " + strings.Repeat(" ", sizes[j]-Columns(c)) + c)
			default:
				row.WriteString(" · " + strings.Repeat(" ", sizes[j]-Columns(c)) + c)
			}
		}
		said := strings.TrimRight(row.String(), " ")
		if head {
			i--
		}
		if remark := plain.Clip(t.Remark(i), 120); remark != "" {
			gap := "   "
			if width > 0 && Columns(said)+len(gap)+Columns(remark) > width {
				gap = "\n  "
			}
			said += gap + remark
		}
		b.WriteString(said + "\n")
	}
	return b.String()
}

// fit cuts s to n columns.
func fit(s string, n int) string {
	if Columns(s) <= n {
		return s
	}
	for Columns(s) > n-1 && s != "" {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s + "…"
}

// Columns is the number of columns that s takes in a terminal.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r < 0x300:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case r >= 0x1f300 && r <= 0x1faff:
			n += 2
		default:
			n++
			if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
				n++
			}
		}
	}
	return n
}
