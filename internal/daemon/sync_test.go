package daemon_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
)

func (b *bench) check() *api.Check {
	b.t.Helper()
	c, err := b.Check(b.t.Context(), api.CheckRequest{})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// A failing stream must not hide behind the success of the others: the sync returns its
// error, and the source gives no verdict.
func TestOneStreamFails(t *testing.T) {
	b := newBench(t, nil)
	b.account.fail[crm.Activities] = fmt.Errorf("Task: sObject type 'Task' is not supported: %w", crm.ErrRefused)
	err := b.Sync(t.Context(), &b.cfg.Sources[0], false, nil)
	if err == nil || !strings.Contains(err.Error(), "activities") {
		t.Fatalf("got %v, want the stream's error", err)
	}
	if err := b.Evaluate(t.Context(), &b.cfg.Sources[0]); err != nil {
		t.Fatal(err)
	}
	c := b.check()
	if c.Sources[0].Complete || c.Sources[0].Withheld == "" || len(c.Findings) != 0 {
		t.Errorf("got %+v, want no verdict while a stream has never been read", c)
	}
	delete(b.account.fail, crm.Activities)
	b.sync()
	if c := b.check(); !c.Sources[0].Complete || len(c.Findings) == 0 {
		t.Errorf("got %+v, want findings once every stream was read", c)
	}
}

// A login that may not read activities at all makes rules unknown, not the
// source incomplete.
func TestHiddenStreamIsNotNeeded(t *testing.T) {
	b := newBench(t, nil)
	fields := crm.Fields{}
	maps.Copy(fields, allFields)
	fields["activities"] = crm.Hidden
	b.account.fields = fields
	b.account.fail[crm.Activities] = fmt.Errorf("not visible: %w", crm.ErrRefused)
	b.sync()
	c := b.check()
	if !c.Sources[0].Complete {
		t.Errorf("got %+v, want a complete source", c.Sources[0])
	}
	for _, f := range c.Findings {
		if f.Rule == "no-activity" {
			t.Error("no-activity found something without reading activities")
		}
	}
}

func TestStaleDataIsWithheld(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	b.clock.Set(b.clock.Now().Add(30 * time.Hour))
	c := b.check()
	if c.Sources[0].Withheld == "" || len(c.Findings) != 0 {
		t.Errorf("got %+v, want findings of 30 hours ago withheld", c)
	}
}

func TestAnotherAccountIsRefused(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	b.account.id = "00D2"
	err := b.Sync(t.Context(), &b.cfg.Sources[0], false, nil)
	if err == nil || !strings.Contains(err.Error(), "00D2") {
		t.Errorf("got %v, want a refusal that names the account", err)
	}
}

// A finding on a deal that vanished was not fixed, and nobody is told that it was.
func TestGoneIsNotFixed(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	n := len(b.check().Findings)
	if n == 0 {
		t.Fatal("no finding to begin with")
	}
	b.account.mu.Lock()
	gone := b.account.deals[0]
	gone.Closed, gone.Won, gone.Stage = true, true, "Closed Won"
	gone.ModifiedAt = b.clock.Now()
	b.account.deals = []crm.Opportunity{gone}
	b.account.mu.Unlock()
	b.clock.Set(b.clock.Now().Add(time.Hour))
	b.sync()
	if c := b.check(); len(c.Findings) != 0 {
		t.Errorf("a won deal still has findings: %+v", c.Findings)
	}
	ls := b.lives()
	for _, l := range ls {
		if !strings.HasSuffix(l, " won") {
			t.Errorf("got %q, want the life to end as won", l)
		}
	}
}

// Where emails are kept out of reach, silence makes no finding, and ops are told once.
func TestEmailsKeptElsewhere(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	silence := func() (n int) {
		for _, f := range b.check().Findings {
			if f.Rule == "no-activity" || f.Rule == "never-touched" {
				n++
			}
		}
		return n
	}
	if silence() == 0 {
		t.Fatal("the scenario does not hold: nobody is silent")
	}
	fields := crm.Fields{}
	maps.Copy(fields, allFields)
	fields["emails"] = crm.Hidden
	b.account.fields = fields
	var notes []string
	if err := b.Sync(t.Context(), &b.cfg.Sources[0], false, func(e api.SyncEvent) { notes = append(notes, e.Notes...) }); err != nil {
		t.Fatal(err)
	}
	if n := silence(); n != 0 {
		t.Errorf("%d findings of silence without emails", n)
	}
	said := 0
	for _, n := range notes {
		if strings.HasPrefix(n, "emails cannot be checked") {
			said++
		}
	}
	if said != 1 {
		t.Errorf("said %d times in %q", said, notes)
	}
}
