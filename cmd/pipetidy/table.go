package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// lineWidth is how many columns a report has: so many fit a terminal beside another
// window, a wiki and an email.
const lineWidth = 100

// table prints rows in columns as wide as their content. The last column is
// wrapped where the line would be too long.
func table(w io.Writer, head []string, rows [][]string) error {
	wide := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			wide[i] = max(wide[i], columns(plain(cell)))
		}
	}
	last, indent := len(head)-1, 0
	for _, n := range wide[:last] {
		indent += n + 2
	}
	var b strings.Builder
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row[:last] {
			cell = plain(cell)
			b.WriteString(cell + strings.Repeat(" ", wide[i]-columns(cell)+2))
		}
		lines := wrap(plain(row[last]), max(lineWidth-indent, 24))
		b.WriteString(strings.Join(lines, "\n"+strings.Repeat(" ", indent)) + "\n")
	}
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// cell is one value of a CSV row: text, which may come from outside, or a number.
type cell struct {
	text   string
	number bool
}

func texts(ss ...string) []cell {
	out := make([]cell, len(ss))
	for i, s := range ss {
		out[i] = cell{text: s}
	}
	return out
}

// printCSV prints rows under a heading, safe to open in a spreadsheet: a text
// that would be taken for a formula begins with an apostrophe.
func printCSV(w io.Writer, head []string, rows [][]cell) error {
	c := csv.NewWriter(w)
	_ = c.Write(head) // Error below reports it
	for _, row := range rows {
		record := make([]string, len(row))
		for i, v := range row {
			if record[i] = v.text; !v.number {
				record[i] = inertCell(v.text)
			}
		}
		_ = c.Write(record)
	}
	c.Flush()
	return c.Error()
}

// inertCell follows OWASP, CSV Injection. It looks at the first character before and
// after control characters are taken out, because a spreadsheet ignores a tab in front
// of "=".
func inertCell(s string) string {
	p := plain(s)
	if s != "" && strings.ContainsRune(formulaStarts+"\t\r\n", first(s)) || p != "" && strings.ContainsRune(formulaStarts, first(p)) {
		return "'" + p
	}
	return p
}

// formulaStarts begin a formula, in the full-width forms too.
const formulaStarts = "=+-@＝＋－＠"

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
