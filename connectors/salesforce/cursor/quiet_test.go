package cursor

import "testing"

// TestQuiet: a part whose answers have no rows is asked from where the first of these
// asked, within a day; a row, and a full read, end that.
func TestQuiet(t *testing.T) {
	c, _ := Read("")
	run := func(began int64, full bool, found ...string) {
		c.Begin([]string{"f"}, full, 0, began)
		c.Run.Began, c.Run.Found = began, found
		c.Finish("a", "b")
	}
	run(1000, true)
	for _, s := range []struct {
		began int64
		full  bool
		found []string
		a, b  int64
	}{
		{2000, false, []string{"a"}, 2000, 1000},
		{3000, false, []string{"b"}, 2000, 3000},
		{4000, false, nil, 2000, 3000},
		{2000 + Day, false, nil, 2000, 3000},
		{2001 + Day, false, nil, 2000 + Day, 3000},
		{2002 + 9*Day, false, nil, 2001 + Day, 2001 + Day},
		{3000 + 9*Day, true, nil, 3000 + 9*Day, 3000 + 9*Day},
	} {
		run(s.began, s.full, s.found...)
		if a, b := c.From("a"), c.From("b"); a != s.a || b != s.b {
			t.Errorf("after the run of %d: a from %d, b from %d; want %d, %d", s.began, a, b, s.a, s.b)
		}
	}
	if c.Quiet != nil {
		t.Errorf("after a full read: %v", c.Quiet)
	}
}
