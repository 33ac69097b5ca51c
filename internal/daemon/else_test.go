package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// throughSlack puts the simulated Slack in the place of the bench's channel, on the
// bench's clock.
func throughSlack(t *testing.T) (b *bench, servers *sim.Servers) {
	t.Helper()
	company := sim.New(sim.Options{Deals: 20})
	servers, err := sim.Serve(t.Context(), company, sim.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	b = newBench(t, func(b *bench) {
		company.Slack().Set(func(o *sim.SlackOptions) { o.Clock = b.clock.Now })
		n, err := slack.New(slack.Config{Token: connectortest.Secret(t, servers.SlackToken), URL: servers.SlackURL, Now: b.clock.Now, PerSecond: -1})
		if err != nil {
			t.Fatal(err)
		}
		b.cfg.Notifiers[delivery.Slack] = n
	})
	b.sync()
	return b, servers
}

// TestElseAfterPatience: Slack does not work from 08:30 to 13:00. The else channel is used
// at 10:00, or as soon after it as the history of the channel says that the message is not
// there, and nobody gets two copies.
func TestElseAfterPatience(t *testing.T) {
	t.Parallel()
	all := func(f sim.Fault) sim.Fault { f.Times = -1; return f }
	history := sim.Fault{Path: "conversations.history", Kind: sim.HTML503, Times: -1}
	for _, c := range []struct {
		name    string
		faults  []sim.Fault
		until   string // when they end
		mailed  string // when the mail came; "" is never
		states  []string
		posts   int
		message int // copies in Slack
	}{
		{"503", []sim.Fault{all(sim.SlackFault("503", false))}, "13:00", "10:00", []string{"email sent", "slack failed"}, 3, 0},
		{"503 although it was posted", []sim.Fault{sim.SlackFault("503", true)}, "13:00", "", []string{"slack sent"}, 1, 1},
		{"service_unavailable", []sim.Fault{all(sim.SlackFault("service_unavailable", false))}, "13:00", "10:00", []string{"email sent", "slack failed"}, 3, 0},
		{"fatal_error", []sim.Fault{all(sim.SlackFault("fatal_error", false))}, "13:00", "10:00", []string{"email sent", "slack failed"}, 3, 0},
		{"the connection is cut", []sim.Fault{all(sim.SlackFault("close", false))}, "13:00", "10:00", []string{"email sent", "slack failed"}, 3, 0},
		{"429", []sim.Fault{all(sim.SlackFault("429", false))}, "13:00", "10:00", []string{"email sent", "slack failed"}, 0, 0},
		{"503 for twenty minutes", []sim.Fault{all(sim.SlackFault("503", false))}, "08:50", "", []string{"slack sent"}, 3, 1},
		{"503, and the history does not answer until 11:00", []sim.Fault{all(sim.SlackFault("503", false)), history}, "11:00", "11:00",
			[]string{"email sent", "slack failed"}, 1, 0},
		{"503, and the history never answers in time", []sim.Fault{all(sim.SlackFault("503", false)), history}, "13:00", "",
			[]string{"slack expired"}, 1, 0},
		{"503 although it was posted, and the history does not answer until 11:00", []sim.Fault{sim.SlackFault("503", true), history}, "11:00", "",
			[]string{"slack sent"}, 1, 1},
		{"nobody can be looked up", []sim.Fault{{Path: "users.lookupByEmail", Kind: sim.HTML503, Times: -1}}, "13:00", "10:00",
			[]string{"email sent", "slack failed"}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, servers := throughSlack(t)
			workspace := servers.Company.Slack()
			for _, f := range c.faults {
				workspace.Fault(f)
			}
			mailed := ""
			for b.clock.Set(b.clock.Now().Add(30 * time.Minute)); b.clock.Now().Hour() < 14; b.clock.Set(b.clock.Now().Add(time.Minute)) {
				at := b.clock.Now().Format("15:04")
				if at == c.until {
					workspace.ClearFaults()
				}
				b.tick()
				if len(b.email.sent) > 0 && mailed == "" {
					mailed = at
				}
			}
			if mailed != c.mailed && !(c.mailed == "11:00" && strings.HasPrefix(mailed, "11:0")) {
				t.Errorf("mailed at %q, want %q", mailed, c.mailed)
			}
			want(t, b.states(), dated(c.states)...)
			posts, copies := 0, 0
			for _, call := range workspace.Calls() {
				if strings.HasSuffix(call.Path, "chat.postMessage") {
					posts++
				}
			}
			for _, m := range workspace.Messages() {
				if m.ThreadTS == "" && m.To == "maria@acme.example" {
					copies++
				}
			}
			if copies != c.message {
				t.Errorf("%d messages in Slack, want %d", copies, c.message)
			}
			if c.posts > 0 && posts > c.posts+1 { // and a reply
				t.Errorf("%d posts, want at most %d", posts, c.posts)
			}
		})
	}
}

func dated(states []string) []string {
	var out []string
	for _, s := range states {
		out = append(out, "2026-11-23 "+s)
	}
	return out
}

// A message that is late because nobody ran at its time is tried by its channel first.
func TestElseIsNotFirst(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	b.clock.Set(b.clock.Now().Add(3 * time.Hour))
	b.tick()
	want(t, b.states(), "2026-11-23 slack sent")
}
