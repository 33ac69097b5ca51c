package cursor

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

// Tally adds the rows that the present part has read, and that a count would count, to
// those of the object.
func (r *Run) Tally(object string) {
	if r.Tallied == nil {
		r.Tallied = map[string]int{}
	}
	r.Tallied[object] += r.Earlier + r.Counts
	r.Earlier, r.Counts = 0, 0
}

// begin takes over how many rows a full run, or a sweep, has read, so that the first count has
// something to be compared with: what was granted to the login, or withdrawn, since the
// rows were read has no stamp, and a list may have been cut short without a word.
func (c *Cursor) begin(r *Run) {
	for object, rows := range r.Tallied {
		if r.Full {
			c.Counted(object, rows, 0)
		} else if n, ok := c.Counts[object]; ok && r.Sweep {
			n.Saw = &rows
			c.Counts[object] = n
		}
	}
}
