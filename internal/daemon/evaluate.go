package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// slice is how many deals one read transaction lends: small enough that no
// transaction lives long, large enough that the merge of cursors pays.
const slice = 500

// Evaluate runs the rules over the open deals of the source and writes the lives
// of their findings, slice by slice under one generation; the last, small step
// makes the generation current. A crash repeats it: the first evaluation of a
// finding decides when it was opened, so repeating changes nothing. A source
// that may not be judged is left as it is.
func (d *Daemon) Evaluate(ctx context.Context, src *Source) error {
	d.evaluating.Lock()
	defer d.evaluating.Unlock()
	start := d.now()
	twins, twice, err := d.twins(ctx, src)
	if err != nil {
		return err
	}
	pass, v, err := d.pass(ctx, src, twins)
	if err != nil {
		return err
	}
	if v.Withheld != "" {
		d.log.Warn("findings withheld", zap.String("source", src.Name()), zap.String("reason", v.Withheld))
		return d.noteHeld(ctx, src, &v)
	}
	_, seen, err := d.journal.Snapshot(ctx, src.Name(), start)
	if err != nil {
		return d.stored(err)
	}
	fresh, ran, err := d.freshRules(ctx, src)
	if err != nil {
		return err
	}
	gen, err := d.journal.BeginGeneration(ctx, d.fence)
	if err != nil {
		return d.stored(err)
	}
	tallies := hygiene.NewTallies(pass)
	deals, found := 0, 0
	strays := map[string]int{} // deals in a stage that the source does not list
	var met hygiene.Seen
	for after := ""; ; {
		var results []hygiene.Result
		last, more, err := d.cache.Scan(ctx, src.Name(), after, slice, func(deal *hygiene.Deal) error {
			r := pass.Evaluate(deal)
			if !r.Skipped {
				deals++
			}
			if !r.Skipped && pass.Stage(deal) == nil {
				strays[pass.StageLabel(deal)]++
			}
			tallies.Add(&r, deal)
			met.Add(&r)
			results = append(results, r)
			found += len(r.Failed)
			return nil
		})
		if err != nil {
			return d.stored(err)
		}
		through := last
		if !more {
			through = ""
		}
		var absentErr error
		err = d.journal.ApplySlice(ctx, d.fence, src.Name(), after, through, func(stored []hygiene.Life) []hygiene.Life {
			absent, err := d.absent(ctx, src.Name(), stored, results)
			if err != nil {
				absentErr = err
				return nil
			}
			return hygiene.Diff(stored, results, absent, start, gen, !seen, fresh...)
		})
		if err == nil {
			err = absentErr
		}
		if err != nil {
			return d.stored(err)
		}
		if !more {
			break
		}
		after = last
	}
	s := hygiene.Snapshot{
		Source: src.Name(), Day: crm.DateOf(start, d.cfg.Location), At: start, Generation: gen,
		Tallies: tallies.List(), Unknown: tallies.Unknown(), Skipped: tallies.Skipped(),
	}
	if err := d.journal.FinishGeneration(ctx, d.fence, gen, s); err != nil {
		return d.stored(err)
	}
	if err := d.noteStart(ctx, start); err != nil {
		return err
	}
	if err := d.noteNotices(ctx, src, append(heldBack(src, &v), notices(src, pass, &s, strays, &met, twice)...)); err != nil {
		return err
	}
	if ran != "" {
		if err := d.journal.Note(ctx, d.fence, rulesNote+src.Name(), ran); err != nil {
			return d.stored(err)
		}
	}
	d.metrics.evaluated(src.Name(), deals, found, d.now().Sub(start))
	d.log.Info("evaluated", zap.String("source", src.Name()), zap.Int("deals", deals), zap.Int("findings", found),
		zap.Uint64("generation", gen), zap.Duration("duration", d.now().Sub(start)))
	return nil
}

// noteStart remembers the first evaluation: the first days count from it.
func (d *Daemon) noteStart(ctx context.Context, at time.Time) error {
	t, err := d.started(ctx)
	if err != nil || !t.IsZero() {
		return err
	}
	return d.stored(d.journal.Note(ctx, d.fence, startNote, at.UTC().Format(time.RFC3339)))
}

