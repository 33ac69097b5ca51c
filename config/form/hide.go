package form

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// hide keeps an entry of a mapping out of all excerpts: everything from behind its
// colon to the first token that no longer belongs to the entry. A key that is no
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

// hideUpTo hides everything from a point to a token, or to the end of the file when
// the token is nil.
func (s *source) hideUpTo(from point, next *token.Token) {
	h := span{from: from, to: point{len(s.lines) + 1, 1}}
	if next != nil && next.Position != nil {
		h.to = point{next.Position.Line, next.Position.Column}
	}
	if h.to.line > h.from.line {
		// The token's line begins with indentation, or with the end of a flow
		// value. Positions behind multi-line scalars are not reliable enough to
		// show the end of a value.
		h.to.column = indent(s.line(h.to.line), h.to.column)
	}
	if h.from.before(h.to) {
		s.hidden = append(s.hidden, h)
	}
}

// word matches keys that messages and excerpts may repeat.
var word = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// indent is 1 when only blanks and dashes come before the column, otherwise the
// column itself.
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

// after is the first token behind the subtree n, which comes after start.
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

// secretKey reports whether excerpts never show a value under a key of this name,
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

// secretForms matches text that looks like a secret: a password in an address, the
// tokens of Slack and HubSpot, keys in PEM.
var secretForms = regexp.MustCompile(`://[^/?#\s]*@|xox[a-z]-|xapp-|pat-[a-z]{2}[0-9]-|-----BEGIN`)

func secretValue(n ast.Node) bool {
	s, ok := n.(*ast.StringNode)
	return ok && secretForms.MatchString(s.Value)
}
