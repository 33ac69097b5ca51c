package form

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// point is a place in the file, both from 1, the column in characters.
type point struct{ line, column int }

func (p point) before(q point) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// span is the text from its first point up to, not including, its second.
type span struct{ from, to point }

// source is the text of the file, with the parts that must not be shown.
type source struct {
	name   string
	lines  []string
	hidden []span
	// parsed is set by seal. Before seal, excerpts show only what is known to be
	// harmless.
	parsed bool
	keys   func() map[string]bool // names of all keys that the file may have
}

func newSource(name string, data []byte, keys func() map[string]bool) *source {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	return &source{name: name, lines: strings.Split(text, "\n"), keys: keys}
}

// whole is a problem of the file as such.
func (s *source) whole(message string) Problem {
	return Problem{File: s.name, Message: message}
}

// at is a problem at a place of the file.
func (s *source) at(p point, path, message string) Problem {
	return Problem{File: s.name, Line: p.line, Column: p.column, Path: path, Message: message, Excerpt: s.excerpt(p)}
}

const (
	mask    = "***"
	visible = 100 // characters of a line that an excerpt shows
)

// excerpt is the line of p with a caret under its column.
func (s *source) excerpt(p point) string {
	line := s.line(p.line)
	if strings.TrimSpace(line) == "" {
		return ""
	}
	shown, caret := s.blank(line, p)
	if caret > visible-20 { // move the window along a long line
		cut := min(caret-visible/2, len(shown))
		shown, caret = append([]rune("…"), shown[cut:]...), caret-cut+1
	}
	if len(shown) > visible {
		shown = append(shown[:visible], '…')
	}
	number := strconv.Itoa(p.line)
	pad := strings.Repeat(" ", len(number))
	return "  " + number + " | " + strings.TrimRight(string(shown), " ") +
		"\n  " + pad + " | " + strings.Repeat(" ", max(0, min(caret, len(shown)))) + "^"
}

// blank returns the line with its hidden parts masked and its control characters
// made visible. caret is where the column of p has moved to, from 0.
func (s *source) blank(line string, p point) (shown []rune, caret int) {
	runes := []rune(line)
	caret = -1
	masked := false
	cut := len(runes)
	if !s.parsed {
		cut = s.harmless(line)
	}
	for i, r := range runes {
		if i+1 >= p.column && caret < 0 {
			caret = len(shown)
		}
		if i >= cut || s.isHidden(point{p.line, i + 1}) {
			switch {
			case masked:
			case r == ' ':
				shown = append(shown, r)
			default:
				shown = append(shown, []rune(mask)...)
				masked = true
			}
			continue
		}
		masked = false
		shown = append(shown, inert(r))
	}
	if caret < 0 {
		caret = len(shown)
	}
	return shown, caret
}

// inert replaces a character that would move the caret or change the terminal by a
// visible one.
func inert(r rune) rune {
	switch {
	case r == '\t':
		return '→'
	case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
		return '�'
	}
	return r
}

// keyed matches a key of a mapping in a line that could not be parsed.
var keyed = regexp.MustCompile(`["']?([A-Za-z0-9_.*-]+)["']?[ \t]*:(?:[ \t]|$)`)

// harmless is the number of characters of an unparsed line that may be shown: all
// up to the colon of the first key that is secret or unknown. A line without a key
// may be the inside of a secret, so nothing of the line is shown.
func (s *source) harmless(line string) int {
	keys := keyed.FindAllStringSubmatchIndex(line, -1)
	if keys == nil {
		if t := strings.TrimSpace(line); t == "" || strings.Trim(t, "-[]{}") == "" {
			return len([]rune(line))
		}
		return 0
	}
	if strings.Trim(line[:keys[0][0]], " \t-{[,") != "" && !strings.HasPrefix(line, "#") {
		return 0
	}
	if at := secretForms.FindStringIndex(line); at != nil {
		line = line[:at[0]]
	}
	for _, k := range keys {
		if k[1] > len(line) {
			break
		}
		if name := line[k[2]:k[3]]; secretKey(name) || !s.keys()[name] {
			colon := k[0] + strings.IndexByte(line[k[0]:k[1]], ':') + 1
			return len([]rune(line[:colon]))
		}
	}
	return len([]rune(line))
}
