package rest

import (
	"bytes"
	"fmt"
)

// What a JSON answer may hold at most, besides its bytes. A decoder makes hundreds of
// bytes of each {} and each member of a map, so some megabytes of them would become
// gigabytes. The largest answers that the CRMs give are a page of 2,000 rows with a
// hundred fields, the description of an object with thousands of picklist values, and
// batches with the histories of their records.
const (
	maxContainers = 300_000   // objects and lists
	maxValues     = 1_500_000 // values, containers included
	maxDepth      = 64        // containers that are open at once
)

// shape counts what is in a JSON answer while the answer arrives, so that nothing is
// decoded, and little is kept, of an answer that holds too much. An answer of another form
// passes: who reads the answer bounds that form.
type shape struct {
	begun, json bool
	inText      bool
	escaped     bool
	depth       int
	containers  int
	values      int
}

// Write counts; the error wraps ErrTooLarge.
func (s *shape) Write(b []byte) (int, error) {
	n := len(b)
	if !s.begun {
		if b = bytes.TrimLeft(b, " \t\r\n"); len(b) == 0 {
			return n, nil
		}
		s.begun, s.json = true, b[0] == '{' || b[0] == '['
	}
	if !s.json {
		return n, nil
	}
	for i := 0; i < len(b); i++ {
		if s.inText {
			switch {
			case s.escaped:
				s.escaped = false
			case b[i] == '\\':
				s.escaped = true
			case b[i] == '"':
				s.inText = false
			}
			continue
		}
		switch b[i] {
		case '"':
			s.inText = true
		case '{', '[':
			s.depth++
			s.containers++
			s.values++
		case '}', ']':
			s.depth--
		case ',':
			s.values++
		}
		switch {
		case s.depth > maxDepth:
			return 0, fmt.Errorf("%w: more than %d levels", ErrTooLarge, maxDepth)
		case s.containers > maxContainers:
			return 0, fmt.Errorf("%w: more than %d objects and lists", ErrTooLarge, maxContainers)
		case s.values > maxValues:
			return 0, fmt.Errorf("%w: more than %d values", ErrTooLarge, maxValues)
		}
	}
	return n, nil
}
