package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/golden"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// scriptCommands are the commands of scripts besides those that an operator types.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":     exits,
	"company":   company,
	"advance":   advance,
	"fault":     fault,
	"answers":   answers,
	"asked":     asked,
	"deal":      deal,
	"purge":     purge,
	"garble":    garble,
	"microsoft": microsoft,
	"delivery":  deliveryOf,
	"golden":    compare,
	"sample":    sample,
	"delivered": delivered,
	"replace":   replace,
	"damage":    damage,
	"says":      says,
}

type worldKey struct{}

// world is the company that a script plays in.
type world struct {
	company *sim.Company
	servers *sim.Servers
	clock   string          // path of the clock file
	asked   <-chan struct{} // closed when a request has met the fault
	tenant  *tenant         // of Microsoft 365, nil is none
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

// company invents the company, serves it, and writes a pipetidy.yaml for it with
// its data in ./data. $CRM is the address of its Salesforce. It has 60 open deals, or as
// many as the first argument says; on as many percent of them as the second one says
// nobody entered a contact: company 120 73.
func company(ts *testscript.TestScript, neg bool, args []string) {
	opt := sim.Options{Deals: 60}
	var err error
	if neg || len(args) != 0 && len(args) != 2 {
		ts.Fatalf("usage: company [deals percent]")
	}
	if len(args) == 2 {
		opt.Deals, err = strconv.Atoi(args[0])
		ts.Check(err)
		opt.Roleless, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	w := &world{company: sim.New(opt), clock: ts.MkAbs(".clock")}
	w.servers, err = sim.Serve(context.Background(), w.company, sim.ServeOptions{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(w.servers.Close()) })
	yaml, err := w.servers.Config(ts.MkAbs("data"))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("pipetidy.yaml"), yaml, 0o600))
	ts.Setenv("CRM", w.servers.SalesforceURL)
	ts.Setenv(clockFile, w.clock)
	w.tick(ts)
	*ts.Value(worldKey{}).(**world) = w
}

// delivered requires that so many messages, without the replies in their threads, and
// so many emails have arrived so far: delivered 2 0.
func delivered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: delivered messages emails")
	}
	w := worldOf(ts)
	messages := slices.DeleteFunc(w.company.Slack().Messages(), func(m sim.SlackMessage) bool { return m.ThreadTS != "" })
	if got := []string{strconv.Itoa(len(messages)), strconv.Itoa(len(w.servers.Mail.Messages()))}; !slices.Equal(got, args) {
		ts.Fatalf("got %s messages and %s emails, want %s and %s", got[0], got[1], args[0], args[1])
	}
}

// replace changes a word in a file: replace FILE OLD NEW.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace file old new")
	}
	before := ts.ReadFile(args[0])
	if !strings.Contains(before, args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(before, args[1], args[2], 1)), 0o600))
}

// damage flips one bit of a text wherever it stands in a file, the copies that bbolt leaves
// behind among them; of "page N" it zeroes that page: damage FILE TEXT, damage FILE page 0.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: damage file text, damage file page number")
	}
	b := []byte(ts.ReadFile(args[0]))
	if len(args) == 3 {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		clear(b[n*os.Getpagesize() : (n+1)*os.Getpagesize()])
	} else {
		text := []byte(args[1])
		if !bytes.Contains(b, text) {
			ts.Fatalf("%s does not contain %q", args[0], text)
		}
		wrong := bytes.Clone(text)
		wrong[len(wrong)-1] ^= 1
		b = bytes.ReplaceAll(b, text, wrong)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}

// says runs a command again and again until it prints a text: says TEXT COMMAND...
func says(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: says text command")
	}
	end := time.After(60 * time.Second)
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		ts.Check(ts.Exec(args[1], args[2:]...))
		if strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
		select {
		case <-end:
			ts.Fatalf("%q does not say %q", args[1:], args[0])
		case <-t.C:
		}
	}
}

// advance lets time pass in the company, with all that happens there: advance 24h.
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

// fault makes the CRM fail on each request from now on: fault html200. After "fault
// none" the CRM works again. "fault mail data-lost" makes the mail server misbehave.
func fault(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) == 2 && args[0] == "mail" {
		w.servers.Mail.ClearFaults()
		if args[1] == "none" {
			return
		}
		f, ok := mail.Faults()[args[1]]
		if !ok {
			ts.Fatalf("no fault of the mail server is called %q", args[1])
		}
		f.Times = -1
		w.servers.Mail.Fault(f)
		return
	}
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fault [mail] kind")
	}
	w.company.Salesforce().ClearFaults()
	if args[0] == "none" {
		return
	}
	asked := make(chan struct{})
	tell := sync.OnceFunc(func() { close(asked) })
	w.asked = asked
	w.company.Salesforce().Fault(sim.Fault{Kind: sim.FaultKind(args[0]), Times: -1, Match: func(*http.Request) bool {
		tell()
		return true
	}})
}

// asked waits until a request has met the fault.
func asked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: asked")
	}
	select {
	case <-worldOf(ts).asked:
	case <-time.After(20 * time.Second):
		ts.Fatalf("nobody asked")
	}
}

// answers waits until somebody answers on a socket, and sets a variable to the socket's
// directory: answers data/pipetidy.sock [DIR]. The path may be a pattern.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: answers socket [variable]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for {
		found, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		for _, path := range found {
			conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
			if err != nil {
				continue
			}
			_ = conn.Close()
			if len(args) == 2 {
				ts.Setenv(args[1], filepath.Dir(path))
			}
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("nobody answers on %s", args[0])
		case <-t.C:
		}
	}
}

// deal sets a variable to the id of the deal with a name; the last command must have
// been an export: deal ID Globex renewal.
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

// purge ends a deal of the company without a trace: purge $ID.
func purge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: purge id")
	}
	c := worldOf(ts).company
	ts.Check(errors.Join(c.Delete(args[0]), c.Purge(args[0])))
}

// garble writes a text into a field of any type of a record: garble $ID Amount 1,234.50.
func garble(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: garble id field text")
	}
	ts.Check(worldOf(ts).company.Garble(args[0], args[1], strings.Join(args[2:], " ")))
}

// deliveryOf sets a variable to the id of a reader's delivery; the last command must have
// been status -o json: delivery ID maria@acme.example.
func deliveryOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: delivery variable address")
	}
	var st api.Status
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &st))
	for i := range st.Deliveries {
		if d := &st.Deliveries[i]; d.Recipient == args[1] {
			ts.Setenv(args[0], d.ID)
			return
		}
	}
	ts.Fatalf("no delivery is for %q", args[1])
}

// compare compares the last command's output with a file in testdata/golden, in
// which $CRM stands for the address of the company: golden explain_globex.txt.
func compare(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: golden file")
	}
	got := strings.ReplaceAll(ts.ReadFile("stdout"), ts.Getenv("CRM"), "$CRM")
	ts.Check(golden.Compare(filepath.Join(ts.Getenv("GOLDEN"), args[0]), got))
}

// sample compares the sample of a digest in the README with the beginning of the one
// that the last command, the demo, has printed: sample.
func sample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: sample")
	}
	out := ts.ReadFile("stdout")
	from := strings.Index(out, "\nTeam West")
	to := from + strings.Index(out[max(from, 0):], "\n4. ")
	if from < 0 || to < from {
		ts.Fatalf("the demo printed no digest of Team West with four deals")
	}
	readme := filepath.Join(ts.Getenv("GOLDEN"), "../../../../README.md")
	ts.Check(golden.CompareBetween(readme, "<!-- printed by pipetidy demo -->\n```", "\n```\n<!-- end -->", out[from:to]))
}
