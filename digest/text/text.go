// Package text writes digests as plain text ([Write]): for a terminal, and for the text
// part of a mail. A channel with a markup of its own renders a digest itself.
package text

import (
	"strings"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// Options say how a digest is written as text.
type Options struct {
	Width int  // columns; 0 does not wrap
	Bold  bool // with ANSI escapes, for a terminal
	Links bool // with the address of each link on a line of its own
}

// Write returns the digest as text. All text of the digest goes through [plain.Text].
func Write(d *digest.Digest, o Options) string {
	w := &writer{o: o}
	for i := range d.Sections {
		if i > 0 {
			w.b.WriteByte('\n')
		}
		w.section(&d.Sections[i], i == 0)
	}
	if len(d.Overflow) > 0 {
		w.b.WriteString("\n" + strings.Repeat("-", 20) + "\n")
	}
	for i := range d.Overflow {
		if i > 0 {
			w.b.WriteByte('\n')
		}
		w.section(&d.Overflow[i], false)
	}
	return plain.Isolate(w.b.String())
}

// gap is a space that is not collapsed: a private character inside a word.
const gap = "\ue000"

type writer struct {
	o Options
	b strings.Builder
}

// section writes a title, its lines and its table. The title of the first section
// heads the message, and shares a row with the first line where both fit.
func (w *writer) section(s *digest.Section, first bool) {
	title, lines := plain.Clip(s.Title, 200), s.Lines
	headed := false
	switch {
	case title == "":
	case first && len(lines) > 0 && w.fits(title, lines[0]):
		w.line(append(digest.Line{{Text: title, Bold: true}, {Text: gap + gap + " "}}, lines[0]...))
		lines = lines[1:]
	case s.Table != nil && len(s.Table.Head) > 1 && len(lines) == 0:
		w.line(digest.Line{{Text: title, Bold: true}, {Text: gap + " " + strings.Join(s.Table.Head[1:], " · ")}})
		headed = true
	default:
		w.line(digest.Line{{Text: title, Bold: true}})
	}
	for _, l := range lines {
		w.line(l)
	}
	if s.Table != nil {
		w.table(s.Table, !headed)
	}
}

func (w *writer) fits(title string, l digest.Line) bool {
	n := Columns(title) + 3
	for _, s := range l {
		n += Columns(plain.Text(s.Text))
	}
	return w.o.Width == 0 || n <= w.o.Width
}

// word is a run of text in one style, a whole word or a part of a word.
type word struct {
	text string
	bold bool
}

// line wraps one line. The further rows of a numbered line are indented to the text
// behind the number.
func (w *writer) line(l digest.Line) {
	var words [][]word // each a list of runs without a space between them
	glue := false
	var urls []string
	indent := 0
	for i, s := range l {
		text := plain.Text(s.Text)
		if i == 0 && s.Role == digest.Index {
			if n := strings.TrimSpace(text); strings.Trim(n, "0123456789") == "" {
				text = n + ". " // without bold letters "5 3 deals" could not be read
			}
			indent = Columns(text)
		}
		if s.URL != "" && w.o.Links {
			if u := plain.Text(s.URL); plain.Web(u) {
				urls = append(urls, u)
			}
		}
		for j, f := range strings.Split(text, " ") {
			if j > 0 {
				glue = false
			}
			if f == "" {
				continue
			}
			if glue {
				words[len(words)-1] = append(words[len(words)-1], word{f, s.Bold})
			} else {
				words = append(words, []word{{f, s.Bold}})
			}
			glue = true
		}
	}
	w.wrap(words, indent)
	for _, u := range urls {
		w.b.WriteString(strings.Repeat(" ", max(indent, 2)) + u + "\n")
	}
}

func (w *writer) wrap(words [][]word, indent int) {
	at := 0
	bold := false
	put := func(s string, b bool) {
		if b != bold {
			w.ansi(b)
			bold = b
		}
		w.b.WriteString(s)
	}
	for i, runs := range words {
		n := 0
		for _, r := range runs {
			n += Columns(r.text)
		}
		switch {
		case i == 0:
		case w.o.Width > 0 && at+1+n > w.o.Width && at > indent:
			put("\n"+strings.Repeat(" ", indent), false)
			at = indent
		default:
			put(" ", bold && runs[0].bold)
			at++
		}
		for _, r := range runs {
			put(strings.ReplaceAll(r.text, gap, " "), r.bold)
		}
		at += n
	}
	put("", false)
	w.b.WriteByte('\n')
}

func (w *writer) ansi(bold bool) {
	switch {
	case !w.o.Bold:
	case bold:
		w.b.WriteString("\x1b[1m")
	default:
		w.b.WriteString("\x1b[0m")
	}
}

// table writes names at the left and numbers at the right of their columns. head adds
// the row of headings.
func (w *writer) table(t *digest.Table, head bool) {
	w.b.WriteString(Aligned(t, w.o.Width, head && len(t.Head) > 0))
}
