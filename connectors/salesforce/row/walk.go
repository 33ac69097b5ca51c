package row

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// A row is a list of views into the answer instead of a map: the columns depend on the
// configuration, so no struct fits, and building a map for each row would take most of
// the time of a page. encoding/json has validated the whole answer before, so the
// functions here do not look for mistakes. A fuzz test compares the functions with
// encoding/json.

// member is one member of a JSON object; value is a view into the answer.
type member struct {
	key   string
	value []byte
}

var errNotObject = errors.New("a record is not an object")

// members appends the members of the valid JSON object b to into. A key that known
// has at the same place is taken from known, which saves a copy of the key.
func members(b []byte, into []member, known []member) ([]member, error) {
	i := space(b, 0)
	if i >= len(b) || b[i] != '{' {
		return into, errNotObject
	}
	for i = space(b, i+1); b[i] != '}'; {
		end := skip(b, i)
		key := b[i:end]
		i = space(b, space(b, end)+1) // past the colon
		end = skip(b, i)
		m := member{value: b[i:end]}
		if n := len(into); n < len(known) && known[n].key == string(key[1:len(key)-1]) && known[n].key != "" {
			m.key = known[n].key
		} else {
			m.key = unquote(key)
		}
		into = append(into, m)
		if i = space(b, end); b[i] == ',' {
			i = space(b, i+1)
		}
	}
	return into, nil
}

// elements calls each for every element of the valid JSON array b.
func elements(b []byte, each func([]byte) error) (n int, err error) {
	i := space(b, 0)
	if i >= len(b) || b[i] != '[' {
		return 0, errors.New("records are not a list")
	}
	for i = space(b, i+1); b[i] != ']'; n++ {
		end := skip(b, i)
		if err := each(b[i:end]); err != nil {
			return n, err
		}
		if i = space(b, end); b[i] == ',' {
			i = space(b, i+1)
		}
	}
	return n, nil
}

// space is the index of the first byte from i on that is not white space.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skip is the index after the valid JSON value that begins at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; ; {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; ; i++ {
		i += bytes.IndexByte(b[i:], '"')
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

// unquote decodes the valid JSON string b, which includes its quotes.
func unquote(b []byte) string {
	inner := b[1 : len(b)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string // encoding/json decodes escapes and broken UTF-8
	if json.Unmarshal(b, &s) != nil {
		return ""
	}
	return s
}
