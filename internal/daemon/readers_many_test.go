package daemon_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// counted counts how often whole tables are read.
type counted struct {
	daemon.Cache
	daemon.Journal
	reads map[string]int
}

func (c *counted) Reference(ctx context.Context, source string) (hygiene.Source, error) {
	c.reads["reference"]++
	return c.Cache.Reference(ctx, source)
}

func (c *counted) Streams(ctx context.Context) ([]store.StreamState, error) {
	c.reads["streams"]++
	return c.Cache.Streams(ctx)
}

func (c *counted) Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error {
	c.reads["lives"]++
	return c.Journal.Lives(ctx, since, fn)
}

func (c *counted) Periods(ctx context.Context, from crm.Date) ([]digest.Period, error) {
	c.reads["periods"]++
	return c.Journal.Periods(ctx, from)
}

func (c *counted) Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error) {
	if len(states) == 0 {
		c.reads["deliveries"]++
	}
	return c.Journal.Deliveries(ctx, states...)
}

// The work per reader walks no whole table: however many readers are due in one run,
// findings, references and deliveries are read as often as for two teams.
func TestFactsAreReadOncePerRun(t *testing.T) {
	reads := func(teams int) map[string]int {
		b := newBench(t, func(b *bench) {
			b.cfg.Teams.List[0].Members = nil
			for i := range teams - 1 {
				other := b.cfg.Teams.List[0]
				other.Name, other.Manager = fmt.Sprint("Team ", i), fmt.Sprintf("m%d@acme.example", i)
				b.cfg.Teams.List = append(b.cfg.Teams.List, other)
			}
			b.cfg.Teams.List[0].Members = []string{"ana@acme.example"}
			reps := b.cfg.Digests[0]
			reps.Name, reps.For = "rep-daily", "reps"
			b.cfg.Digests = append(b.cfg.Digests, reps)
		})
		b.sync()
		c := &counted{Cache: b.store, Journal: b.store}
		d, err := daemon.New(b.cfg, c, c, b.store.Fence(), nil)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.Set(b.clock.Now().Add(31 * time.Minute))
		for range 2 { // readers who were never sent anything, then readers who were
			c.reads = map[string]int{}
			b.clock.Set(b.clock.Now().AddDate(0, 0, 1))
			b.sync()
			if err := d.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if sent := len(b.slack.sent); sent < 2*teams {
			t.Fatalf("%d parts were sent for %d teams: the test shows nothing", sent, teams)
		}
		return c.reads
	}
	few, many := reads(2), reads(40)
	for table, n := range many {
		if n != few[table] {
			t.Errorf("%s: read %d times for 40 teams and %d times for 2", table, n, few[table])
		}
	}
	t.Logf("reads in one run of 40 teams: %v", many)
	if many["lives"] != 1 {
		t.Errorf("findings were read %d times, want once", many["lives"])
	}
}
