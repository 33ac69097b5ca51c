package row

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Envelope is what a page says besides its records.
type Envelope struct {
	Total int    // rows of the whole query
	Done  bool   // it is the last page
	Next  string // path of the next page
	Rows  int    // rows of this page
}

// Page decodes one page of a query and calls each for every record. The row is lent:
// Page uses the same Row for the next record. A record has all columns that were asked
// for, those without a value as null; a column that is not there is odd, because its value
// is not known.
func Page(body []byte, asked []string, each func(*Row) error) (Envelope, error) {
	var e Envelope
	if !json.Valid(body) {
		return e, errors.New("it is not valid JSON")
	}
	top, err := members(body, nil, nil)
	if err != nil {
		return e, errors.New("it is not an object")
	}
	page := &Row{values: top}
	if e.Rows, err = decodeRecords(page.raw("records"), asked, each); err != nil {
		return e, err
	}
	e.Total, e.Next, e.Done = int(page.Number("totalSize").Value), page.Text("nextRecordsUrl"), page.Flag("done")
	if err := page.Err(); err != nil {
		return e, err
	}
	if !page.Has("done") {
		e.Done = e.Rows == 0 // an empty result may come without done
	}
	if !e.Done && e.Next == "" {
		return e, errors.New("the page is not the last one and names no next one")
	}
	return e, nil
}

func decodeRecords(list []byte, asked []string, each func(*Row) error) (int, error) {
	r := &Row{}
	var missing []string
	return elements(list, func(b []byte) (err error) {
		r.values, r.before, r.odd = r.before[:0], r.values, r.odd[:0]
		if string(b) == "null" {
			b = []byte("{}") // one row that lacks everything, beside rows that are well
		}
		if r.values, err = members(b, r.values, r.before); err != nil {
			return err
		}
		if !slices.EqualFunc(r.values, r.before, func(a, b member) bool { return a.key == b.key }) {
			missing = r.lacks(missing[:0], asked)
		}
		r.odd = append(r.odd, missing...)
		return each(r)
	})
}

// lacks appends the columns that the row does not have to into. A column of a parent is
// looked for only as far as the parent, which may be null.
func (r *Row) lacks(into, columns []string) []string {
	for _, name := range columns {
		parent, _, _ := strings.Cut(name, ".")
		if !r.Has(parent) {
			into = append(into, name)
		}
	}
	return into
}
