package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/bulletin"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// How often it is looked for matters for those who run the program, and for how long a
// source may fail before its failing is one: a CRM that is busy for a poll or two is
// nobody's business.
const (
	matterEvery = time.Minute
	failingFor  = time.Hour
)

// channels are the channels that refused us, as their workers met them.
type channels struct {
	mu   sync.Mutex
	used map[delivery.Channel]string // why it refused, "" when it did not; a channel not used since the start is missing
}

// Heard notes how a channel answered; "" is well.
func (c *channels) Heard(ch delivery.Channel, refused string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used == nil {
		c.used = map[delivery.Channel]string{}
	}
	c.used[ch] = refused
}

// refuses reports whether the channel refused us when it was last used.
func (c *channels) refuses(ch delivery.Channel) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used[ch] != ""
}

// channelCause begins the cause of the matter that a channel refuses us.
const channelCause = "channel "

// matters lists what those who run the program have to do something about.
func (d *Daemon) matters(ctx context.Context) ([]bulletin.Matter, error) {
	var out []bulletin.Matter
	add := func(cause, format string, args ...any) {
		for _, m := range out {
			if m.Cause == cause {
				return
			}
		}
		out = append(out, bulletin.Matter{Cause: cause, Text: fmt.Sprintf(format, args...), Past: strings.HasPrefix(cause, lostPrefix)})
	}
	for _, src := range d.evaluation.Sources() {
		v, err := d.evaluation.Verdict(ctx, src)
		if err != nil {
			return nil, err
		}
		name := src.Name()
		switch {
		case v.Withheld != "" && v.Cause != digest.WarmingUp && v.Cause != digest.Unjoined:
			why := append([]string{v.Withheld}, v.Held...)
			if v.Error != "" {
				why = append(why, v.Error)
			}
			add(fmt.Sprint("withheld ", name, " ", v.Cause), "%s: findings are withheld: %s", name, strings.Join(why, "; "))
		case v.Error != "" && (!d.health.Waiting(name).IsZero() || !v.AsOf.IsZero() && d.cfg.Now().Sub(v.AsOf) > failingFor):
			add("failing "+name, "%s cannot be read: %s", name, v.Error)
		}
		file, err := d.evaluation.OfFile(ctx, src)
		if err != nil {
			return nil, err
		}
		for _, text := range file {
			add("file "+text, "%s", text)
		}
		folds, err := d.evaluation.Folds(ctx, src)
		if err != nil {
			return nil, err
		}
		for i := range folds {
			if f := &folds[i]; f.Brake && f.Active() {
				add("brake "+name+" "+f.Rule+"|"+f.Pipeline, "%s: %s", name, f.HeldWords())
			}
		}
	}
	ds, err := d.journal.Deliveries(ctx, delivery.Unknown)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	for i := range ds {
		if x := &ds[i]; outbox.IsHeld(x) && x.Digest != bulletin.Name {
			add("delivery "+x.ID, "%s to %s: %s: pipetidy deliveries settle %s --arrived, or --lost", x.Digest, x.Address(), x.Reason, x.Code())
		}
	}
	unclear, err := d.edition.Unclear(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range unclear {
		add("unclear "+text, "%s", text)
	}
	lost, err := d.lost(ctx)
	if err != nil {
		return nil, err
	}
	for i := range lost {
		if !d.channels.refuses(lost[i].Channel) { // told already, and once for all
			add(lostCause(&lost[i]), "%s", lostWords(&lost[i]))
		}
	}
	d.channels.mu.Lock()
	defer d.channels.mu.Unlock()
	for ch, refused := range d.channels.used {
		if refused != "" {
			add(channelCause+string(ch), "%s refuses us, so no digest goes out by it: %s", ch, refused)
		}
	}
	return out, nil
}

// unsure reports whether nobody can say yet that a matter is over.
func (d *Daemon) unsure(cause string) bool {
	ch, ok := strings.CutPrefix(cause, channelCause)
	if !ok {
		return false
	}
	d.channels.mu.Lock()
	defer d.channels.mu.Unlock()
	_, used := d.channels.used[delivery.Channel(ch)]
	return !used
}

// publish tells those who run the program what is new for them or over. While digests
// wait for a poll, what the cache says is of the time before.
func (d *Daemon) publish(ctx context.Context) error {
	if d.awaited.Any() || d.cfg.Now().Sub(d.published) < matterEvery {
		return nil
	}
	d.published = d.cfg.Now()
	ms, err := d.matters(ctx)
	if err != nil {
		return err
	}
	_, err = d.bulletin.Publish(ctx, ms, d.unsure)
	return err
}

// composer composes digests and bulletins.
type composer struct {
	*edition.Run
	bulletin *bulletin.Bulletin
}

// Compose is [outbox.Composer].
func (c composer) Compose(ctx context.Context, d *delivery.Delivery) (outbox.Content, error) {
	if d.Digest == bulletin.Name {
		return c.bulletin.Compose(ctx, d)
	}
	return c.Run.Compose(ctx, d)
}