// rulesNote names the journal's note of which rules have run on a source.
const rulesNote = "rules|"

// freshRules lists the rules that run on the source for the first time: what they
// find was there before them. ran is what to note once they have, "" when nothing
// changed.
func (d *Daemon) freshRules(ctx context.Context, src *Source) (fresh []string, ran string, err error) {
	noted, err := d.journal.Noted(ctx, rulesNote+src.Name())
	if err != nil {
		return nil, "", d.stored(err)
	}
	known := strings.Fields(noted)
	var on []string
	for i := range d.cfg.Rules {
		id := d.cfg.Rules[i].ID
		if d.cfg.Settings[id].Off {
			continue
		}
		on = append(on, id)
		if !slices.Contains(known, id) {
			fresh = append(fresh, id)
		}
	}
	ran = strings.Join(on, " ")
	if ran == noted {
		ran = ""
	}
	return fresh, ran, nil
}

// absent asks the cache about records that have findings but were not scanned.
func (d *Daemon) absent(ctx context.Context, source string, stored []hygiene.Life, results []hygiene.Result) (map[string]hygiene.State, error) {
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
	if len(ask) == 0 {
		return nil, nil
	}
	return d.cache.Absent(ctx, source, ask)
}

// pass builds the pass of a source from the cache, and says whether it may be
// judged at all. A pass that judges deals needs the twins of the source; one that
// only tells what can be judged does not.
func (d *Daemon) pass(ctx context.Context, src *Source, twins map[string]string) (*hygiene.Pass, verdict, error) {
	v, ref, err := d.verdict(ctx, src)
	if err != nil {
		return nil, v, err
	}
	ref.Pipelines = d.cfg.Pipelines[src.Name()]
	p := &hygiene.Pass{
		Now: v.AsOf, Source: ref, Rules: d.cfg.Rules, Settings: d.cfg.Settings,
		Teams: &d.cfg.Teams, People: d.cfg.People, Twins: twins, Company: d.cfg.Location, Commit: d.cfg.Commit, Skip: src.Skip,
	}
	if src.Commit != nil {
		p.Commit = src.Commit
	}
	if now := d.now(); p.Now.IsZero() || p.Now.After(now) {
		p.Now = now // never later than the wall clock, even when the CRM's clock is fast
	}
	if err := p.Prepare(); err != nil {
		return nil, v, err
	}
	return p, v, nil
}

// verdict reads the state of a source and decides by gate.
func (d *Daemon) verdict(ctx context.Context, src *Source) (verdict, hygiene.Source, error) {
	ref, err := d.reference(ctx, src)
	if err != nil {
		return verdict{}, ref, err
	}
	states, err := d.cache.Streams(ctx)
	if err != nil {
		return verdict{}, ref, d.stored(err)
	}
	var own []StreamState
	for _, s := range states {
		if s.Source == src.Name() {
			own = append(own, s)
		}
	}
	var streams []crm.Stream
	for _, s := range src.Streams() {
		if needed(ref.Info, s) {
			streams = append(streams, s)
		}
	}
	return gate(d.now(), streams, own), ref, nil
}

// reference reads what a pass needs of the source besides its deals.
func (d *Daemon) reference(ctx context.Context, src *Source) (hygiene.Source, error) {
	ref, err := d.cache.Reference(ctx, src.Name())
	if ref.Info.Currency == "" {
		ref.Info.Currency = d.cfg.Currency // an org with one currency does not name it
	}
	return ref, d.stored(err)
}

// latest is the newest evaluation of any source; zero when there was none.
func (d *Daemon) latest(ctx context.Context) (time.Time, error) {
	var t time.Time
	for i := range d.cfg.Sources {
		s, ok, err := d.journal.Snapshot(ctx, d.cfg.Sources[i].Name(), d.now())
		if err != nil {
			return t, d.stored(err)
		}
		if ok && s.At.After(t) {
			t = s.At
		}
	}
	return t, nil
}
