package form

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/internal/spelling"
)

// Suggest returns `; did you mean "x"?` for the known word nearest to word, and
// "" when no known word is near.
func Suggest(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// nearest finds the known word that differs least from word, case and separators
// aside; "" when more than a third of word differs.
func nearest(word string, known []string) string {
	const longest = 64 // a longer word is no slip of the finger
	if len(word) > longest {
		return ""
	}
	typed := plain(word)
	best, bestDistance := "", 0
	for _, k := range known {
		d := spelling.Distance(typed, plain(k))
		if best == "" || d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" || bestDistance > max(1, len(typed)/3) || bestDistance >= len(typed) {
		return ""
	}
	return best
}

// plain is s in lower case, without dashes, underscores and blanks: people get
// these wrong most.
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
	s := fmt.Sprintf("%q is not possible; write %s", got, List(allowed))
	if near := nearest(got, allowed); near != "" && !slices.Contains(allowed, got) {
		s = fmt.Sprintf("%q is not possible; did you mean %q? (%s)", got, near, List(allowed))
	}
	return s
}

// OneKnown is Suggest, or where no known word is near, the list of the known words
// if it is short.
func OneKnown(word string, known []string) string {
	if hint := Suggest(word, known); hint != "" || len(known) > 12 {
		return hint
	}
	return "; known here: " + strings.Join(known, ", ")
}
