package api_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/api"
)

// clientOf is a client of a daemon that answers as h does.
func clientOf(t *testing.T, h http.HandlerFunc) *api.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &api.Client{HTTP: &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return at, nil }}}}
}

// TestARefusalIsBounded: whatever listens on the socket in the daemon's place, a refusal
// is read as far as one can be long, and an answer that is none is an error.
func TestARefusalIsBounded(t *testing.T) {
	chunk := []byte(strings.Repeat("x", 1<<20))
	c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		for range 64 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := c.Status(t.Context())
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "502 Bad Gateway") || after.TotalAlloc-before.TotalAlloc > 8<<20 {
		t.Errorf("%d MiB, %v", (after.TotalAlloc-before.TotalAlloc)>>20, err)
	}
}

// TestHungUp: a daemon that ends the connection without an answer does not answer, as one
// that says nothing.
func TestHungUp(t *testing.T) {
	c := clientOf(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, ask := range map[string]func() error{
		"status": func() error { _, err := c.Status(t.Context()); return err },
		"check":  func() error { _, err := c.Check(t.Context(), api.CheckRequest{}); return err },
		"sync":   func() error { return c.Sync(t.Context(), api.SyncRequest{}, nil) },
	} {
		err := ask()
		if refused, ok := errors.AsType[*api.Error](err); !ok || refused.Exit != api.ExitInUse || !strings.Contains(err.Error(), "the running pipetidy does not answer") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestAnAnswerIsBounded: an answer without an end, or a line without one, is an error.
func TestAnAnswerIsBounded(t *testing.T) {
	chunk := []byte(strings.Repeat("x", 64<<10))
	for what, ask := range map[string]func(*api.Client) error{
		"an answer": func(c *api.Client) error { _, err := c.Status(t.Context()); return err },
		"a list":    func(c *api.Client) error { _, err := c.Preview(t.Context(), api.PreviewRequest{}); return err },
		"a line of an export": func(c *api.Client) error {
			return c.Export(t.Context(), "users", "", func([]byte) error { return nil })
		},
		"a line of a sync": func(c *api.Client) error {
			return c.Sync(t.Context(), api.SyncRequest{}, func([]byte, *api.SyncEvent) error { return nil })
		},
	} {
		t.Run(what, func(t *testing.T) {
			sent := 0
			c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				if _, err := w.Write([]byte(`"`)); err != nil {
					return
				}
				for r.Context().Err() == nil && sent < 16<<20 {
					n, err := w.Write(chunk)
					if sent += n; err != nil {
						return
					}
				}
			})
			c.Room = 1 << 20
			var e *api.Error
			if err := ask(c); !errors.As(err, &e) || e.Exit != api.ExitFailed || !strings.Contains(err.Error(), "more than there is room for") {
				t.Errorf("got %v", err)
			}
		})
	}
}
