package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestWhatIsDueIsNamedThoughItsSourceIsWithheld lets a source go stale on the day after a digest
// told of a commit deal that should have closed: the digest of the next day counts nothing of
// the source, and names the deal as it was last judged, to the manager alone who was told of it.
func TestWhatIsDueIsNamedThoughItsSourceIsWithheld(t *testing.T) {
	b := newBench(t, func(b *bench) {
		later := b.deal("006000000000009AAA", "Hooli")
		later.CloseDate = crm.DateOf(b.clock.Now(), time.UTC) + 60
		b.account.deals = append(b.account.deals, later)
	})
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	first := len(b.slack.sent)
	if first == 0 {
		t.Fatal("nothing was sent on Monday")
	}
	b.clock.Set(b.clock.Now().Add(48 * time.Hour))
	b.tick()
	body := ""
	for _, p := range b.slack.sent[first:] { // lines are folded
		body += strings.Join(strings.Fields(string(p.Body)), " ")
	}
	for _, want := range []string{"withheld", "AND NOT JUDGED TODAY", "Initech", "when last judged, close date"} {
		if !strings.Contains(body, want) {
			t.Errorf("the digest does not say %q:\n%s", want, body)
		}
	}
	if strings.Contains(body, "Hooli") || strings.Contains(body, "need an update") {
		t.Errorf("want nothing counted, and no deal that is not due:\n%s", body)
	}
}
