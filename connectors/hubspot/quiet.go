package hubspot

import (
	"slices"
	"time"
)

// A search without results may be wrong: an index that is rebuilt, a cache or a proxy says
// that nothing was touched, with the status of a success, and nothing in the answer tells.
// So such an answer does not move the time from which its kind of object is searched for.
// This costs no call: where the answer was right, there are no records in the time that is
// searched for again.

// quietFor bounds how far back a search reaches because those before found nothing. Who
// reads less often searches the time of one run more.
const quietFor = 24 * time.Hour

// heard notes what the first search of an increment found.
func (c *cursor) heard(object string, first bool, ids []string) {
	if r := c.Run; first && len(ids) == 0 && !slices.Contains(r.Empty, object) {
		r.Empty = append(r.Empty, object)
	}
}

// quieten notes at the end of a run for which kinds of objects its searches found nothing.
// A backfill reads all, so nothing before it is searched for again.
func (c *cursor) quieten() {
	var quiet map[string]int64
	for _, object := range c.Run.Empty {
		at, was := c.Quiet[object]
		if !was || c.Run.Began-at > int64(quietFor/time.Second) {
			at = c.Since
		}
		if quiet == nil {
			quiet = map[string]int64{}
		}
		quiet[object] = at
	}
	c.Quiet = quiet
}
