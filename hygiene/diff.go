package hygiene

import (
	"cmp"
	"slices"
	"time"
)

// BackWithin is how soon after its fix a finding has to fail again to count as the
// same finding come back.
const BackWithin = 14 * 24 * time.Hour

// ReturnsWithin is how soon a deal that was gone has to return, so that its findings go on
// as if they had never ended: the deal came out of the recycle bin, or was never away.
const ReturnsWithin = 30 * 24 * time.Hour

// Compare orders keys as the store does: by source, kind, record, rule, subject.
func (k Key) Compare(l Key) int {
	return cmp.Or(
		cmp.Compare(k.Source, l.Source), cmp.Compare(k.Kind, l.Kind), cmp.Compare(k.Record, l.Record),
		cmp.Compare(k.Rule, l.Rule), cmp.Compare(k.Subject, l.Subject),
	)
}

// Diff carries findings from one evaluation to the next: stored are the lives of a
// range of records of one source, results is what generation gen found on the records
// of that range now. Diff returns only the lives that changed, in key order.
//
// Where a record has no result, absent says that the record was Won or Lost, or is
// Gone. A record that is not in absent either is no news: its lives do not change, and
// are never fixed.
//
// Findings are Backlog, because they were there before us, at the first evaluation of
// a source (first), and for the rules in fresh, which run for the first time.
func Diff(stored []Life, results []Result, absent map[string]State, now time.Time, gen uint64, first bool, fresh ...string) []Life {
	at := make(map[string]int, len(results))
	for i := range results {
		at[results[i].Record] = i
	}
	var changed []Life
	write := func(l Life) {
		l.Generation = gen
		changed = append(changed, l)
	}
	known := make(map[Key]bool, len(stored))
	for i := range stored {
		l := &stored[i]
		known[l.Key] = true
		next := *l
		if r, ok := at[l.Record]; ok {
			next = follow(l, &results[r], now)
		} else if s := absent[l.Record]; s != 0 && s != Open {
			next = end(l, s, now)
		}
		if next != *l {
			write(next)
		}
	}
	for i := range results {
		for j := range results[i].Failed {
			f := &results[i].Failed[j]
			if known[f.Key] {
				continue
			}
			known[f.Key] = true
			write(Life{
				Finding: *f, State: Open, Opened: now, First: now,
				Backlog: first || slices.Contains(fresh, f.Rule),
			})
		}
	}
	slices.SortFunc(changed, func(a, b Life) int { return a.Compare(b.Key) })
	return changed
}

// follow is the life of a finding after its deal was judged again.
func follow(l *Life, r *Result, now time.Time) Life {
	if r.Twin != "" { // even when the deal is closed: its win is told of the other deal
		return end(l, Off, now)
	}
	if r.ClosedAs != 0 {
		return end(l, r.ClosedAs, now)
	}
	if i := slices.IndexFunc(r.Failed, func(f Finding) bool { return f.Key == l.Key }); i >= 0 {
		return fail(l, &r.Failed[i], now)
	}
	outcome, asked := r.Outcomes[l.Rule]
	switch {
	case !asked || outcome == Exempt:
		return end(l, Off, now)
	case outcome == Unknown:
		next := *l
		if l.State == Open {
			next.Held = true
			next.hold(&r.Facts, now)
		}
		return next
	case l.Rule == CloseDatePast && r.Facts.CloseDate > l.Deal.CloseDate:
		return end(l, Redated, now)
	}
	return end(l, Fixed, now)
}

// fail is the life of a finding that fails, still or again.
func fail(l *Life, f *Finding, now time.Time) Life {
	next := *l
	if l.State == Open {
		next.hold(&f.Deal, now)
	}
	next.Finding, next.State, next.Held = *f, Open, false
	if l.State == Open {
		return next
	}
	next.Ended = time.Time{}
	if l.State == Gone && now.Sub(l.Ended) <= ReturnsWithin {
		return next
	}
	next.Opened, next.Backlog = now, false
	next.Moved, next.From = time.Time{}, Holder{}
	next.Back = (l.State == Fixed || l.State == Redated) && now.Sub(l.Ended) <= BackWithin
	return next
}

// hold notes whose the deal is now, and whose it was when that is somebody else.
func (l *Life) hold(f *Facts, now time.Time) {
	if was, is := (Holder{l.Deal.Team, l.Deal.OwnerEmail}), (Holder{f.Team, f.OwnerEmail}); was != is {
		l.Moved, l.From = now, was
	}
	l.Deal.Team, l.Deal.OwnerID, l.Deal.OwnerName, l.Deal.OwnerEmail, l.Deal.OwnerActive = f.Team, f.OwnerID, f.OwnerName, f.OwnerEmail, f.OwnerActive
}

// end closes an open life, and changes nothing of a life that has ended. The facts
// remain those of the evaluation that saw the finding last, so a fix is told under the
// name of the owner who had the finding.
func end(l *Life, s State, now time.Time) Life {
	next := *l
	if l.State != Open {
		return next
	}
	next.State, next.Ended, next.Held = s, now, false
	return next
}
