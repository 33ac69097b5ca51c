package soql

import (
	"regexp"
	"strings"
)

// tokenKind is the kind of a token.
type tokenKind byte

const (
	tokEnd tokenKind = iota
	tokName
	tokText
	tokNumber
	tokDate
	tokDateTime
	tokPunct
)

// Token is a word, literal or sign of a statement.
type Token struct {
	kind tokenKind
	Text string // of a string literal: its value
	pos  int    // byte offset
}

// Is reports whether t is the keyword or sign given.
func (t Token) Is(word string) bool {
	return (t.kind == tokName || t.kind == tokPunct) && strings.EqualFold(t.Text, word)
}

// Name reports whether t is a name or a keyword.
func (t Token) Name() bool { return t.kind == tokName }

// Literals. A datetime without a zone is not a literal: an unencoded plus sign in an
// address leaves such a datetime.
var (
	dateTimeLiteral = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:?\d{2})`)
	dateLiteral     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)
	numberLiteral   = regexp.MustCompile(`^[+-]?\d+(\.\d+)?`)
	nameToken       = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*(:\d+)?`)
)

// Lex cuts a SOQL statement into tokens.
func Lex(soql string) ([]Token, error) {
	var out []Token
	for i := 0; i < len(soql); {
		rest := soql[i:]
		switch ch := soql[i]; {
		case ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r':
			i++
		case ch == '\'':
			text, n, ok := unquote(rest)
			if !ok {
				return nil, malformed(soql, i, "unexpected token: '''")
			}
			out = append(out, Token{tokText, text, i})
			i += n
		case ch >= '0' && ch <= '9' || (ch == '-' || ch == '+') && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
			kind, text := tokNumber, numberLiteral.FindString(rest)
			if m := dateTimeLiteral.FindString(rest); m != "" {
				kind, text = tokDateTime, m
			} else if m := dateLiteral.FindString(rest); m != "" {
				kind, text = tokDate, m
			}
			if end := rest[len(text):]; end != "" && !strings.ContainsRune(" \t\r\n,()=<>!", rune(end[0])) {
				return nil, malformed(soql, i, "unexpected token: '"+rest[:min(len(rest), len(text)+12)]+"'")
			}
			out = append(out, Token{kind, text, i})
			i += len(text)
		case nameToken.MatchString(rest):
			text := nameToken.FindString(rest)
			out = append(out, Token{tokName, text, i})
			i += len(text)
		case strings.HasPrefix(rest, "!=") || strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, ">=") || strings.HasPrefix(rest, "<>"):
			out = append(out, Token{tokPunct, rest[:2], i})
			i += 2
		case strings.IndexByte("=<>(),", ch) >= 0:
			out = append(out, Token{tokPunct, rest[:1], i})
			i++
		default:
			return nil, malformed(soql, i, "unexpected token: '"+string(ch)+"'")
		}
	}
	return append(out, Token{tokEnd, "<EOF>", len(soql)}), nil
}

// unquote reads the string literal at the beginning of s and returns the literal's
// value and length.
func unquote(s string) (value string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\'':
			return b.String(), i + 1, true
		case '\\':
			i++
			if i == len(s) {
				return "", 0, false
			}
			switch s[i] {
			case 'n', 'N':
				b.WriteByte('\n')
			case 'r', 'R':
				b.WriteByte('\r')
			case 't', 'T':
				b.WriteByte('\t')
			case 'b', 'B':
				b.WriteByte('\b')
			case 'f', 'F':
				b.WriteByte('\f')
			case '\\', '\'', '"', '_', '%':
				b.WriteByte(s[i])
			case 'u':
				r, ok := unicodeEscape(s[i+1:])
				if !ok {
					return "", 0, false
				}
				b.WriteRune(r)
				i += 4
			default:
				return "", 0, false
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

func unicodeEscape(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, ch := range []byte(s[:4]) {
		k := strings.IndexByte("0123456789abcdef", ch|0x20)
		if k < 0 {
			return 0, false
		}
		r = r<<4 | rune(k)
	}
	return r, true
}
