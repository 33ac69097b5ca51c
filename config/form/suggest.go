package form

import (
	"fmt"
	"slices"
	"strings"
)

// Suggest returns `; did you mean "x"?` for the known word nearest to word, and
// "" when none is near.
func Suggest(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// nearest finds the known word that differs least from word, case and
// separators aside; "" when a third or more of it differs.
func nearest(word string, known []string) string {
	const longest = 64 // a longer word is no slip of the finger
	if len(word) > longest {
		return ""
	}
	want := plain(word)
	best, bestDistance := "", 0
	for _, k := range known {
		d := distance(want, plain(k))
		if best == "" || d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" || bestDistance > max(1, len(want)/3) || bestDistance >= len(want) {
		return ""
	}
	return best
}

// plain is s without what people get wrong most: case, dashes and blanks.
func plain(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours between a and b (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last := []int(nil), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}

// List writes words as people do: "a", "a or b", "a, b or c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " or " + words[n]
}

// OneOf says what is allowed instead of got, with a suggestion.
func OneOf(got string, allowed ...string) string {
	s := fmt.Sprintf("%q is not possible; want %s", got, List(allowed))
	if near := nearest(got, allowed); near != "" && !slices.Contains(allowed, got) {
		s = fmt.Sprintf("%q is not possible; did you mean %q? (%s)", got, near, List(allowed))
	}
	return s
}

// OneKnown is Suggest, or the list of what is known where it is short.
func OneKnown(word string, known []string) string {
	if hint := Suggest(word, known); hint != "" || len(known) > 12 {
		return hint
	}
	return "; known here: " + strings.Join(known, ", ")
}
