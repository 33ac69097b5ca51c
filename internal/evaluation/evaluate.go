package evaluation

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// slice is how many deals one read transaction lends: small enough that no
// transaction lives long, large enough that the merge of cursors pays.
const slice = 500

// Evaluate runs the rules over the open deals of the source and writes the lives of
// the findings, slice by slice under one generation; a last, small step makes the
// generation current. It may be repeated after a crash: a finding was opened when an
// evaluation first saw it, so a repetition changes nothing. Of a source that may not
// be judged, the findings stay as they are.
//
// Sources that were judged before this one was known are judged again: their deals may be
// deals of this source as well.
func (e *Evaluation) Evaluate(ctx context.Context, src *Source) error {
	e.evaluating.Lock()
	defer e.evaluating.Unlock()
	if err := e.evaluate(ctx, src); err != nil {
		return err
	}
	waiting, err := e.waiting(ctx, src)
	if err != nil {
		return err
	}
	for _, other := range waiting {
		if err := e.evaluate(ctx, other); err != nil {
			return err
		}
	}
	return nil
}

func (e *Evaluation) evaluate(ctx context.Context, src *Source) error {
	start := e.cfg.Now()
	twins, err := e.twins(ctx, src)
	if err != nil {
		return err
	}
	pass, v, err := e.pass(ctx, src, twins.counted)
	if err != nil {
		return err
	}
	if v.Withheld != "" {
		if err := e.noteFile(ctx); err != nil {
			return err
		}
		if err := e.noteAwaited(ctx, src); err != nil {
			return err
		}
		e.cfg.Observe(Event{Kind: Withheld, Source: src.Name(), Text: v.Withheld})
		return e.noteHeld(ctx, src, &v)
	}
	previous, seen, err := e.journal.Snapshot(ctx, src.Name(), start)
	if err != nil {
		return store.AsFileError(err)
	}
	is := pass.Yardstick()
	was, err := e.judgedBy(ctx, src, is)
	if err != nil {
		return err
	}
	hidden, err := e.folds(ctx, src)
	if err != nil {
		return err
	}
	gen, err := e.journal.BeginGeneration(ctx, e.fence)
	if err != nil {
		return store.AsFileError(err)
	}
	round := &hygiene.Round{At: start, Generation: gen, Is: is}
	if seen {
		round.Was = was.Parts
	}
	told, err := e.told(ctx, src, hidden)
	if err != nil {
		return err
	}
	waits, err := e.waits(ctx, src, &v)
	if err != nil {
		return err
	}
	tallies := hygiene.NewTallies(pass, hidden)
	tallies.Told = told
	ledger := hygiene.NewLedger(previous.Committed, tallies.Quarter(), start)
	deals, found := 0, 0
	strays := map[string]int{} // by label: open deals in a stage that the source does not list
	var met hygiene.Seen
	var odd oddities
	parks := &parks{stored: pass.Parked, seen: map[string]bool{}}
	judge := func(deal *hygiene.Deal) hygiene.Result {
		r := pass.Evaluate(deal)
		if waits != nil {
			waits(&r)
		}
		if !r.Skipped {
			deals++
		}
		if !r.Skipped && pass.Readable("stage") && pass.Stage(deal) == nil && !deal.Opportunity.IsUnclear("stage") {
			strays[pass.StageLabel(deal)]++
		}
		tallies.Add(&r)
		ledger.Add(&r)
		met.Add(&r)
		odd.add(deal, &r)
		parks.add(&r)
		found += len(r.Failed)
		return r
	}
	beside := e.besides(src, twins)
	for after := ""; ; {
		results, last, more, err := beside.scan(ctx, after, judge)
		if err != nil {
			return err
		}
		if err := e.saveParks(ctx, parks); err != nil { // before the findings that they pause
			return err
		}
		through := last
		if !more {
			through = ""
		}
		var absentErr error
		err = e.journal.ApplySlice(ctx, e.fence, src.Name(), after, through, func(stored []hygiene.Life) []hygiene.Life {
			absent, err := e.absent(ctx, src.Name(), stored, results)
			if err != nil {
				absentErr = err
				return nil
			}
			changed := hygiene.Diff(stored, results, absent, round)
			if absentErr = e.merged(ctx, src.Name(), changed, start); absentErr != nil {
				return nil
			}
			return changed
		})
		if err == nil {
			err = absentErr
		}
		if err != nil {
			return store.AsFileError(err)
		}
		if !more {
			break
		}
		after = last
	}
	if err := e.leftParks(ctx, src, pass, parks); err != nil {
		return err
	}
	left, err := e.became(ctx, src.Name(), ledger.Missing())
	if err != nil {
		return err
	}
	s := hygiene.Snapshot{
		Source: src.Name(), Day: crm.DateOf(start, e.cfg.Location), At: start, Generation: gen,
		Quarter: tallies.Quarter(), Questions: true, Tallies: tallies.List(), Unknown: tallies.Unknown(), Skipped: tallies.Skipped(),
		Rates: tallies.Rates(), Urgent: tallies.Urgent(), Basis: is.Sum(), Forecasts: met.Categories(),
		Imports: tallies.Imports(), Committed: ledger.Close(left),
	}
	if err := e.journal.FinishGeneration(ctx, e.fence, gen, s); err != nil {
		return store.AsFileError(err)
	}
	if err := e.noteStart(ctx, start); err != nil {
		return err
	}
	said := slices.Concat(heldBack(src, &v), notices(src, &s, strays, &odd, twins.twice), unmatched(src, pass, &met), odd.notices(src), broken(src, pass))
	e.logFaults(src, pass)
	folds, brakes, changed, err := e.refold(ctx, src, &s, e.judgedSince(was.changes(is, start)))
	if err != nil {
		return err
	}
	said = append(said, jumpNotices(src, e.cfg.Rules, brakes)...)
	said = append(said, foldNotices(src, e.described(folds, &s, &pass.Source))...)
	if !changed { // else the deals were counted with findings that are hidden now, or without some that are not
		pressing, err := e.pressing(ctx, src, &s)
		if err != nil {
			return err
		}
		said = append(said, pressing...)
	}
	if err := e.noteNotices(ctx, src, said); err != nil {
		return err
	}
	if err := e.noteMet(ctx, src, &met); err != nil {
		return err
	}
	if err := e.noteJudgedBy(ctx, src, was, is, start); err != nil {
		return err
	}
	if err := e.noteAwaited(ctx, src); err != nil {
		return err
	}
	if err := e.noteFile(ctx); err != nil {
		return err
	}
	e.cfg.Observe(Event{Kind: Evaluated, Source: src.Name(), Deals: deals, Findings: found, Generation: gen, Took: e.cfg.Now().Sub(start)})
	return nil
}

