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

// Round is one evaluation of a source, as Diff has to know it.
type Round struct {
	At         time.Time
	Generation uint64
	Is         Yardstick
	// Was is the yardstick of the evaluation before; nil at the very first evaluation of
	// the source, whose findings were there before us.
	Was Yardstick
}

// Diff carries findings from one evaluation to the next: stored are the lives of a
// range of records of one source, results is what this round found on the records
// of that range. Diff returns only the lives that changed, in key order.
//
// Where a record has no result, absent says that the record was Won or Lost, or is
// Gone. A record that is not in absent either is no news: its lives do not change, and
// are never fixed.
//
// What ends or begins because the yardstick changed is nobody's work: it ends Off, and
// begins Newly. For what ends, the life knows what it was judged by, so that a deal that
// could not be judged when the change was made is no exception, and a crash in the middle
// of an evaluation makes no difference. Who dealt with a deal between the same two
// evaluations is not thanked.
func Diff(stored []Life, results []Result, absent map[string]State, e *Round) []Life {
	at := make(map[string]int, len(results))
	for i := range results {
		at[results[i].Record] = i
	}
	var changed []Life
	write := func(l Life) {
		l.Generation = e.Generation
		changed = append(changed, l)
	}
	known := make(map[Key]bool, len(stored))
	for i := range stored {
		l := &stored[i]
		known[l.Key] = true
		next := *l
		if r, ok := at[l.Record]; ok {
			next = e.follow(l, &results[r], stored)
		} else if s := absent[l.Record]; s != 0 && s != Open {
			next = end(l, s, e.At)
		}
		if next != *l {
			write(next)
		}
	}
	for i := range results {
		r := &results[i]
		for j := range r.Failed {
			if f := &r.Failed[j]; !known[f.Key] {
				known[f.Key] = true
				write(e.begin(f, nil, r, stored))
			}
		}
		for j := range r.Paused {
			if f := &r.Paused[j]; !known[f.Key] {
				known[f.Key] = true
				write(e.pause(nil, f, r, stored))
			}
		}
	}
	slices.SortFunc(changed, func(a, b Life) int { return a.Compare(b.Key) })
	return changed
}

// follow is the life of a finding after its deal was judged again. Where the deal was gone
// and is back in time, the life goes on as if the deal had never been away: what happened
// to it out of sight is told as what it is, and not as a deal that nobody can see.
func (e *Round) follow(l *Life, r *Result, stored []Life) Life {
	if l.State == Gone && e.At.Sub(l.Ended) <= ReturnsWithin {
		back := *l
		back.State, back.Ended, back.SaysDone = Open, time.Time{}, ""
		l = &back
	}
	if !r.Twin && r.ClosedAs == 0 {
		if i := slices.IndexFunc(r.Failed, func(f Finding) bool { return f.Key == l.Key }); i >= 0 {
			return e.fail(l, &r.Failed[i], r, stored)
		}
		if i := slices.IndexFunc(r.Paused, func(f Finding) bool { return f.Key == l.Key }); i >= 0 {
			return e.pause(l, &r.Paused[i], r, stored)
		}
	}
	next := e.pass(l, r)
	next.hand(l, r, e.At)
	return next
}

// pause is the life of a finding that fails, and that a park keeps back. It begins and goes
// on as if it were shown, so that the end of the park makes nothing new of it.
func (e *Round) pause(l *Life, f *Finding, r *Result, stored []Life) Life {
	next := Life{}
	if l == nil {
		next = e.begin(f, nil, r, stored)
	} else {
		next = e.fail(l, f, r, stored)
	}
	next.Paused = true
	return next
}

// pass is the life of a finding that does not fail now.
func (e *Round) pass(l *Life, r *Result) Life {
	outcome, asked := r.Outcomes[l.Rule]
	switch {
	case r.Twin: // even when the deal is closed: its win is told of the other deal
		return e.uncheck(l)
	case r.ClosedAs != 0:
		return end(l, r.ClosedAs, e.At)
	case outcome == Unknown:
		return e.hold(l, r)
	case !asked || e.rebased(l).Verdict:
		return e.uncheck(l)
	case outcome == Exempt:
		return end(l, Off, e.At)
	case l.Rule == CloseDatePast && r.Facts.CloseDate > l.Deal.CloseDate:
		return e.finish(l, Redated, r)
	}
	return e.finish(l, Fixed, r)
}

// finish ends the life by what somebody did.
func (e *Round) finish(l *Life, s State, r *Result) Life {
	next := end(l, s, e.At)
	if l.State == Open {
		next.SaysDone = r.Done[l.Rule]
	}
	return next
}

// fail is the life of a finding that fails, still or again.
func (e *Round) fail(l *Life, f *Finding, r *Result, stored []Life) Life {
	if l.State != Open {
		return e.begin(f, l, r, stored)
	}
	next := *l
	next.give(&f.Deal, e.At)
	next.Finding, next.State, next.Held, next.Paused, next.Ended = *f, Open, false, false, time.Time{}
	if f.Deal.IsUnclear("owner") {
		next.own(&l.Deal)
	}
	next.Basis = e.Is.Basis(f.Rule, &f.Deal)
	if by := e.rebased(l); (by.Verdict || by.Weight) && (f.Severity != l.Severity || f.Says.Threshold != l.Says.Threshold) {
		next.Rejudged = e.At
	}
	return next
}

