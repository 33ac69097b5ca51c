package cursor

import (
	"slices"
	"strings"
)

// Count is how many rows of an object the login saw when they were last counted.
type Count struct {
	Rows  int   `json:"n"`
	At    int64 `json:"at"`              // when the poll that counted began
	Fresh int   `json:"fresh,omitempty"` // number of rows that were read since then because they were new or touched
	// Saw is how many rows a sweep read since then; nil is none. Short is by how many rows a
	// sweep came short of the count after it.
	Saw   *int `json:"saw,omitempty"`
	Short int  `json:"short,omitempty"`
}

// ShortOf is by how many rows the sweep since the last count came short of a count of now.
func (n Count) ShortOf(rows int) int {
	if n.Saw == nil {
		return 0
	}
	return max(0, rows-*n.Saw-n.Fresh)
}

// Counted notes the number of rows of an object, and returns the count before; ok is
// false for the first one.
func (c *Cursor) Counted(object string, rows int, at int64) (before Count, ok bool) {
	before, ok = c.Counts[object]
	if c.Counts == nil {
		c.Counts = map[string]Count{}
	}
	now := Count{Rows: rows, At: at, Short: before.Short}
	if before.Saw != nil {
		now.Short = before.ShortOf(rows)
	}
	c.Counts[object] = now
	return before, ok
}

// Freshened notes that so many new or touched rows of an object were read.
func (c *Cursor) Freshened(object string, rows int) {
	if n, ok := c.Counts[object]; ok && rows > 0 {
		n.Fresh += rows
		c.Counts[object] = n
	}
}

// Freshen puts the number of new or touched rows back to what it was.
func (c *Cursor) Freshen(object string, rows int) {
	if n, ok := c.Counts[object]; ok {
		n.Fresh = rows
		c.Counts[object] = n
	}
}

// Lacks is by how many rows the last sweep or full run came short of what the org counts.
func (n Count) Lacks() int {
	if n.Saw == nil {
		return n.Short
	}
	return n.ShortOf(n.Rows)
}

// Doubted reports whether the last sweep or full run came short of more rows than so many, and by
// another number than the one before: what is read once more may explain it.
func (n Count) Doubted(than int) bool {
	return n.Saw != nil && n.Lacks() > than && n.Lacks() != n.Short
}

// Closed is the name under which the closed rows of an object are counted.
func Closed(object string) string { return object + " closed" }

// Tally adds the rows that the present part has read, and that a count would count, to
// those of the object.
func (r *Run) Tally(object string) {
	if r.Tallied == nil {
		r.Tallied = map[string]int{}
	}
	r.Tallied[object] += r.Earlier + r.Counts
	if closed := r.EarlierClosed + r.Closed; closed > 0 {
		r.Tallied[Closed(object)] += closed
	}
	r.Earlier, r.Counts, r.EarlierClosed, r.Closed = 0, 0, 0, 0
}

// Tell notes how many rows of an object the org counts, of which the run may have read none.
func (r *Run) Tell(object string, rows int) {
	if r.Told == nil {
		r.Told = map[string]int{}
	}
	r.Told[object] = rows
	if r.Tallied == nil {
		r.Tallied = map[string]int{}
	}
	r.Tallied[object] += 0
}

// begin takes over how many rows a full run, or a sweep, has read, and how many the org has
// counted at its end. Where it was not asked, the first count has
// something to be compared with: what was granted to the login, or withdrawn, since the
// rows were read has no stamp, and a list may have been cut short without a word.
func (c *Cursor) begin(r *Run) {
	for object, rows := range r.Tallied {
		told, counted := r.Told[object]
		switch n, known := c.Counts[object]; {
		case r.Full && counted:
			c.Counted(object, max(told, rows), r.Began)
			c.saw(object, rows, n.Lacks())
		case r.Full:
			c.Counted(object, rows, 0)
		case known && r.Sweep:
			c.saw(object, rows, n.Short)
		}
	}
}

// confirm notes of which objects a full run has read rows that the org did not count at its
// end. A sweep or a full run after it that reads as many is as good as a count: a list that
// was cut short is hardly cut at the same row again.
func (c *Cursor) confirm(r *Run) {
	for object, rows := range r.Tallied {
		if strings.HasSuffix(object, Closed("")) {
			continue // no sweep reads these
		}
		_, told := r.Told[object]
		n, blind := c.Counts[object], slices.Contains(c.Blind, object)
		switch as := rows >= n.Rows-same && rows <= n.Rows+n.Fresh+same; {
		case told, blind && as:
			c.Confirmed(object)
		case r.Full && !blind:
			c.Blind = append(c.Blind, object)
			slices.Sort(c.Blind)
		case blind && r.Sweep:
			c.Counted(object, rows, 0)
		}
	}
}

// same is by how many rows two readings may differ that confirm one another: as many may be
// deleted between them.
const same = 2

// Confirmed notes that an object was counted.
func (c *Cursor) Confirmed(object string) {
	c.Blind = slices.DeleteFunc(c.Blind, func(name string) bool { return name == object })
}

// saw notes how many rows of an object were read, and by how many the reading before came short.
func (c *Cursor) saw(object string, rows, short int) {
	n := c.Counts[object]
	n.Saw, n.Short = &rows, short
	c.Counts[object] = n
}
