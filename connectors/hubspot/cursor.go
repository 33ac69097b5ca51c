package hubspot

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

const cursorVersion = 1

// cursor marks how far a stream has been read. All times are seconds of the
// server's clock.
type cursor struct {
	Version int      `json:"v"`
	Portal  string   `json:"portal,omitempty"`
	Since   int64    `json:"since,omitempty"`  // the last complete run began then; 0 is never
	Reread  int64    `json:"reread,omitempty"` // the last complete backfill or lap began then
	Deep    int64    `json:"deep,omitempty"`   // the last increment with a long overlap began then
	Fields  []string `json:"fields,omitempty"` // the properties that all records read so far were asked for
	Binned  int64    `json:"binned,omitempty"` // the last complete run that looked into the recycle bin began then
	Bin     int      `json:"bin,omitempty"`    // pages that the recycle bin had in that run
	Held    bool     `json:"held,omitempty"`   // the last lap, or full run, missed too much, so a lap is made again
	Keep    int      `json:"keep,omitempty"`   // months back that were read so far; 0 is all
	Look    string   `json:"look,omitempty"`   // the last deal of a look at open deals that goes on in the next hour; "" is none
	Run     *run     `json:"run,omitempty"`    // nil between runs
	Lap     *run     `json:"lap,omitempty"`    // the lap that waits for the next hour's run; nil is none

	// Odd are records that could not be read whole (odd.go); Fresh says that some of them were
	// met after the last run that read the odd ones again.
	Odd   []string `json:"odd,omitempty"`
	Fresh bool     `json:"fresh,omitempty"`

	// Quiet is the time from which a kind of object is searched for while searches for it
	// find nothing (quiet.go); nil is none.
	Quiet map[string]int64 `json:"quiet,omitempty"`

	// Unnamed is the time from which a kind of object is searched for because a row of it had
	// no id (nameless.go); nil is none.
	Unnamed map[string]int64 `json:"unnamed,omitempty"`

	// Doubts is how often contacts were asked for of deals whose own records count some while
	// HubSpot names none (doubt.go); nil is none.
	Doubts map[string]int `json:"doubts,omitempty"`

	memory *memory          // of the stream in this process; nil is none
	read   map[string]int64 // what memory is to remember of the page under way
}

// run is a run that has begun.
type run struct {
	Full   bool     `json:"full,omitempty"`  // a backfill, not an increment
	Again  bool     `json:"again,omitempty"` // a backfill of what was read before
	Deep   bool     `json:"deep,omitempty"`  // an increment with a long overlap
	Lap    bool     `json:"lap,omitempty"`   // a lap, which is a backfill in slices
	Start  int64    `json:"start,omitempty"` // the lap began then; Began is that of its slice
	Lists  int      `json:"lists,omitempty"` // pages of lists that the slice has read
	Fields []string `json:"fields,omitempty"`
	Keep   int      `json:"keep,omitempty"`   // months back that are kept; 0 is all
	Bin    bool     `json:"bin,omitempty"`    // the recycle bin is looked into
	Pages  int      `json:"pages,omitempty"`  // of the recycle bin so far
	Looked int      `json:"looked,omitempty"` // open deals whose links were looked at so far
	Began  int64    `json:"began,omitempty"`
	Part   int      `json:"part,omitempty"`
	After  string   `json:"after,omitempty"`  // of a list: where HubSpot goes on
	LastID string   `json:"id,omitempty"`     // the last record of this part
	Done   int      `json:"done,omitempty"`   // records read in this run
	Total  int      `json:"total,omitempty"`  // records of this run, 0 is unknown
	Counts []int    `json:"counts,omitempty"` // of Total, by part; 0 is unknown
	Before int      `json:"before,omitempty"` // of Done, in the parts before this part
	Empty  []string `json:"empty,omitempty"`  // kinds of objects for which the increment's search found nothing
	Marks  []mark   `json:"marks,omitempty"`  // what the list of this part gave; of gaps, the ranges that are left
	Gaps   *gaps    `json:"gaps,omitempty"`   // what the list of this part lacks is looked for; nil is not
	// Unnamed is from when this run has searched for the kinds of object of which it was given rows without an id.
	Unnamed map[string]int64 `json:"unnamed,omitempty"`
	// Nameless is how many rows of this part's list had no id; Lacks says that a part had some.
	Nameless int  `json:"nameless,omitempty"`
	Lacks    bool `json:"lacks,omitempty"`

	Odd []string `json:"odd,omitempty"` // records that this run could not read whole
	Ask []string `json:"ask,omitempty"` // records that the runs before could not read whole, and this one reads again
}

