package evaluation

import (
	"cmp"
	"context"
	"slices"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// parked reads the parks of a source, by native id.
func (e *Evaluation) parked(ctx context.Context, src *Source) (map[string][]hygiene.Park, error) {
	ks, err := e.journal.Parks(ctx, src.Name())
	if err != nil || len(ks) == 0 {
		return nil, store.AsFileError(err)
	}
	out := map[string][]hygiene.Park{}
	for i := range ks {
		out[ks[i].Record] = append(out[ks[i].Record], ks[i])
	}
	return out, nil
}

// parks gathers, while deals are judged, what becomes of their parks.
type parks struct {
	stored  map[string][]hygiene.Park
	seen    map[string]bool
	changed []hygiene.Park
}

func (k *parks) add(r *hygiene.Result) {
	k.seen[r.Record] = true
	for i := range r.Parks {
		if !slices.Contains(k.stored[r.Record], r.Parks[i]) {
			k.changed = append(k.changed, r.Parks[i])
		}
	}
}

// saveParks writes what changed.
func (e *Evaluation) saveParks(ctx context.Context, k *parks) error {
	if len(k.changed) == 0 {
		return nil
	}
	err := e.journal.SaveParks(ctx, e.fence, k.changed...)
	k.changed = k.changed[:0]
	return store.AsFileError(err)
}

// leftParks ends the parks of deals that were not judged: they are closed, or out of sight
// until the last day. A deal that is out of sight may come back until then, and is parked.
func (e *Evaluation) leftParks(ctx context.Context, src *Source, pass *hygiene.Pass, k *parks) error {
	var left []hygiene.Park
	var ids []string
	for id, ks := range k.stored {
		for i := range ks {
			if ks[i].Holds() && !k.seen[id] {
				left, ids = append(left, ks[i]), append(ids, id)
			}
		}
	}
	if len(left) == 0 {
		return nil
	}
	slices.Sort(ids)
	absent, err := e.cache.Absent(ctx, src.Name(), slices.Compact(ids))
	if err != nil {
		return store.AsFileError(err)
	}
	for i := range left {
		if l := &left[i]; l.Unseen(absent[l.Record], pass) {
			k.changed = append(k.changed, *l)
		}
	}
	slices.SortFunc(k.changed, func(a, b hygiene.Park) int { return a.Compare(&b) })
	return e.saveParks(ctx, k)
}

// Park parks a deal, or one rule on it, as a person asks for it by a command; k says the
// rule, the last day, the reason and who asks. It returns the park, and the one of the
// owner's that the park replaces, nil is none. found is false where the cache does not have
// the deal.
func (e *Evaluation) Park(ctx context.Context, src *Source, id string, k hygiene.Park) (made hygiene.Park, instead *hygiene.Park, found bool, err error) {
	e.evaluating.Lock() // an evaluation decides from the parks and writes them
	defer e.evaluating.Unlock()
	var changed []hygiene.Park
	var refused error // is none of the files
	found, err = e.Judge(ctx, src, id, func(pass *hygiene.Pass, _ *Verdict, d *hygiene.Deal) error {
		made, changed, refused = pass.ParkBy(d, k, e.cfg.Now())
		return nil
	})
	if err = cmp.Or(err, refused); !found || err != nil {
		return made, nil, found, err
	}
	if len(changed) > 0 {
		instead = &changed[0]
	}
	return made, instead, true, store.AsFileError(e.journal.SaveParks(ctx, e.fence, append(changed, made)...))
}

// Unpark ends the parks of a deal, those of one rule where rule is not "", and returns them.
// A deal that the cache does not have any more may be unparked too.
func (e *Evaluation) Unpark(ctx context.Context, src *Source, id, rule string) ([]hygiene.Park, error) {
	e.evaluating.Lock()
	defer e.evaluating.Unlock()
	all, err := e.parked(ctx, src)
	if err != nil {
		return nil, err
	}
	var ended []hygiene.Park
	for _, k := range all[id] {
		if k.Holds() && (rule == "" || k.Rule == rule) {
			k.End, k.Ended = hygiene.EndUnparked, e.cfg.Now().UTC().Round(0)
			ended = append(ended, k)
		}
	}
	if len(ended) == 0 {
		return nil, nil
	}
	return ended, store.AsFileError(e.journal.SaveParks(ctx, e.fence, ended...))
}

// Parks lists the parks of a source that hold, and those that have ended too with all.
func (e *Evaluation) Parks(ctx context.Context, src *Source, all bool) ([]hygiene.Park, error) {
	ks, err := e.journal.Parks(ctx, src.Name())
	if err != nil {
		return nil, store.AsFileError(err)
	}
	return slices.DeleteFunc(ks, func(k hygiene.Park) bool { return !all && !k.Holds() }), nil
}
