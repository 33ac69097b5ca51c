package row

import (
	"encoding/json"
	"errors"
)

// Envelope is what a page says besides its records.
type Envelope struct {
	Total int    // rows of the whole query
	Done  bool   // it is the last page
	Next  string // path of the next page
	Rows  int    // rows of this page
}

// Page decodes one page of a query and calls each for every record. The row is lent:
// Page uses the same Row for the next record.
func Page(body []byte, each func(*Row) error) (Envelope, error) {
	var e Envelope
	if !json.Valid(body) {
		return e, errors.New("it is not valid JSON")
	}
	top, err := members(body, nil, nil)
	if err != nil {
		return e, errors.New("it is not an object")
	}
	page := &Row{values: top}
	if e.Rows, err = decodeRecords(page.raw("records"), each); err != nil {
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

func decodeRecords(list []byte, each func(*Row) error) (int, error) {
	r := &Row{}
	return elements(list, func(b []byte) (err error) {
		r.values, r.before, r.odd = r.before[:0], r.values, r.odd[:0]
		if r.values, err = members(b, r.values, r.before); err != nil {
			return err
		}
		return each(r)
	})
}
