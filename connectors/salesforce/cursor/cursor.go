// Package cursor says how far a stream of Salesforce has been read: the watermark of
// the last complete run and, within a run, the present part with its page, its window
// or its Bulk job. A [Cursor] is written into a [crm.Cursor], which only this package
// reads again.
//
// The package makes no call and knows no object of Salesforce: package salesforce
// says what the parts of a stream are and queries them. A newcomer opens
// [Cursor.Begin] and [Cursor.Finish] first.
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
	Since   int64    `json:"since,omitempty"`  // when the last complete run began; 0 is never
	Fields  []string `json:"fields,omitempty"` // fields that all rows were read with
	Deep    int64    `json:"deep,omitempty"`   // when the last run that looked back for a day began
	Swept   int64    `json:"swept,omitempty"`  // when the last run that swept began
	Keep    crm.Date `json:"keep,omitempty"`   // the cache has all rows from this day on; zero is all
	Back    crm.Date `json:"back,omitempty"`   // no run ever read rows of before this day; zero is all
	// Counts are the numbers of rows that the login saw when they were last counted, or all
	// read, by object. Moved says that a number has changed by more than was read, or that a row had
	// no id, so a sweep comes sooner.
	Counts map[string]Count `json:"counts,omitempty"`
	Moved  bool             `json:"moved,omitempty"`
	// Held says that the last sweep, or full run, missed too many rows, or had some of which
	// nothing is known to ask for them by, so that a sweep is made again.
	Held bool `json:"held,omitempty"`
	// Quiet says from when on a part is asked whose answers had no rows, by the name of the
	// part: when the run began that was followed by the first of these answers.
	Quiet map[string]int64 `json:"quiet,omitempty"`
	// Types are the names of the record types that all rows were read with, by id; "" is
	// a record type without a name.
	Types map[string]string `json:"types,omitempty"`
	// Odd are the ids of rows with values that could not be read, by object, and the stamps
	// of rows without an id, by [Stamps] of the object. Fresh says
	// that some of these have not been asked for again yet.
	Odd   map[string][]string `json:"odd,omitempty"`
	Fresh bool                `json:"fresh,omitempty"`
	// Untold says that rows were left out that have not been read since, Unasked that some of
	// these cannot be asked for again, so that only a run over all rows tells.
	Untold  bool `json:"untold,omitempty"`
	Unasked bool `json:"unasked,omitempty"`
	// Blind are the objects whose rows nobody has counted since a full run read them, so that
	// it is not known whether the run had them all.
	Blind []string `json:"blind,omitempty"`
	// Reread says that the next run reads all rows, because a full run came short of them.
	Reread bool `json:"reread,omitempty"`
	Run    *Run `json:"run,omitempty"` // nil between runs
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
	Ready  []int    `json:"ready,omitempty"` // parts after Part that have been read already
	Done   int      `json:"done,omitempty"`  // rows read in this run
	Shown  int      `json:"shown,omitempty"` // the most rows that a page told; more than Done after a job was given up
	NoBulk bool     `json:"rest,omitempty"`  // jobs do not work in this org, so all is read by REST
	Lost   int      `json:"lost,omitempty"`  // number of jobs that vanished
	Short  bool     `json:"short,omitempty"` // a query of several pages gave fewer rows than it has, so it was made anew
	Anew   bool     `json:"anew,omitempty"`  // asks for the odd rows again
	Whole  bool     `json:"whole,omitempty"` // reads all rows because a full run came short, and so mentions all that are there
	Found  []string `json:"found,omitempty"` // parts whose answers had rows
	// Tallied are the numbers of rows, by object, that a full run, or a sweep, has read, and
	// that a count would count.
	Tallied map[string]int `json:"tallied,omitempty"`
	Earlier int            `json:"earlier,omitempty"` // the same of the earlier windows of the present part
	// EarlierClosed is the same of closed deals, and Told are the numbers that the org has
	// counted at the end of the run.
	EarlierClosed int            `json:"earlierClosed,omitempty"`
	Told          map[string]int `json:"told,omitempty"`
	// Left says that the run has left rows out, and Unasked that some of these cannot be asked
	// for again.
	Left    bool `json:"left,omitempty"`
	Unasked bool `json:"unasked,omitempty"`
	// Nameless says that the run has met a row without an id, so that a sweep comes sooner.
	Nameless bool `json:"nameless,omitempty"`
	// Odd are the ids of the odd rows that the run has met, by object.
	Odd map[string][]string `json:"odd,omitempty"`
	// Types are the names of the record types that rows are read with, by id.
	Types map[string]string `json:"types,omitempty"`
	Place
}

