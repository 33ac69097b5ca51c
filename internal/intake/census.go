package intake

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pipetidy/pipetidy/store"
)

// A deal that was purged, or hidden from the login, or shown to it, leaves no trace but the
// number of open deals. Some CRMs tell this number with each poll. A deal that is touched
// between the reading and the counting makes a difference of a moment, so a difference counts
// that two syncs find alike. Then the stream is swept. What a sweep does not explain is not
// swept for again before the difference is another one.

// censusNote begins the name of the note that keeps a source's difference.
const censusNote = "census|"

// lasting is by how many syncs a difference has to be found.
const lasting = 2

// census is by how many the CRM has more open deals than the cache.
type census struct {
	More  int  `json:"more"`
	Times int  `json:"times"`           // syncs, one after another, that found so
	Swept bool `json:"swept,omitempty"` // a sweep since then did not explain it
}

// lasts reports whether a sweep is due that may explain the difference.
func (c census) lasts() bool { return c.More != 0 && c.Times >= lasting && !c.Swept }

// next is the census after a sync that found a difference, and that swept or not.
func (c census) next(more int, swept bool) census {
	switch {
	case more == 0:
		return census{}
	case more != c.More:
		return census{More: more, Times: 1}
	}
	return census{More: more, Times: min(c.Times+1, lasting), Swept: c.Swept || swept}
}

func (in *Intake) readCensus(ctx context.Context, source string) (c census, err error) {
	s, err := in.journal.Noted(ctx, censusNote+source)
	if err != nil || s == "" {
		return c, store.AsFileError(err)
	}
	if json.Unmarshal([]byte(s), &c) != nil {
		c = census{} // the next syncs find the difference again
	}
	return c, nil
}

// takeCensus compares the number of open deals in the CRM with that in the cache, after all
// was committed.
func (r *reading) takeCensus(ctx context.Context, before census) error {
	if r.open == nil {
		return nil
	}
	have, err := r.in.cache.CountOpen(ctx, r.src.Name())
	if err != nil {
		return store.AsFileError(err)
	}
	now := before.next(*r.open-have, r.swept)
	if now == before {
		return nil
	}
	b, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("note the number of open deals: %w", err)
	}
	return store.AsFileError(r.in.journal.Note(ctx, r.in.fence, censusNote+r.src.Name(), string(b)))
}
