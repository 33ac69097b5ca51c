package digest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// fate is what became of a deal that needed an update before and does not now.
type fate byte

const (
	kept    fate = iota // it still needs one, or never did
	fixed               // somebody did something
	redated             // somebody moved the date, and nothing else
	won
	lost
	gone // deleted, or out of our sight
	off  // its rules do not apply any more
)

// deal is one deal with its findings, which is what a digest counts and lists.
type deal struct {
	source, record string
	facts          hygiene.Facts
	open           []*hygiene.Life // judged and open, the most severe first
	held           bool            // has a finding that could not be judged
	before         bool            // it needed an update when the last digest was composed
	ended          []*hygiene.Life // of before, ended since
}

// gather groups lives by deal in the order given, which is key order. since is
// the evaluation of the reader's last digest; zero is none.
func gather(lives []hygiene.Life, since time.Time) []*deal {
	var deals []*deal
	byKey := make(map[[3]string]*deal)
	for i := range lives {
		l := &lives[i]
		if l.Severity < hygiene.Low {
			continue
		}
		old := !since.IsZero() && !l.Opened.After(since)
		ended := l.State != hygiene.Open
		if ended && (!old || !l.Ended.After(since)) {
			continue // came and went between two digests, or was told already
		}
		key := [3]string{l.Source, string(l.Kind), l.Record}
		d := byKey[key]
		if d == nil {
			d = &deal{source: l.Source, record: l.Record, facts: l.Deal}
			byKey[key] = d
			deals = append(deals, d)
		}
		d.before = d.before || old
		switch {
		case ended:
			d.ended = append(d.ended, l)
		case l.Held:
			d.held = true
		default:
			d.open = append(d.open, l)
			d.facts = l.Deal // of the latest evaluation, unlike those of an ended one
		}
	}
	for _, d := range deals {
		slices.SortStableFunc(d.open, func(a, b *hygiene.Life) int {
			return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.Opened.Compare(b.Opened), cmp.Compare(a.Rule, b.Rule))
		})
	}
	return deals
}

// needs reports whether the deal needs an update now.
func (d *deal) needs() bool { return len(d.open) > 0 }

// unjudged reports whether nothing can be said of the deal today.
func (d *deal) unjudged() bool { return !d.needs() && d.held }

// fresh reports whether the deal did not need an update before.
func (d *deal) fresh() bool { return d.needs() && !d.before }

// backlog reports whether all that is wrong was there when its rule began to be
// looked at.
func (d *deal) backlog() bool {
	for _, l := range d.open {
		if !l.Backlog {
			return false
		}
	}
	return d.needs()
}

// fate says why the deal does not need an update any more.
func (d *deal) fate() fate {
	if d.needs() || d.held || !d.before {
		return kept
	}
	for _, f := range []struct {
		state hygiene.State
		fate  fate
	}{{hygiene.Won, won}, {hygiene.Lost, lost}, {hygiene.Gone, gone}, {hygiene.Fixed, fixed}, {hygiene.Redated, redated}} {
		if slices.ContainsFunc(d.ended, func(l *hygiene.Life) bool { return l.State == f.state }) {
			return f.fate
		}
	}
	return off
}

// severity of the worst finding.
func (d *deal) severity() hygiene.Severity {
	if len(d.open) == 0 {
		return 0
	}
	return d.open[0].Severity
}

// inactive returns the finding that the deal's owner has left.
func (d *deal) inactive() *hygiene.Life {
	for _, l := range d.open {
		if l.Rule == "owner-inactive" {
			return l
		}
	}
	return nil
}

// opened is when the oldest of the deal's findings was opened.
func (d *deal) opened() time.Time {
	at := d.open[0].Opened
	for _, l := range d.open[1:] {
		if l.Opened.Before(at) {
			at = l.Opened
		}
	}
	return at
}

// repeats are the days on which a finding is told in full again; after the last,
// every 14 days.
var repeats = []int{1, 3, 7, 14}

// told reports whether a finding has come to one of the repeats between the days
// after and day. It asks for days in between too, because nobody may have been
// told on the day itself.
func told(after, day int) bool {
	for _, r := range repeats {
		if after < r && r <= day {
			return true
		}
	}
	last := repeats[len(repeats)-1]
	return day > last && max(after, last)/last < day/last
}

// due reports whether the deal is to be listed today rather than counted.
func (c *composer) due(d *deal) bool {
	if d.severity() < hygiene.Medium {
		return false
	}
	if c.first || c.soon(d) && near(d.facts.CloseDate, c.today) {
		return true
	}
	for _, l := range d.open {
		after := 0
		if !l.Opened.After(c.in.LastSent) {
			after = l.Day(c.in.LastSent, c.cal)
		}
		if l.Severity == hygiene.High && told(after, l.Day(c.in.Now, c.cal)) {
			return true
		}
		if l.Severity == hygiene.Medium && after == 0 && !l.Backlog {
			return true
		}
	}
	return false
}

// soon reports whether the deal is in the commit and closes within a week, or
// should have closed.
func (c *composer) soon(d *deal) bool {
	return d.facts.Commit && !d.facts.CloseDate.IsZero() && d.facts.CloseDate < c.today+7
}

// weight is the deal's amount times how far it is over the threshold.
func weight(d *deal) float64 {
	over := 1.0
	for _, l := range d.open {
		v, okV := leading(l.Value)
		t, okT := leading(l.Threshold)
		if okV && okT && t > 0 && v > t {
			over = max(over, v/t)
		}
	}
	return d.facts.Amount.Value * over
}

// leading reads the number at the beginning of "19 business days".
func leading(s string) (float64, bool) {
	word, _, _ := strings.Cut(s, " ")
	v, err := strconv.ParseFloat(strings.ReplaceAll(word, ",", ""), 64)
	return v, err == nil && v == v
}

// rank orders deals: the most severe, what closes soon in the commit, the most
// money at stake, the oldest.
func (c *composer) rank(a, b *deal) int {
	flag := func(v bool) int {
		if v {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(b.severity(), a.severity()),
		cmp.Compare(flag(c.soon(b)), flag(c.soon(a))),
		cmp.Compare(weight(b), weight(a)),
		a.opened().Compare(b.opened()),
		cmp.Compare(a.source, b.source),
		cmp.Compare(a.record, b.record),
	)
}

// state is the word about how long the deal has needed an update.
func (c *composer) state(d *deal) string {
	if c.first {
		if d.backlog() {
			return ""
		}
		return c.dayNumber(d)
	}
	for _, l := range d.open {
		if l.Back && l.Opened.After(c.in.LastSent) {
			if l.Rule == "close-date-past" {
				return "Date moved again."
			}
			return "Back again."
		}
	}
	switch {
	case d.fresh() && d.backlog():
		return "Newly checked."
	case d.fresh():
		return "New."
	}
	return c.dayNumber(d)
}

func (c *composer) dayNumber(d *deal) string {
	most := 1
	for _, l := range d.open {
		most = max(most, l.Day(c.in.Now, c.cal))
	}
	return "Day " + number(most) + "."
}

// doubtful reports whether the deal is what "in doubt" means of the commit: the
// tallies count the same (hygiene.Tally).
func (c *composer) doubtful(d *deal) bool {
	return d.facts.Commit && d.severity() == hygiene.High && !d.facts.CloseDate.IsZero() && d.facts.CloseDate <= c.quarter
}

// quarterEnd is the last day of d's calendar quarter.
func quarterEnd(d crm.Date) crm.Date {
	y, m, _ := d.Civil()
	return crm.NewDate(y, (m-1)/3*3+4, 0)
}
