package crm

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClip(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"  Call with Ana ", "Call with Ana"},
		{"Re: offer\r\nfrom\tus", "Re: offer from us"},
		{"a\x00b", "a b"},
		{"\xff", "\uFFFD"},
		{strings.Repeat("ü", MostText), strings.Repeat("ü", MostText)},
		{strings.Repeat("ü", MostText+1), strings.Repeat("ü", MostText)},
		{strings.Repeat("a", MostText-1) + " bc", strings.Repeat("a", MostText-1)},
	} {
		if got := Clip(c.text); got != c.want || !utf8.ValidString(got) {
			t.Errorf("Clip(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestUserIs(t *testing.T) {
	for _, c := range []struct {
		u    User
		id   string
		want bool
	}{
		{User{ID: "1"}, "1", true},
		{User{ID: "1"}, "", false},
		{User{}, "", false},
		{User{ID: "1", Actor: "9"}, "9", true},
		{User{ID: "1", Actor: "9"}, "1", false}, // an owner's id may be another user's
	} {
		if c.u.Is(c.id) != c.want {
			t.Errorf("%+v is %q: want %v", c.u, c.id, c.want)
		}
	}
}
