package slack

import (
	"net/http"
	"strings"
	"testing"
)

// TestGoesElsewhere sends a digest for one person to another person, and finds the
// message there.
func TestGoesElsewhere(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	to, parts := sendable(t, n)
	to.To = "revops@acme.example"
	r, err := n.Send(t.Context(), to, parts[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.posts) != 1 || f.posts[0].Channel != "D2" {
		t.Errorf("posted %+v, want it in the direct messages of revops", f.posts)
	}
	parts[0].Started = r.At
	found, ok, err := f.notifier(t).Reconcile(t.Context(), to, parts[0], nil)
	if err != nil || !ok || found.ID != r.ID || found.Channel != "D2" {
		t.Errorf("found %+v, %v, %v", found, ok, err)
	}
}

// TestElsewhereIsForgotten looks a person up again after a refusal, under the
// address that was refused.
func TestElsewhereIsForgotten(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	to, parts := sendable(t, n)
	to.To = "revops@acme.example"
	f.fault = func(method string, w http.ResponseWriter) bool {
		if method != "chat.postMessage" {
			return false
		}
		no(w, "channel_not_found")
		return true
	}
	for range 2 {
		if _, err := n.Send(t.Context(), to, parts[0], nil); outcome(err) != "recipient" {
			t.Fatalf("got %v", err)
		}
	}
	if got := f.calls["users.lookupByEmail"]; got != 2 {
		t.Errorf("looked up %d times, want 2", got)
	}
}

// TestMemberIDs sends to a person with a configured member id, whom Slack is not called
// for, and to a person without one.
func TestMemberIDs(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	n.cfg.Users = map[string]string{"ana@acme.example": "U012AB3CD"}
	to, parts := sendable(t, n)
	send := func(recipient string) {
		t.Helper()
		to.Recipient = recipient
		if _, err := n.Send(t.Context(), to, parts[0], nil); err != nil {
			t.Fatal(err)
		}
	}
	send("Ana@acme.example")
	if f.posts[0].Channel != "D012AB3CD" || f.calls["users.lookupByEmail"] != 0 {
		t.Errorf("posted to %s after %d look-ups", f.posts[0].Channel, f.calls["users.lookupByEmail"])
	}
	send("maria@acme.example")
	if f.posts[1].Channel != "D1" || f.calls["users.lookupByEmail"] != 1 {
		t.Errorf("posted to %s after %d look-ups", f.posts[1].Channel, f.calls["users.lookupByEmail"])
	}
}

func TestWrongMemberID(t *testing.T) {
	f := newFake(t)
	n := f.notifier(t)
	n.cfg.Users = map[string]string{"maria@acme.example": "U0GONE000"}
	to, parts := sendable(t, n)
	f.fault = func(method string, w http.ResponseWriter) bool {
		if method == "conversations.open" {
			no(w, "user_not_found")
		}
		return method == "conversations.open"
	}
	_, err := n.Send(t.Context(), to, parts[0], nil)
	if outcome(err) != "recipient" || !strings.Contains(err.Error(), "correct the id under people") {
		t.Errorf("got %v", err)
	}
	if len(f.posts) > 0 {
		t.Errorf("posted %+v", f.posts)
	}
}
