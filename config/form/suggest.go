package form

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/internal/spelling"
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
		d := spelling.Distance(want, plain(k))
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
