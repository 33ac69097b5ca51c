package digest

import (
	"cmp"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// fate is what became of a deal that needed an update before and does not now.
type fate byte

const (
	kept    fate = iota // the deal still needs an update, or never did
	fixed               // somebody fixed the deal
	redated             // somebody only moved the date
	won
	lost
	gone // the deal was deleted, or the login can no longer see it
	off  // the rules of its findings do not apply any more
)

// deal is one deal with its findings, which is what a digest counts and lists.
type deal struct {
	source, record string
	facts          hygiene.Facts
	told           *ToldDeal        // how the last digest counted it; nil where it did not
	open           []*hygiene.Life  // judged and open, the most severe first
	held           bool             // has a finding that could not be judged
	unknown        hygiene.Severity // of the worst finding that could not be judged
	before         bool             // needed an update when the last digest was composed
	ended          []*hygiene.Life  // that were open when the last digest was composed, and ended since
	apart          bool             // all findings are from before the start, and the deal is counted apart
	cleared        bool             // all findings were from before the start, and were fixed since
	soon           bool             // is in the commit and closes within a week, or should have closed
}

// gather groups lives by deal, in key order as given. With apart, findings from before
// the start are counted apart. The findings of a deal are ordered by their severity, then
// by what they settle.
func gather(lives []hygiene.Life, w *wall, apart bool, settles []string, told *Told) []*deal {
	var deals []*deal
	before := told.byRecord()
	byKey := make(map[[3]string]*deal)
	for i := range lives {
		l := &lives[i]
		if l.Severity < hygiene.Low {
			continue
		}
		count := !apart || !l.Backlog
		old := !w.first() && !l.Opened.After(w.last)
		ended := l.State != hygiene.Open
		if ended && (!old || !l.Ended.After(w.last)) {
			continue // opened and ended between two digests, or told already
		}
		key := [3]string{l.Source, string(l.Kind), l.Record}
		d := byKey[key]
		if d == nil {
			d = &deal{source: l.Source, record: l.Record, facts: l.Deal, apart: apart, told: before[[2]string{l.Source, l.Record}]}
			byKey[key] = d
			deals = append(deals, d)
		}
		d.before = d.before || old && count
		d.apart = d.apart && (ended || l.Backlog)
		switch {
		case ended && count:
			d.ended = append(d.ended, l)
		case ended:
			d.cleared = d.cleared || l.State == hygiene.Fixed
		case l.Held:
			d.held = true
			d.unknown = max(d.unknown, l.Severity)
		default:
			d.open = append(d.open, l)
			d.facts = l.Deal // of the latest evaluation; facts of an ended finding are older
		}
	}
	for _, d := range deals {
		d.apart = d.apart && len(d.open) > 0
		d.cleared = d.cleared && len(d.open) == 0 && len(d.ended) == 0 && !d.held
		slices.SortStableFunc(d.open, func(a, b *hygiene.Life) int {
			return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(slices.Index(settles, a.Rule), slices.Index(settles, b.Rule)),
				a.Opened.Compare(b.Opened), cmp.Compare(a.Rule, b.Rule))
		})
		d.soon = d.facts.Commit && !d.facts.CloseDate.IsZero() && d.facts.CloseDate <= w.today+7
		if d.apart && d.urgent() {
			d.apart = false
			d.before = d.before || !d.opened().After(w.last)
		}
	}
	return deals
}

// needs reports whether the deal needs an update now.
func (d *deal) needs() bool { return len(d.open) > 0 && !d.apart }

// unjudged reports whether no finding of the deal can be judged today.
func (d *deal) unjudged() bool { return len(d.open) == 0 && d.held }

// fresh reports whether the deal did not need an update before.
func (d *deal) fresh() bool { return d.needs() && !d.before }

// backlog reports whether every open finding was there when its rule first ran.
func (d *deal) backlog() bool {
	for _, l := range d.open {
		if !l.Backlog {
			return false
		}
	}
	return len(d.open) > 0
}

// fate says why the deal does not need an update any more, kept where it does.
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
		if l.Rule == hygiene.OwnerInactive {
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

// status is the word about how long the deal has needed an update.
func (d *deal) status(w *wall) string {
	if w.first() {
		if d.backlog() {
			return ""
		}
		return d.dayNumber(w)
	}
	for _, l := range d.open {
		if l.Back && l.Opened.After(w.last) {
			if l.Rule == hygiene.CloseDatePast {
				return movedAgain
			}
			return backAgain
		}
	}
	switch {
	case d.fresh() && d.backlog():
		return "Newly checked."
	case d.fresh():
		return "New."
	case !slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return !l.Opened.After(w.last) }):
		return "New reason." // the deal needed an update before, for findings that have ended
	}
	return d.dayNumber(w)
}

// The status of a deal that came back.
const (
	movedAgain = "Date moved again."
	backAgain  = "Back again."
)

func (d *deal) dayNumber(w *wall) string {
	most := 1
	for _, l := range d.open {
		most = max(most, l.Day(w.now, w.cal))
	}
	return "Day " + words.Number(most) + "."
}

// daysListed is for how many business days a deal needed an update before that ended.
func (d *deal) daysListed(cal *hygiene.Calendar) int {
	n := 0
	for _, l := range d.ended {
		n = max(n, cal.Days(l.Opened, l.Ended))
	}
	return n
}

// committed reports whether the deal is in the commit of the quarter.
func (d *deal) committed(quarter crm.Date) bool {
	return d.facts.Commit && !d.facts.CloseDate.IsZero() && d.facts.CloseDate <= quarter
}

// share says in which share of the commit the deal is; ok is false for a deal outside the
// commit, and for one without open doubt.
func (d *deal) share(quarter crm.Date) (at int, ok bool) {
	switch open := d.severity(); {
	case !d.committed(quarter):
		return 0, false
	case open == hygiene.High:
		return doubt, true
	case d.unknown >= hygiene.Medium && d.unknown > open:
		return unjudged, true
	case open == hygiene.Medium:
		return question, true
	}
	return 0, false
}
