// Package cursor is how far a stream of Salesforce has been read: the watermark of
// the last complete run, and where a run that has begun stands, down to the page,
// the window or the Bulk job of its present part. All of it is written into a
// crm.Cursor and read back by nobody else.
//
// What a part is, and what is asked for it, is for package salesforce.
package cursor

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
)

const version = 1

// Cursor marks how far a stream has been read. All times are seconds of the
// server's clock.
type Cursor struct {
	Version int      `json:"v"`
	Org     string   `json:"org,omitempty"`
	Since   int64    `json:"since,omitempty"`  // the last complete run began then; 0 is never
	Fields  []string `json:"fields,omitempty"` // what all rows read so far were asked for
	Deep    int64    `json:"deep,omitempty"`   // the last run that looked back for a day began then
	Swept   int64    `json:"swept,omitempty"`  // the last run that swept began then
	Keep    crm.Date `json:"keep,omitempty"`   // rows are there from this day on; zero is all
	Back    crm.Date `json:"back,omitempty"`   // no row was ever asked for from before; zero is all
	Open    int      `json:"open,omitempty"`   // open deals that the last poll saw, and one; 0 is unknown
	Run     *Run     `json:"run,omitempty"`    // nil between runs
}

// Run is a run that has begun.
type Run struct {
	Full   bool     `json:"full,omitempty"` // a backfill, not an increment
	Fields []string `json:"fields,omitempty"`
	Began  int64    `json:"began,omitempty"`
	Keep   crm.Date `json:"keep,omitempty"`  // rows of before this day are not kept; zero keeps all
	Deep   bool     `json:"deep,omitempty"`  // looks back for a day
	Sweep  bool     `json:"sweep,omitempty"` // ends with a sweep
	Part   int      `json:"part,omitempty"`
	Ready  []int    `json:"ready,omitempty"` // parts behind Part that have been read already
	Done   int      `json:"done,omitempty"`  // rows read in this run
	NoBulk bool     `json:"rest,omitempty"`  // jobs do not work here: all is read by REST
	Lost   int      `json:"lost,omitempty"`  // jobs that were gone
	Place
}

// Place is where a run stands in its present part.
type Place struct {
	// The next page, and the session that may ask for it.
	Next    string `json:"next,omitempty"`
	Session string `json:"session,omitempty"`
	// The last row read, from which to ask again when the page is gone.
	LastID    string `json:"id,omitempty"`
	LastStamp int64  `json:"at,omitempty"`

	Window *Window `json:"window,omitempty"` // nil reads the part as a whole
	Job    *Job    `json:"job,omitempty"`    // nil reads it by REST

	Read  int `json:"read,omitempty"`  // rows read of the present query
	Size  int `json:"size,omitempty"`  // rows that it has in all
	Empty int `json:"empty,omitempty"` // pages without rows in a row
}

// Read reads a cursor of this package. The error wraps crm.ErrGone.
func Read(at crm.Cursor) (*Cursor, error) {
	c := &Cursor{Version: version}
	if at == "" {
		return c, nil
	}
	c.Version = 0
	if err := json.Unmarshal([]byte(at), c); err != nil || c.Version != version {
		return nil, fmt.Errorf("cursor of another version: %w", crm.ErrGone)
	}
	return c, nil
}

// String writes the cursor.
func (c *Cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic("salesforce: cursor: " + err.Error()) // strings and numbers only
	}
	return string(b)
}

// Day is in seconds.
const Day = 24 * 60 * 60

// Begin starts a run over the fields that can be read now, at a time on the
// server's clock. Rows that were read without one of the fields are read again,
// and so is everything when more is to be kept than was.
func (c *Cursor) Begin(fields []string, whole bool, keep crm.Date, now int64) {
	gained := slices.ContainsFunc(fields, func(f string) bool { return !slices.Contains(c.Fields, f) })
	more := !c.Keep.IsZero() && keep < c.Keep-1 // servers' clocks may differ about midnight
	full := whole || c.Since == 0 || gained || more
	c.Run = &Run{Full: full, Fields: fields, Keep: keep, Deep: !full && now-c.Deep >= Day}
}

// Narrow notes that fields may have been lost since the run began.
func (r *Run) Narrow(fields []string) {
	r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f string) bool { return !slices.Contains(fields, f) })
}

// Advance leaves the present part.
func (r *Run) Advance() {
	r.Part++
	r.Place = Place{}
}

// Again forgets the present query, so that the rest of the part is asked anew.
func (r *Run) Again() { r.Next, r.Session, r.Read, r.Size, r.Empty = "", "", 0, 0, 0 }

// Finish ends the run: only now does the watermark move.
func (c *Cursor) Finish() {
	r := c.Run
	switch {
	case !r.Full:
		c.Keep = max(c.Keep, r.Keep) // what is beyond was given up as it came
	case c.Since == 0:
		c.Keep, c.Back = r.Keep, r.Keep
	default:
		c.Keep, c.Back = r.Keep, min(c.Back, r.Keep)
	}
	if r.Full || r.Deep {
		c.Deep = r.Began
	}
	if r.Sweep || c.Swept == 0 {
		c.Swept = r.Began
	}
	c.Since, c.Fields, c.Run = r.Began, r.Fields, nil
}
