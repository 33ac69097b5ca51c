package almanac

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/spelling"
)

// Bounds of a table of absences.
const (
	maxTable = 1 << 20
	maxRows  = 20_000
	maxNotes = 20
	// MostAbsence is the longest absence in days.
	MostAbsence = 3 * 366
)

// columns of a table of absences, in any order and among others; cover may be left out.
var columns = []string{"person", "from", "to", "cover"}

// row is one absence as it is written, and where.
type row struct {
	hygiene.Absence
	place string // key of the configuration
	at    string // "line 3 of the file: "; "" where the place says it
}

// readTable reads a CSV file of absences, with commas or semicolons. Each line stands for
// itself, so what is wrong in one says its line and column, and the others count. The error
// of a file that is no whole table of absences repeats nothing of the file.
func readTable(data []byte) (rows []row, notes []note, err error) {
	switch {
	case len(data) > maxTable:
		return nil, nil, fmt.Errorf("the file is larger than %d KiB; is this the right one?", maxTable>>10)
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		return nil, nil, errors.New("the file is no UTF-8 text; save it as CSV (UTF-8)")
	}
	lines := strings.Split(string(bytes.TrimPrefix(data, []byte("\uFEFF"))), "\n")
	comma := ','
	for _, other := range ";\t" { // as spreadsheets write it where the comma is in numbers
		if !strings.Contains(lines[0], ",") && strings.ContainsRune(lines[0], other) {
			comma = other
		}
	}
	head, err := cells(lines[0], comma)
	if err != nil {
		return nil, nil, headError(columns[:3])
	}
	if notes, err = header(head); err != nil {
		return nil, nil, err
	}
	for i, line := range lines[1:] {
		if strings.Trim(line, ",;\" \t\r") == "" {
			continue // spreadsheets end with lines of commas
		}
		if len(rows) == maxRows {
			return nil, nil, fmt.Errorf("the file has more than %d rows; remove those of past years", maxRows)
		}
		r, wrong := absence(line, comma, head)
		at := fmt.Sprintf("line %d", i+2)
		if wrong != "" {
			notes = append(notes, note{line, at + wrong})
			continue
		}
		r.at = at + " of the file: "
		rows = append(rows, r)
	}
	if n := len(notes) - maxNotes; n > 0 {
		notes = append(notes[:maxNotes], note{"more", crm.Counted(n, "more line") + crm.Plural(n, " is", " are") + " not understood"})
	}
	return rows, notes, nil
}

// vanishing is how many absences do not end all at once: one or two rows are taken out by
// hand, more are a table that was cut, or is being written.
const vanishing = 3

// ahead is how many absences of the table are not over.
func (p *Plan) ahead() (n int) {
	for i := range p.table {
		if p.today == nil || p.table[i].To >= p.today() {
			n++
		}
	}
	return n
}

// vanished says why a table that had absences which are not over, and has no row that is
// understood, is no table without absences: whoever is away would be asked about deals from
// one minute to the next.
func vanished(had, has int, notes []note) error {
	switch {
	case had == 0 || has > 0:
		return nil
	case len(notes) > 0:
		return fmt.Errorf("no row of the file is understood any more: %s", notes[0].text)
	case had >= vanishing:
		return fmt.Errorf("the file has no row any more, and had %d that are not over; put them back, or, if nobody is away, take the file out of the configuration and restart", had)
	}
	return nil
}

// header reads the names of the columns. Others than ours are passed over, unless one seems
// to be ours with a slip.
func header(head []string) (notes []note, err error) {
	for i := range head {
		head[i] = strings.ToLower(head[i])
		if slices.Contains(columns, head[i]) && slices.Contains(head[:i], head[i]) {
			return nil, fmt.Errorf("the first line of the file names the column %s twice; rename or remove one of them", head[i])
		}
	}
	var missing []string
	for _, name := range columns {
		if slices.Contains(head, name) {
			continue
		}
		slip := slices.IndexFunc(head, func(h string) bool { return !slices.Contains(columns, h) && spelling.Distance(h, name) <= 2 })
		switch {
		case name != "cover":
			missing = append(missing, name)
		case slip >= 0:
			notes = append(notes, note{"cover", fmt.Sprintf("line 1 of the file, column %d: is it cover? Until then it is passed over", slip+1)})
		}
	}
	if len(missing) > 0 {
		return nil, headError(missing)
	}
	return notes, nil
}

// headError says which columns are missing; the file may be any, so it repeats nothing of it.
func headError(missing []string) error {
	if len(missing) == 3 {
		return errors.New("the first line of the file has to name its columns: person,from,to,cover")
	}
	return fmt.Errorf("the first line of the file names no column %s; its columns are person,from,to,cover, and others are passed over", strings.Join(missing, " and no column "))
}

// cells are the fields of one line.
func cells(line string, comma rune) ([]string, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimRight(line, "\r")))
	r.Comma = comma
	out, err := r.Read()
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out, err
}

// absence reads one line. note says what is wrong with which column of it, after the words
// "line 3".
func absence(line string, comma rune, head []string) (r row, note string) {
	cs, err := cells(line, comma)
	switch {
	case err != nil:
		return r, " of the file is not CSV; check its quotes"
	case len(cs) > len(head):
		return r, " of the file has more fields than the first line; check the commas and quotes"
	}
	wrong := func(i int, format string, args ...any) string {
		return fmt.Sprintf(" of the file, column %d (%s): ", i+1, head[i]) + fmt.Sprintf(format, args...)
	}
	for i, name := range head {
		cell := ""
		if i < len(cs) {
			cell = cs[i]
		}
		var d crm.Date
		var err error
		if name == "from" || name == "to" {
			if d, err = crm.ParseDate(cell); err != nil || d.IsZero() {
				return r, wrong(i, "must be a date, year-month-day, such as 2026-12-01")
			}
		}
		switch name {
		case "person":
			if r.Person = strings.ToLower(cell); !address(r.Person) {
				return r, wrong(i, "must be an e-mail address")
			}
		case "from":
			r.From = d
		case "to":
			r.To = d
		case "cover":
			if r.Cover = strings.ToLower(cell); r.Cover != "" && r.Cover != Manager && !address(r.Cover) {
				return r, wrong(i, "must be an e-mail address, %s, or nothing", Manager)
			}
		}
	}
	switch to := slices.Index(head, "to"); {
	case r.To < r.From:
		return r, wrong(to, "is before the first day, %s", r.From)
	case r.To-r.From >= MostAbsence:
		return r, wrong(to, "is more than three years after the first day; correct one of them")
	}
	return r, ""
}

// address reports whether s looks like an address. Whether somebody has it is asked later.
func address(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	return ok && name != "" && domain != "" && !strings.ContainsAny(s, " \t\"<>|,;") && !strings.Contains(domain, "@")
}
