package golden

import (
	"fmt"
	"strings"
)

// shown bounds the lines of each side in a message: git diff shows a page that
// changed everywhere better than the output of a test.
const shown = 8

// differ returns nil for equal texts, otherwise an error with the lines that differ.
func differ(name, want, got string) error {
	if want == got {
		return nil
	}
	w, g := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	first := 0
	for first < len(w) && first < len(g) && w[first] == g[first] {
		first++
	}
	last := 0
	for last < len(w)-first && last < len(g)-first && w[len(w)-1-last] == g[len(g)-1-last] {
		last++
	}
	var b strings.Builder
	side(&b, "-", w[first:len(w)-last])
	side(&b, "+", g[first:len(g)-last])
	return fmt.Errorf("%s, line %d: the file has -, the code says +; if the code is right, run %s\n%s",
		name, first+1, Command, strings.TrimSuffix(b.String(), "\n"))
}

// side prints the first lines of one side.
func side(b *strings.Builder, sign string, lines []string) {
	for i, line := range lines {
		if i == shown {
			fmt.Fprintf(b, "%s … and %d lines more\n", sign, len(lines)-i)
			return
		}
		if line == "" {
			continue // the text behind the last line break
		}
		fmt.Fprintf(b, "%s %s\n", sign, strings.TrimSuffix(line, "\n"))
	}
}
