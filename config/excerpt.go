package config

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// point is a place in the file, both from 1, the column in characters.
type point struct{ line, column int }

func (p point) before(q point) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// span is the text from its first point up to, not including, its second.
type span struct{ from, to point }

// source is the text of the file, and which parts of it must not be shown.
type source struct {
	name   string
	lines  []string
	hidden []span
	// parsed is set by seal. Before that, excerpts show what is known to be
	// harmless only.
	parsed bool
}

func newSource(name string, data []byte) *source {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	return &source{name: name, lines: strings.Split(text, "\n")}
}

// whole is a problem of the file as such.
func (s *source) whole(message string) Problem {
	return Problem{File: s.name, Message: message}
}

// at is a problem at a place of the file.
func (s *source) at(p point, path, message string) Problem {
	return Problem{File: s.name, Line: p.line, Column: p.column, Path: path, Message: message, Excerpt: s.excerpt(p)}
}

// hide keeps an entry of a mapping out of all excerpts: everything from behind
// its colon to the first token that no longer belongs to it. A key that is no
// word is hidden, too.
func (s *source) hide(mv *ast.MappingValueNode) {
	if mv.Start == nil || mv.Start.Position == nil {
		return
	}
	from := point{mv.Start.Position.Line, mv.Start.Position.Column + 1}
	if name, ok := keyName(mv); !ok || !word.MatchString(name) {
		if p := position(mv.Key); p.line > 0 && p.before(from) {
			from = p
		}
	}
	s.hideUpTo(from, after(mv.Value, mv.Start))
}

// hideNode keeps a value out of all excerpts.
func (s *source) hideNode(n ast.Node) {
	if t := n.GetToken(); t != nil && t.Position != nil {
		s.hideUpTo(position(n), after(n, t))
	}
}

// hideUpTo hides what comes before the token, or all the rest when it is nil.
func (s *source) hideUpTo(from point, next *token.Token) {
	h := span{from: from, to: point{len(s.lines) + 1, 1}}
	if next != nil && next.Position != nil {
		h.to = point{next.Position.Line, next.Position.Column}
	}
	if h.to.line > h.from.line {
		// What stands before a token on its own line is indentation, or the end
		// of a flow value. Positions behind multi-line scalars are not reliable
		// enough to show any of it.
		h.to.column = indent(s.line(h.to.line), h.to.column)
	}
	if h.from.before(h.to) {
		s.hidden = append(s.hidden, h)
	}
}

// word is what a key looks like that may be repeated.
var word = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// indent is column when only blanks and dashes come before it.
func indent(line string, column int) int {
	for i, r := range []rune(line) {
		if i+1 >= column {
			break
		}
		if r != ' ' && r != '-' {
			return column
		}
	}
	return 1
}

func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// after is the first token behind the subtree n that comes after start.
func after(n ast.Node, start *token.Token) *token.Token {
	last := start
	if n != nil {
		ast.Walk(visitor(func(n ast.Node) {
			for _, t := range tokensOf(n) {
				if t != nil && t.Position != nil && t.Position.Offset > last.Position.Offset {
					last = t
				}
			}
		}), n)
	}
	next := last.Next
	for next != nil && next.Type == token.CommentType {
		next = next.Next
	}
	return next
}

type visitor func(ast.Node)

func (v visitor) Visit(n ast.Node) ast.Visitor { v(n); return v }

func tokensOf(n ast.Node) []*token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		return []*token.Token{n.Start, n.End}
	case *ast.SequenceNode:
		return []*token.Token{n.Start, n.End}
	case *ast.LiteralNode:
		return []*token.Token{n.Start, n.Value.GetToken()}
	}
	return []*token.Token{n.GetToken()}
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

// blank returns the line with its hidden parts masked and control characters
// made visible, and where the column of p has moved to (from 0).
func (s *source) blank(line string, p point) (shown []rune, caret int) {
	runes := []rune(line)
	caret = -1
	masked := false
	cut := len(runes)
	if !s.parsed {
		cut = harmless(line)
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

// isHidden searches the spans, which seal has put in order.
func (s *source) isHidden(p point) bool {
	i := sort.Search(len(s.hidden), func(i int) bool { return p.before(s.hidden[i].to) })
	return i < len(s.hidden) && !p.before(s.hidden[i].from)
}

// seal ends the hiding: from here on excerpts show what is not hidden.
func (s *source) seal() {
	slices.SortFunc(s.hidden, func(a, b span) int {
		if a.from.before(b.from) {
			return -1
		}
		return 1
	})
	merged := s.hidden[:0]
	for _, h := range s.hidden {
		if n := len(merged); n > 0 && !merged[n-1].to.before(h.from) {
			if merged[n-1].to.before(h.to) {
				merged[n-1].to = h.to
			}
			continue
		}
		merged = append(merged, h)
	}
	s.hidden, s.parsed = merged, true
}

// inert makes a character that would move the caret, or the reader, visible.
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

// harmless is the number of characters of an unparsed line that may be shown:
// those up to the colon of the first key that is secret or unknown. A line
// without a key may be the inside of a secret, and is not shown at all.
func harmless(line string) int {
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
		if name := line[k[2]:k[3]]; secretKey(name) || !knownKeys()[name] {
			colon := k[0] + strings.IndexByte(line[k[0]:k[1]], ':') + 1
			return len([]rune(line[:colon]))
		}
	}
	return len([]rune(line))
}

// secretKey reports whether a value under a key of that name is never shown,
// whatever the key's place.
func secretKey(name string) bool {
	name = strings.ToLower(name)
	if name == "key" || name == "env" || name == "file" {
		return true
	}
	for _, word := range []string{"token", "password", "passphrase", "secret", "private_key", "api_key", "apikey", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// secretForms match what secrets look like wherever they stand: a password in
// an address, the tokens of Slack and HubSpot, keys in PEM.
var secretForms = regexp.MustCompile(`://[^/?#\s]*@|xox[a-z]-|xapp-|pat-[a-z]{2}[0-9]-|-----BEGIN`)

func secretValue(n ast.Node) bool {
	s, ok := n.(*ast.StringNode)
	return ok && secretForms.MatchString(s.Value)
}
