package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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

// matters gathers what those who run the program have to do something about, each cause
// once, what hurts readers most first.
type matters []bulletin.Matter

func (ms *matters) add(cause, format string, args ...any) {
	if !slices.ContainsFunc(*ms, func(m bulletin.Matter) bool { return m.Cause == cause }) {
		*ms = append(*ms, bulletin.Matter{Cause: cause, Text: fmt.Sprintf(format, args...), Past: isPast(cause)})
	}
}

// isPast reports whether a cause has happened, so that it has no end.
func isPast(cause string) bool {
	return strings.HasPrefix(cause, lostPrefix) || strings.HasPrefix(cause, unsentPrefix)
}

// matters lists what those who run the program have to do something about.
func (d *Daemon) matters(ctx context.Context) (ms matters, err error) {
	d.ofDisk(&ms)
	d.ofChannels(&ms)
	for _, of := range []func(context.Context, *matters) error{d.ofData, d.ofUnsent, d.ofDoubt, d.ofBrakes, d.ofBroken, d.ofFile} {
		if err := of(ctx, &ms); err != nil {
			return nil, err
		}
	}
	return ms, nil
}

// ofData adds the sources whose findings are withheld, and those that cannot be read.
func (d *Daemon) ofData(ctx context.Context, ms *matters) error {
	for _, src := range d.evaluation.Sources() {
		v, err := d.evaluation.Verdict(ctx, src)
		if err != nil {
			return err
		}
		name := src.Name()
		switch {
		case v.Withheld != "" && v.Cause != digest.WarmingUp && v.Cause != digest.Unjoined:
			why := append([]string{v.Withheld}, v.Held...)
			if v.Error != "" {
				why = append(why, v.Error)
			}
			ms.add(fmt.Sprint("withheld ", name, " ", v.Cause), "%s: findings are withheld: %s", name, strings.Join(why, "; "))
		case v.Error != "" && (!d.health.Waiting(name).IsZero() || !v.AsOf.IsZero() && d.cfg.Now().Sub(v.AsOf) > failingFor):
			ms.add("failing "+name, "%s cannot be read: %s", name, v.Error)
		}
	}
	return nil
}

// unsentPrefix begins the cause of a digest that nobody was sent. The cause has no date, as
// that of a delivery that did not arrive.
const unsentPrefix = "unsent "

// ofUnsent adds the digests that nobody was sent, and the deliveries that did not arrive.
func (d *Daemon) ofUnsent(ctx context.Context, ms *matters) error {
	unsent, err := d.edition.Unsent(ctx)
	if err != nil {
		return err
	}
	for _, u := range unsent {
		ms.add(unsentPrefix+u.Digest+"|"+u.Team, "%s", u.Text)
	}
	lost, err := d.lost(ctx)
	if err != nil {
		return err
	}
	for i := range lost {
		if !d.channels.refuses(lost[i].Channel) { // told already, and once for all
			ms.add(lostCause(&lost[i]), "%s", lostWords(&lost[i]))
		}
	}
	return nil
}

// ofDoubt adds the deliveries and the digests of which nobody knows whether they arrived.
func (d *Daemon) ofDoubt(ctx context.Context, ms *matters) error {
	ds, err := d.journal.Deliveries(ctx, delivery.Unknown)
	if err != nil {
		return store.AsFileError(err)
	}
	for i := range ds {
		if x := &ds[i]; outbox.IsHeld(x) && x.Digest != bulletin.Name {
			ms.add("delivery "+x.ID, "%s to %s: %s: pipetidy deliveries settle %s --arrived, or --lost", x.Digest, x.Address(), x.Reason, x.Code())
		}
	}
	unclear, err := d.edition.Unclear(ctx)
	if err != nil {
		return err
	}
	for _, text := range unclear {
		ms.add("unclear "+text, "%s", text)
	}
	return nil
}

// ofBrakes adds the rules that are held because they suddenly find many deals.
func (d *Daemon) ofBrakes(ctx context.Context, ms *matters) error {
	for _, src := range d.evaluation.Sources() {
		folds, err := d.evaluation.Folds(ctx, src)
		if err != nil {
			return err
		}
		for i := range folds {
			if f := &folds[i]; f.Brake && f.Active() {
				ms.add("brake "+src.Name()+" "+f.Rule+"|"+f.Pipeline, "%s: %s", src.Name(), f.HeldWords())
			}
		}
	}
	return nil
}

// ofBroken adds the rules that failed on deals.
func (d *Daemon) ofBroken(ctx context.Context, ms *matters) error {
	for _, src := range d.evaluation.Sources() {
		broken, err := d.evaluation.Broken(ctx, src)
		if err != nil {
			return err
		}
		for _, cause := range slices.Sorted(maps.Keys(broken)) {
			ms.add(cause+" "+src.Name(), "%s", broken[cause])
		}
	}
	return nil
}

// ofFile adds what could not be read of the files of days off, and what the configuration
// names and no CRM has.
func (d *Daemon) ofFile(ctx context.Context, ms *matters) error {
	told := map[string]bool{}
	if a := d.cfg.Almanac(); a != nil {
		for _, t := range a.Troubles {
			ms.add("days off "+t.Cause, "%s", t.Text)
			told[t.Text] = true
		}
	}
	for _, src := range d.evaluation.Sources() {
		file, err := d.evaluation.OfFile(ctx, src)
		if err != nil {
			return err
		}
		for _, text := range file {
			if !told[text] {
				ms.add("file "+text, "%s", text)
			}
		}
	}
	return nil
}

// unsure reports whether nobody can say yet that a matter is over.
func (d *Daemon) unsure(cause string) bool {
	if ch, ok := strings.CutPrefix(cause, channelCause); ok {
		return d.channels.unsureOf(delivery.Channel(ch), false)
	}
	if ch, ok := strings.CutPrefix(cause, stalledCause); ok {
		return d.channels.unsureOf(delivery.Channel(ch), true)
	}
	x := d.room.Seen()
	return cause == lowCause && x.Free < 2*x.low()
}

// publish tells those who run the program what is new for them or over, and keeps what the
// files of days off say. While digests wait for a poll, what the cache says is of the time
// before, and nobody is told of it.
func (d *Daemon) publish(ctx context.Context) error {
	if d.cfg.Now().Sub(d.published) < matterEvery {
		return nil
	}
	if err := d.cfg.Remember(ctx); err != nil {
		return err
	}
	if d.awaited.Any() {
		return nil
	}
	d.published = d.cfg.Now()
	if d.cfg.Disk != nil {
		d.room.Look(d.cfg.Disk)
	}
	lacked := d.health.Lacked()
	ms, err := d.matters(ctx)
	if err != nil {
		return err
	}
	if _, err = d.bulletin.Publish(ctx, ms, d.unsure); err == nil {
		d.health.Told(lacked)
	}
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
