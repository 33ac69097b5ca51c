// Package attention decides what of a list gets one of a day's few numbers, and says why.
// [Choose] is pure: it knows no deals and no words, only what each line is worth a look
// for today, and what its reader was shown before.
//
// Which of two lines comes first is the business of package rank.
package attention

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/hygiene"
)

// Reason says why a line has a number today.
type Reason string

// The reasons. [Reasons] documents them.
const (
	None     Reason = ""
	Due      Reason = "commit due"
	Left     Reason = "owner left"
	New      Reason = "new"
	Returned Reason = "back"
	Arrived  Reason = "from elsewhere"
	High     Reason = "high since"
	Pushed   Reason = "moved once more"
	Doubled  Reason = "twice the limit"
	Grown    Reason = "grown"
	Moved    Reason = "into the commit"
	Turn     Reason = "its turn"
	Carried  Reason = "carried over"
	Repeat   Reason = "again"
	Decide   Reason = "decision due"
	Start    Reason = "from before the start"
	Next     Reason = "next in rank"
)

// Line is one line that may get a number: a deal, or several that are told as one.
type Line struct {
	Points   int // of its rank
	Severity hygiene.Severity
	Due      bool // in the commit, and closes this week or should have closed: always has a number
	Left     bool // deals whose owner has left: always has a number
	Bulk     bool // an import: on the day it came it has a number, because nothing else says where that many new ones are from
	Old      bool // from before the start, and counted apart
	Commit   bool // in the commit, whenever it closes
	Event    Reason
	Told     bool // the last digest told of it
	Numbered bool // a digest gave it a number before today
	Idle     int  // business days since then
	Times    int  // on how many days it had a number
	Since    int  // business days since a digest first told of it
	Decided  int  // business days since its number asked for a decision; 0 is never
	// Waits is for how many business days it has been high without a number: since the
	// last number, or since it became high.
	Waits int
}

// Budget is how many numbers a reader gets a day.
type Budget struct {
	Numbers int
	Old     int  // at most so many of them from before the start where there is news
	Low     bool // findings of severity low may fill what is free
}

// Choice is a line that got a number.
type Choice struct {
	At     int // index of the line
	Reason Reason
}

const (
	// Within is within how many business days everything high gets a number.
	Within = 5
	// MostDue bounds how many lines have a number above the budget, those of the commit that
	// are in doubt since today among them: a message holds no more. What is due and left is
	// named in a line.
	MostDue = 10
	// spared is how many numbers are left for the other lines however many are always there.
	spared = 2
)

// gaps are for how many business days a line rests after each number that it had, where
// others wait: so it has one on the days 1, 3, 7 and 14, and from then on every week, as a
// decision.
var gaps = []int{2, 4, 7}

// Weekly is after how many business days a line that was shown often has a number again.
const Weekly = 5

// A line that had its number often enough, and is told for long enough, asks for a decision,
// each week.
const (
	decideAfter = 4  // numbers
	decideFrom  = 14 // business days
)

// Choose picks the lines that get a number today, in the order of their rank. Where more
// than [MostDue] are due, the others of these have none.
func Choose(lines []Line, b Budget) (chosen []Choice) {
	c := chooser{lines: lines, budget: b, reason: make([]Reason, len(lines)), order: make([]int, len(lines))}
	for i := range lines {
		c.order[i] = i
		c.news = c.news || lines[i].Event != None && !lines[i].Old && lines[i].Severity >= hygiene.Medium
	}
	slices.SortStableFunc(c.order, func(x, y int) int { return cmp.Compare(lines[y].Points, lines[x].Points) })

	taken := c.always()
	c.free = max(b.Numbers-taken, min(spared, b.Numbers))
	c.turns()
	// What is high or in the commit has what it can use before anything else has a number: no
	// medium one is worth a look while a high one rests.
	for _, c.heavy = range []bool{true, false} {
		// What happened comes first, with what matters as much and had no number yet, and the best
		// of what is from before the start; then what else had no number yet, or has rested. What is
		// free goes by rank.
		c.take(func(l *Line) bool {
			return l.Event != None || c.news && (l.unseen() || l.Old && l.Rested() && !c.below(l))
		})
		c.take(func(l *Line) bool { return l.Rested() && !l.Old })
		c.spend()
	}
	if b.Low {
		c.fill()
	}
	for _, i := range c.order {
		if c.reason[i] != None {
			chosen = append(chosen, Choice{i, c.reason[i]})
		}
	}
	return chosen
}

type chooser struct {
	lines  []Line
	budget Budget
	order  []int // by rank
	reason []Reason
	news   bool // something happened
	heavy  bool // only what is high or in the commit gets a number
	free   int  // numbers that are left
	old    int  // numbers that went to what is from before the start
}

// always gives a number to what is never hidden, and counts these.
func (c *chooser) always() (taken int) {
	due := 0
	for _, i := range c.order {
		switch l := &c.lines[i]; {
		case l.Left:
			c.reason[i] = Left
			taken++
		case l.Bulk && l.Event == New:
			c.reason[i] = New
			taken++
		case !l.due(), due == MostDue:
		default:
			c.reason[i] = Due
			switch {
			case l.Event != None:
				c.reason[i] = l.Event
			case l.undecided():
				c.reason[i] = Decide
			}
			taken, due = taken+1, due+1
		}
	}
	for _, i := range c.order {
		if l := &c.lines[i]; due < MostDue && c.reason[i] == None && l.alarms() {
			c.reason[i] = l.Event
			taken, due = taken+1, due+1
		}
	}
	return taken
}

