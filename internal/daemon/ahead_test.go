package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// rereader is an account that reads deals once more.
type rereader struct {
	*account
	most int
	read [][]string // what each call asked for
}

func (o *rereader) MostReread() int { return o.most }

func (o *rereader) Reread(_ context.Context, ids []string) (crm.Page, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read = append(o.read, slices.Clone(ids))
	p := crm.Page{Stream: crm.Opportunities, Recalled: true, Alone: true}
	for i := range o.deals {
		if slices.Contains(ids, o.deals[i].ID) {
			p.Opportunities = append(p.Opportunities, o.deals[i])
		}
	}
	return p, nil
}

// newOnce is a bench whose account reads deals once more, 100 at once.
func newOnce(t *testing.T, change func(*bench)) (*bench, *rereader) {
	var o *rereader
	b := newBench(t, func(b *bench) {
		o = &rereader{account: b.account, most: 100}
		b.cfg.Sources[0].Source.Source = o
		if change != nil {
			change(b)
		}
	})
	return b, o
}

// TestWhatIsNamedFirstIsReadFirst: of more deals than five calls read those are read that the
// digests name first: the first of each digest before the second of any.
func TestWhatIsNamedFirstIsReadFirst(t *testing.T) {
	const last = "006000000000999AAA"
	b, o := newOnce(t, func(b *bench) {
		b.account.deals = nil
		for i := range 700 {
			d := b.deal(fmt.Sprintf("006000000000%03dAAA", i), fmt.Sprint("Deal ", i))
			d.Amount = crm.Num(float64(10_000 + (i*7919%700)*100))
			b.account.deals = append(b.account.deals, d)
		}
		small := b.deal(last, "Wayne")
		small.OwnerID, small.Amount, small.ForecastCategory = "u2", crm.Num(100), "Pipeline"
		b.account.deals = append(b.account.deals, small)
		b.account.users = []crm.User{{ID: "u2", Name: "Ben", Email: "ben@acme.example", Active: true}}
		east := b.cfg.Teams.List[0]
		east.Name, east.Manager, east.Members = "East", "tom@acme.example", []string{"ben@acme.example"}
		b.cfg.Teams.List, b.cfg.Declared = append(b.cfg.Teams.List, east), append(b.cfg.Declared, "tom@acme.example")
	})
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if len(o.read) != 5 || len(slices.Concat(o.read...)) != 500 {
		t.Fatalf("%d calls for %d deals, want 5 for 500", len(o.read), len(slices.Concat(o.read...)))
	}
	first := o.read[0][:7] // six numbers of West, and one of East
	if !slices.Contains(first[:2], last) {
		t.Errorf("the one deal of East is not among the first two: %v", first)
	}
	for i, p := range b.slack.sent {
		if b.slack.to[i] != "maria@acme.example" || !strings.HasSuffix(p.Key, "#0") {
			continue
		}
		_, list, _ := strings.Cut(string(p.Body), "NEEDS YOU TODAY")
		list, _, _ = strings.Cut(list, "TEAM")
		for _, id := range first {
			var n int
			if _, err := fmt.Sscanf(id, "006000000000%03dAAA", &n); err == nil && id != last && !strings.Contains(list, fmt.Sprintf("Deal %d ", n)) {
				t.Errorf("%s is read first and has no number: %s", id, list)
			}
		}
	}
}

// TestADealThatWasReadOnceMoreBeginsNothing: somebody moves the date of a deal and takes its
// next step out, perhaps for what was just booked and the next sync will read. The old finding
// ends with the reading, and a new one begins with the sync, also where the process is killed
// in between.
func TestADealThatWasReadOnceMoreBeginsNothing(t *testing.T) {
	for _, killed := range []bool{false, true} {
		b, o := newOnce(t, nil)
		b.sync()
		b.account.deals[0].CloseDate += 60
		b.account.deals[0].NextStep = ""
		b.account.deals[0].ModifiedAt = b.clock.Now().Add(20 * time.Minute)
		b.clock.Set(b.clock.Now().Add(31 * time.Minute))
		b.tick()
		if got := fmt.Sprint(b.lives()); got != "[close-date-past re-dated never-touched open]" || len(o.read) != 1 {
			t.Fatalf("findings are %s, after %d calls", got, len(o.read))
		}
		if killed {
			b.restart()
		}
		b.clock.Set(b.clock.Now().Add(2 * time.Minute))
		if _, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "", true); err != nil {
			t.Fatal(err)
		}
		if err := b.Evaluate(t.Context(), &b.cfg.Sources[0]); err != nil { // as after a park
			t.Fatal(err)
		}
		if got := fmt.Sprint(b.lives()); got != "[close-date-past re-dated never-touched open]" {
			t.Errorf("killed %v: a second time findings are %s", killed, got)
		}
		b.sync()
		if got := fmt.Sprint(b.lives()); !strings.Contains(got, "next-step-missing open") {
			t.Errorf("killed %v: after the sync findings are %s", killed, got)
		}
	}
}

// dying is a journal that fails at one step, as where the process is killed before it.
type dying struct {
	daemon.Journal
	at string
}

var errKilled = errors.New("killed")

func (d *dying) Note(ctx context.Context, f store.Fence, name, value string) error {
	if strings.HasPrefix(name, d.at) {
		return errKilled
	}
	return d.Journal.Note(ctx, f, name, value)
}

func (d *dying) BeginGeneration(ctx context.Context, f store.Fence) (uint64, error) {
	if d.at == "begin" {
		return 0, errKilled
	}
	return d.Journal.BeginGeneration(ctx, f)
}

func (d *dying) FinishGeneration(ctx context.Context, f store.Fence, gen uint64, s hygiene.Snapshot) error {
	if d.at == "finish" {
		return errKilled
	}
	return d.Journal.FinishGeneration(ctx, f, gen, s)
}

// TestADeathBetweenReadingAndSending: wherever the process ends after deals were read once more,
// the next one sends what the first would have sent.
func TestADeathBetweenReadingAndSending(t *testing.T) {
	var want string
	for _, at := range []string{"nowhere", "usage|", "ahead|", "begin", "finish", "notices|"} {
		b, o := newOnce(t, func(b *bench) {
			won := b.deal("006000000000002AAA", "Hooli")
			b.account.deals = append(b.account.deals, won, b.deal("006000000000003AAA", "Vandelay"))
		})
		b.sync()
		b.account.deals[1].Closed, b.account.deals[1].Won, b.account.deals[1].Stage = true, true, "Closed Won"
		b.account.deals[2].CloseDate += 60
		b.clock.Set(b.clock.Now().Add(31 * time.Minute))
		d, err := daemon.New(b.cfg, b.store, &dying{b.store, at}, b.store.Fence(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Round(t.Context()); at != "nowhere" && at != "usage|" && at != "notices|" && (err == nil || len(b.slack.sent) > 0) {
			t.Fatalf("at %s: the process lived: %v", at, b.states())
		}
		b.restart()
		b.tick()
		if len(b.slack.sent) != 2 || len(o.read) == 0 {
			t.Fatalf("at %s: %d parts were sent: %v", at, len(b.slack.sent), b.states())
		}
		body := string(b.slack.sent[0].Body)
		if at == "nowhere" {
			want = body
		}
		if body != want || strings.Contains(body, "Hooli") || !strings.Contains(body, "Vandelay $40k, Commit, closes 8 Jan 2027") {
			t.Errorf("at %s: %s\nwant %s", at, body, want)
		}
	}
}
