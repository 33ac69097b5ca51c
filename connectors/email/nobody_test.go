package email

import "testing"

// TestNobody: who has no such mailbox says so in many words, and a refusal for another
// reason is none of them.
func TestNobody(t *testing.T) {
	for _, c := range []struct {
		reply int
		code  string
		want  bool
	}{
		{550, "5.1.1", true},
		{550, "5.1.10", true},
		{550, "", true},
		{550, "5.0.0", true},
		{550, "5.1.0", true},
		{553, "5.1.3", true},
		{551, "", true},
		{550, "5.4.1", true},
		{554, "5.2.1", true},
		{550, "5.1.8", false}, // our domain
		{553, "5.1.7", false}, // our address
		{550, "5.7.1", false},
		{550, "5.2.2", false}, // full
		{550, "5.4.5", false},
		{554, "", false},
		{552, "", false},
	} {
		if got := nobody(c.reply, c.code); got != c.want {
			t.Errorf("%d %s: %v, want %v", c.reply, c.code, got, c.want)
		}
	}
}
