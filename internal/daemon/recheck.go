package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// patientFor is how long digests wait for the answers of recheck: what is not answered
// by then is composed from what the cache has.
const patientFor = time.Minute

// rechecked is when the CRMs were last asked for the deals with findings. Whoever asks
// holds turn.
type rechecked struct {
	turn   chan struct{}
	at     time.Time
	judged bool // this process has judged what was read once more
}

// recheck reads the deals with findings once more before digests are composed, looks whether
// they are still there, and judges anew where something changed: nobody is told to update a
// deal that was closed or deleted since the last poll. The workers of the channels and the
// commands compose side by side, so what was asked after since is not asked again, and
// whoever comes while another one asks waits for the answer. It returns when the CRMs were
// asked; an error is of the files or of ctx.
func (d *Daemon) recheck(ctx context.Context, since time.Time, named edition.Named) (asked time.Time, err error) {
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
	if err := d.recheckAll(ctx, named); err != nil {
		return asked, err
	}
	d.rechecked.at = asked
	return asked, nil
}

// recheckAll asks each CRM that can be asked. Where something changed all sources are judged,
// because a deal of one may be a copy of another's: the whole of each, so that its counts add
// up, which takes no call. So are they the first time in the life of a process: the one before
// may have ended between reading and judging.
func (d *Daemon) recheckAll(ctx context.Context, named edition.Named) error {
	sources := slices.DeleteFunc(slices.Clone(d.evaluation.Sources()), func(src *evaluation.Source) bool {
		_, asks := src.Source.(crm.Confirmer)
		_, reads := src.Source.(crm.Rereader)
		return !asks && !reads
	})
	if len(sources) == 0 {
		return nil
	}
	with, err := d.withFindings(ctx)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, patientFor)
	defer cancel()
	changed := false
	for _, src := range sources {
		ids := with[src.Name()]
		if until := d.health.Waiting(src.Name()); !until.IsZero() {
			if len(ids) > 0 {
				err = d.intake.NotRechecked(ctx, src.Source, fmt.Sprintf("no call is made before %s", until.UTC().Format("15:04 MST")))
			}
			if err != nil {
				return err
			}
			continue
		}
		if most := d.intake.Rereads(src.Source); most > 0 && len(ids) > most {
			if ids, err = firstNamed(ctx, src.Name(), ids, named); err != nil {
				return err
			}
			d.log.Info("more deals have findings than are read once more before a digest; those that the digests name first are", zap.String("source", src.Name()), zap.Int("deals", len(ids)), zap.Int("read", most))
		}
		found, err := d.intake.Recheck(limited, src.Source, ids)
		if news := found.Changed > 0; news || !d.rechecked.judged && len(found.Read) > 0 {
			changed = true
			if err := d.evaluation.Ahead(ctx, src, found.Read); err != nil {
				return err
			}
			if news {
				d.log.Info("deals of the digest have changed since the last sync, judging anew", zap.String("source", src.Name()), zap.Int("deals", found.Changed))
			}
		}
		if _, ok := errors.AsType[*store.FileError](err); ok {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			d.health.heed(src.Name(), err)
			d.log.Warn("the CRM did not say whether the deals of the digest are still there; composing from what is known",
				zap.String("source", src.Name()), zap.Error(err))
		}
	}
	if !changed {
		return nil
	}
	err = d.evaluation.All(ctx)
	if _, ok := errors.AsType[*store.FileError](err); ok || ctx.Err() != nil {
		return err
	}
	if err != nil {
		d.log.Warn("what was read once more could not be judged; composing from what is known", zap.Error(err))
	}
	d.rechecked.judged = err == nil
	return nil
}

// withFindings are the deals with open findings, by source and in the order of their ids.
func (d *Daemon) withFindings(ctx context.Context) (map[string][]string, error) {
	with := map[string][]string{}
	err := d.journal.Lives(ctx, d.cfg.Now(), func(l hygiene.Life) error {
		if ids := with[l.Source]; l.State == hygiene.Open && (len(ids) == 0 || ids[len(ids)-1] != l.Record) {
			with[l.Source] = append(ids, l.Record)
		}
		return nil
	})
	for source, ids := range with {
		with[source] = slices.Compact(slices.Sorted(slices.Values(ids)))
	}
	return with, store.AsFileError(err)
}

// firstNamed puts the deals first that digests name, in their order.
func firstNamed(ctx context.Context, source string, ids []string, named edition.Named) ([]string, error) {
	deals, err := named(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	first := map[string]bool{}
	for _, deal := range deals {
		if _, has := slices.BinarySearch(ids, deal[1]); has && deal[0] == source {
			out, first[deal[1]] = append(out, deal[1]), true
		}
	}
	return append(out, slices.DeleteFunc(ids, func(id string) bool { return first[id] })...), nil
}
