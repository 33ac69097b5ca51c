package digest

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/hygiene"
)

// ranking ranks the deals of one digest by what is usual in the reader's team.
type ranking struct {
	usual   rank.Usual
	wall    *wall
	sources *sources
	points  map[*deal]int

	settings *settings // what they changed is nobody's news
}

// newRanking knows the money that is usual from all of the team's findings, so a deal has
// the same place whether its owner or the manager reads of it.
func newRanking(in *Input, w *wall, s *sources) *ranking {
	r := &ranking{wall: w, sources: s, points: map[*deal]int{}, settings: newSettings(in), usual: rank.Usual{Today: w.today, First: in.Attention.First}}
	r.usual.Currency, r.usual.Locale = s.money.base, s.money.locale
	var amounts []float64
	seen := map[[2]string]bool{}
	for i := range in.Lives {
		l := &in.Lives[i]
		key := [2]string{l.Source, l.Record}
		if l.State != hygiene.Open || seen[key] || !s.judged(l.Source) {
			continue
		}
		if v, ok := s.money.worth(l.Source, &l.Deal); ok && v > 0 {
			seen[key] = true
			amounts = append(amounts, v)
		}
	}
	r.usual.Median = rank.Median(amounts)
	return r
}

// stake is what there is to rank of a deal with open findings.
func (r *ranking) stake(d *deal) rank.Stake {
	s := rank.Stake{Severity: d.severity(), Commit: d.facts.Commit, Urgent: d.soon, Closes: d.facts.CloseDate, Over: d.over()}
	s.Worth, s.Priced = r.sources.money.worth(d.source, &d.facts)
	if len(d.open) > 0 {
		s.Open = r.wall.cal.Days(d.opened(), r.wall.now)
	}
	if last := d.numbered(r.wall.today); !last.IsZero() {
		s.Numbered, s.Idle = true, r.wall.cal.Between(last, r.wall.today)
	}
	return s
}

// stakes is what there is to rank of several deals that are one line: the worst of each,
// and all their money.
func (r *ranking) stakes(ds []*deal) rank.Stake {
	all := r.stake(ds[0])
	for _, d := range ds[1:] {
		s := r.stake(d)
		all.Severity = max(all.Severity, s.Severity)
		all.Commit, all.Urgent = all.Commit || s.Commit, all.Urgent || s.Urgent
		if all.Closes.IsZero() || !s.Closes.IsZero() && s.Closes < all.Closes {
			all.Closes = s.Closes
		}
		all.Worth, all.Priced = all.Worth+s.Worth, all.Priced || s.Priced
		all.Over, all.Open = max(all.Over, s.Over), max(all.Open, s.Open)
		if s.Numbered {
			all.Idle = min(all.Idle, s.Idle)
		}
		all.Numbered = all.Numbered && s.Numbered
	}
	return all
}

// place says where the line of the deals stands, and why.
func (r *ranking) place(ds []*deal) rank.Place {
	s := r.stakes(ds)
	return rank.Of(&s, &r.usual)
}

// of are the points of one deal.
func (r *ranking) of(d *deal) int {
	p, ok := r.points[d]
	if !ok {
		s := r.stake(d)
		p = rank.Points(&s, &r.usual)
		r.points[d] = p
	}
	return p
}

// compare orders deals: the most points, the oldest, then by key, so that the order is
// the same each time.
func (r *ranking) compare(a, b *deal) int {
	return cmp.Or(
		cmp.Compare(r.of(b), r.of(a)),
		a.opened().Compare(b.opened()),
		cmp.Compare(a.source, b.source),
		cmp.Compare(a.record, b.record),
	)
}

// numbered is the last day before today on which a digest gave the deal a number, zero
// for none. Another edition of today's digest says what the first one said.
func (d *deal) numbered(today crm.Date) crm.Date {
	if d.told == nil || d.told.Numbered >= today {
		return 0
	}
	return d.told.Numbered
}

// over is how many times its limit the worst value is; 0 where no finding has a limit to
// compare with.
func (d *deal) over() float64 {
	most := 0.0
	for _, l := range d.open {
		most = max(most, l.Over())
	}
	return most
}

// sorted lists the deals by rank.
func (r *ranking) sorted(ds []*deal) []*deal {
	slices.SortStableFunc(ds, r.compare)
	return ds
}
