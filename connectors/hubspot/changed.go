package hubspot

import "context"

// hit is what a search of an increment led to.
type hit struct {
	ids   []string // in the order of their numbers
	total int      // of the first search; 0 is unknown
	done  bool     // there is no more
	asked *reply   // the first answer
	read  bool     // the records too:
	found []record // those that are there, in the order of ids
	gone  []string // those that are not
}

// searchesOnce is how many searches at most are answered for with one page where
// further calls are shared by all that they find: one call tells the links of
// 1,000 records.
const searchesOnce = 5

// searched searches for ids after those of the pages before.
func (s *Source) searched(ctx context.Context, w *walk, times int, filters ...filter) (*hit, error) {
	h := &hit{}
	for range times {
		ids, total, done, a, err := s.search(ctx, w.object, s.searchLimit(), w.run.LastID, filters...)
		if err != nil {
			return nil, err
		}
		if h.asked == nil {
			h.asked, h.total = a, max(total, 0)
		}
		h.ids, h.done = append(h.ids, ids...), done
		if len(ids) > 0 {
			w.run.LastID = ids[len(ids)-1]
		}
		if done {
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
	return s.searched(ctx, w, times, stamped(w.cur.from(s.cfg.Overlap)))
}

// changed finds what was modified since the last run, and reads it.
func (s *Source) changed(ctx context.Context, w *walk, names, history []string) (*hit, error) {
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
