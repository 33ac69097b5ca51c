package email

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// maxHTML is how large the HTML may become. Gmail clips near 102 KB.
const maxHTML = 80 << 10

// maxRows bounds the table of the team.
const maxRows = 100

//go:embed digest.html
var source string

var page = template.Must(template.New("digest").Funcs(template.FuncMap{"bidi": bidi}).Parse(source))

// bidi escapes text, and keeps what reads from right to left apart from the words around.
func bidi(text string) template.HTML {
	var b strings.Builder
	for run, rtl := range plain.Directions(text) {
		run = template.HTMLEscapeString(run)
		if rtl {
			run = "<bdi>" + run + "</bdi>"
		}
		b.WriteString(run)
	}
	return template.HTML(b.String()) //nolint:gosec // each run was escaped
}

// HTML writes the digest as one page for mail clients: layout by tables, inline
// styles, nothing loaded from anywhere. Where the page would become larger than mail
// clients show, lines of the overflow are left out and counted.
func HTML(d *digest.Digest) ([]byte, error) {
	for _, size := range []struct{ lines, text, rows int }{
		{1000, plain.Max, maxRows}, {150, 600, maxRows}, {100, 400, maxRows}, {50, 300, 60}, {20, 200, 40}, {0, 150, 40}, {0, 60, 20}, {0, 20, 10},
	} {
		b := builder{lines: size.lines, text: size.text, rows: size.rows}
		var out bytes.Buffer
		if err := page.Execute(&out, b.view(d)); err != nil {
			return nil, fmt.Errorf("email: write HTML: %w", err)
		}
		if out.Len() <= maxHTML {
			return out.Bytes(), nil
		}
	}
	return nil, &delivery.RejectedError{Blame: delivery.BlameContent, Err: fmt.Errorf("email: the digest does not fit into %d KB", maxHTML>>10)}
}

// view is what the template shows.
type view struct {
	Subject  string
	Heading  string
	Under    [][]run // lines under the heading
	Sections []section
	Overflow []section
	Cut      int // lines of the overflow that are left out
	Notes    [][]run
}

type section struct {
	Title string
	Items []item
	Table *table
}

// item is one line. A numbered line has parts, any other line has runs.
type item struct {
	Number  string
	Name    []run // of a numbered deal: name and facts
	Reason  string
	Status  string
	Wraps   bool // the status is longer than what is kept on one line
	Advice  string
	Bullet  bool
	Runs    []run
	Divided bool // a rule above
}

type run struct {
	Text string
	URL  string
	Bold bool
}

type table struct {
	Head []string
	Rows [][]string
	More int
}

type builder struct{ lines, text, rows int }

func (b *builder) view(d *digest.Digest) view {
	v := view{Subject: plain.Clip(d.Subject, 300), Heading: plain.Clip(d.Subject, 200)}
	for i := range d.Sections {
		s := &d.Sections[i]
		if i == 0 && s.Title != "" {
			v.Heading = plain.Clip(s.Title, 200)
			if strings.HasPrefix(d.Subject, "Test: ") {
				v.Heading = "Test: " + v.Heading
			}
			for _, l := range s.Lines {
				v.Under = append(v.Under, b.runs(l))
			}
			continue
		}
		out := section{Title: plain.Clip(s.Title, 200), Table: b.table(s.Table)}
		for _, l := range s.Lines {
			if len(l) > 0 && l[0].Role == digest.Note {
				v.Notes = append(v.Notes, b.runs(l))
				continue
			}
			it := b.item(l)
			it.Divided = it.Number != "" && len(out.Items) > 0
			out.Items = append(out.Items, it)
		}
		if len(out.Items) > 0 || out.Table != nil {
			v.Sections = append(v.Sections, out)
		}
	}
	left := b.lines
	for i := range d.Overflow {
		s := &d.Overflow[i]
		out := section{Title: plain.Clip(s.Title, 200)}
		for _, l := range s.Lines {
			if len(l) > 0 && l[0].Role == digest.Index {
				if left == 0 {
					v.Cut++
					continue
				}
				left--
			}
			out.Items = append(out.Items, b.item(l))
		}
		v.Overflow = append(v.Overflow, out)
	}
	return v
}

// oneLine is how many characters of a status are kept on one line: what is longer would be
// wider than the screen of a phone.
const oneLine = 24

// item takes a line apart by the roles of its spans.
func (b *builder) item(l digest.Line) item {
	if len(l) == 0 || l[0].Role != digest.Index {
		return item{Runs: b.runs(l)}
	}
	number := strings.TrimSpace(plain.Text(l[0].Text))
	if strings.Trim(number, "0123456789") != "" {
		return item{Bullet: true, Runs: b.runs(l[1:])}
	}
	it := item{Number: number}
	var name, rest digest.Line
	for _, s := range l[1:] {
		switch s.Role {
		case digest.Reason:
			it.Reason += plain.Clip(s.Text, b.text)
		case digest.Status:
			it.Status = strings.TrimSpace(it.Status + " " + strings.TrimSpace(plain.Clip(s.Text, b.text)))
		case digest.Advice:
			it.Advice = capital(strings.TrimSpace(strings.TrimPrefix(plain.Clip(s.Text, b.text), "→")))
		default:
			if it.Reason == "" {
				name = append(name, s)
			} else {
				rest = append(rest, s)
			}
		}
	}
	if !strings.Contains(it.Status, ". ") { // a word or two, which stand beside the name
		it.Status = strings.TrimSuffix(it.Status, ".")
	}
	it.Wraps = utf8.RuneCountInString(it.Status) > oneLine
	it.Reason = capital(strings.TrimLeft(it.Reason, ", "))
	it.Name = trimColon(b.runs(append(name, rest...)))
	return it
}

// trimColon drops the ": " between a deal and its reasons, which have a row of their
// own on this page.
func trimColon(rs []run) []run {
	for len(rs) > 0 {
		last := &rs[len(rs)-1]
		last.Text = strings.TrimRight(last.Text, ": ")
		if last.Text != "" {
			break
		}
		rs = rs[:len(rs)-1]
	}
	return rs
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func (b *builder) runs(l digest.Line) []run {
	out := make([]run, 0, len(l))
	for _, s := range l {
		r := run{Text: plain.Text(s.Text), Bold: s.Bold}
		if len(r.Text) > b.text {
			r.Text = plain.Clip(r.Text, b.text)
		}
		if plain.Web(s.URL) {
			r.URL = s.URL
		}
		out = append(out, r)
	}
	return out
}

func (b *builder) table(t *digest.Table) *table {
	if t == nil {
		return nil
	}
	out := &table{}
	for _, h := range t.Head {
		out.Head = append(out.Head, plain.Clip(h, 60))
	}
	for i, r := range t.Rows {
		if i == b.rows {
			out.More = len(t.Rows) - i
			break
		}
		var cells []string
		for _, c := range r {
			cells = append(cells, plain.Clip(c, 60))
		}
		if remark := plain.Clip(t.Remark(i), 120); remark != "" && len(cells) > 0 {
			cells[0] += " (" + remark + ")"
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}
