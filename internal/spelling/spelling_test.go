package spelling_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/internal/spelling"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"slack", "slack", 0}, {"slakc", "slack", 1}, {"slck", "slack", 1},
		{"sslack", "slack", 1}, {"slick", "slack", 1}, {"email", "slack", 4}, {"Müller", "Muller", 1}, {"ca", "abc", 3},
	} {
		if got := spelling.Distance(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := spelling.Distance(c.b, c.a); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
