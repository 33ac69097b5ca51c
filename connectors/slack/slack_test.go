package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/secret"
)

func TestNotifier(t *testing.T) {
	connectortest.TestNotifier(t, func(t *testing.T, r connectortest.Receiving) *connectortest.Receiver {
		f := newFake(t)
		n := f.notifier(t)
		out := &connectortest.Receiver{Notifier: n, Arrived: f.arrived, Secrets: []string{goodToken}}
		out.Recover = func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.fault, f.after = nil, nil
		}
		switch r {
		case connectortest.Unreachable:
			n.cfg.URL = "http://" + closedPort(t)
			out.Recover = func() { n.cfg.URL = f.URL + "/api" }
		case connectortest.Busy:
			f.fault = func(method string, w http.ResponseWriter) bool {
				if method != "chat.postMessage" {
					return false
				}
				no(w, "ratelimited")
				return true
			}
		case connectortest.UnknownRecipient:
			f.fault = func(_ string, w http.ResponseWriter) bool {
				no(w, "users_not_found")
				return true
			}
		case connectortest.BadCredentials:
			f.tokens = nil
		case connectortest.LosesAnswer:
			f.after = func() bool { return true }
		}
		return out
	})
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// sendable renders the sample.
func sendable(t *testing.T, n *Notifier) (*delivery.Delivery, []delivery.Part) {
	t.Helper()
	d, to := connectortest.Sample()
	to.ID = "manager-daily|2026-11-24|1|West|maria@acme.example|slack"
	parts, err := n.Render(t.Context(), d, to)
	if err != nil {
		t.Fatal(err)
	}
	return to, parts
}

// TestClasses goes through a table of answers and what each answer means, at the post
// and at a call before the post.
func TestClasses(t *testing.T) {
	table, err := os.ReadFile("testdata/classes.txt")
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(table)) {
		if strings.HasPrefix(row, "#") || strings.TrimSpace(row) == "" {
			continue
		}
		cells := strings.Split(strings.TrimSpace(row), " | ")
		if len(cells) != 3 {
			t.Fatalf("row %q", row)
		}
		answer, posting, before := cells[0], cells[1], cells[2]
		for _, c := range []struct{ method, want string }{{"chat.postMessage", posting}, {"users.lookupByEmail", before}} {
			f := newFake(t)
			n := f.notifier(t)
			to, parts := sendable(t, n)
			f.fault = func(method string, w http.ResponseWriter) bool {
				if method == c.method {
					give(w, answer)
				}
				return method == c.method
			}
			_, err := n.Send(t.Context(), to, parts[0], nil)
			if got := outcome(err); got != c.want {
				t.Errorf("%s answers %s: got %s, want %s (%v)", c.method, answer, got, c.want, err)
			}
			if strings.Contains(fmt.Sprint(err), goodToken) {
				t.Errorf("%s answers %s: the error holds the token", c.method, answer)
			}
		}
	}
}

// give answers with "code", "HTTP 503" or "HTTP 503 code".
func give(w http.ResponseWriter, answer string) {
	var status int
	if n, _ := fmt.Sscanf(answer, "HTTP %d", &status); n == 0 {
		no(w, answer)
		return
	}
	f := strings.Fields(answer)
	if len(f) == 3 && f[2] != "html" {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, f[2])
		return
	}
	w.WriteHeader(status)
	fmt.Fprint(w, "<html>"+goodToken+"</html>")
}

func outcome(err error) string {
	var re *delivery.RejectedError
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &re):
		return [...]string{"recipient", "channel", "content"}[re.Blame]
	case errors.Is(err, delivery.ErrRetry):
		return "retry"
	}
	return "unknown"
}

