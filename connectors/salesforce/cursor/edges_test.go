package cursor

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

// TestWhichRunsAreFull: a day earlier than was kept may be the other side of midnight, two
// days are not.
func TestWhichRunsAreFull(t *testing.T) {
	const noon = 2 * Day
	for what, c := range map[string]struct {
		have       Cursor
		fields     []string
		whole      bool
		keep       crm.Date
		full, deep bool
	}{
		"the first":                  {have: Cursor{}, full: true},
		"an increment":               {have: Cursor{Since: 1, Deep: noon - Day + 1}},
		"an increment a day later":   {have: Cursor{Since: 1, Deep: noon - Day}, deep: true},
		"the stream is whole":        {have: Cursor{Since: 1}, whole: true, full: true},
		"another field":              {have: Cursor{Since: 1, Fields: []string{"a"}}, fields: []string{"a", "b"}, full: true},
		"a field less":               {have: Cursor{Since: 1, Deep: noon, Fields: []string{"a", "b"}}, fields: []string{"a"}},
		"kept from the same day":     {have: Cursor{Since: 1, Deep: noon, Keep: 100}, keep: 100},
		"kept from the day before":   {have: Cursor{Since: 1, Deep: noon, Keep: 100}, keep: 99},
		"kept from two days before":  {have: Cursor{Since: 1, Deep: noon, Keep: 100}, keep: 98, full: true},
		"everything was kept before": {have: Cursor{Since: 1, Deep: noon}, keep: -5},
	} {
		c.have.Begin(c.fields, c.whole, c.keep, noon)
		if r := c.have.Run; r.Full != c.full || r.Deep != c.deep || r.Keep != c.keep {
			t.Errorf("%s: got %+v", what, r)
		}
	}
}

// TestOddRowsAreAskedForAgain: by the next run while they are news, then once a day, and as
// many as fit into a query.
func TestOddRowsAreAskedForAgain(t *testing.T) {
	c, _ := Read("")
	end := func(now int64, anew bool, odd ...string) {
		t.Helper()
		c.Begin(nil, false, 0, now)
		if c.Run.Anew != anew {
			t.Errorf("at %d: asked for again %v", now, c.Run.Anew)
		}
		c.Run.Began = now
		c.Run.NoteOdd("Task", odd)
		c.Finish()
	}
	end(1000, false, "a", "a")
	end(2000, true, "a")
	end(3000, false)
	if got := c.Odd["Task"]; !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %v", got)
	}
	end(1000+Day, true)
	end(2000+Day, false)
	r := &Run{}
	for i := range MostOdd + 5 {
		r.NoteOdd("Task", []string{fmt.Sprint(i)})
	}
	if len(r.Odd["Task"]) != MostOdd {
		t.Errorf("%d are remembered", len(r.Odd["Task"]))
	}
	if r.NoteOdd("Event", []string{"e"}); len(r.Odd["Event"]) != 1 || len(r.Odd["Task"]) != MostOdd {
		t.Errorf("got %v", r.Odd)
	}
}

// TestWhatARunLeaves: what has been kept, looked back for and swept, after each kind of run.
func TestWhatARunLeaves(t *testing.T) {
	c := &Cursor{Run: &Run{Full: true, Began: 10, Keep: 50}, Moved: true, Held: true}
	if c.Finish(); c.Keep != 50 || c.Back != 50 || c.Deep != 10 || c.Swept != 10 || c.Moved || c.Held || c.Since != 10 {
		t.Errorf("a backfill: %+v", c)
	}
	c.Run, c.Moved = &Run{Began: 20, Keep: 60}, true
	if c.Finish(); c.Keep != 60 || c.Back != 50 || c.Deep != 10 || c.Swept != 10 || !c.Moved {
		t.Errorf("an increment: %+v", c)
	}
	c.Run = &Run{Began: 30, Keep: 55, Sweep: true, Deep: true}
	if c.Finish(); c.Keep != 60 || c.Deep != 30 || c.Swept != 30 || c.Moved {
		t.Errorf("a sweep: %+v", c)
	}
	c.Run = &Run{Full: true, Began: 40, Keep: 40}
	if c.Finish(); c.Keep != 40 || c.Back != 40 || c.Swept != 30 {
		t.Errorf("a backfill of more: %+v", c)
	}
	r := &Run{Part: 1, Place: Place{Next: "x", Session: "s", LastID: "i", Read: 5, Size: 9, Empty: 1}}
	if r.Again(); r.Part != 1 || r.Place != (Place{LastID: "i"}) {
		t.Errorf("again: %+v", r)
	}
	if r.Advance(); r.Part != 2 || r.Place != (Place{}) {
		t.Errorf("the next part: %+v", r)
	}
}

