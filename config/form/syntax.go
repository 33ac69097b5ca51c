package form

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxSize bounds a configuration file: a hundred teams of a dozen people are
// 100 KiB, and a file far beyond that is not a configuration.
const MaxSize = 1 << 20

// parse reads src as one YAML document. It returns a node or problems.
func parse(src *source, data []byte) (ast.Node, Problems) {
	if p := readable(src, data); p != nil {
		return nil, p
	}
	f, err := parseBytes(data)
	if err != nil {
		return nil, Problems{syntaxProblem(src, err)}
	}
	var body ast.Node
	for _, d := range f.Docs {
		switch d.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode, *ast.DirectiveNode:
			continue
		}
		if body != nil {
			return nil, Problems{src.at(position(d.Body), "", "a second YAML document begins here; keep one and remove the --- before it")}
		}
		body = d.Body
	}
	if body == nil {
		return nil, Problems{src.whole("is empty; begin with the example in the README, or with docs/config.md")}
	}
	return body, nil
}

// parseBytes is the parser with its panics turned into errors: a person, or a
// broken disk, may have put anything into the file.
func parseBytes(data []byte) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, errors.New("the YAML parser gave up")
		}
	}()
	return parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
}

// readable reports what makes a file no YAML text at all, and every tab in the
// indentation; the parser would report only the first tab.
func readable(src *source, data []byte) Problems {
	switch {
	case len(data) > MaxSize:
		return Problems{src.whole(fmt.Sprintf("is larger than %d KiB; is this the right file?", MaxSize>>10))}
	case bytes.IndexByte(data, 0) >= 0:
		return Problems{src.whole("holds NUL bytes; save it as UTF-8 text")}
	case !utf8.Valid(data):
		return Problems{src.whole("is not UTF-8; save it as UTF-8 text")}
	}
	if p, bad := shape(src, data); bad {
		return Problems{p}
	}
	var ps Problems
	for i, line := range src.lines {
		text := strings.TrimLeft(line, " \t")
		if text == "" || text[0] == '#' {
			continue
		}
		if tab := strings.IndexByte(line[:len(line)-len(text)], '\t'); tab >= 0 {
			ps = append(ps, src.at(point{i + 1, tab + 1}, "", "a tab cannot indent YAML; use spaces"))
		}
	}
	return ps
}

// quotedText matches two or more characters that a syntax error quotes from the
// file, which may be a secret. A single character may be shown, and helps.
var quotedText = regexp.MustCompile(`:?\s*"(?:[^"\\]|\\.){2,}"`)

func syntaxProblem(src *source, err error) Problem {
	var se *yaml.SyntaxError
	if !errors.As(err, &se) || se.Token == nil || se.Token.Position == nil {
		return src.whole("is not YAML: " + quotedText.ReplaceAllString(firstLine(err.Error()), ""))
	}
	message := "not valid YAML: " + quotedText.ReplaceAllString(firstLine(se.Message), "")
	switch {
	case strings.Contains(se.Message, "reserved character"):
		message += "; put the value in quotes"
	case strings.Contains(se.Message, "not allowed in this context"), strings.Contains(se.Message, "unexpected key"),
		strings.Contains(se.Message, "non-map value"), strings.Contains(se.Message, "invalid key"):
		message += "; check the indentation and the colons"
	}
	return src.at(point{se.Token.Position.Line, se.Token.Position.Column}, "", message)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
