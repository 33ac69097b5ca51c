package digest

import (
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Public takes from the findings of a team those that are their owners' alone, for a digest
// that others read: those that are kept back go to Kept, and what was fixed before anybody
// else heard of it to Early. What the last digest kept back, and this one tells, begins for
// its reader now.
func (in *Input) Public(of func(*hygiene.Life) hygiene.Audience) {
	kept := map[hygiene.Key]bool{}
	if in.Told != nil {
		for i := range in.Told.Kept {
			kept[in.Told.Kept[i].key()] = true
		}
	}
	var shown []hygiene.Life
	for _, l := range in.Lives {
		switch a := of(&l); {
		case l.State != hygiene.Open && a.First:
			if l.State == hygiene.Fixed && !a.Until.IsZero() && l.Ended.After(in.LastSent) && !in.LastSent.IsZero() {
				in.Early = append(in.Early, l)
			}
			continue
		case l.State != hygiene.Open, l.Paused: // a park keeps it back: it is counted, and told to nobody
		case a.Owner:
			in.Kept = append(in.Kept, l.Key)
			continue
		case kept[noted(&l)]:
			if in.Disclosed == nil {
				in.Disclosed = map[hygiene.Key]time.Time{}
			}
			in.Disclosed[l.Key] = l.Opened
			l.Opened = in.Now
		}
		shown = append(shown, l)
	}
	in.Lives = slices.DeleteFunc(shown, func(l hygiene.Life) bool { // or its deal would be in order, and paused as well
		return l.Paused && slices.ContainsFunc(in.Kept, func(k hygiene.Key) bool { return k.Source == l.Source && k.Record == l.Record })
	})
	in.Unseen = slices.DeleteFunc(in.Unseen, func(l hygiene.Life) bool { return of(&l).Owner })
}

// disclosedWords say how many of the new deals were their owners' alone for long, as in the
// days of a change, so that "new" is not taken for what began today; "" for none.
func (b *brief) disclosedWords() string {
	n, first := 0, crm.Date(0)
	for _, d := range b.book.needs {
		since := crm.Date(0)
		for _, l := range d.open {
			if at, ok := b.in.Disclosed[l.Key]; ok {
				if day := b.wall.cal.Date(at); since == 0 || day < since {
					since = day
				}
			}
		}
		if d.came != fresh || since == 0 || b.wall.cal.Between(since, b.wall.today) < attention.Weekly {
			continue
		}
		if n++; first == 0 || since < first {
			first = since
		}
	}
	if n == 0 {
		return ""
	}
	return words.Number(n) + " of the new " + words.Plural(n, "was", "were") + " in the owner's list alone until now, since " + words.Day(first, b.wall.farAway()) + words.Plural(n, ".", " at the earliest.")
}

// private reports whether the reader's manager does not hear of the deal yet, and from when
// on; the time is zero where it is not known.
func (x *wording) private(d *deal) (until time.Time, ok bool) {
	for _, l := range d.open {
		at, only := x.only[l.Key]
		if !only {
			return time.Time{}, false
		}
		if at.After(until) {
			until = at
		}
	}
	return until, len(d.open) > 0
}

// also reports whether the deal is with the reader's manager at once because it is in the
// commit.
func (x *wording) also(d *deal) bool {
	return slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return x.both[l.Key] })
}

// privateMark stands before a deal of which the reader's manager does not hear yet.
const privateMark = "◦ "

// mark is the mark before deals that all have it, nil otherwise.
func (x *wording) mark(ds ...*deal) Line {
	for _, d := range ds {
		if _, ok := x.private(d); !ok {
			return nil
		}
	}
	return text(privateMark)
}

// privateWords say what the mark means, "" where no deal has it.
func (b *brief) privateWords() string {
	var first, last time.Time
	some := false
	for _, d := range b.book.needs {
		at, ok := b.wording.private(d)
		if !ok {
			continue
		}
		if !some || at.Before(first) {
			first = at
		}
		if some = true; at.After(last) {
			last = at
		}
	}
	switch {
	case !some:
		return ""
	case first.IsZero() && last.IsZero():
		return " ◦ = your manager does not see this yet."
	case first.Equal(last):
		return " ◦ = your manager does not see this until " + b.wall.comes(first) + "."
	}
	return " ◦ = your manager does not see this until " + b.wall.comes(first) + ", or later."
}

// earlyLine thanks for what was fixed before anybody but its owner heard of it: it was in
// no number, and is in none.
func (b *brief) earlyLine() Line {
	fixed := map[[2]string]person{}
	for i := range b.in.Early {
		l := &b.in.Early[i]
		if b.sources.judged(l.Source) {
			fixed[[2]string{l.Source, l.Record}] = personBy(l.Deal.OwnerEmail, l.Source, l.Deal.OwnerID)
		}
	}
	for _, d := range b.book.deals {
		if d.class != 0 || d.was != 0 {
			delete(fixed, [2]string{d.source, d.record}) // what it counts as is said elsewhere
		}
	}
	for _, k := range b.in.Kept {
		delete(fixed, [2]string{k.Source, k.Record}) // not in order yet
	}
	if len(fixed) == 0 {
		return nil
	}
	by := map[person]int{}
	for _, who := range fixed {
		by[who]++
	}
	var said []string
	for who, n := range by {
		said = append(said, b.wording.people.short(who)+" "+words.Number(n))
	}
	slices.Sort(said)
	return Line{{Text: "FIXED before it was listed, " + words.Number(len(fixed)) + ":", Bold: true}, {Text: " " + strings.Join(said, ", ") + "."}}
}

// comes is a time to come, as in "tomorrow 08:30".
func (w *wall) comes(t time.Time) string {
	clock := t.In(w.loc).Format("15:04")
	switch d := crm.DateOf(t, w.loc); {
	case d == w.today:
		return clock
	case d == w.today+1:
		return "tomorrow " + clock
	case d < w.today+7:
		return d.Weekday().String() + " " + clock
	default:
		return d.Weekday().String()[:3] + " " + d.Short() + " " + clock
	}
}