// Place is where a run stands in its present part.
type Place struct {
	// The next page, and the session to which the page belongs.
	Next    string `json:"next,omitempty"`
	Session string `json:"session,omitempty"`
	// The last row that was read: a new query begins here when the next page is gone.
	LastID    string `json:"id,omitempty"`
	LastStamp int64  `json:"at,omitempty"`

	Window *Window `json:"window,omitempty"` // nil reads the part as a whole
	Job    *Job    `json:"job,omitempty"`    // nil reads the part by REST

	Counts int `json:"counts,omitempty"` // rows read of the place that a count would count
	Closed int `json:"closed,omitempty"` // the same of closed deals, which are counted by themselves

	Read  int `json:"read,omitempty"`  // rows read of the present query
	Size  int `json:"size,omitempty"`  // rows of the present query in all
	Empty int `json:"empty,omitempty"` // pages without rows, one after another
}

// Read decodes a cursor that String wrote. The error wraps crm.ErrGone.
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
		panic("salesforce: cursor: " + err.Error()) // a cursor holds strings and numbers only
	}
	return string(b)
}

// Day is a day in seconds.
const Day = 24 * 60 * 60

// Begin starts a run over the fields that are readable now, at a time on the server's
// clock. The run is a backfill if the stream is whole, if rows were read without one
// of the fields, or if keep is earlier than before.
func (c *Cursor) Begin(fields []string, whole bool, keep crm.Date, now int64) {
	gained := slices.ContainsFunc(fields, func(f string) bool { return !slices.Contains(c.Fields, f) })
	more := !c.Keep.IsZero() && keep < c.Keep-1 // servers' clocks may differ about midnight
	full := whole || c.Since == 0 || gained || more || c.Reread
	c.Run = &Run{Full: full, Fields: fields, Keep: keep, Deep: !full && now-c.Deep >= Day, Whole: c.Reread}
	c.Run.Anew = !full && len(c.Odd) > 0 && (c.Fresh || c.Run.Deep)
}

// Narrow drops the fields that are no longer readable from the fields of the run.
func (r *Run) Narrow(fields []string) {
	r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f string) bool { return !slices.Contains(fields, f) })
}

// Advance moves on to the next part.
func (r *Run) Advance() {
	r.Part++
	r.Place, r.Earlier, r.EarlierClosed = Place{}, 0, 0
}

// Again forgets the present query, so the rest of the part is queried anew.
func (r *Run) Again() { r.Next, r.Session, r.Read, r.Size, r.Empty = "", "", 0, 0, 0 }

// Finish ends the run, which has asked for these parts. The watermark moves only here.
func (c *Cursor) Finish(asked ...string) {
	r := c.Run
	c.quieten(asked)
	switch {
	case !r.Full:
		c.Keep = max(c.Keep, r.Keep) // an increment deletes rows beyond Keep as they come
	case c.Since == 0:
		c.Keep, c.Back = r.Keep, r.Keep
	default:
		c.Keep, c.Back = r.Keep, min(c.Back, r.Keep)
	}
	if r.Full || r.Deep {
		c.Deep = r.Began
	}
	if r.Sweep || r.Whole || c.Swept == 0 {
		c.Swept, c.Moved = r.Began, false
	}
	c.Moved = c.Moved || r.Nameless
	c.confirm(r)
	c.begin(r)
	c.untell(r)
	// What nothing asks for again is swept for at once, and once: what stays so is damaged there.
	c.Held, c.Reread = r.Full && !r.Whole && r.Unasked, false
	c.typed(r)
	c.remember(r)
	c.Since, c.Fields, c.Run = r.Began, r.Fields, nil
}
