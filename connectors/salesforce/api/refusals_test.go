package api

import (
	"testing"
	"time"
)

// TestRefusalsEnd: a refusal holds for an hour, then for two, four and so on up to a
// day; an ability that works begins anew, and a person who asks waits for nothing.
func TestRefusalsEnd(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC)
	r := NewRefusals(func() time.Time { return now })
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 24, 24} {
		r.Note("counts")
		now = now.Add(want*time.Hour - time.Second)
		r.Note("counts") // the same refusal, met by another stream
		if !r.Holds("counts") || r.Holds("jobs") {
			t.Errorf("before %d hours: counts %v, jobs %v", want, r.Holds("counts"), r.Holds("jobs"))
		}
		if now = now.Add(time.Second); r.Holds("counts") {
			t.Errorf("after %d hours it still holds", want)
		}
	}
	r.Over("counts")
	if r.Note("counts"); !r.Holds("counts") {
		t.Error("a new refusal does not hold")
	}
	if now = now.Add(time.Hour); r.Holds("counts") {
		t.Error("after it worked, a refusal holds for longer than an hour")
	}
	r.Note("counts")
	if r.Forget(); r.Holds("counts") {
		t.Error("a refusal holds after it was forgotten")
	}
	r.Note("counts")
	if now = now.Add(3 * time.Hour); !r.Holds("counts") {
		t.Error("forgetting made the next refusal shorter")
	}
}
