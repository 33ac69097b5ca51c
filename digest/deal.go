package digest

import (
	"cmp"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// deal is one deal with its findings, which is what a digest counts and lists.
type deal struct {
	source, record string
	facts          hygiene.Facts
	away           *hygiene.Life    // a finding that knows whose it is now, where that is somebody else
	told           *ToldDeal        // how the last digest told it; nil where it did not
	open           []*hygiene.Life  // judged and open, the most severe first
	unclear        []*hygiene.Life  // open, and could not be judged
	paused         []*hygiene.Life  // open, and kept back by a park
	park           *hygiene.Park    // of the whole deal, that holds; nil is none
	woke           *hygiene.Park    // that ended since the last digest; nil is none
	quiet          []*hygiene.Life  // open, and by another severity since the last digest no longer told
	ended          []*hygiene.Life  // that were open when the last digest was composed, and ended since
	unknown        hygiene.Severity // of the worst finding that could not be judged
	soon           bool             // is in the commit and closes within a week, or should have closed

	happened Events // of which the reader has not heard

	class, was Class // the count it is in, and that of the last digest
	came       move  // how it came into its count, stays where it did not
	left       move  // how it left its count, stays where it did not
}

// gather groups lives by deal, in key order as given; what the last digest told and has no
// life here any more comes after. The findings of a deal are ordered by their severity, then
// by what they settle.
func gather(lives []hygiene.Life, parks []hygiene.Park, w *wall, r *reach, settles []string) []*deal {
	var deals []*deal
	told := r.told.byRecord()
	byKey := make(map[[2]string]*deal)
	of := func(source, record string, f hygiene.Facts) *deal {
		key := [2]string{source, record}
		d := byKey[key]
		if d == nil {
			d = &deal{source: source, record: record, facts: f, told: told[key], away: r.away[key]}
			byKey[key] = d
			deals = append(deals, d)
		}
		return d
	}
	for i := range lives {
		l := &lives[i]
		switch ended := l.State != hygiene.Open; {
		case l.Severity < hygiene.Low && l.State == hygiene.Open && told[[2]string{l.Source, l.Record}] != nil && l.Rejudged.After(w.last):
			d := of(l.Source, l.Record, l.Deal)
			d.quiet = append(d.quiet, l)
		case l.Severity < hygiene.Low:
		case ended && (w.first() || l.Opened.After(w.last) || !l.Ended.After(r.seen(told[[2]string{l.Source, l.Record}], w))):
			// opened and ended between two digests, or told already
		case ended:
			d := of(l.Source, l.Record, l.Deal)
			d.ended = append(d.ended, l)
		case l.Paused:
			d := of(l.Source, l.Record, l.Deal)
			d.paused = append(d.paused, l)
		case l.Held:
			d := of(l.Source, l.Record, l.Deal)
			d.unclear = append(d.unclear, l)
			d.unknown = max(d.unknown, l.Severity)
		default:
			d := of(l.Source, l.Record, l.Deal)
			d.open = append(d.open, l)
			d.facts = l.Deal // of the latest evaluation; facts of an ended finding are older
		}
	}
	for i := range parks {
		switch k := &parks[i]; {
		case k.Holds() && k.Whole():
			d := of(k.Source, k.Record, k.Deal)
			d.park = k
			if len(d.open) == 0 {
				d.facts = k.Deal
			}
		case !k.Holds() && byKey[[2]string{k.Source, k.Record}] != nil:
			byKey[[2]string{k.Source, k.Record}].woke = k // the last one
		}
	}
	if r.told != nil {
		for i := range r.told.Deals {
			t := &r.told.Deals[i]
			var f hygiene.Facts
			if l := r.away[[2]string{t.Source, t.Record}]; l != nil {
				f = l.Deal
			}
			of(t.Source, t.Record, f)
		}
	}
	for _, d := range deals {
		slices.SortStableFunc(d.open, func(a, b *hygiene.Life) int {
			return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(slices.Index(settles, a.Rule), slices.Index(settles, b.Rule)),
				a.Opened.Compare(b.Opened), cmp.Compare(a.Rule, b.Rule))
		})
		d.soon = d.committed(w.today + week)
		d.settle(w, r)
	}
	return deals
}