func TestRetryAfterHoldsTheMethod(t *testing.T) {
	f := newFake(t)
	now := time.Unix(1_800_000_000, 0)
	n := f.notifier(t)
	n.cfg.Now = func() time.Time { return now }
	to, parts := sendable(t, n)
	f.fault = func(method string, w http.ResponseWriter) bool {
		if method != "chat.postMessage" {
			return false
		}
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	var re *delivery.RetryError
	if _, err := n.Send(t.Context(), to, parts[0], nil); !errors.As(err, &re) || re.After != 30*time.Second {
		t.Fatalf("got %v, want ErrRetry after 30 s", err)
	}
	f.fault = nil
	now = now.Add(29 * time.Second)
	if _, err := n.Send(t.Context(), to, parts[0], nil); !errors.As(err, &re) || re.After != time.Second {
		t.Fatalf("got %v, want ErrRetry after 1 s", err)
	}
	if n := f.calls["chat.postMessage"]; n != 1 {
		t.Errorf("the method was called %d times within the pause, want once before it", n)
	}
	now = now.Add(time.Second)
	if _, err := n.Send(t.Context(), to, parts[0], nil); err != nil {
		t.Fatal(err)
	}
}

func TestNewTokenIsTakenUp(t *testing.T) {
	f := newFake(t)
	f.tokens["xoxb-old"] = true
	n := f.notifier(t)
	n.cfg.Token = connectortest.Secret(t, "xoxb-old")
	to, parts := sendable(t, n)
	first, err := n.Send(t.Context(), to, parts[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	delete(f.tokens, "xoxb-old")
	if _, err := n.Send(t.Context(), to, parts[1], []delivery.Receipt{first}); outcome(err) != "channel" {
		t.Fatalf("with a revoked token: %v", err)
	}
	n.cfg.Token = connectortest.Secret(t, goodToken)
	if _, err := n.Send(t.Context(), to, parts[1], []delivery.Receipt{first}); err != nil {
		t.Fatal("with a new token:", err)
	}
	if got := f.arrived(parts[1].Key); got != 1 {
		t.Errorf("arrived %d times", got)
	}
}

func TestRefusedBlocksAreSentAsText(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	to, parts := sendable(t, n)
	refusals := 0
	f.fault = func(method string, w http.ResponseWriter) bool {
		if method != "chat.postMessage" || refusals > 0 {
			return false
		}
		refusals++
		no(w, "invalid_blocks")
		return true
	}
	if _, err := n.Send(t.Context(), to, parts[0], nil); err != nil {
		t.Fatal(err)
	}
	if len(f.posts) != 1 || f.posts[0].Blocks != nil || !strings.Contains(f.posts[0].Text, "NEEDS YOU TODAY") || f.posts[0].Metadata.Payload["k"] != parts[0].Key {
		t.Errorf("posted %+v", f.posts)
	}
}

func TestRepliesGoIntoTheThread(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	to, parts := sendable(t, n)
	if len(parts) != 2 {
		t.Fatalf("%d parts", len(parts))
	}
	parent, err := n.Send(t.Context(), to, parts[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Send(t.Context(), to, parts[1], []delivery.Receipt{parent}); err != nil {
		t.Fatal(err)
	}
	if f.posts[1].Thread != parent.ID || f.posts[0].Thread != "" || f.posts[0].Channel != "D1" {
		t.Errorf("posted %+v", f.posts)
	}
	if f.posts[0].UnfurlLinks == nil || *f.posts[0].UnfurlLinks {
		t.Error("links unfurl")
	}
	if f.calls["users.lookupByEmail"] != 1 {
		t.Error("the person is looked up again for a reply")
	}
}

func TestDeactivatedPerson(t *testing.T) {
	f := newFake(t)
	f.deleted = true
	n := f.notifier(t)
	to, parts := sendable(t, n)
	if _, err := n.Send(t.Context(), to, parts[0], nil); outcome(err) != "recipient" {
		t.Errorf("got %v", err)
	}
}

func TestReconcileWithoutScope(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	f.scopes = nil
	to, parts := sendable(t, n)
	_, found, err := n.Reconcile(t.Context(), to, parts[0], nil)
	if err == nil || found || errors.Is(err, delivery.ErrRetry) || !strings.Contains(err.Error(), "im:history") {
		t.Errorf("got %v, %v: want an error that says that the scope im:history is missing", found, err)
	}
}

func TestReconcileAgainLater(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	to, parts := sendable(t, n)
	for _, answer := range []string{
		"HTTP 429", "internal_error", "token_revoked", "access_denied", "channel_not_found", "no_such_word",
		"HTTP 403 html", "HTTP 404 html", "HTTP 403", "HTTP 502", "HTTP 302",
	} {
		f.fault = func(method string, w http.ResponseWriter) bool {
			if method == "conversations.history" {
				give(w, answer)
			}
			return method == "conversations.history"
		}
		if _, _, err := n.Reconcile(t.Context(), to, parts[0], nil); !errors.Is(err, delivery.ErrRetry) {
			t.Errorf("%s: got %v, want ErrRetry", answer, err)
		}
	}
}

func TestConfig(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("no token is accepted")
	}
	if _, err := New(Config{Token: connectortest.Secret(t, goodToken), URL: "http://slack.com/api"}); err == nil {
		t.Error("an address without TLS outside loopback is accepted")
	}
	n, err := New(Config{Token: secret.Secret{Env: "PIPETIDY_TEST_UNSET"}})
	if err != nil {
		t.Fatal(err)
	}
	to, parts := sendable(t, n)
	if _, err := n.Send(t.Context(), to, parts[0], nil); outcome(err) != "channel" || !strings.Contains(err.Error(), "environment variable PIPETIDY_TEST_UNSET is not set") {
		t.Errorf("got %v", err)
	}
	var m map[string]any
	if json.Unmarshal(parts[0].Body, &m) != nil || m["channel"] != nil {
		t.Error("the stored body names a channel")
	}
}

// A server may repeat what it was sent, in whatever it says. Neither an error nor a
// receipt holds the token, because both are stored and shown.
func TestTokenIsNotRepeated(t *testing.T) {
	token := goodToken
	escaped := fmt.Sprintf(`\u%04x%s`, token[0], token[1:])
	for _, c := range []struct{ method, answer string }{
		{"chat.postMessage", `{"ok":false,"error":"%s"}`},
		{"chat.postMessage", `{"ok":false,"error":"missing_scope","needed":"%s"}`},
		{"chat.postMessage", `{"ok":false,"error":"invalid_auth","response_metadata":{"messages":["Bearer %s is old"]}}`},
		{"chat.postMessage", `{"ok":false,"error":"invalid_blocks","errors":["%s"]}`},
		{"chat.postMessage", `{"ok":true,"channel":"%s","ts":"1.000001"}`},
		{"chat.postMessage", `{"ok":true,"channel":"D1","ts":"%s"}`},
		{"chat.postMessage", `{"ok":true,"channel":["%s"],"ts":"1.000001"}`},
		{"users.lookupByEmail", `{"ok":false,"error":"%s"}`},
		{"users.lookupByEmail", `{"ok":true,"user":{"id":"%s"}}`},
		{"conversations.open", `{"ok":true,"channel":{"id":"%s"}}`},
		{"conversations.open", `{"ok":false,"error":"x","errors":["%s"]}`},
	} {
		for _, said := range []string{token, escaped, token[:3] + "\u200b" + token[3:], strings.ToUpper(token[:1]) + token[1:]} {
			f := newFake(t)
			n := f.notifier(t)
			to, parts := sendable(t, n)
			f.fault = func(method string, w http.ResponseWriter) bool {
				if method == c.method {
					w.Header().Set("Content-Type", "application/json")
					fmt.Fprintf(w, c.answer, said)
				}
				return method == c.method
			}
			receipt, err := n.Send(t.Context(), to, parts[0], nil)
			text := fmt.Sprintf("%v %+v", err, receipt)
			for _, secret := range []string{token[1:], strings.NewReplacer("-", "", "_", "").Replace(token[1:])} {
				if strings.Contains(text, secret) {
					t.Errorf("%s answers %s: %s", c.method, fmt.Sprintf(c.answer, said), text)
				}
			}
		}
	}
}

// A short wait is taken in hand, so that a list behind its message does not have to come
// back later; a server that always asks for another one is not believed for ever.
func TestShortWaits(t *testing.T) {
	for _, c := range []struct {
		name   string
		header string
		times  int // how often the server asks for patience
		posts  int // calls of chat.postMessage
		sent   bool
	}{
		{"once", "0", 1, 2, true},
		{"three times", "0", 3, 4, true},
		{"always", "0", 99, 4, false},
		{"a long wait", "60", 1, 1, false},
		{"no time", "", 1, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			n := f.notifier(t)
			to, parts := sendable(t, n)
			asked := 0
			f.fault = func(method string, w http.ResponseWriter) bool {
				if method != "chat.postMessage" || asked == c.times {
					return false
				}
				asked++
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(http.StatusTooManyRequests)
				return true
			}
			_, err := n.Send(t.Context(), to, parts[0], nil)
			if (err == nil) != c.sent || !c.sent && !errors.Is(err, delivery.ErrRetry) {
				t.Errorf("got %v", err)
			}
			if f.calls["chat.postMessage"] != c.posts {
				t.Errorf("%d calls, want %d", f.calls["chat.postMessage"], c.posts)
			}
		})
	}
}

// TestAnOutageOfAllOfSlackPutsNothingInDoubt: a message whose room is known is not posted
// into an outage, where it could not be looked for either: a reading call comes first, unless
// Slack has answered a moment ago.
func TestAnOutageOfAllOfSlackPutsNothingInDoubt(t *testing.T) {
	f := newFake(t)
	now := time.Unix(1_800_000_000, 0)
	n := f.notifier(t)
	n.cfg.Now = func() time.Time { return now }
	to, parts := sendable(t, n)
	var parent delivery.Receipt
	send := func(want string, posts, looked int) {
		t.Helper()
		p, l := f.calls["chat.postMessage"], f.calls["users.lookupByEmail"]
		r, err := n.Send(t.Context(), to, parts[0], nil)
		if outcome(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if err == nil {
			parent = r
		}
		if p, l = f.calls["chat.postMessage"]-p, f.calls["users.lookupByEmail"]-l; p != posts || l != looked {
			t.Errorf("%d posts and %d looks, want %d and %d", p, l, posts, looked)
		}
	}
	down := func(_ string, w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	send("sent", 1, 1)
	now = now.Add(20 * time.Second)
	send("sent", 1, 0)
	now = now.Add(24 * time.Hour)
	f.fault = down
	send("retry", 0, 1)
	now = now.Add(time.Minute)
	send("retry", 0, 1)
	f.fault = nil
	send("sent", 1, 1)
	now = now.Add(time.Second)
	f.fault = down
	send("unknown", 1, 0) // it begins between two messages
	now = now.Add(time.Second)
	send("retry", 0, 1) // the next one is not put in doubt as well
	now = now.Add(-time.Hour)
	send("retry", 0, 1)
	f.fault = nil
	now = now.Add(24 * time.Hour)
	before := f.calls["users.lookupByEmail"]
	if _, err := n.Send(t.Context(), to, parts[0], []delivery.Receipt{parent}); err != nil || f.calls["users.lookupByEmail"] != before+1 {
		t.Errorf("a reply: %v, %d looks", err, f.calls["users.lookupByEmail"]-before)
	}
}

// TestWhoIsGoneIsNotLookedFor: a person or a room that is not there any more does not come
// back by waiting, so the outbox is told at once that Slack cannot look.
func TestWhoIsGoneIsNotLookedFor(t *testing.T) {
	for code, later := range map[string]bool{
		"user_disabled": false, "channel_not_found": false, "users_not_found": false, "missing_scope": false,
		"access_denied": true, "token_revoked": true, "a_word_of_tomorrow": true, "internal_error": true,
	} {
		for _, method := range []string{"conversations.history", "conversations.open"} {
			f := newFake(t)
			n := f.notifier(t)
			to, parts := sendable(t, n)
			f.fault = func(m string, w http.ResponseWriter) bool {
				if m == method {
					no(w, code)
				}
				return m == method
			}
			if _, _, err := n.Reconcile(t.Context(), to, parts[0], nil); err == nil || errors.Is(err, delivery.ErrRetry) != later {
				t.Errorf("%s answers %s: got %v, want to look again soon: %v", method, code, err, later)
			}
		}
	}
}
