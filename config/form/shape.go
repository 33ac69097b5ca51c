package form

import (
	"fmt"
	"unicode/utf8"
)

// What a file may hold at most. The parser makes some kilobytes of each level of nesting
// and some hundred bytes of each value, and takes time with the square of both, so a file
// of a few kilobytes could fill the memory. A configuration has five levels and a few
// thousand values.
const (
	maxDepth  = 50    // [ and { that are open at once
	maxInLine = 1000  // keys and entries that begin in one line, each of which may be nested in the one before
	maxValues = 20000 // lines, keys, entries, anchors and tags
)

// shape reports why a file is no configuration whatever it says, before the parser sees
// the file. Brackets count in texts and comments too: to tell these apart is the parser's
// work.
func shape(src *source, data []byte) (Problem, bool) {
	line, column, depth, inLine, values := 1, 0, 0, 0, 0
	for i, c := range data {
		if utf8.RuneStart(c) {
			column++
		}
		switch c {
		case '[', '{':
			depth++
			values++
		case ']', '}':
			depth = max(depth-1, 0)
		case ',', '&', '*', '!', '%':
			values++
		case '-', '?', ':':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') {
				inLine++
				values++
			}
		case '\n', '\r':
			if values++; c == '\n' || i+1 == len(data) || data[i+1] != '\n' {
				line, column, inLine = line+1, 0, 0
			}
		}
		switch at := (point{line, column}); {
		case depth > maxDepth:
			return src.at(at, "", fmt.Sprintf("more than %d brackets are open here; close them, or write fewer levels", maxDepth)), true
		case inLine > maxInLine:
			return src.at(at, "", fmt.Sprintf("more than %d keys and entries begin in this line; write them in lines of their own", maxInLine)), true
		case values > maxValues:
			return src.whole(fmt.Sprintf("holds more than %d lines and values; is this the right file? People may be in a file of their own (people.file)", maxValues)), true
		}
	}
	return Problem{}, false
}
