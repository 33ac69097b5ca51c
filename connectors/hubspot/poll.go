package hubspot

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Poller = (*Source)(nil)

// together are the streams that one search of the changed deals serves.
var together = []crm.Stream{crm.Opportunities, crm.History, crm.Contacts}

// Poll fetches the first pages of opportunities, history and contacts with one search
// for the changed deals and one reading of those deals. Poll only saves calls; Fetch
// reports the error that kept Poll from a page.
func (s *Source) Poll(ctx context.Context, at map[crm.Stream]crm.Cursor) (map[crm.Stream]crm.Page, error) {
	v, err := s.survey.look(ctx)
	if err != nil {
		return nil, err
	}
	ready := s.ready(v, at)
	if len(ready) < 2 {
		return nil, nil
	}
	j := &joint{history: ready[crm.History] != nil}
	for name, c := range ready {
		s.memories.resume(name, at[name], true, c, s.cfg.Overlap)
		if name != crm.Contacts {
			j.readers = append(j.readers, c.memory)
		}
		if at := c.from("deals", s.cfg.Overlap); j.from.IsZero() || at.Before(j.from) {
			j.from = at
		}
	}
	shared, err := j.read(ctx, s.api, v, "", searchesOnce)
	if err != nil {
		return nil, ctx.Err()
	}
	pages := map[crm.Stream]crm.Page{}
	for name, c := range ready {
		own := *shared
		if p, err := s.page(ctx, name, v, c, &own); err == nil {
			pages[name] = p
		}
	}
	s.joint.Store(j.goOn(shared, slices.Collect(maps.Keys(pages)), s.cfg.Now))
	return pages, ctx.Err()
}

// ready begins the runs that can share a search: increments whose windows begin at
// about the same time. A stream that was not read for long would make the others
// read as far back.
func (s *Source) ready(v *view, at map[crm.Stream]crm.Cursor) map[crm.Stream]*cursor {
	out := map[crm.Stream]*cursor{}
	var latest time.Time
	for _, name := range together {
		given, ok := at[name]
		c, err := readCursor(given)
		if !ok || err != nil || c.Run != nil || s.samePortal(v, c) != nil || v.blocked(name) != nil {
			continue
		}
		c.begin(name, v.fields(name), s.cfg.Keep.of(name), s.api.Clock().Now())
		if c.Run.Full {
			continue
		}
		out[name] = c
		if from := c.from("deals", s.cfg.Overlap); from.After(latest) {
			latest = from
		}
	}
	for name, c := range out {
		if latest.Sub(c.from("deals", s.cfg.Overlap)) > deepOverlap {
			delete(out, name)
		}
	}
	return out
}