// hold is the life of a finding that nobody can judge now. It remembers what it was last
// judged by, so that a change that is made meanwhile is known when it is judged again.
func (e *Round) hold(l *Life, r *Result) Life {
	next := *l
	if l.State != Open {
		return next
	}
	next.Held, next.Paused = true, r.Parked
	next.give(&r.Facts, e.At)
	// The close date stays what it was: a later one, once it is judged, is a new date.
	next.Deal.Amount, next.Deal.Currency, next.Deal.Unclear = r.Facts.Amount, r.Facts.Currency, r.Facts.Unclear
	if next.Basis != (Basis{}) && !e.rebased(l).Verdict { // the next owner may have another calendar
		next.Basis.Verdict = e.Is.Basis(l.Rule, &next.Deal).Verdict
	}
	return next
}

// give notes whose the deal is now, and whose it was when that is somebody else. An owner
// who could not be read is the one who was read last.
func (l *Life) give(f *Facts, now time.Time) {
	if f.IsUnclear("owner") {
		return
	}
	if was, is := l.Deal.holder(), f.holder(); was != is {
		l.Moved, l.From, l.Leaver = now, was, ""
	}
	l.own(f)
}

// hand notes of a finding that has just ended whose the deal is now, where that is somebody
// else, and of one that ended so before who has the deal since: it may be given on before
// anybody has read of it. was is the life before.
func (l *Life) hand(was *Life, r *Result, now time.Time) {
	if l.State == Open || r.Twin || r.Facts.IsUnclear("owner") {
		return
	}
	is := r.Facts.holder()
	switch {
	case was.Handed():
		l.To = is
	case was.State == Open && was.Deal.holder() != is:
		l.Moved, l.From, l.To = now, was.Deal.holder(), is
	}
}

// inherit notes of a finding that begins whose the deal was, where it was given away with
// other findings: its new owner did not make it what it is.
func (l *Life) inherit(stored []Life, now time.Time) {
	is := l.Deal.holder()
	if l.Deal.IsUnclear("owner") {
		return
	}
	for i := range stored {
		x := &stored[i]
		left := ""
		if x.Rule == OwnerInactive {
			left = cmp.Or(x.Deal.OwnerName, x.Deal.OwnerEmail)
		}
		switch {
		case x.Record != l.Record || l.Leaver != "":
		case x.State == Open && x.Deal.holder() != is:
			l.Moved, l.From, l.Leaver = now, x.Deal.holder(), left
		case x.Handed() && x.To == is && !x.Moved.Before(l.Moved):
			l.Moved, l.From, l.Leaver = x.Moved, x.From, left
		}
	}
}

// own takes from f whose the deal is.
func (l *Life) own(f *Facts) {
	l.Deal.Team, l.Deal.OwnerID, l.Deal.OwnerName, l.Deal.OwnerEmail, l.Deal.OwnerActive = f.Team, f.OwnerID, f.OwnerName, f.OwnerEmail, f.OwnerActive
}

// begin is the life of a finding that was not open. before is its former life, nil is none.
func (e *Round) begin(f *Finding, before *Life, r *Result, stored []Life) Life {
	next := Life{Finding: *f, State: Open, Opened: e.At, First: e.At, Basis: e.Is.Basis(f.Rule, &f.Deal)}
	if before != nil {
		next.First = before.First
	}
	next.inherit(stored, e.At)
	root := e.unhidden(f, r, stored)
	switch {
	case root != nil && before != nil && before.State == Off && !before.Ended.Before(root.Opened):
		// It went behind the root when the root appeared, and was there all the time.
		next.Opened, next.Backlog, next.Newly, next.Back = before.Opened, before.Backlog, before.Newly, before.Back
	case root != nil:
		next.Opened, next.Backlog, next.Newly = root.Opened, root.Backlog, root.Newly
		if root.First.Before(next.First) {
			next.First = root.First
		}
	case e.Was == nil:
		next.Backlog = true
	case e.changed(f), before != nil && before.unchecked():
		next.Backlog, next.Newly = true, true
	case before != nil:
		next.Back = !before.Handed() && (before.State == Fixed || before.State == Redated) && e.At.Sub(before.Ended) <= BackWithin
	}
	return next
}

// unhidden is the finding that hid f until now, and can hide it no longer because nobody
// knows whether it fails, or because it is not checked any more. f goes on with its life
// then: the deal has been what it is all the time. nil is none. Where somebody dealt with
// what hid f, f begins anew.
func (e *Round) unhidden(f *Finding, r *Result, stored []Life) *Life {
	hiders := hiders(f.Rule)
	for i := range stored {
		l := &stored[i]
		if l.Record != f.Record || l.State != Open || l.Held || !slices.Contains(hiders, l.Rule) ||
			slices.ContainsFunc(r.Failed, func(x Finding) bool { return x.Key == l.Key }) {
			continue
		}
		if next := e.pass(l, r); next.Held || next.State == Off {
			return l
		}
	}
	return nil
}

// changed reports whether the rule of f judges the deal otherwise than it did in the
// evaluation before.
func (e *Round) changed(f *Finding) bool {
	return e.Is.comparable(e.Was) && e.Was.Basis(f.Rule, &f.Deal).Verdict != e.Is.Basis(f.Rule, &f.Deal).Verdict
}

// rebased reports what the finding was last judged by and is judged by no longer.
func (e *Round) rebased(l *Life) (by struct{ Verdict, Weight bool }) {
	if l.Basis == (Basis{}) || !e.Is.comparable(e.Was) {
		return by
	}
	is := e.Is.Basis(l.Rule, &l.Deal)
	by.Verdict, by.Weight = is.Verdict != l.Basis.Verdict, is.Weight != l.Basis.Weight
	return by
}

// uncheck closes a life that nobody closed: it is not checked any more, or otherwise.
func (e *Round) uncheck(l *Life) Life {
	next := end(l, Off, e.At)
	if l.State == Open {
		next.Rejudged = e.At
	}
	return next
}

// unchecked reports whether the life ended by uncheck.
func (l *Life) unchecked() bool { return l.State == Off && l.Rejudged.Equal(l.Ended) }

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
