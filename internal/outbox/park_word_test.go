package outbox

import "testing"

// The advice that takes an address up again is one word of a shell, whatever is in it.
func TestShellWord(t *testing.T) {
	for s, want := range map[string]string{
		"ana@acme.example":           "ana@acme.example",
		"ana.b+x_y-z@acme.example":   "ana.b+x_y-z@acme.example",
		"o'brien@acme.example":       `'o'\''brien@acme.example'`,
		"a$(touch x)@acme.example":   "'a$(touch x)@acme.example'",
		"a b@acme.example":           "'a b@acme.example'",
		"müller@acme.example":        "müller@acme.example",
		"a&b|c@acme.example":         "'a&b|c@acme.example'",
		"`id`@acme.example":          "'`id`@acme.example'",
		"":                           "",
		"tom!history@acme.example":   "'tom!history@acme.example'",
		"back\\slash@acme.example":   `'back\slash@acme.example'`,
		"{curly,brace}@acme.example": "'{curly,brace}@acme.example'",
	} {
		if got := shellWord(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}
