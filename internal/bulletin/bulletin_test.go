package bulletin

import (
	"strings"
	"testing"
	"time"
)

// TestChange: letters are causes; what stands after one look is what was told before the
// next. "?" makes nobody sure.
func TestChange(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct{ told, now, unsure, fresh, over, stand string }{
		{"", "", "", "", "", ""},
		{"", "a", "", "a", "", "a"},
		{"a", "a", "", "", "", "a"},
		{"a", "", "", "", "a", ""},
		{"a", "b", "", "b", "a", "b"},
		{"ab", "bc", "", "c", "a", "bc"},
		{"a", "", "a", "", "", "a"},
		{"a", "a", "a", "", "", "a"},
		{"", "aa", "", "a", "", "a"},
	} {
		of := func(s string) (ms []Matter) {
			for _, r := range s {
				ms = append(ms, Matter{Cause: string(r), Text: "now"})
			}
			return ms
		}
		told := of(c.told)
		for i := range told {
			told[i].Text, told[i].Since = "then", at.Add(-time.Hour)
		}
		fresh, over, stand := change(told, of(c.now), func(cause string) bool { return strings.Contains(c.unsure, cause) }, at)
		say := func(ms []Matter) string {
			var b strings.Builder
			for _, m := range ms {
				b.WriteString(m.Cause)
				if old := strings.Contains(c.told, m.Cause); old != (m.Text == "then") || old != m.Since.Before(at) {
					t.Errorf("%+v: %s stands as %+v", c, m.Cause, m)
				}
			}
			return b.String()
		}
		if f, o, s := say(fresh), say(over), say(stand); f != c.fresh || o != c.over || s != c.stand {
			t.Errorf("%+v: got %q, %q, %q", c, f, o, s)
		}
	}
}