// needs reports whether the deal is in today's count of what needs an update.
func (d *deal) needs() bool { return d.class == Needs }

// fresh reports whether the deal is new in today's count.
func (d *deal) fresh() bool { return d.class == Needs && d.came == fresh }

// backlog reports whether every open finding was there when its rule first ran.
func (d *deal) backlog() bool {
	return len(d.open) > 0 && !slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return !l.Backlog })
}

// newly reports whether an open finding is newly checked.
func (d *deal) newly() bool {
	return slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return l.Newly })
}

// leftBehind reports whether the deal was, or is, of an owner who has left.
func (d *deal) leftBehind() bool {
	return slices.ContainsFunc(slices.Concat(d.open, d.ended), func(l *hygiene.Life) bool { return l.Rule == hygiene.OwnerInactive })
}

// done reports whether somebody fixed the deal since the last digest.
func (d *deal) done() bool { return d.left == fixed }

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

// status is the word about how the deal came into its count, or since when it is there;
// the first digest of a reader says none.
func (d *deal) status(x *wording) string {
	switch d.came {
	case fresh:
		return newWord
	case back:
		if slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return l.Back && l.Rule == hygiene.CloseDatePast }) {
			return movedAgain
		}
		return backAgain
	case started:
		return newlyWord
	case woke:
		return d.wokeWords(x.wall)
	case arrived:
		return fromWord + x.giver(d) + "."
	case joined:
		if d.class == Needs {
			return d.begun()
		}
	}
	if x.wall.first() {
		return ""
	}
	if d.woke != nil { // parked and woken since the last digest, so the count has known it all along
		return d.wokeWords(x.wall)
	}
	if x.mine {
		return ""
	}
	if who := x.colleague(d); who != "" {
		return fromWord + who + "."
	}
	return dayWord + words.Number(d.day(x)) + "."
}

// begun is the word for a deal whose findings nobody's work began: all by a setting, or some
// before the start.
func (d *deal) begun() string {
	if slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return l.Backlog && !l.Newly }) || !d.newly() {
		return startWord
	}
	return newlyWord
}

// day is for which business day digests have told the deal.
func (d *deal) day(x *wording) int {
	if d.told != nil && !d.told.Since.IsZero() {
		return x.wall.cal.Between(d.told.Since, x.wall.today) + 1
	}
	most := 1
	if x.told != nil {
		return most // it was on no list when the last digest was sent
	}
	w := x.wall
	for _, l := range slices.Concat(d.open, d.ended) {
		most = max(most, l.Day(w.now, w.cal))
	}
	return most
}

// daysListed is for how many business days a deal needed an update before that ended.
func (d *deal) daysListed(cal *hygiene.Calendar) int {
	n := 0
	for _, l := range d.ended {
		n = max(n, cal.Days(l.Opened, l.Ended))
	}
	return n
}

// committed reports whether the deal is in the commit, and closes by the day.
func (d *deal) committed(by crm.Date) bool {
	in, _ := d.facts.Committed(by)
	return in
}

// share says in which share of the commit the deal is; ok is false for a deal outside the
// commit, and for one without open doubt.
func (d *deal) share(quarter crm.Date) (at int, ok bool) {
	open := d.severity()
	for _, l := range d.paused { // a park silences advice, never money
		open = max(open, l.Severity)
	}
	switch {
	case !d.committed(quarter):
		return 0, false
	case d.park != nil, open == hygiene.High:
		return doubt, true
	case d.unknown >= hygiene.Medium && d.unknown > open:
		return unjudged, true
	case open == hygiene.Medium:
		return question, true
	}
	return 0, false
}
