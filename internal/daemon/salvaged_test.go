package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// TestADigestThatTheSalvagedJournalDoesNotKnow: a row of the ledger may have been lost with
// what was sent, so a digest whose time had come is not sent by itself. One whose time
// comes later is.
func TestADigestThatTheSalvagedJournalDoesNotKnow(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, b.cfg.Location)
	b.clock.Set(at)
	if err := b.store.Note(t.Context(), b.store.Fence(), store.NoteSalvaged, at.UTC().Format(time.RFC3339)); err != nil {
		t.Fatal(err)
	}
	b.sync()
	b.tick()
	b.tick()
	if len(b.slack.sent)+len(b.email.sent) != 0 {
		t.Fatalf("sent: %v", b.states())
	}
	notice := func() string {
		st, err := b.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(st.Notices, "\n")
	}
	const unclear = "manager-daily of 23 Nov for West: the journal was damaged and salvaged after its time, so whether it was sent is not known"
	if n := notice(); strings.Count(n, unclear) != 1 || !strings.Contains(n, "`pipetidy digest send manager-daily`") {
		t.Errorf("status says:\n%s", n)
	}
	if body := b.tuesday(); !strings.Contains(body, "23 Nov may not have arrived") {
		t.Errorf("Tuesday's digest says:\n%s", body)
	}
	if n := notice(); strings.Contains(n, unclear) {
		t.Errorf("on Tuesday status says:\n%s", n)
	}
}

// A person who knows that nobody has it sends it.
func TestAnUnclearDigestIsSentByHand(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, b.cfg.Location)
	b.clock.Set(at)
	if err := b.store.Note(t.Context(), b.store.Fence(), store.NoteSalvaged, at.UTC().Format(time.RFC3339)); err != nil {
		t.Fatal(err)
	}
	b.sync()
	b.tick()
	rs, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "", false)
	if err != nil || len(rs) != 1 || rs[0].Already || rs[0].State != delivery.Sent {
		t.Fatalf("got %+v, %v", rs, err)
	}
	st, err := b.Status(t.Context())
	if err != nil || strings.Contains(strings.Join(st.Notices, "\n"), "salvaged") {
		t.Errorf("status says %q, %v", st.Notices, err)
	}
}

// TestADeliveryWithoutItsBytes: of a delivery that was salvaged from an older copy nobody
// knows what it said. It is looked for, and never sent empty.
func TestADeliveryWithoutItsBytes(t *testing.T) {
	for _, c := range []struct {
		name   string
		there  bool
		resend bool
		slack  bool
		want   string
	}{
		{"found", true, false, true, "2026-11-23 slack sent"},
		{"not found, so the else channel composes its own", false, false, true, "2026-11-23 email sent, 2026-11-23 slack failed"},
		{"nobody can look", false, false, false, "2026-11-23 email unknown"},
		{"nobody can look, on_unknown: resend", false, true, false, "2026-11-23 email unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, func(b *bench) {
				b.slack.asking = func(delivery.Part) (bool, error) { return c.there, nil }
				b.cfg.Notifiers[delivery.Slack] = asked{b.slack}
				b.cfg.Resend = c.resend
			})
			b.sync()
			b.clock.Set(time.Date(2026, 11, 23, 8, 30, 0, 0, b.cfg.Location))
			b.tick()
			b.slack.sent, b.email.sent = nil, nil
			ds, err := b.store.Deliveries(t.Context())
			if err != nil || len(ds) != 1 {
				t.Fatalf("got %+v, %v", ds, err)
			}
			// As a salvage leaves it: the delivery of another edition, since the first stays sent.
			d := ds[0]
			if d.Edition = 2; !c.slack {
				d.Channel, d.Else = delivery.Email, ""
			}
			d.ID = delivery.Key(d.Digest, d.Period, d.Edition, d.Team, d.Recipient, d.Channel, b.store.Installation())
			p := delivery.NewPart(d.ID, 0, nil)
			p.State, p.Doubts, p.Ended = delivery.Unknown, 1, b.clock.Now()
			d.State, d.Parts, d.NextAt = delivery.Unknown, []delivery.Part{p}, b.clock.Now()
			if err := b.store.SaveDelivery(t.Context(), b.store.Fence(), d, nil); err != nil {
				t.Fatal(err)
			}
			for range 60 {
				b.clock.Set(b.clock.Now().Add(time.Minute))
				b.tick()
			}
			for _, ch := range []*channel{b.slack, b.email} {
				for _, p := range ch.sent {
					if len(p.Body) == 0 {
						t.Errorf("%s sent an empty message", ch.name)
					}
				}
			}
			var got []string
			for _, s := range b.states() {
				if s != "2026-11-23 slack sent" || c.there {
					got = append(got, s)
				}
			}
			if s := strings.Join(got, ", "); !strings.HasSuffix(s, c.want) {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}
