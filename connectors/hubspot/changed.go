package hubspot

import (
	"context"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// hit is what a search of an increment led to.
type hit struct {
	ids   []string     // in the order of their numbers
	total int          // of the first search; 0 is unknown
	done  bool         // there is no more
	asked *reply       // the first answer
	read  bool         // the records too:
	found []row.Record // those that are there, in the order of ids
	gone  []string     // those that are not
}

// searchesOnce is how many searches at most are answered for with one page where
// further calls are shared by all that they find: one call tells the links of
// 1,000 records.
const searchesOnce = 5

// searched searches for ids after those of the pages before. Some may be known.
func (s *Source) searched(ctx context.Context, w *walk, times int, filters ...filter) (*hit, error) {
	h := &hit{}
	for range times {
		ask := func() (*hit, error) {
			ids, total, done, a, err := s.search(ctx, w.object, s.searchLimit(), w.run.LastID, filters...)
			return &hit{ids: ids, total: max(total, 0), done: done, asked: a}, err
		}
		some, err := w.known.once(ctx, spot{lastID: w.run.LastID}, ask)
		if some == nil && err == nil {
			some, err = ask()
		}
		if err != nil {
			return nil, err
		}
		if h.asked == nil {
			h.asked, h.total = some.asked, some.total
		}
		h.ids, h.done = append(h.ids, some.ids...), some.done
		if n := len(some.ids); n > 0 {
			w.run.LastID = some.ids[n-1]
		}
		if h.done {
			break
		}
	}
	w.cur.began(h.asked)
	w.run.Done += len(h.ids)
	return h, nil
}

// hits finds the ids of what was modified since the last run. Those of the first
// page may be there already, found for several streams at once.
func (s *Source) hits(ctx context.Context, w *walk, times int) (*hit, error) {
	if h := w.shared; h != nil {
		w.shared = nil
		w.cur.began(h.asked)
		w.run.Done += len(h.ids)
		if len(h.ids) > 0 {
			w.run.LastID = h.ids[len(h.ids)-1]
		}
		return h, nil
	}
	from := w.cur.from(s.cfg.Overlap)
	if j := w.joint; j != nil {
		w.known, from = j.ids, j.from
	}
	return s.searched(ctx, w, times, stamped(from))
}

// changed finds what was modified since the last run, and reads it.
func (s *Source) changed(ctx context.Context, w *walk, names, history []string) (*hit, error) {
	if j := w.joint; j != nil {
		var err error
		w.shared, err = j.records.once(ctx, spot{w.run.LastID, w.view.Schema}, func() (*hit, error) { return s.share(ctx, w.view, j, w.run.LastID, 1) })
		if err != nil {
			s.joint.CompareAndSwap(j, nil) // what does not go together may go alone
			return nil, err
		}
	}
	h, err := s.hits(ctx, w, 1)
	if err != nil || h.read {
		return h, err
	}
	return h, s.readHits(ctx, w.object, h, names, history)
}

// readHits reads the records of what was found.
func (s *Source) readHits(ctx context.Context, object string, h *hit, names, history []string) error {
	b, err := s.batch(ctx, object, h.ids, names, history)
	if err != nil {
		return err
	}
	h.read, h.found, h.gone = true, b.found, b.gone
	return nil
}
