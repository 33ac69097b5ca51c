package edition

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/store"
)

// record is which periods and deliveries the last week had when the run first needed
// them.
type record struct {
	periods    []digest.Period // newest first
	deliveries []delivery.Delivery
}

// recorded reads the record once. It reads one day more than lookBack, because the
// dates of the teams differ.
func (r *Run) recorded(ctx context.Context) (*record, error) {
	if r.record != nil {
		return r.record, nil
	}
	from := crm.DateOf(r.e.cfg.Now(), time.UTC) - lookBack - 1
	ps, err := r.e.journal.Periods(ctx, from)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	ds, err := r.e.journal.DeliveriesSince(ctx, from)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	for i := range ds {
		ds[i].Parts = nil // the bodies of unsettled deliveries are not kept in memory for a whole run
	}
	r.record = &record{ps, ds}
	return r.record, nil
}

// missed says that the reader's digest of the period before did not arrive; "" when it
// arrived, or was skipped.
func (r *Run) missed(ctx context.Context, name, team, recipient string, now time.Time) (string, error) {
	today := crm.DateOf(now, r.e.Zone(team))
	rec, err := r.recorded(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range rec.periods { // newest first
		if p.Digest != name || p.Team != team || p.Date >= today || p.Date < today-lookBack {
			continue
		}
		if p.State == periodExpired {
			return fmt.Sprintf("The digest of %s was not sent: %s.", p.Date.Short(), p.Reason), nil
		}
		if p.State == periodUnclear {
			return fmt.Sprintf("The digest of %s %s.", p.Date.Short(), doubt), nil
		}
		what, planned, err := r.ending(ctx, &p, recipient)
		if err != nil {
			return "", err
		}
		if !planned {
			continue // nothing was due for this reader, as on a day off: the digest before it counts
		}
		if what == "" {
			return "", nil
		}
		return fmt.Sprintf("The digest of %s %s.", p.Date.Short(), what), nil
	}
	return "", nil
}

// What a reader is told of the digest before. Nobody is told that a message could not
// be delivered which they may have in front of them.
const (
	lost  = "could not be delivered"
	doubt = "may not have arrived"
)

// ending says what became of the recipient's digest of the period, "" when some channel
// delivered it or there was nothing to say; planned is false where the recipient had none. The record says only which deliveries there
// are, because the same run may have settled them since.
func (r *Run) ending(ctx context.Context, p *digest.Period, recipient string) (what string, planned bool, err error) {
	for i := range r.record.deliveries {
		d := &r.record.deliveries[i]
		if !ofPeriod(d, p) || d.Recipient != recipient {
			continue
		}
		planned = true
		now, _, err := r.e.journal.Delivery(ctx, d.ID)
		if err != nil {
			return "", planned, store.AsFileError(err)
		}
		inDoubt := now.State == delivery.Unknown || slices.ContainsFunc(now.Parts, func(p delivery.Part) bool {
			return p.Doubts > 0 && p.State != delivery.Sent
		})
		switch {
		case now.State == delivery.Sent, now.State == delivery.Skipped && now.Edition == p.Edition:
			return "", planned, nil
		case inDoubt:
			what = doubt
		case what == "" && (now.State == delivery.Expired || now.State == delivery.Failed):
			what = lost
		}
	}
	return what, planned, nil
}
