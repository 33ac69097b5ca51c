package digest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// move says how a deal came into one of a digest's counts since the last digest, or left it.
type move byte

const (
	stays move = iota

	// Into a count.
	fresh   // "new": its finding began
	back    // the finding was fixed, and began again
	started // "newly checked": it began because other things are judged, or by other rules
	arrived // was another team's, or another owner's
	seen    // could not be judged, or was out of sight, when the last digest was sent
	joined  // was in the other count
	woke    // was paused

	// Out of a count. Only fixed and redated are somebody's doing.
	fixed
	redated
	won
	lost
	gone   // was deleted, or the login can no longer see it
	off    // the rules of its findings do not apply any more
	given  // is another team's, or another owner's
	hidden // its source is withheld
	held   // cannot be judged
	parted // is in the other count
	paused // is parked

	moves // how many there are
)

// moveDocs documents the moves, as docs/digests.md prints them.
var moveDocs = [moves]string{
	fresh:   "A finding began.",
	back:    "A finding had been fixed, and began again.",
	started: "A finding began because a rule, a limit or a field that the rules read is another: the deal did not change. Or its rule is folded, and the deal went into the commit, where nothing is.",
	arrived: "The deal was another team's; in a rep's list, a colleague's.",
	seen:    "The deal had its finding before, and could not be judged or seen when the last digest was sent.",
	joined:  "The deal was counted with those from before the start, and is one of today's: it is in the commit and closes within a week or should have closed, or has a new finding that is high.",
	woke:    "The deal was parked, and its park has ended; its findings go on with their dates.",
	fixed:   "Somebody did what the finding asks for.",
	redated: "The close date that had passed is another one now. That is counted apart, because a date alone fixes nothing.",
	won:     "The deal was won.",
	lost:    "The deal was closed without being won.",
	gone:    "The deal was deleted, or merged into another, which is named where the CRM tells it, or the login can no longer see it.",
	off:     "The rules of its findings no longer apply to it: a rule, a limit or a setting is another.",
	given:   "The deal is another team's now; in a rep's list, a colleague's. Nobody fixed it for the reader, though of somebody who has left that is what was asked for.",
	hidden:  "The findings of its source are withheld.",
	held:    "What its rules need could not be read today.",
	parted:  "The deal was one of today's, and is counted with those from before the start again.",
	paused:  "The deal was parked for a reason: until the last day of the park it is in no count but this one, except that it stays in the commit, in doubt.",
}

// flow is the bookkeeping of one count from one digest to the next.
type flow struct {
	was, now int
	by       [moves]int
}

// in and out are how many deals came into the count, and left it.
func (f *flow) in() (n int) {
	for m := fresh; m < fixed; m++ {
		n += f.by[m]
	}
	return n
}

func (f *flow) out() (n int) {
	for m := fixed; m < moves; m++ {
		n += f.by[m]
	}
	return n
}

// stayed is how many deals the last digest counted as well.
func (f *flow) stayed() int { return f.was - f.out() }

// balances reports whether what the last digest counted, and what came and left, make
// what this one counts.
func (f *flow) balances() bool { return f.was+f.in()-f.out() == f.now }

// moved reports whether anything came or left.
func (f *flow) moved() bool { return f.in()+f.out() > 0 }

// inWords and outWords name what came and left, by move, the numbers in front. own is for
// a digest of the reader's own deals; the last word is for what was, or is, in the other count.
func (f *flow) inWords(own bool, joins string) []string { return f.words(cameSaid(own, joins)) }

func (f *flow) outWords(own bool, parts string) []string { return f.words(leftSaid(own, parts)) }

func cameSaid(own bool, joins string) []said {
	from := "from other teams"
	if own {
		from = "from colleagues"
	}
	return []said{{fresh, "new"}, {back, "back again"}, {started, "newly checked"}, {arrived, from}, {seen, "in sight again"}, {joined, joins}, {woke, "woke up"}}
}

func leftSaid(own bool, parts string) []said {
	to := "moved to other teams"
	if own {
		to = "moved to colleagues"
	}
	return []said{{fixed, "fixed"}, {redated, "given a new date"}, {won, "won"}, {lost, "lost"}, {gone, "gone from view"}, {off, "no longer checked"}, {given, to}, {hidden, "withheld"}, {held, "not judged"}, {parted, parts}, {paused, "paused"}}
}

type said struct {
	move
	words string
}

func (f *flow) words(all []said) []string {
	var out []string
	for _, s := range all {
		if n := f.by[s.move]; n > 0 {
			out = append(out, words.Number(n)+" "+s.words)
		}
	}
	return out
}

// settle says what became of the deal since the last digest: in which class it is, in
// which it was told, and how it came and left. reach is what the reader's digests are about.
func (d *deal) settle(w *wall, r *reach) {
	d.class = d.today(r)
	d.was = d.yesterday(w, r)
	counted := func(c Class) bool { return c == Needs || c == Old }
	switch {
	case w.first() || d.class == d.was:
	case counted(d.class) && counted(d.was):
		d.came, d.left = joined, parted
	case counted(d.class):
		d.came = d.cameBy(w, r)
	case counted(d.was) && d.class == Unjudged:
		d.left = held
	case counted(d.was) && d.class == Paused:
		d.left = paused
	case counted(d.was):
		d.left = d.leftBy(r)
	case d.was != 0 && d.class == 0 && len(d.ended) > 0:
		d.left = d.leftBy(r) // it was in no count then, and is in none now
	}
}

