package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/bulletin"
	"github.com/pipetidy/pipetidy/store"
)

// losses are the deliveries that did not arrive, or not with all their parts, as they were
// last read. They are read again when one more is lost, not with every look.
type losses struct {
	mu    sync.Mutex
	known bool
	day   crm.Date
	ds    []delivery.Delivery
}

// lostPrefix begins the cause of a delivery that did not arrive. The cause has no date: who
// gets nothing every day is told of once.
const lostPrefix = "lost "

func lostCause(d *delivery.Delivery) string {
	return lostPrefix + strings.Join([]string{d.Digest, d.Team, d.Address(), string(d.Channel)}, "|")
}

// lostWords say what did not arrive, and what to do about it.
func lostWords(d *delivery.Delivery) string {
	if d.State == delivery.Sent {
		return fmt.Sprintf("%s to %s by %s arrived without all of its thread: %s", d.Digest, d.Address(), d.Channel, d.Reason)
	}
	return fmt.Sprintf("%s to %s by %s did not arrive: %s", d.Digest, d.Address(), d.Channel, d.Reason)
}

// another says that a delivery was lost.
func (l *losses) another() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = false
}

// lost lists what did not arrive of the digests of yesterday and today. What another
// channel took over, and what was given up because nobody is to get it, is not lost.
func (d *Daemon) lost(ctx context.Context) ([]delivery.Delivery, error) {
	l := &d.losses
	l.mu.Lock()
	defer l.mu.Unlock()
	today := crm.DateOf(d.cfg.Now(), d.cfg.Location)
	if l.known && l.day == today {
		return l.ds, nil
	}
	ds, err := d.journal.DeliveriesSince(ctx, today-1)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	l.ds = nil
	for i := range ds {
		x := &ds[i]
		missed := x.State == delivery.Failed && !strings.HasSuffix(x.Reason, " is tried instead") || x.State == delivery.Expired || x.State == delivery.Sent && x.Reason != ""
		if strings.Contains(x.Reason, "settled by hand") {
			continue // by somebody who knows
		}
		if missed && x.Digest != bulletin.Name && !x.Test {
			x.Parts = nil
			l.ds = append(l.ds, *x)
		}
	}
	l.known, l.day = true, today
	return l.ds, nil
}
