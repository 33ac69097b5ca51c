package digest

import "strings"

// TextOptions say how a digest is written down as plain text.
type TextOptions struct {
	Width int  // columns; 0 does not wrap
	Bold  bool // with ANSI escapes, for a terminal
	Links bool // the address of each link on a line of its own
}

// Text writes the digest as plain text of that width: the text part of a mail,
// and what a terminal shows. Whatever came from outside goes through Plain.
func Text(d *Digest, width int) string {
	return TextWith(d, TextOptions{Width: width})
}

// TextWith is Text with choices.
func TextWith(d *Digest, o TextOptions) string {
	w := &textWriter{o: o}
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
	return w.b.String()
}

// gap is a space that is not collapsed: a private character inside a word.
const gap = "\ue000"

type textWriter struct {
	o TextOptions
	b strings.Builder
}

// section writes a title and what is under it. The title of the first section
// heads the message, and shares its row with the data line where both fit.
func (w *textWriter) section(s *Section, first bool) {
	title, lines := Clip(s.Title, 200), s.Lines
	switch {
	case title == "":
	case first && len(lines) > 0 && w.fits(title, lines[0]):
		w.line(append(Line{{Text: title, Bold: true}, {Text: gap + gap + " "}}, lines[0]...))
		lines = lines[1:]
	case s.Table != nil && len(s.Table.Head) > 1 && len(lines) == 0:
		w.line(Line{{Text: title, Bold: true}, {Text: gap + " " + strings.Join(s.Table.Head[1:], " · ")}})
	default:
		w.line(Line{{Text: title, Bold: true}})
	}
	for _, l := range lines {
		w.line(l)
	}
	if s.Table != nil {
		w.table(s.Table)
	}
}

func (w *textWriter) fits(title string, l Line) bool {
	n := columns(title) + 3
	for _, s := range l {
		n += columns(Plain(s.Text))
	}
	return w.o.Width == 0 || n <= w.o.Width
}

// word is a run of text without a space before it in the same word.
type word struct {
	text string
	bold bool
}

// line wraps one line; what follows the first row of a numbered line stands
// under its text.
func (w *textWriter) line(l Line) {
	var words [][]word // each a list of runs without a space between
	glue := false
	var urls []string
	indent := 0
	for i, s := range l {
		text := Plain(s.Text)
		if i == 0 && s.Role == Index {
			if n := strings.TrimSpace(text); strings.Trim(n, "0123456789") == "" {
				text = n + ". " // without bold letters "5 3 deals" could not be read
			}
			indent = columns(text)
		}
		if s.URL != "" && w.o.Links {
			if u := Plain(s.URL); Web(u) {
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

func (w *textWriter) wrap(words [][]word, indent int) {
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
			n += columns(r.text)
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

func (w *textWriter) ansi(bold bool) {
	switch {
	case !w.o.Bold:
	case bold:
		w.b.WriteString("\x1b[1m")
	default:
		w.b.WriteString("\x1b[0m")
	}
}

// table writes names to the left, numbers to the right of their columns.
func (w *textWriter) table(t *Table) {
	w.b.WriteString(Aligned(t, w.o.Width, false))
}

// Web reports whether u is an address that a renderer may make a link of: http or
// https, and nothing in it that could end the link early.
func Web(u string) bool {
	rest, ok := strings.CutPrefix(u, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(u, "http://")
	}
	return ok && rest != "" && len(u) <= 2000 && !strings.ContainsFunc(u, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"'`|\\{}^", r)
	})
}
