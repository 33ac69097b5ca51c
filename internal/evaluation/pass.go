package evaluation

import (
	"context"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// pass builds the pass of a source from the cache, and says whether the source may be
// judged at all. Judging deals requires the deals that are counted elsewhere; telling
// what can be judged does not.
func (e *Evaluation) pass(ctx context.Context, src *Source, counted map[string]hygiene.Counted) (*hygiene.Pass, Verdict, error) {
	v, ref, err := e.verdict(ctx, src)
	if err != nil {
		return nil, v, err
	}
	ref.Pipelines = e.cfg.Pipelines[src.Name()]
	fiscal, _, err := e.fiscal(ctx)
	if err != nil {
		return nil, v, err
	}
	parked, err := e.parked(ctx, src)
	if err != nil {
		return nil, v, err
	}
	p := &hygiene.Pass{
		Parked: parked, Parking: e.cfg.Parking,
		Now: v.AsOf, Source: ref, Rules: e.cfg.Rules, Settings: e.cfg.Settings,
		Teams: &e.cfg.Teams, Almanac: e.cfg.Almanac(), People: e.cfg.People, Twins: counted, Company: e.cfg.Location, Fiscal: fiscal, Commit: e.cfg.Commit, Skip: src.Skip,
	}
	if src.Commit != nil {
		p.Commit = src.Commit
	}
	if now := e.cfg.Now(); p.Now.IsZero() || p.Now.After(now) {
		p.Now = now // never later than the wall clock, even when the CRM's clock is fast
	}
	if err := p.Prepare(); err != nil {
		return nil, v, err
	}
	return p, v, nil
}

// Pass prepares a pass that tells what can be judged on the source, and says whether
// the source may be judged at all. To judge deals, use [Evaluation.Judge].
func (e *Evaluation) Pass(ctx context.Context, src *Source) (*hygiene.Pass, Verdict, error) {
	return e.pass(ctx, src, nil)
}

// Verdict says whether the source may be judged, and why not.
func (e *Evaluation) Verdict(ctx context.Context, src *Source) (Verdict, error) {
	v, _, err := e.verdict(ctx, src)
	return v, err
}

// verdict reads the state of a source and decides by gate.
func (e *Evaluation) verdict(ctx context.Context, src *Source) (Verdict, hygiene.Source, error) {
	ref, err := e.Reference(ctx, src.Name())
	if err != nil {
		return Verdict{}, ref, err
	}
	states, err := e.cache.Streams(ctx)
	if err != nil {
		return Verdict{}, ref, store.AsFileError(err)
	}
	var own []store.StreamState
	for _, s := range states {
		if s.Source == src.Name() {
			own = append(own, s)
		}
	}
	var streams []crm.Stream
	for _, s := range src.Streams() {
		if ref.Info.Offers(s) {
			streams = append(streams, s)
		}
	}
	v := gate(e.cfg.Now(), streams, own)
	twice, err := e.duplicate(ctx, src, ref.Info)
	if err != nil {
		return v, ref, err
	}
	if twice != "" {
		v.Withheld, v.Cause = twice, digest.HeldBack
	}
	if other := e.unjoined(src, states); other != "" && v.Withheld == "" {
		v.Withheld, v.Cause = "deals of "+src.Name()+" may be deals of "+other+" too (same_as), and "+other+" has not been read completely", digest.Unjoined
	}
	return v, ref, nil
}

// Reference reads what a pass requires of the source besides the deals.
func (e *Evaluation) Reference(ctx context.Context, source string) (hygiene.Source, error) {
	ref, err := e.cache.Reference(ctx, source)
	if ref.Info.Currency == "" && ref.Info.Fields.Access("currency") != crm.Hidden {
		ref.Info.Currency = e.cfg.Exchange.Report // of an account with one currency that does not name it
	}
	return ref, store.AsFileError(err)
}
