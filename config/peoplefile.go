package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/config/form"
)

// personColumns are what people.file may say of a person.
var personColumns = []string{"email", "also", "slack", "start", "country"}

// peopleFile reads the table of people. Messages never repeat text that is no
// table of people: the path may name a wrong file, which may hold a secret.
func (b *builder) peopleFile(j *joiner) {
	const path = "people.file"
	wrong := func(format string, args ...any) { b.report(path, format, args...) }
	if b.file.People.File == "" {
		wrong("must be the path of a CSV file")
		return
	}
	name := string(b.file.People.File)
	data, info, err := readFile(name)
	if err == nil && info != nil {
		err = b.keeper.Trust(name, info)
	}
	switch {
	case errors.Is(err, errAbsent):
		wrong("there is no such file; write a path relative to this configuration file")
		return
	case errors.Is(err, errDirectory):
		wrong("is a directory; name the file in it")
		return
	case err != nil:
		b.form.Unreadable(path, err)
		return
	case len(data) > form.MaxSize:
		wrong("the file is larger than %d KiB; is this the right one?", form.MaxSize>>10)
		return
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		wrong("the file is no UTF-8 text; save it as CSV (UTF-8)")
		return
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		wrong("the first line of the file has to name its columns: %s", strings.Join(personColumns, ", "))
		return
	}
	columns, ok := personHead(head, wrong)
	if !ok {
		return
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			wrong("line %d of the file is not CSV: %s", bad.Line, bad.Err)
			return
		}
		line, _ := r.FieldPos(0)
		at := func(string) (string, string) { return path, "line " + strconv.Itoa(line) + " of the file: " }
		if len(row) > len(head) {
			b.form.Report(path, "line %d of the file has more fields than the first line; check the commas and quotes", line)
			continue
		}
		p, wrongStart := personEntry{}, ""
		for i, cell := range row {
			switch cell = strings.TrimSpace(cell); columns[i] {
			case "email":
				p.Email = cell
			case "also":
				p.Also = strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || unicode.IsSpace(r) })
			case "slack":
				p.Slack = cell
			case "start":
				p.Start, wrongStart = startOf(cell)
			case "country":
				p.Country = cell
			}
		}
		if wrongStart != "" {
			b.form.Report(path, "line %d of the file: %s", line, wrongStart)
		}
		if p.Email != "" || len(p.Also) > 0 || p.Slack != "" || p.Start != nil || p.Country != "" { // spreadsheets end with lines of commas
			j.add(p, at)
		}
	}
}

// personHead reads the names of the columns.
func personHead(head []string, wrong func(format string, args ...any)) (columns []string, ok bool) {
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(personColumns, name):
			wrong("column %d of the file is not known%s", i+1, form.OneKnown(name, personColumns))
			return nil, false
		case slices.Contains(columns, name):
			wrong("column %d of the file, %s, is there twice; keep one of them", i+1, name)
			return nil, false
		}
		columns = append(columns, name)
	}
	if !slices.Contains(columns, "email") {
		wrong("the file has no column email; add one with the address of each person")
		return nil, false
	}
	return columns, true
}
