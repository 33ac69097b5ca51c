package evaluation

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// deal names one deal of one source.
type deal struct{ source, id string }

func (d deal) compare(o deal) int {
	return cmp.Or(strings.Compare(d.source, o.source), strings.Compare(d.id, o.id))
}

// twins is which deals of a source are deals of other sources as well.
type twins struct {
	counted map[string]hygiene.Counted // deals that are judged and counted elsewhere, as in hygiene.Pass.Twins
	beside  map[string]deal            // of the deals that are judged and counted here: the same deal elsewhere
	twice   []string                   // in words: deals of the source that name one deal that another names as well
}

// twins joins the deals of src with those of other sources, by the deals that name
// another (crm.SameAs). The naming deal is judged and counted, and the named one is not.
// Where two deals name each other, that of the source counts which the configuration
// lists first. But closed is closed: a deal that was won or lost in one CRM counts before
// its copy that is still open in the other, whichever names the other. Only deals that
// name another deal are held in memory.
func (e *Evaluation) twins(ctx context.Context, src *Source) (*twins, error) {
	out := &twins{}
	if len(e.cfg.Sources) < 2 {
		return out, nil
	}
	names, closed := map[deal]deal{}, map[deal]hygiene.State{} // who names whom, and who is Won or Lost
	rank := map[string]int{}
	for i := range e.cfg.Sources {
		from := &e.cfg.Sources[i]
		rank[from.Name()] = i
		if err := e.namings(ctx, from, names, closed); err != nil {
			return nil, err
		}
	}
	if len(names) == 0 {
		return out, nil
	}
	if err := e.closed(ctx, src, names, closed); err != nil {
		return nil, err
	}
	out.counted, out.beside = map[string]hygiene.Counted{}, map[string]deal{}
	named := map[deal]deal{}
	for _, from := range slices.SortedFunc(maps.Keys(names), deal.compare) {
		to := names[from]
		if first, ok := named[to]; ok && closed[first] == 0 && closed[from] == 0 && from.source == src.Name() {
			out.twice = append(out.twice, fmt.Sprintf("%s and %s both say that they are %s %s", first.id, from.id, to.source, to.id))
		}
		named[to] = from
		counts, copied := from, to
		back, mutual := names[to]
		if mutual = mutual && back == from; closed[to] != 0 && closed[from] == 0 || mutual && (closed[to] != 0) == (closed[from] != 0) && rank[to.source] < rank[from.source] {
			counts, copied = to, from
		}
		switch src.Name() {
		case copied.source:
			out.counted[copied.id] = hygiene.Counted{Source: counts.source, ID: counts.id, ClosedAs: closed[counts]}
		case counts.source:
			out.beside[counts.id] = copied
		}
	}
	return out, nil
}

// namings adds which deals the deals of from name as the same deal. A deal that is closed
// names on: its copy is the deal that was won or lost, though the copy is still open.
// A skipped deal names none, because the deal that it names would be counted nowhere.
func (e *Evaluation) namings(ctx context.Context, from *Source, names map[deal]deal, closed map[deal]hygiene.State) error {
	ref, err := e.Reference(ctx, from.Name())
	if err != nil || ref.Info.Fields.Access(crm.SameAs) != crm.Readable {
		return err
	}
	skipped := hygiene.Skip(from.Skip, ref.Stages)
	return store.AsFileError(e.cache.Named(ctx, from.Name(), crm.SameAs, func(o *crm.Opportunity) error {
		c, _ := o.Get(crm.SameAs)
		value := strings.TrimSpace(c.Value)
		if value == "" || skipped.Of(o) != "" {
			return nil
		}
		if to := e.named(from, strings.Clone(value)); to.id != "" {
			d := deal{from.Name(), strings.Clone(o.ID)}
			names[d], closed[d] = to, closedAs(o)
		}
		return nil
	}))
}

// closedAs is Won or Lost of a closed deal, zero of an open one.
func closedAs(o *crm.Opportunity) hygiene.State {
	switch {
	case o.Won && o.Closed:
		return hygiene.Won
	case o.Closed:
		return hygiene.Lost
	}
	return 0
}

// closed adds which of the deals are closed that are named and name none themselves. Only
// pairs with an open deal that names, and with a deal of src, have to be known.
func (e *Evaluation) closed(ctx context.Context, src *Source, names map[deal]deal, closed map[deal]hygiene.State) error {
	ask := map[string][]string{}
	for from, to := range names {
		if _, known := closed[to]; !known && closed[from] == 0 && (from.source == src.Name() || to.source == src.Name()) {
			ask[to.source] = append(ask[to.source], to.id)
		}
	}
	for source, ids := range ask {
		slices.Sort(ids)
		states, err := e.cache.Absent(ctx, source, ids)
		if err != nil {
			return store.AsFileError(err)
		}
		for id, s := range states {
			if s == hygiene.Won || s == hygiene.Lost {
				closed[deal{source, id}] = s
			}
		}
	}
	return nil
}

// named is the deal of another source that a deal of from names by value.
func (e *Evaluation) named(from *Source, value string) deal {
	if all := e.mayMean(from, value); len(all) > 0 {
		return all[0]
	}
	return deal{}
}

// mayMean are the deals that a deal of from may mean by value: at most one of each other
// source.
func (e *Evaluation) mayMean(from *Source, value string) (out []deal) {
	for i := range e.cfg.Sources {
		to := &e.cfg.Sources[i]
		if to.Name() == from.Name() {
			continue
		}
		id := value
		if r, ok := to.Source.(crm.Resolver); ok {
			id = r.Resolve(id)
		}
		if id != "" {
			out = append(out, deal{to.Name(), id})
		}
	}
	return out
}
