package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/hygiene"
)

// personColumns are what people.file may say of a person.
var personColumns = []string{"email", "also", "slack"}

// slackID is the form of a member's id in Slack.
var slackID = regexp.MustCompile(`^[UW][A-Z0-9]{6,}$`)

// people joins the addresses of each person.
func (b *builder) people() {
	j := joiner{builder: b, of: map[string]string{}, member: map[string]string{}}
	for i, p := range b.file.People.List {
		path := "people.list[" + strconv.Itoa(i) + "]"
		if !b.form.Has(path + ".email") {
			continue // reported as missing
		}
		j.add(p, func(key string) (string, string) { return path + "." + key, "" })
	}
	if b.form.Has("people.file") {
		b.peopleFile(&j)
	}
}

// joiner gathers people and keeps their addresses apart.
type joiner struct {
	*builder
	of     map[string]string // address → first address of its person
	member map[string]string // id in Slack → first address of its person
}

// add takes one person. at says where a key of theirs stands: its path, and
// words to put before what is wrong with it.
func (j *joiner) add(p personEntry, at func(key string) (path, prefix string)) {
	report := func(key, format string, args ...any) {
		path, prefix := at(key)
		message := prefix + fmt.Sprintf(format, args...)
		if prefix != "" { // many lines of a file share one path
			j.form.Report(path, "%s", message)
			return
		}
		j.report(path, "%s", message)
	}
	first := ""
	var own []string
	claim := func(key, s string) bool {
		address, ok := plainAddress(s)
		if !ok {
			report(key, "%s", notAnAddress(s))
			return false
		}
		if slices.Contains(own, address) {
			report(key, "%s is here twice", address)
			return false
		}
		switch other, taken := j.of[address]; {
		case taken && other == address:
			report(key, "%s is already described; write each person once", address)
			return false
		case taken:
			report(key, "%s is already an address of %s; an address is one person's only", address, other)
			return false
		}
		if first == "" {
			first = address
		}
		own = append(own, address)
		j.of[address] = first
		return true
	}
	if !claim("email", p.Email) {
		return
	}
	for i, a := range p.Also {
		if claim("also["+strconv.Itoa(i)+"]", a) {
			if j.out.People == nil {
				j.out.People = hygiene.People{}
			}
			j.out.People[own[len(own)-1]] = first
		}
	}
	if p.Slack == "" {
		return
	}
	switch other, taken := j.member[p.Slack]; {
	case !slackID.MatchString(p.Slack):
		report("slack", "%s is not a member id of Slack; want one such as U012AB3CD, from the person's profile", form.Quote(p.Slack))
		return
	case taken:
		report("slack", "%s is already the member id of %s; it is one person's only", p.Slack, other)
		return
	}
	j.member[p.Slack] = first
	if j.out.SlackIDs == nil {
		j.out.SlackIDs = map[string]string{}
	}
	for _, a := range own {
		j.out.SlackIDs[a] = p.Slack
	}
}

// peopleFile reads the table of people. What does not look like one is never
// repeated: the file may be another than was meant, and hold a secret.
func (b *builder) peopleFile(j *joiner) {
	const path = "people.file"
	wrong := func(format string, args ...any) { b.report(path, format, args...) }
	if b.file.People.File == "" {
		wrong("want the path of a CSV file")
		return
	}
	data, err := readFile(string(b.file.People.File))
	switch {
	case errors.Is(err, errAbsent):
		wrong("there is no such file; paths are relative to this one")
		return
	case errors.Is(err, errDirectory):
		wrong("is a directory; name the file in it")
		return
	case err != nil:
		wrong("%s", err)
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
			b.form.Report(path, "line %d of the file has more fields than the first line", line)
			continue
		}
		p := personEntry{}
		for i, cell := range row {
			switch cell = strings.TrimSpace(cell); columns[i] {
			case "email":
				p.Email = cell
			case "also":
				p.Also = strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || unicode.IsSpace(r) })
			case "slack":
				p.Slack = cell
			}
		}
		if p.Email != "" || len(p.Also) > 0 || p.Slack != "" { // spreadsheets end with lines of commas
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
			wrong("column %d of the file, %s, is there twice", i+1, name)
			return nil, false
		}
		columns = append(columns, name)
	}
	if !slices.Contains(columns, "email") {
		wrong("the file has no column email")
		return nil, false
	}
	return columns, true
}
