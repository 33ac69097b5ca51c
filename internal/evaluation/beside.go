package evaluation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// answersFor is how old the data of a twin's source may be after its last sync ended in an
// error. One poll that fails hides nobody's calls for long; a source that stays refused
// does.
const answersFor = 2 * time.Hour

// beside lends deals with what is known of their twins in other sources.
type beside struct {
	e       *Evaluation
	src     *Source
	of      map[string]deal
	sources map[string]*side
}

// side is what a twin has to know of its source.
type side struct {
	info   crm.Info
	unread string // why its activities are not known, "" they are
	unseen bool   // its deals were never read to their end
}

func (e *Evaluation) besides(src *Source, t *twins) *beside {
	return &beside{e: e, src: src, of: t.beside, sources: map[string]*side{}}
}

// scan judges the next slice of open deals. Those with a twin are judged after the scan of
// the slice, in their places; a deal that is gone by then has no result.
func (b *beside) scan(ctx context.Context, after string, judge func(*hygiene.Deal) hygiene.Result) (results []hygiene.Result, last string, more bool, err error) {
	later := map[string]int{} // id → place among the results
	last, more, err = b.e.cache.Scan(ctx, b.src.Name(), after, slice, func(d *hygiene.Deal) error {
		if _, ok := b.of[d.Opportunity.ID]; ok {
			later[strings.Clone(d.Opportunity.ID)] = len(results)
			results = append(results, hygiene.Result{})
			return nil
		}
		results = append(results, judge(d))
		return nil
	})
	if err != nil || len(later) == 0 {
		return results, last, more, store.AsFileError(err)
	}
	err = b.lend(ctx, slices.Collect(maps.Keys(later)), func(d *hygiene.Deal) error {
		results[later[d.Opportunity.ID]] = judge(d)
		return nil
	})
	return slices.DeleteFunc(results, func(r hygiene.Result) bool { return r.Record == "" }), last, more, err
}

// lend lends deals of the source, open or closed, with what is known of their twins. The
// twins are read before the deals, because no transaction may be open within another.
func (b *beside) lend(ctx context.Context, ids []string, fn func(*hygiene.Deal) error) error {
	twins, err := b.twins(ctx, ids)
	if err != nil {
		return err
	}
	return store.AsFileError(b.e.cache.Lend(ctx, b.src.Name(), ids, func(d *hygiene.Deal) error {
		d.Twin = twins[d.Opportunity.ID]
		defer func() { d.Twin = nil }()
		return fn(d)
	}))
}

// twins copies what is known of the twins of the deals, by the id of the deal. A deal
// whose twin the other source does not have, though it was read, has none.
func (b *beside) twins(ctx context.Context, ids []string) (map[string]*hygiene.Twin, error) {
	out := map[string]*hygiene.Twin{}
	wanted := map[string]map[string][]string{} // source → id there → ids here
	for _, id := range ids {
		to, ok := b.of[id]
		if !ok {
			continue
		}
		s, err := b.side(ctx, to.source)
		if err != nil {
			return nil, err
		}
		if s.unread != "" {
			out[id] = &hygiene.Twin{Source: to.source, ID: to.id, Info: &s.info, Unread: s.unread, Unseen: s.unseen}
			continue
		}
		if wanted[to.source] == nil {
			wanted[to.source] = map[string][]string{}
		}
		wanted[to.source][to.id] = append(wanted[to.source][to.id], id)
	}
	for source, there := range wanted {
		info := &b.sources[source].info
		err := b.e.cache.Lend(ctx, source, slices.Collect(maps.Keys(there)), func(d *hygiene.Deal) error {
			t := twinOf(d, info)
			for _, id := range there[d.Opportunity.ID] {
				out[id] = t
			}
			return nil
		})
		if err != nil {
			return nil, store.AsFileError(err)
		}
	}
	return out, nil
}

// twinOf copies what rules ask of a deal of another source.
func twinOf(d *hygiene.Deal, info *crm.Info) *hygiene.Twin {
	o := &d.Opportunity
	t := &hygiene.Twin{
		Source: d.Source, ID: strings.Clone(o.ID), Info: info, LastActivityAt: o.LastActivityAt, NextActivityAt: o.NextActivityAt,
		Activities: slices.Clone(d.Activities),
	}
	for i := range t.Activities {
		a := &t.Activities[i]
		a.ID, a.OwnerID, a.Direction, a.OpportunityIDs = "", "", "", nil
		a.Kind, a.Outcome = crm.ActivityKind(strings.Clone(string(a.Kind))), strings.Clone(a.Outcome)
	}
	if f := d.Unclear("activities"); f != "" {
		t.Unread = hygiene.Garbled(f)
	} else if slices.Contains(d.Untold, crm.Activities) {
		t.Unread = "not all of them could be read yet"
	}
	return t
}

// side says whether the activities of a source are known, once for an evaluation.
func (b *beside) side(ctx context.Context, source string) (*side, error) {
	if s := b.sources[source]; s != nil {
		return s, nil
	}
	i := slices.IndexFunc(b.e.cfg.Sources, func(s Source) bool { return s.Name() == source })
	v, ref, err := b.e.verdict(ctx, &b.e.cfg.Sources[i])
	if err != nil {
		return nil, err
	}
	states, err := b.e.cache.Streams(ctx)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	s := &side{info: ref.Info, unread: v.Withheld, unseen: !readOnce(states, source)}
	for _, f := range []string{"activities", "emails"} {
		if a := ref.Info.Fields.Access(f); a != crm.Readable && s.unread == "" {
			s.unread = hygiene.Unread(f, a)
		}
	}
	if age := ago(b.e.cfg.Now(), v.AsOf); v.Error != "" && age > answersFor && s.unread == "" {
		s.unread = fmt.Sprintf("its data is %d hours old, and the last sync ended in an error", int(age.Hours()))
	}
	b.sources[source] = s
	return s, nil
}

// Judge lends one deal of a source, open or closed, with the pass that judges the deal and
// whether the source may be judged at all. found is false where the cache does not have
// the deal.
func (e *Evaluation) Judge(ctx context.Context, src *Source, id string, fn func(*hygiene.Pass, *Verdict, *hygiene.Deal) error) (found bool, err error) {
	t, err := e.twins(ctx, src)
	if err != nil {
		return false, err
	}
	pass, v, err := e.pass(ctx, src, t.counted)
	if err != nil {
		return false, err
	}
	return found, e.besides(src, t).lend(ctx, []string{id}, func(d *hygiene.Deal) error {
		found = true
		return fn(pass, &v, d)
	})
}
