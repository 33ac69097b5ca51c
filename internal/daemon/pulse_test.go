package daemon_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
)

// probe asks /healthz or /readyz.
func (b *bench) probe(path string) (code int, body string) {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, http.NoBody)
	r.Host = "localhost"
	b.Probes().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestHealthIsProgress: a server that answers says nothing about the loops behind it.
func TestHealthIsProgress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		hang  func(b *bench, wait func())
		after time.Duration
		says  string // "" is healthy all the time
		cron  string
	}{
		{name: "a source that never answers", after: 80 * time.Minute, says: "sales: nothing has come forward for 1h",
			hang: func(b *bench, wait func()) { b.account.before = func(crm.Stream) { wait() } }},
		{name: "a channel that never answers", after: 65 * time.Minute, says: "outbox slack: nothing has come forward for 3",
			hang: func(b *bench, wait func()) {
				b.slack.script = func(int, delivery.Part) error { wait(); return nil }
			}},
		{name: "a source of many slow pages", after: 4 * time.Hour,
			hang: func(b *bench, _ func()) { b.account.before = func(crm.Stream) { time.Sleep(50 * time.Minute) } }},
		{name: "a source that is polled once a week", after: 100 * time.Hour, cron: "0 5 * * 0", hang: func(*bench, func()) {}},
		{name: "an account that is busy for long", after: 8 * time.Hour,
			hang: func(b *bench, _ func()) { b.account.fail[crm.Users] = crm.ErrBusy }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(b *bench) {
					if c.cron != "" {
						b.cfg.Sources[0].Every, b.cfg.Sources[0].Cron = 0, c.cron
					}
				})
				b.sync()
				b.clock.Flow()
				goOn := make(chan struct{})
				c.hang(b, func() { <-goOn })
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- b.Run(ctx) }()
				time.Sleep(time.Minute)
				if code, body := b.probe("/healthz"); code != http.StatusOK {
					t.Errorf("at first: %d %s", code, body)
				}
				time.Sleep(c.after)
				code, body := b.probe("/healthz")
				readyCode, ready := b.probe("/readyz")
				switch {
				case c.says == "":
					if code != http.StatusOK {
						t.Errorf("healthz: %d %s", code, body)
					}
				case code != http.StatusServiceUnavailable || !strings.Contains(body, c.says):
					t.Errorf("healthz: %d %s", code, body)
				case readyCode != http.StatusServiceUnavailable || !strings.Contains(ready, c.says):
					t.Errorf("readyz: %d %s", readyCode, ready)
				default:
					st, err := b.Status(t.Context())
					if err != nil || !slices.ContainsFunc(st.Notices, func(n string) bool { return strings.Contains(n, c.says) }) {
						t.Errorf("status (error %v) says %q", err, st.Notices)
					}
				}
				close(goOn)
				time.Sleep(2 * time.Minute)
				if code, body := b.probe("/healthz"); code != http.StatusOK {
					t.Errorf("when it goes on: %d %s", code, body)
				}
				stop()
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}