// TestWindowsSlide: without a gap, twice as long after a window of one page, and not beyond
// the end.
func TestWindowsSlide(t *testing.T) {
	for what, c := range map[string]struct {
		read, rows int
		window     *Window
		want       *Window
	}{
		"a page of several": {read: 9, rows: 4, window: &Window{100, 160, 1000}, want: &Window{160, 220, 1000}},
		"the only page":     {read: 4, rows: 4, window: &Window{100, 160, 1000}, want: &Window{160, 280, 1000}},
		"the last":          {read: 9, rows: 4, window: &Window{900, 960, 1000}, want: &Window{960, 1000, 1000}},
		"after the last":    {read: 9, rows: 4, window: &Window{960, 1000, 1000}},
		"none":              {},
	} {
		r := &Run{Place: Place{Window: c.window, Read: c.read, Next: "x"}}
		if got := r.Slide(c.rows); got != (c.want != nil) || got && (*r.Window != *c.want || r.Next != "" || r.Read != 0) {
			t.Errorf("%s: got %v, %+v", what, got, r.Window)
		}
	}
}

// TestJobsGoOn: a page of results fits what the job has told, or the part is read otherwise.
func TestJobsGoOn(t *testing.T) {
	for what, c := range map[string]struct {
		job  Job
		rows int
		next string
		err  error
		want bool
	}{
		"a page":                     {job: Job{Rows: 10, Read: 2}, rows: 3, next: "b", want: true},
		"an error":                   {job: Job{Rows: 10}, rows: 3, next: "b", err: errors.New("no")},
		"the same page":              {job: Job{Rows: 10, Locator: "b"}, rows: 3, next: "b"},
		"an empty page with a next":  {job: Job{Rows: 10}, next: "b"},
		"the last page":              {job: Job{Rows: 10, Read: 7, Locator: "b"}, rows: 3, want: true},
		"one row too many":           {job: Job{Rows: 10, Read: 7}, rows: 4},
		"one row too few":            {job: Job{Rows: 10, Read: 7}, rows: 2},
		"all rows and a next":        {job: Job{Rows: 10, Read: 7}, rows: 3, next: "b", want: true},
		"nobody knows how many":      {rows: 3, want: true},
		"nobody knows, and a next":   {job: Job{Read: 3}, rows: 3, next: "b", want: true},
		"an empty result":            {want: true},
		"an empty page, and it ends": {job: Job{Rows: 10, Read: 10, Locator: "b"}, want: true},
	} {
		if got := c.job.GoesOn(c.rows, c.next, c.err); got != c.want {
			t.Errorf("%s: got %v", what, got)
		}
	}
}

// TestCounts: the count before is handed back, and what was read since is added up.
func TestCounts(t *testing.T) {
	c := &Cursor{}
	c.Freshened("Task", 3) // of what was never counted
	if before, ok := c.Counted("Task", 10, 100); ok || before != (Count{}) {
		t.Errorf("the first: %+v, %v", before, ok)
	}
	c.Counted("Event", 1, 100)
	c.Freshened("Task", 3)
	c.Freshened("Task", 2)
	c.Freshened("Task", 0)
	c.Freshened("Task", -4)
	if before, ok := c.Counted("Task", 12, 200); !ok || before != (Count{Rows: 10, At: 100, Fresh: 5}) {
		t.Errorf("the second: %+v, %v", before, ok)
	}
	if c.Counts["Event"] != (Count{Rows: 1, At: 100}) || c.Counts["Task"] != (Count{Rows: 12, At: 200}) {
		t.Errorf("got %+v", c.Counts)
	}
}