// absent looks up in the cache what became of records that have open findings and were
// not scanned.
func (e *Evaluation) absent(ctx context.Context, source string, stored []hygiene.Life, results []hygiene.Result) (map[string]hygiene.State, error) {
	scanned := make(map[string]bool, len(results))
	for i := range results {
		scanned[results[i].Record] = true
	}
	var ask []string
	for i := range stored {
		if r := stored[i].Record; stored[i].State == hygiene.Open && !scanned[r] && (len(ask) == 0 || ask[len(ask)-1] != r) {
			ask = append(ask, r)
		}
	}
	return e.became(ctx, source, ask)
}

// became looks up in the cache what became of records that were not scanned.
func (e *Evaluation) became(ctx context.Context, source string, ask []string) (map[string]hygiene.State, error) {
	if len(ask) == 0 {
		return nil, nil
	}
	return e.cache.Absent(ctx, source, ask)
}

// merged notes on the lives that ended at this evaluation because their deals are gone which
// deals these were merged into, where the CRM said so.
func (e *Evaluation) merged(ctx context.Context, source string, changed []hygiene.Life, at time.Time) error {
	var gone []string
	for i := range changed {
		if l := &changed[i]; l.State == hygiene.Gone && l.Ended.Equal(at) {
			gone = append(gone, l.Record)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	into, err := e.cache.Survivors(ctx, source, slices.Compact(gone))
	if err != nil || len(into) == 0 {
		return err
	}
	names := map[string]string{}
	err = e.cache.Lend(ctx, source, slices.Compact(slices.Sorted(maps.Values(into))), func(d *hygiene.Deal) error {
		names[d.Opportunity.ID] = strings.Clone(d.Opportunity.Name)
		return nil
	})
	for i := range changed {
		l := &changed[i]
		if survivor := into[l.Record]; survivor != "" && l.State == hygiene.Gone && l.Ended.Equal(at) {
			l.SaysDone = hygiene.Say("merged", hygiene.Text(cmp.Or(names[survivor], "another deal")))
		}
	}
	return err
}
