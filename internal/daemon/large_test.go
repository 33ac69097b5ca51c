package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// TestSmallerEdition: a mail that the server refuses for its size is sent as a smaller
// edition, once, and is refused for good when that is too large as well.
func TestSmallerEdition(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults []mail.Fault
		limit  int64 // of the server; 0 is none
		states []string
		mails  int
		short  bool
	}{
		{"a limit between the two", nil, 20_000, []string{"email sent"}, 1, true},
		{"a limit below both", nil, 500, []string{"email failed", "slack sent"}, 0, false},
		{"no limit", nil, 0, []string{"email sent"}, 1, false},
		{"552 5.2.3 once", []mail.Fault{{Step: mail.AtData, Code: 552, Enhanced: [3]int{5, 2, 3}, Text: "too big"}}, 0, []string{"email sent"}, 1, true},
		{"a full mailbox", []mail.Fault{{Step: mail.AtData, Code: 552, Enhanced: [3]int{5, 2, 2}, Text: "over quota"}}, 0, []string{"email failed", "slack sent"}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv, err := mail.Listen(t.Context(), mail.Options{MaxBytes: c.limit})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = srv.Close() })
			for _, f := range c.faults {
				srv.Fault(f)
			}
			b := newBench(t, func(b *bench) {
				n, err := email.New(email.Config{Host: srv.Host(), Port: srv.Port(), TLS: "none", From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"acme.example"}})
				if err != nil {
					t.Fatal(err)
				}
				b.cfg.Notifiers[delivery.Email] = n
				b.cfg.Digests[0].Via, b.cfg.Digests[0].Else = delivery.Email, delivery.Slack
				b.account.deals = nil
				for i := range 200 {
					d := b.deal(fmt.Sprintf("006%015dAAA", i), fmt.Sprintf("Deal %d", i))
					d.Amount = crm.Num(float64(1000 * (i + 1)))
					b.account.deals = append(b.account.deals, d)
				}
			})
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			b.tick()
			want(t, b.states(), dated(c.states)...)
			got := srv.Messages()
			if len(got) != c.mails {
				t.Fatalf("%d mails, want %d", len(got), c.mails)
			}
			for _, m := range got {
				letter, err := mail.ParseLetter(m.Data)
				if err != nil {
					t.Fatal(err)
				}
				if said := strings.Contains(letter.Text, "lines are left out"); said != c.short {
					t.Errorf("says that lines are left out: %v, want %v (%d bytes)", said, c.short, len(m.Data))
				}
				if !strings.Contains(letter.Text, "200") {
					t.Error("the number of all deals is not in the mail")
				}
				t.Logf("%d bytes", len(m.Data))
			}
		})
	}
}