// readCursor reads a cursor of this package. The error wraps crm.ErrGone.
func readCursor(at crm.Cursor) (*cursor, error) {
	c := &cursor{Version: cursorVersion}
	if at == "" {
		return c, nil
	}
	c.Version = 0
	if err := json.Unmarshal([]byte(at), c); err != nil || c.Version != cursorVersion || c.Run != nil && c.Run.Part < 0 {
		return nil, fmt.Errorf("cursor of another version: %w", crm.ErrGone)
	}
	return c, nil
}

func (c *cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic("hubspot: cursor: " + err.Error()) // strings and numbers only
	}
	return string(b)
}

// deepEvery and deepOverlap bound what a search index that lags by more than the
// usual overlap can hide.
const (
	deepEvery   = time.Hour
	deepOverlap = 2 * time.Hour
)

// smallBin is how many pages a recycle bin may have at most to be read in each run.
const smallBin = 3

// activityBins is how often the recycle bins of activities are read: there are five.
const activityBins = 24 * time.Hour

// begin starts a run of a stream over the properties that can be read now. All records are
// read again at once where earlier records were read without one of the properties, and
// where more months are kept than before. What comes once an hour or a day is due by the
// server's time now, not by that of the last run: a program that syncs once a day would
// do it every second day only.
func (c *cursor) begin(name crm.Stream, fields []string, keep int, now time.Time) {
	at := max(c.Since, now.Unix()) // before the first answer no time is known
	gained := slices.ContainsFunc(fields, func(f string) bool { return !slices.Contains(c.Fields, f) })
	c.Run = &run{
		Full:   c.Since == 0 || gained || beyond(keep, c.Keep),
		Again:  c.Since != 0,
		Deep:   at-c.Deep >= int64(deepEvery/time.Second),
		Fields: fields,
		Keep:   keep,
	}
	if c.Run.Full {
		c.Lap = nil
	} else {
		c.setOut(name, at)
	}
	c.ask()
	if name == crm.Activities {
		c.Run.Bin = c.Run.Full || at-c.Binned >= int64(activityBins/time.Second)
	} else {
		c.Run.Bin = c.Run.Full || c.Run.Deep || c.Bin <= smallBin
	}
}

// began notes the time of the run's first answer.
func (c *cursor) began(asked time.Time) {
	if c.Run.Began == 0 {
		c.Run.Began = asked.Unix()
	}
}

// from is where an increment's window begins, for records of a kind of object; "" is any.
func (c *cursor) from(object string, overlap time.Duration) time.Time {
	if c.Run.Deep {
		overlap = max(overlap, deepOverlap)
	}
	since := c.Since
	if at, ok := c.Quiet[object]; ok {
		since = min(since, at)
	}
	from := time.Unix(since, 0).Add(-overlap)
	if at, ok := c.Unnamed[object]; ok && time.Unix(at, 0).Before(from) {
		return time.Unix(at, 0)
	}
	return from
}

// binnedFrom is the time from which on an increment takes archived records for deleted
// since the last run.
func (c *cursor) binnedFrom(overlap time.Duration) time.Time {
	from := c.from("", overlap)
	if at := time.Unix(c.Binned, 0).Add(-overlap); c.Binned != 0 && at.Before(from) {
		return at
	}
	return from
}

// narrow takes out of the run's fields what can no longer be read.
func (r *run) narrow(fields []string) {
	r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f string) bool { return !slices.Contains(fields, f) })
}

// advance leaves the present part.
func (r *run) advance() {
	r.Part, r.After, r.LastID, r.Before = r.Part+1, "", "", r.Done
	r.Marks, r.Gaps = nil, nil
}

// finish ends the run, and reports whether a lap goes on.
func (c *cursor) finish() bool {
	r := c.Run
	c.keepOdd(r)
	if r.Lap {
		c.Reread, c.Run = r.Start, nil
		return false
	}
	c.quieten()
	c.Since, c.Fields, c.Run = r.Began, r.Fields, nil
	if r.Full {
		c.Reread = r.Began
	}
	if r.Full || beyond(c.Keep, r.Keep) { // fewer months are kept: older records go when they change
		c.Keep = r.Keep
	}
	if r.Full || r.Deep {
		c.Deep = r.Began
	}
	if r.Bin {
		c.Binned, c.Bin = r.Began, r.Pages
	}
	return c.goOn(r)
}
