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

// sameAs is the configured field that says which deal of another CRM a deal is.
const sameAs = "same_as"

// deal names one deal of one source.
type deal struct{ source, id string }

func (d deal) compare(o deal) int {
	return cmp.Or(strings.Compare(d.source, o.source), strings.Compare(d.id, o.id))
}

// twins maps each deal of src that a deal of another source names as the same deal to
// the naming deal, which is judged and counted in its stead. Where two deals name each
// other, the closed one is counted, else the one of the source that the configuration
// lists first. Only
// deals that name another deal are held in memory. twice says in words which deals of
// src name a deal that another deal names as well.
func (e *Evaluation) twins(ctx context.Context, src *Source) (twins map[string]string, twice []string, err error) {
	if len(e.cfg.Sources) < 2 {
		return nil, nil, nil
	}
	names, closed := map[deal]deal{}, map[deal]bool{} // who names whom, and is closed
	rank := map[string]int{}
	for i := range e.cfg.Sources {
		from := &e.cfg.Sources[i]
		rank[from.Name()] = i
		if err := e.namings(ctx, from, names, closed); err != nil {
			return nil, nil, err
		}
	}
	out, named := map[string]string{}, map[deal]deal{}
	for _, from := range slices.SortedFunc(maps.Keys(names), deal.compare) {
		to := names[from]
		if first, ok := named[to]; ok && !closed[first] && !closed[from] && from.source == src.Name() {
			twice = append(twice, fmt.Sprintf("%s and %s both say that they are %s %s", first.id, from.id, to.source, to.id))
		}
		named[to] = from
		if to.source != src.Name() {
			continue
		}
		if back, ok := names[to]; ok && back == from && counts(closed[to], closed[from], rank[to.source] < rank[from.source]) {
			continue // the two name each other
		}
		out[to.id] = from.source + " " + from.id
	}
	return out, twice, nil
}

// counts reports which of two deals that name each other is counted: closed is closed.
func counts(closed, other, first bool) bool {
	if closed != other {
		return closed
	}
	return first
}

// namings adds which deals the deals of from name as the same deal. A deal that is closed
// names on: its copy is the deal that was won or lost, though the copy is still open.
// A skipped deal names none, because the deal that it names would be counted nowhere.
func (e *Evaluation) namings(ctx context.Context, from *Source, names map[deal]deal, closed map[deal]bool) error {
	ref, err := e.Reference(ctx, from.Name())
	if err != nil || ref.Info.Fields.Access(sameAs) != crm.Readable {
		return err
	}
	skipped := hygiene.Skip(from.Skip, ref.Stages)
	for after, more := "", true; more; more = after != "" {
		var p crm.Page
		p, after, err = e.cache.Export(ctx, from.Name(), crm.Opportunities, after, slice)
		if err != nil {
			return store.AsFileError(err)
		}
		for i := range p.Opportunities {
			o := &p.Opportunities[i]
			c, ok := o.Get(sameAs)
			if !ok || strings.TrimSpace(c.Value) == "" || skipped.Of(o) != "" {
				continue
			}
			if to := e.named(from, strings.TrimSpace(c.Value)); to.id != "" {
				names[deal{from.Name(), o.ID}], closed[deal{from.Name(), o.ID}] = to, o.Closed
			}
		}
	}
	return nil
}

// named is the deal of another source that a deal of from names by value.
func (e *Evaluation) named(from *Source, value string) deal {
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
			return deal{to.Name(), id}
		}
	}
	return deal{}
}
