package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// portfolio holds the sums of all open deals that the digest is about, with and without
// findings, now and when the last digest was sent.
type portfolio struct {
	team     string
	current  []hygiene.Snapshot // of the shown sources
	previous []hygiene.Snapshot // of the same sources, empty unless there is one for each
	quarter  crm.Date           // end of the quarter that the commit was summed to
	sources  *sources
	since    string
	told     *Told
}

// newPortfolio keeps the snapshots of the judged sources, with the tallies of the owners
// that whose accepts. The previous snapshots are kept only where each current snapshot
// has its counterpart: sums of other sources could not be compared.
func newPortfolio(in *Input, w *wall, s *sources, whose func(owner string) bool) *portfolio {
	p := &portfolio{team: in.Team.Key(), sources: s, since: w.since, told: in.Told}
	kept := func(snap hygiene.Snapshot) hygiene.Snapshot {
		snap.Tallies = slices.DeleteFunc(slices.Clone(snap.Tallies), func(t hygiene.Tally) bool { return !whose(t.OwnerEmail) })
		return snap
	}
	day := w.today
	for _, snap := range in.Snapshots {
		if !s.judged(snap.Source) {
			continue
		}
		if len(p.current) == 0 || snap.Day > day {
			day = snap.Day
		}
		p.current = append(p.current, kept(snap))
		p.quarter = max(p.quarter, snap.Quarter)
		for _, was := range in.Previous {
			if was.Source == snap.Source {
				p.previous = append(p.previous, kept(was))
				break
			}
		}
	}
	if day.IsZero() {
		day = w.today
	}
	if p.quarter.IsZero() {
		p.quarter = day.QuarterEnd(0)
	}
	if w.first() || len(p.previous) != len(p.current) {
		p.previous = nil
	}
	return p
}

// compares reports whether all of the commit at the last digest could be read, and was
// summed to the same day and in the same parts.
func (p *portfolio) compares() bool {
	if amounts, deals := p.unread(p.previous); p.rejudged() || amounts+deals > 0 {
		return false
	}
	for _, s := range p.previous {
		if !s.Questions {
			return false
		}
		until := s.Quarter
		if until.IsZero() {
			until = s.Day.QuarterEnd(0)
		}
		if until != p.quarter {
			return false
		}
	}
	return true
}

// known reports whether every shown source has its sums.
func (p *portfolio) known() bool { return len(p.current) == len(p.sources.shown) }

// deals counts the team's open deals and those that needed an update.
func (p *portfolio) deals(ss []hygiene.Snapshot) (deals, need int) {
	for _, s := range ss {
		for _, t := range s.Tallies {
			if t.Team == p.team {
				deals += t.Deals
				need += t.NeedUpdate
			}
		}
	}
	return deals, need
}

// skipped counts the team's open deals in skipped pipelines.
func (p *portfolio) skipped() (n int) {
	for _, s := range p.current {
		n += s.Skipped[p.team]
	}
	return n
}

// commit sums the team's commit by currency, and the part of it that has an open finding of
// severity medium or high.
func (p *portfolio) commit(ss []hygiene.Snapshot) (total, open words.Purse, deals int) {
	total, open = words.Purse{}, words.Purse{}
	for _, s := range ss {
		for _, t := range s.Tallies {
			if t.Team != p.team {
				continue
			}
			deals += t.CommitDeals
			for cur, v := range t.Commit {
				if v != 0 {
					p.sources.money.add(total, s.Source, cur, v)
				}
			}
			for _, part := range []map[string]float64{t.CommitQuestion, t.CommitDoubt} {
				for cur, v := range part {
					if v != 0 {
						p.sources.money.add(open, s.Source, cur, v)
					}
				}
			}
		}
	}
	return total, open, deals
}

// unread counts the deals of the team's commit whose amount could not be read, and those
// of which nobody knows whether they are in it.
func (p *portfolio) unread(ss []hygiene.Snapshot) (amounts, deals int) {
	for _, s := range ss {
		for _, t := range s.Tallies {
			if t.Team == p.team {
				amounts += t.CommitUnread
				deals += t.CommitUnsure
			}
		}
	}
	return amounts, deals
}

// rejudged reports whether deals are judged by something else than at the last digest, so
// that the numbers of both are not compared.
func (p *portfolio) rejudged() bool {
	for i, was := range p.previous {
		if is := p.current[i]; was.Basis != 0 && is.Basis != 0 && was.Basis != is.Basis {
			return true
		}
	}
	return false
}

// before writes the share of deals in order at the last digest in place of the % in
// form, "" when that share is not known.
func (p *portfolio) before(form string) string {
	deals, need := p.deals(p.previous)
	inOrder := deals - need
	if p.told != nil { // what the reader saw, whatever has been judged otherwise since
		deals, inOrder = p.told.Judged, p.told.InOrder
	}
	if deals == 0 || inOrder < 0 {
		return ""
	}
	if p.rejudged() {
		return strings.Replace(form, "%", "judged otherwise than "+p.since, 1)
	}
	return strings.Replace(form, "%", p.since+" "+words.Percent(float64(inOrder), float64(deals)), 1)
}
