package slack_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestSimulatedSlack runs the suite against the simulated workspace, which checks
// more than the fake in this package: argument forms, scopes, limits of blocks, threads.
func TestSimulatedSlack(t *testing.T) {
	company := sim.New(sim.Options{Deals: 20})
	connectortest.TestNotifier(t, func(t *testing.T, r connectortest.Receiving) *connectortest.Receiver {
		workspace := company.Slack()
		workspace.ClearFaults()
		workspace.Set(func(o *sim.SlackOptions) { o.Clock, o.Token = time.Now, "xoxb-sim-token" })
		srv := httptest.NewServer(workspace)
		t.Cleanup(srv.Close)
		n, err := slack.New(slack.Config{URL: srv.URL, Token: connectortest.Secret(t, "xoxb-sim-token"), PerSecond: -1})
		if err != nil {
			t.Fatal(err)
		}
		before := map[string]int{}
		for _, m := range workspace.Messages() {
			before[m.Key]++
		}
		out := &connectortest.Receiver{
			Notifier: n,
			Arrived:  func(key string) int { return len(workspace.WithKey(key)) - before[key] },
			Secrets:  []string{"xoxb-sim-token"},
		}
		switch r {
		case connectortest.Unreachable:
			srv.Close()
		case connectortest.Busy:
			workspace.Fault(sim.SlackFault("ratelimited", false))
			out.Recover = func() {}
		case connectortest.UnknownRecipient:
			workspace.Fault(sim.Fault{Path: "users.lookupByEmail", Status: 200, Body: `{"ok":false,"error":"users_not_found"}`})
		case connectortest.BadCredentials:
			workspace.Set(func(o *sim.SlackOptions) { o.Token = "xoxb-another" })
		case connectortest.LosesAnswer:
			workspace.Fault(sim.SlackFault("close", true))
		}
		return out
	})
	for _, m := range company.Slack().Messages() {
		if m.To != "" && m.To != "maria@acme.example" {
			t.Errorf("a message went to %s", m.To)
		}
	}
}

// TestSimulatedPause gets a 429 with Retry-After, then an answer that leaves open
// whether Slack has posted the message.
func TestSimulatedPause(t *testing.T) {
	company := sim.New(sim.Options{Deals: 20})
	workspace := company.Slack()
	workspace.Set(func(o *sim.SlackOptions) { o.Clock = time.Now })
	srv := httptest.NewServer(workspace)
	defer srv.Close()
	now := time.Now()
	n, err := slack.New(slack.Config{URL: srv.URL, Token: connectortest.Secret(t, "xoxb-sim-token"), PerSecond: -1, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	d, to := connectortest.Sample()
	to.ID = "pause"
	parts, err := n.Render(t.Context(), d, to)
	if err != nil {
		t.Fatal(err)
	}
	workspace.Fault(sim.SlackFault("429", false))
	workspace.Fault(sim.SlackFault("fatal_error", true))
	if _, err := n.Send(t.Context(), to, parts[0], nil); !isRetry(err, time.Minute) {
		t.Fatalf("got %v, want a pause of a minute", err)
	}
	now = now.Add(time.Minute)
	p := parts[0]
	p.Started = now
	if _, err := n.Send(t.Context(), to, p, nil); err == nil || isRetry(err, 0) {
		t.Fatalf("got %v, want an error that leaves open whether the message arrived", err)
	}
	r, found, err := n.Reconcile(t.Context(), to, p, nil)
	if err != nil || !found || r.ID == "" || r.Channel == "" {
		t.Fatalf("reconcile gives %+v, %v, %v", r, found, err)
	}
	if _, err := n.Send(t.Context(), to, parts[1], []delivery.Receipt{r}); err != nil {
		t.Fatal("a reply to the message that was found:", err)
	}
}

func isRetry(err error, after time.Duration) bool {
	re, ok := errors.AsType[*delivery.RetryError](err)
	return ok && re.After == after
}
