package cursor

// Count is how many rows of an object the login saw when they were last counted.
type Count struct {
	Rows  int   `json:"n"`
	At    int64 `json:"at"`              // when the poll that counted began
	Fresh int   `json:"fresh,omitempty"` // number of rows that were read since then because they were new or touched
}

// Counted notes the number of rows of an object, and returns the count before; ok is
// false for the first one.
func (c *Cursor) Counted(object string, rows int, at int64) (before Count, ok bool) {
	before, ok = c.Counts[object]
	if c.Counts == nil {
		c.Counts = map[string]Count{}
	}
	c.Counts[object] = Count{Rows: rows, At: at}
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

// begin takes over how many rows a full run has read, so that the first count has
// something to be compared with: what was granted to the login, or withdrawn, since the
// rows were read has no stamp.
func (c *Cursor) begin(r *Run) {
	if r.Full {
		for object, rows := range r.Tallied {
			c.Counted(object, rows, 0)
		}
	}
}
