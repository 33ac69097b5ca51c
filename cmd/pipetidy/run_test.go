package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestRunTellsSystemd follows a daemon from its start to its end: systemd is told when
// the daemon is ready and when it stops, SIGHUP does not end the daemon, and every log
// line is JSON with a time in UTC.
func TestRunTellsSystemd(t *testing.T) {
	company := sim.New(sim.Options{Deals: 20})
	servers, err := sim.Serve(t.Context(), company, sim.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	dir := t.TempDir()
	cfg, err := demoConfig(servers, filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	notified := listenNotify(t, filepath.Join(dir, "notify.sock"))

	logs, w := io.Pipe()
	a := &app{out: io.Discard, err: w, getenv: os.Getenv, now: company.Now, config: cfg.Path}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- a.run(ctx)
		_ = w.Close()
	}()
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(logs); s.Scan(); {
			lines <- s.Text()
		}
	}()
	if got := <-notified; got != "READY=1" {
		t.Errorf("first told %q, want READY=1", got)
	}
	c, err := a.connect(ctx, cfg, reading)
	if err != nil {
		t.Fatalf("ready, but: %v", err)
	}
	if err := c.close(); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for line := range lines {
		checkLogLine(t, line)
		if strings.Contains(line, "SIGHUP ignored") {
			break
		}
	}
	cancel()
	if got := <-notified; got != "STOPPING=1" {
		t.Errorf("then told %q, want STOPPING=1", got)
	}
	var last string
	for line := range lines {
		checkLogLine(t, line)
		last = line
	}
	if !strings.Contains(last, `"msg":"stopped"`) {
		t.Errorf("last line is %s", last)
	}
	if err := <-ended; err != nil {
		t.Errorf("an ordinary stop is an error: %v", err)
	}
}

func listenNotify(t *testing.T, path string) <-chan string {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	got := make(chan string, 10)
	go func() {
		b := make([]byte, 1024)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			got <- string(b[:n])
		}
	}()
	return got
}

func checkLogLine(t *testing.T, line string) {
	t.Helper()
	var entry struct {
		TS, Level, Msg string
	}
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Errorf("no JSON: %s", line)
		return
	}
	if ts, err := time.Parse(time.RFC3339, entry.TS); err != nil || ts.Location() != time.UTC || entry.Msg == "" || entry.Level == "" {
		t.Errorf("want ts in UTC, level and msg: %s", line)
	}
}
