package cursor

import (
	"maps"
	"slices"
)

// An answer without rows may be wrong: a proxy, a cache or a search index says that nothing
// was touched, with the status of a success, and nothing in the answer tells. So such an
// answer does not move the time from which its part is asked. This costs no call and no
// row: where the answer was right, there are no rows in the time that is asked for again.
// Rows that did come are not asked for again beyond the overlap, because a mass change
// would be read twice.

// quietFor bounds how far back, in seconds, a part is asked again: as far as the deep run of
// each day. Who reads less often asks for the time of one run more.
const quietFor = Day

// Note notes that an answer to a part had rows.
func (r *Run) Note(part string) {
	if !slices.Contains(r.Found, part) {
		r.Found = append(r.Found, part)
	}
}

// From is the time that the part is asked from, but for the overlap.
func (c *Cursor) From(part string) int64 {
	if at, ok := c.Quiet[part]; ok {
		return min(at, c.Since)
	}
	return c.Since
}

// quieten notes at the end of an increment which of the parts that it asked for had no
// rows. A full read gives all rows, so that nothing before it is asked for again.
func (c *Cursor) quieten(asked []string) {
	quiet := maps.Clone(c.Quiet)
	if c.Run.Full || quiet == nil {
		quiet = map[string]int64{}
	}
	for _, part := range asked {
		at, was := quiet[part]
		switch {
		case c.Run.Full || slices.Contains(c.Run.Found, part):
			delete(quiet, part)
		case !was || c.Run.Began-at > quietFor:
			quiet[part] = c.Since
		}
	}
	if c.Quiet = quiet; len(quiet) == 0 {
		c.Quiet = nil
	}
}
