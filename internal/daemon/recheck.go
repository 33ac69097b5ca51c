package daemon

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// patientFor is how long digests wait for the answers of recheck: what is not answered
// by then is composed from what the cache has.
const patientFor = time.Minute

// rechecked is when the CRMs were last asked for the deals with findings. Whoever asks
// holds turn.
type rechecked struct {
	turn chan struct{}
	at   time.Time
}

// recheck looks, before digests are composed, whether the deals with findings are still
// there, and judges anew where some are not: nobody is told to update a deal that was
// deleted since the CRM last told of deletions. The workers of the channels and the
// commands compose side by side, so what was asked after since is not asked again, and
// whoever comes while another one asks waits for the answer. It returns when the CRMs were
// asked; an error is of the files or of ctx.
func (d *Daemon) recheck(ctx context.Context, since time.Time) (asked time.Time, err error) {
	select {
	case d.rechecked.turn <- struct{}{}:
		defer func() { <-d.rechecked.turn }()
	case <-ctx.Done():
		return asked, ctx.Err()
	}
	asked = d.cfg.Now()
	if at := d.rechecked.at; !at.Before(since) && !at.After(asked) { // a clock that was set back proves nothing
		return at, nil
	}
	if err := d.recheckAll(ctx); err != nil {
		return asked, err
	}
	d.rechecked.at = asked
	return asked, nil
}

// recheckAll asks each CRM that can be asked.
func (d *Daemon) recheckAll(ctx context.Context) error {
	sources := slices.DeleteFunc(slices.Clone(d.evaluation.Sources()), func(src *evaluation.Source) bool {
		_, asks := src.Source.(crm.Confirmer)
		return !asks || !d.health.Waiting(src.Name()).IsZero()
	})
	if len(sources) == 0 {
		return nil
	}
	named := map[string][]string{} // by source
	err := d.journal.Lives(ctx, d.cfg.Now(), func(l hygiene.Life) error {
		if ids := named[l.Source]; l.State == hygiene.Open && (len(ids) == 0 || ids[len(ids)-1] != l.Record) {
			named[l.Source] = append(ids, l.Record)
		}
		return nil
	})
	if err != nil {
		return store.AsFileError(err)
	}
	limited, cancel := context.WithTimeout(ctx, patientFor)
	defer cancel()
	for _, src := range sources {
		ids := slices.Compact(slices.Sorted(slices.Values(named[src.Name()])))
		if err := d.recheckSource(limited, src, ids); err != nil {
			if _, ok := errors.AsType[*store.FileError](err); ok {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			d.health.heed(src.Name(), err)
			d.log.Warn("the CRM did not say whether the deals of the digest are still there; composing from what is known",
				zap.String("source", src.Name()), zap.Error(err))
		}
	}
	return nil
}

func (d *Daemon) recheckSource(ctx context.Context, src *evaluation.Source, ids []string) error {
	gone, err := d.intake.Recheck(ctx, src.Source, ids)
	if err != nil || gone == 0 {
		return err
	}
	d.log.Info("deals of the digest are gone, judging anew", zap.String("source", src.Name()), zap.Int("deals", gone))
	return d.evaluation.Evaluate(ctx, src)
}
