package row

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFields bounds the fields of a record, far above the columns that a query may have:
// the CSV reader collects all fields of a record before it counts them.
const maxFields = 4096

var errWide = fmt.Errorf("a record has more than %d fields", maxFields)

var errNoHeader = errors.New("the results do not begin with the names of the queried columns")

// Sheet decodes one page of the results of a Bulk job and calls each for every
// record, as [Page] does. columns are the queried columns in the order of the pages
// before. A first line with the names of the columns may give another order, which
// Sheet returns; only the first page requires such a line. The row is lent.
func Sheet(body []byte, columns []string, first bool, each func(*Row) error) (rows int, order []string, err error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	body = bytes.ReplaceAll(body, []byte{0}, nil) // NUL bytes occur and mean nothing
	if wide(body) {
		return 0, columns, errWide
	}
	in := csv.NewReader(bytes.NewReader(body))
	in.ReuseRecord = true
	in.FieldsPerRecord = len(columns)
	r := &Row{plain: true, values: make([]member, len(columns))}
	name := func(order []string) {
		for i, c := range order {
			r.values[i].key = c
		}
	}
	name(columns)
	for line := 0; ; line++ {
		cells, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			if line == 0 && first {
				return 0, columns, errNoHeader
			}
			return rows, columns, nil
		case err != nil:
			return rows, columns, fmt.Errorf("line %d of the results: %w", line+1, err)
		}
		if line == 0 {
			if order, ok := header(cells, columns); ok {
				columns = order
				name(columns)
				continue
			} else if first {
				return 0, columns, errNoHeader
			}
		}
		for i, c := range cells {
			if !utf8.ValidString(c) {
				c = string([]rune(c)) // each broken byte becomes U+FFFD, as in JSON
			}
			r.values[i].value = append(r.values[i].value[:0], c...)
		}
		r.odd = r.odd[:0]
		rows++
		if err := each(r); err != nil {
			return rows, columns, err
		}
	}
}

// header reports whether cells are the names of the columns, each once, in any order
// and case. order has the columns in the order of the cells.
func header(cells, columns []string) (order []string, ok bool) {
	for _, cell := range cells {
		i := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, cell) })
		if i < 0 || slices.Contains(order, columns[i]) {
			return nil, false
		}
		order = append(order, columns[i])
	}
	return order, len(order) == len(columns)
}

// wide reports whether a record of body has more than maxFields fields.
func wide(body []byte) bool {
	quoted, fields := false, 0
	for _, c := range body {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			fields = 0
		case c == ',':
			if fields++; fields >= maxFields {
				return true
			}
		}
	}
	return false
}
