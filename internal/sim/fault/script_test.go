package fault_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// service counts the requests that took effect, and answers with the number.
type service struct {
	fault.Script
	t       *testing.T
	url     string
	effects atomic.Int64
}

func serve(t *testing.T) *service {
	t.Helper()
	s := &service{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Serve(w, r, fault.Call{Path: r.URL.Path}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n := s.effects.Add(1)
			_, _ = fmt.Fprintf(w, "effect %d", n)
		}))
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// post sends a request and returns its status and body; a lost connection is "lost".
func (s *service) post(path string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, nil) // the transport repeats no POST
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "lost"
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Sprintf("%d %s, then lost", resp.StatusCode, body)
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, body)
}

// Of the rules that match, the first added is met until its times are over; a rule with
// a negative number is always met. A rule for subrequests matches no whole request.
func TestRulesInOrder(t *testing.T) {
	s := serve(t)
	s.Fault(fault.Rule{Sub: "/deals", Status: 418, Times: -1})
	s.Fault(fault.Rule{Path: "/deals", Skip: 1, Status: 429, Body: "busy"})
	s.Fault(fault.Rule{Path: "/deals", Status: 503, Body: "down", Times: -1})
	for i, want := range []string{"503 down", "429 busy", "503 down", "503 down"} {
		if got := s.post("/deals/1"); got != want {
			t.Errorf("request %d: got %s, want %s", i, got, want)
		}
	}
	if got := s.post("/owners"); got != "200 effect 1" {
		t.Errorf("a path without a rule: got %s", got)
	}
	s.ClearFaults()
	if got := s.post("/deals/1"); got != "200 effect 2" {
		t.Errorf("without rules: got %s", got)
	}
}

// Whatever the client sees, with Commit the request takes effect once, and without
// Commit only if the service answers at all.
func TestCommit(t *testing.T) {
	for _, tt := range []struct {
		kind     fault.Kind
		answer   string
		effects  int64 // without Commit
		noStatus bool
	}{
		{fault.Reply, "500 no", 0, false},
		{fault.HTML200, "200 <!DOCTYPE html>", 0, false},
		{fault.HTML503, "503 <!DOCTYPE html>", 0, false},
		{fault.Reset, "lost", 0, true},
		{fault.Slow, "200 effect 1", 1, false},
		{fault.Stall, "200 effect 1", 1, false},
		{fault.Truncate, "200 effe, then lost", 1, false},
		{fault.Cut, "200 effe", 1, false},
	} {
		for _, commit := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %v", tt.kind, commit), func(t *testing.T) {
				s := serve(t)
				rule := fault.Rule{Kind: tt.kind, Commit: commit}
				if tt.kind == fault.Reply {
					rule.Status, rule.Body = http.StatusInternalServerError, "no"
				}
				s.Fault(rule)
				if got := s.post("/x"); !strings.HasPrefix(got, tt.answer) {
					t.Errorf("got %s, want %s", got, tt.answer)
				}
				want := tt.effects
				if commit {
					want = 1
				}
				if got := s.effects.Load(); got != want {
					t.Errorf("%d effects, want %d", got, want)
				}
				if calls := s.Calls(); len(calls) != 1 || (calls[0].Status == 0) != tt.noStatus {
					t.Errorf("got calls %+v", calls)
				}
			})
		}
	}
}
