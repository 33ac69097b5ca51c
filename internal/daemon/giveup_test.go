package daemon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// TestDeadAddressIsGivenUp: an address that nobody has is knocked at on three days, then
// status says how it is taken up again. An address that is refused for another reason, or
// that got something in between, is not given up.
func TestDeadAddressIsGivenUp(t *testing.T) {
	refusal := func(b, c int) *mail.Fault {
		return &mail.Fault{Step: mail.AtRcpt, For: "maria@", Times: -1, Code: 550, Enhanced: [3]int{5, b, c}, Text: "no"}
	}
	for _, c := range []struct {
		name   string
		days   []*mail.Fault // by day: what the server says
		knocks int
		given  bool
	}{
		{"nobody", []*mail.Fault{refusal(1, 1), refusal(1, 1), refusal(1, 1), refusal(1, 1), refusal(1, 1)}, 3, true},
		{"a disabled mailbox", []*mail.Fault{refusal(2, 1), refusal(2, 1), refusal(2, 1), refusal(2, 1), refusal(2, 1)}, 3, true},
		{"somebody in between", []*mail.Fault{refusal(1, 1), refusal(1, 1), nil, refusal(1, 1), refusal(1, 1)}, 5, false},
		{"a closed group", []*mail.Fault{refusal(7, 1), refusal(7, 1), refusal(7, 1), refusal(7, 1), refusal(7, 1)}, 5, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv, err := mail.Listen(t.Context(), mail.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = srv.Close() })
			b := newBench(t, func(b *bench) {
				n, err := email.New(email.Config{Host: srv.Host(), Port: srv.Port(), TLS: "none", From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"acme.example"}})
				if err != nil {
					t.Fatal(err)
				}
				b.cfg.Notifiers[delivery.Email] = n
				b.cfg.Digests[0].Via, b.cfg.Digests[0].Else = delivery.Email, delivery.Slack
			})
			knocks := 0
			for day, f := range c.days {
				srv.ClearFaults()
				if f != nil {
					srv.Fault(*f)
				}
				b.clock.Set(time.Date(2026, 11, 23+day, 8, 31, 0, 0, b.cfg.Location))
				b.account.deals = []crm.Opportunity{b.deal(fmt.Sprintf("006%015dAAA", day), fmt.Sprintf("Deal %d", day))}
				b.sync()
				b.tick()
				b.restart()
			}
			ds, err := b.store.Deliveries(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range ds {
				if d.Channel == delivery.Email {
					knocks += d.Attempts
				}
			}
			if knocks != c.knocks {
				t.Errorf("knocked %d times, want %d", knocks, c.knocks)
			}
			if n := countStates(b, "slack sent"); n < 4 {
				t.Errorf("%d digests by the else channel", n)
			}
			notices := func() bool {
				st, err := b.Status(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return slices.ContainsFunc(st.Notices, func(n string) bool { return strings.Contains(n, "digest send manager-daily --to maria@acme.example`") })
			}
			if notices() != c.given {
				t.Errorf("status says how it is taken up again: %v, want %v", !c.given, c.given)
			}
			if !c.given {
				return
			}
			srv.ClearFaults()
			if _, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "maria@acme.example", false); err != nil {
				t.Fatal(err)
			}
			before := len(srv.Messages())
			b.clock.Set(time.Date(2026, 11, 30, 8, 31, 0, 0, b.cfg.Location))
			b.sync()
			b.tick()
			if before != 1 || len(srv.Messages()) != 2 {
				t.Errorf("%d mails with the test, and %d with the next digest, want 1 and 2", before, len(srv.Messages()))
			}
		})
	}
}