// alarms reports whether something happened that puts a deal of the commit in doubt: the
// forecast counts on it today, so it does not wait behind those whose doubt is known.
func (l *Line) alarms() bool {
	return l.Commit && !l.due() && !l.Old && l.Event != None && l.Severity == hygiene.High
}

// heavy reports whether the line is high or in the commit.
func (l *Line) heavy() bool { return l.Commit || l.Severity == hygiene.High }

func (l *Line) due() bool { return l.Due && l.Severity >= hygiene.Medium }

// turns gives a number to as many high lines as have to have one today, so that all of
// them have one in time, and to no more: a line that can wait competes by its rank.
func (c *chooser) turns() {
	var waiting []int
	var by [Within]int // how many have a number in time if they have it within so many days
	for _, i := range c.order {
		if l := &c.lines[i]; c.reason[i] == None && l.Severity == hygiene.High && !l.Old && !l.due() {
			waiting = append(waiting, i)
			by[l.left()]++
		}
	}
	need, sum := 0, 0
	for days, n := range by {
		sum += n
		need = max(need, c.today(sum, days))
	}
	slices.SortStableFunc(waiting, func(x, y int) int { return cmp.Compare(c.lines[x].left(), c.lines[y].left()) })
	for _, i := range waiting[:min(need, c.free, len(waiting))] {
		c.give(i)
	}
}

// today is how many of n lines have to have their number today, where all have it within
// so many days after today. The days to come leave at least a few numbers, whatever is
// always there: only what these do not hold is for today. Where that is too few altogether,
// each day has its share.
func (c *chooser) today(n, days int) int {
	sure := min(spared, c.budget.Numbers)
	if n > sure*(days+1) {
		return (n + days) / (days + 1)
	}
	return n - sure*days
}

// left is how many business days after today a high line may wait for its number.
func (l *Line) left() int { return min(max(Within-1-l.Waits, 0), Within-1) }

// Rested reports whether it is time to show the line again.
func (l *Line) Rested() bool {
	switch {
	case !l.Numbered:
		return true
	case l.Times >= 1 && l.Times <= len(gaps):
		return l.Idle >= gaps[l.Times-1]
	}
	return l.Idle >= Weekly
}

// undecided reports whether it is time to ask for a decision instead of once more for the
// same.
func (l *Line) undecided() bool {
	if l.Times < decideAfter {
		return false
	}
	return l.Decided >= Weekly || l.Decided == 0 && l.Since >= decideFrom
}

// unseen reports whether the line is high or in the commit, and had no number yet.
func (l *Line) unseen() bool {
	return !l.Numbered && !l.Old && l.heavy()
}

// take gives free numbers to the lines of severity medium or above for which so is true.
func (c *chooser) take(so func(*Line) bool) {
	for _, i := range c.order {
		switch l := &c.lines[i]; {
		case c.free == 0:
			return
		case !c.open(i):
		case l.Old && c.news && c.old >= c.budget.Old, !so(l):
		default:
			c.give(i)
		}
	}
}

// open reports whether the line is one that may be given a number now.
func (c *chooser) open(i int) bool {
	l := &c.lines[i]
	return c.reason[i] == None && l.Severity >= hygiene.Medium && !l.due() && (l.heavy() || !c.heavy)
}

// below reports whether a line of today that has no number is more severe than one from
// before the start, and stands before it: no share of these is meant to hide that one.
func (c *chooser) below(old *Line) bool {
	for _, i := range c.order {
		l := &c.lines[i]
		if l.Points <= old.Points {
			return false
		}
		if c.reason[i] == None && !l.Old && !l.due() && l.Severity > old.Severity {
			return true
		}
	}
	return false
}

// spend gives what is free by rank, whether it is of today or from before the start, and
// whether it rests or not: but what had a number stands back for the like of it that did not,
// so a list that is full each day does not hold the same each day, and nothing of weight makes
// room for trifles.
func (c *chooser) spend() {
	for given := true; given; {
		today, old := c.fresher()
		given = false
		c.take(func(l *Line) bool {
			if given || l.Old && !l.Rested() && l.Severity <= old || !l.Old && l.Numbered && l.Idle <= 1 && today {
				return false
			}
			given = true
			return true
		})
	}
}

// fresher says for whom others stand back: whether a line of today had no number a day ago
// and none today, and how severe the worst line from before the start is that has rested and
// has none; 0 is no such line.
func (c *chooser) fresher() (today bool, old hygiene.Severity) {
	for i := range c.lines {
		switch l := &c.lines[i]; {
		case !c.open(i):
		case !l.Old:
			today = today || !l.Numbered || l.Idle > 1
		case l.Rested():
			old = max(old, l.Severity)
		}
	}
	return today, old
}

// fill gives what is free to lines of severity low.
func (c *chooser) fill() {
	for _, i := range c.order {
		if c.free > 0 && c.reason[i] == None && c.lines[i].Severity == hygiene.Low && !c.lines[i].Old {
			c.give(i)
		}
	}
}

// give gives one of the free numbers to a line.
func (c *chooser) give(i int) {
	l := &c.lines[i]
	c.free--
	switch {
	case l.Old:
		c.old++
		c.reason[i] = Start
	case l.Event != None:
		c.reason[i] = l.Event
	case l.undecided():
		c.reason[i] = Decide
	case l.Told && !l.Numbered:
		c.reason[i] = Carried
	case l.Severity == hygiene.High && l.left() == 0:
		c.reason[i] = Turn
	case l.Numbered && l.Rested():
		c.reason[i] = Repeat
	default:
		c.reason[i] = Next
	}
}
