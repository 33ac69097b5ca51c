package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// scriptCommands are what scripts can do besides typing commands.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":   exits,
	"company": company,
	"advance": advance,
	"fault":   fault,
	"answers": answers,
	"deal":    deal,
	"golden":  golden,
}

type worldKey struct{}

// world is the company that a script plays in.
type world struct {
	company *sim.Company
	clock   string // path of the clock file
}

func (w *world) tick(ts *testscript.TestScript) {
	b, err := w.company.Now().MarshalText()
	ts.Check(err)
	ts.Check(os.WriteFile(w.clock, b, 0o600))
}

func worldOf(ts *testscript.TestScript) *world {
	w, ok := ts.Value(worldKey{}).(**world)
	if !ok || *w == nil {
		ts.Fatalf("no company yet")
	}
	return *w
}

// company invents the company and serves it: company FILE replaces $CRM in the
// configuration FILE by its address, and sets $TEST_CLOCK and the secrets.
func company(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: company config-file")
	}
	w := &world{company: sim.New(sim.Options{Deals: 60}), clock: ts.MkAbs(".clock")}
	srv := httptest.NewServer(w.company.Salesforce())
	ts.Defer(srv.Close)
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(os.WriteFile(path, bytes.ReplaceAll(b, []byte("$CRM"), []byte(srv.URL)), 0o600))
	ts.Setenv("SALESFORCE_CLIENT_SECRET", w.company.Salesforce().Options().ClientSecret)
	ts.Setenv("CRM", srv.URL)
	ts.Setenv(clockFile, w.clock)
	w.tick(ts)
	*ts.Value(worldKey{}).(**world) = w
}

// advance lets the company live: advance 24h.
func advance(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: advance duration")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	w := worldOf(ts)
	w.company.Advance(w.company.Now().Add(d))
	w.tick(ts)
}

// fault makes the CRM misbehave on each request from now on: fault html200.
func fault(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fault kind")
	}
	worldOf(ts).company.Salesforce().Fault(sim.Fault{Kind: sim.FaultKind(args[0]), Times: -1})
}

// answers waits until somebody answers on a socket: answers data/pipetidy.sock.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: answers socket")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", ts.MkAbs(args[0]))
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("%s does not answer: %v", args[0], err)
		case <-t.C:
		}
	}
}

// deal sets a variable to the id of the deal with a name, out of the last
// command's output, which has to be an export: deal ID Globex renewal.
func deal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: deal variable name")
	}
	name := strings.Join(args[1:], " ")
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		var o struct{ ID, Name string }
		ts.Check(json.Unmarshal([]byte(line), &o))
		if o.Name == name {
			ts.Setenv(args[0], o.ID)
			return
		}
	}
	ts.Fatalf("no deal is called %q", name)
}

// golden compares the last command's output with a file in testdata/golden, in
// which $CRM stands for the address of the company: golden explain_globex.txt.
func golden(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: golden file")
	}
	got := strings.ReplaceAll(ts.ReadFile("stdout"), ts.Getenv("CRM"), "$CRM")
	path := filepath.Join(ts.Getenv("GOLDEN"), args[0])
	if *update {
		ts.Check(os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	ts.Check(err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		ts.Fatalf("%s (-file +got, -update writes it):\n%s", args[0], diff)
	}
}