// today is the class that the deal's findings put it in. A deal is from before the start by
// the oldest of its findings: neither does a second one make it new, nor does one that a
// setting begins make old what was for today.
func (d *deal) today(r *reach) Class {
	switch {
	case len(d.open) == 0 && (d.park != nil || len(d.paused) > 0):
		return Paused
	case len(d.open) == 0 && len(d.unclear) > 0:
		return Unjudged
	case len(d.open) == 0:
		return 0
	case r.apart && d.oldest().Backlog && !d.urgent() && !d.worse():
		return Old
	}
	return Needs
}

// oldest is the finding that began first, of several that began at once one from before the
// start.
func (d *deal) oldest() *hygiene.Life {
	return slices.MinFunc(slices.Concat(d.unclear, d.open), func(a, b *hygiene.Life) int {
		return cmp.Or(a.Opened.Compare(b.Opened), falseFirst(!a.Backlog, !b.Backlog))
	})
}

// worse reports whether a deal from before the start has got a finding of severity high
// since then: that is for today, though it is not a new deal of the list.
func (d *deal) worse() bool {
	return slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return l.Severity == hygiene.High && !l.Backlog })
}

// yesterday is the class in which the last digest told the deal. Where nobody noted what
// that digest told, it is made of the times of the findings.
func (d *deal) yesterday(w *wall, r *reach) Class {
	switch {
	case w.first():
		return 0
	case r.told != nil && d.told != nil:
		return d.told.Class
	case r.told != nil:
		return 0
	}
	class := Class(0)
	for _, l := range slices.Concat(d.open, d.unclear, d.ended) {
		switch {
		case l.Opened.After(w.last), l.Moved.After(w.last) && !r.holds(l.From):
		case r.apart && l.Backlog:
			class = Old
			if d.urgent() {
				return Needs
			}
		case class == 0:
			class = Needs
		}
	}
	return class
}

// cameBy says why a deal that was in no count is in one now.
func (d *deal) cameBy(w *wall, r *reach) move {
	some := func(so func(*hygiene.Life) bool) bool { return slices.ContainsFunc(d.open, so) }
	work := func(l *hygiene.Life) bool { return !l.Backlog && !l.Rejudged.After(w.last) }
	began := func(l *hygiene.Life) bool { return l.Opened.After(w.last) && work(l) }
	withheld := r.told != nil && slices.Contains(r.told.Withheld, d.source)
	switch {
	case d.was == Paused:
		return woke
	case d.was != 0:
		return seen
	case some(func(l *hygiene.Life) bool { return l.Moved.After(w.last) && !r.holds(l.From) }):
		return arrived
	case some(func(l *hygiene.Life) bool { return began(l) && l.Back }):
		return back
	case some(began), withheld && some(work):
		return fresh
	case r.told != nil && !some(func(l *hygiene.Life) bool { return !r.folded(l) }):
		return started // the deal went into the commit, where nothing is folded: no finding began
	case r.told == nil, !some(work), some(func(l *hygiene.Life) bool { return l.Rejudged.After(w.last) }):
		return started
	}
	return seen // it was there, and the last digest could not tell it: the deal was gone
}

// leftBy says why a deal that was in a count is in none now.
func (d *deal) leftBy(r *reach) move {
	switch {
	case !r.judged(d.source):
		return hidden
	case d.endedAs(hygiene.Won):
		return won
	case d.endedAs(hygiene.Lost):
		return lost
	case d.endedAs(hygiene.Gone):
		return gone
	case d.away != nil, d.handed(r) != nil:
		return given
	case d.endedAs(hygiene.Fixed):
		return fixed
	case d.endedAs(hygiene.Redated):
		return redated
	}
	return off
}

// handed is a finding that ended as the deal was given to somebody outside of what the
// reader's digests are about; nil is none.
func (d *deal) handed(r *reach) *hygiene.Life {
	for _, l := range d.ended {
		if l.Handed() && !r.holds(l.To) {
			return l
		}
	}
	return nil
}

func (d *deal) endedAs(s hygiene.State) bool {
	return slices.ContainsFunc(d.ended, func(l *hygiene.Life) bool { return l.State == s })
}

// reach is what a reader's digests are about.
type reach struct {
	team   string // key
	owner  string // email of the reader of an own list, "" is the whole team
	apart  bool   // deals from before the start are counted apart
	told   *Told
	away   map[[2]string]*hygiene.Life // by source and record: a finding of a deal that is somebody else's now
	judged func(source string) bool
	folded func(*hygiene.Life) bool // only the commit keeps the finding on a list
}

// seen is when a digest last told the reader of the deal, or could have: a deal that was out
// of sight in the last one was seen in one before.
func (r *reach) seen(t *ToldDeal, w *wall) time.Time {
	if since := r.told.Since(); t != nil && t.Class == Unseen && !since.IsZero() && since.Before(w.last) {
		return since
	}
	return w.last
}

// latest are the findings that know last whose their deals are, by source and record.
func latest(lives []hygiene.Life) map[[2]string]*hygiene.Life {
	m := map[[2]string]*hygiene.Life{}
	for i := range lives {
		l := &lives[i]
		key := [2]string{l.Source, l.Record}
		if x := m[key]; x == nil || l.State == hygiene.Open || x.State != hygiene.Open && !l.Ended.Before(x.Ended) {
			m[key] = l
		}
	}
	return m
}

// holds reports whether the deals of h are those of the reader's digests.
func (r *reach) holds(h hygiene.Holder) bool {
	return h.Team == r.team && (r.owner == "" || strings.EqualFold(h.Owner, r.owner))
}
