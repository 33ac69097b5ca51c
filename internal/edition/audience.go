package edition

import (
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// audience knows for whom the findings of one team are. It reads what their owners and the
// team's manager were told when it first requires that, so it is for one digest: the same
// run may have sent others since.
type audience struct {
	r    *Run
	team *hygiene.Team
	now  time.Time
	lead string // first address of the manager
	seen []func(*hygiene.Life) time.Time
	reps map[string]*rep // by first address
	// stood are the findings that ended lately although nobody dealt with them, by source and
	// record.
	stood map[[2]string][]hygiene.Life
	// telling is who is about to read the findings for the first time, "" is nobody.
	telling string
}

// rep is an owner of deals who gets a list.
type rep struct {
	to    []reader // of each list
	lists []*Digest
	told  []func(*hygiene.Life) time.Time
}

// audienceOf is the audience of the team's findings, nil where no finding is its owner's
// first. The facts must have been gathered.
func (r *Run) audienceOf(ctx context.Context, team *hygiene.Team) (*audience, error) {
	e := r.e
	if !e.cfg.RepFirst.On() {
		return nil, nil
	}
	a := &audience{r: r, team: team, now: r.facts.at, lead: e.cfg.People.Email(team.Manager), reps: map[string]*rep{}}
	today := crm.DateOf(a.now, e.Zone(team.Key()))
	for _, dg := range e.Digests() {
		for _, to := range e.readersOf(dg, team.Key()) {
			if to.own {
				p := a.reps[to.Email]
				if p == nil {
					p = &rep{}
					a.reps[to.Email] = p
				}
				p.to, p.lists = append(p.to, to), append(p.lists, dg)
				continue
			}
			for _, who := range append([]string{to.Email}, r.standIns(to, today)...) {
				told, err := a.hearing(ctx, dg.Name, who)
				if err != nil {
					return nil, err
				}
				a.seen = append(a.seen, told)
			}
		}
	}
	return a, a.stoodFor(ctx)
}

// hearing is what the reader was told, and when it arrived.
func (a *audience) hearing(ctx context.Context, name, who string) (func(*hygiene.Life) time.Time, error) {
	last, sent, err := a.r.e.journal.Reader(ctx, name, a.team.Key(), who)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	var told *digest.Told
	if sent {
		told = arrived(&last)
	}
	return told.Hearing(), nil
}

// arrived is what the reader's last digest told; nil where nobody noted that.
func arrived(last *digest.Reader) *digest.Told {
	told, err := digest.ParseTold(last.Told)
	if err != nil {
		return nil // the times of the findings tell
	}
	told.Arrived(last.SentAt)
	return told
}

// told reports whether a digest about the team has told the finding.
func (a *audience) told(l *hygiene.Life) bool {
	return slices.ContainsFunc(a.seen, func(seen func(*hygiene.Life) time.Time) bool { return !seen(l).IsZero() })
}

// replaced is for how long a finding that took the place of another one is known by it: until
// then a digest about the team has told it.
const replaced = 7 * 24 * time.Hour

// stoodFor notes which findings ended although nobody dealt with them. Where one that the
// team was told ended so because another finding of its deal says it since, that one is told
// to the team too: silence would say that the deal is in order.
func (a *audience) stoodFor(ctx context.Context) error {
	ls, err := a.r.livesOf(ctx, a.team.Key(), a.now.Add(-replaced))
	if err != nil {
		return err
	}
	a.stood = map[[2]string][]hygiene.Life{}
	for _, l := range ls {
		if l.State == hygiene.Off {
			deal := [2]string{l.Source, l.Record}
			a.stood[deal] = append(a.stood[deal], l)
		}
	}
	return nil
}

// of says for whom the finding is.
func (a *audience) of(ctx context.Context, l *hygiene.Life) (hygiene.Audience, error) {
	owner := a.r.e.cfg.People.Email(l.Deal.OwnerEmail)
	h := hygiene.Hearing{Owner: owner, Lead: owner == a.lead, Calendar: a.r.calendar(owner, a.team.Key()), Team: a.team.Name, Place: a.r.calendar("", a.team.Key())}
	p := a.reps[owner]
	if p == nil {
		return hygiene.Audience{}, nil
	}
	for _, s := range a.r.facts.snapshots {
		if s.Source == l.Source {
			h.Quarter = s.Quarter
		}
	}
	h.Seen = a.told(l) || slices.ContainsFunc(a.stood[[2]string{l.Source, l.Record}], func(x hygiene.Life) bool {
		return x.Ended.Equal(l.Opened) && hygiene.Hides(l.Rule, x.Rule) && a.told(&x)
	})
	if h.Seen || l.Backlog {
		return hygiene.Audience{}, nil // as most are
	}
	if p.told == nil {
		for _, dg := range p.lists {
			told, err := a.hearing(ctx, dg.Name, owner)
			if err != nil {
				return hygiene.Audience{}, err
			}
			p.told = append(p.told, told)
		}
	}
	for _, told := range p.told {
		if at := told(l); !at.IsZero() && (h.Told.IsZero() || at.Before(h.Told)) {
			h.Told = at
		}
	}
	switch {
	case !h.Told.IsZero():
	case a.telling == owner:
		h.Told = a.now
	default:
		var err error
		since, ok := a.r.facts.tellable(l)
		if !ok {
			break // no list has what is folded or held back, so none is waited for
		}
		if h.Coming, err = a.coming(ctx, p, since); err != nil {
			return hygiene.Audience{}, err
		}
	}
	return a.r.e.cfg.RepFirst.Audience(l, &h, a.now), nil
}

// tellable is from when on lists may have the finding: since it began, or since a fold or a
// brake ended that kept it back. ok is false while one does.
func (f *facts) tellable(l *hygiene.Life) (since time.Time, ok bool) {
	for i := range f.folded {
		x := &f.folded[i]
		switch {
		case x.Source != l.Source || x.Rule != l.Rule || x.Pipeline != l.Deal.Pipeline:
		case x.HidesFinding(&l.Deal, l.Opened):
			return time.Time{}, false
		case x.Until.After(l.Opened) && !(x.Brake && l.Opened.Before(x.Since)):
			return x.Until, true
		}
	}
	return l.Opened, true
}

// coming reports whether the rep's first list since the time, that of the same or of the next
// business day, is still to come or under way. One that did not arrive in time is not waited
// for: the next one may not arrive either.
func (a *audience) coming(ctx context.Context, p *rep, since time.Time) (bool, error) {
	for i, dg := range p.lists {
		to := p.to[i]
		loc := a.r.e.Zone(a.team.Key())
		cal := a.r.calendar(to.Email, a.team.Key())
		first := crm.DateOf(since, loc)
		for date := first; cal.Between(first, date) <= 1 && date <= first+mostRest; date++ {
			at, ok := dg.Schedule.Instant(date, loc)
			if !ok || !dg.Schedule.On(date) || !at.After(since) {
				continue
			}
			if _, away := a.r.almanac().Away(to.Email, date); away {
				break
			}
			if _, off, _ := a.r.instead(to, date); off != "" {
				continue
			}
			waits, err := a.underWay(ctx, dg, to, date, at)
			if err != nil {
				return false, err
			}
			if waits {
				return true, nil
			}
			break
		}
	}
	return false, nil
}

// underWay reports whether the rep's list of the date may still arrive.
func (a *audience) underWay(ctx context.Context, dg *Digest, to reader, date crm.Date, at time.Time) (bool, error) {
	if !a.now.Before(at.Add(deadline)) {
		return false, nil
	}
	if goes, err := a.r.reaches(ctx, to, date); err != nil || !goes {
		return false, err
	}
	row, have, err := a.r.e.journal.Period(ctx, dg.Name, to.Team, date)
	switch {
	case err != nil:
		return false, store.AsFileError(err)
	case !have:
		return true, nil
	case row.State != periodBegun:
		return false, nil
	}
	rec, err := a.r.recorded(ctx)
	if err != nil {
		return false, err
	}
	for i := range rec.deliveries {
		d := &rec.deliveries[i]
		if !ofPeriod(d, &row) || d.Recipient != to.Email || d.To != "" {
			continue
		}
		now, _, err := a.r.e.journal.Delivery(ctx, d.ID)
		if err != nil {
			return false, store.AsFileError(err)
		}
		if !now.State.Settled() {
			return true, nil
		}
	}
	return false, nil
}

// reaches reports whether the rep's list goes to the rep on the date, and to nobody instead.
func (r *Run) reaches(ctx context.Context, to reader, date crm.Date) (bool, error) {
	routes, _, err := r.routesOf(ctx, to, date)
	return len(routes) == 1 && routes[0].to == "", err
}

// address applies the audience to what one reader is told: others than the owners of the
// deals are not told what is their owners' alone, and an owner is told what that is.
func (r *Run) address(ctx context.Context, in *digest.Input, own bool) error {
	a, err := r.audienceOf(ctx, &in.Team)
	if err != nil || a == nil {
		return err
	}
	in.RepFirst = true
	var failed error
	of := func(l *hygiene.Life) hygiene.Audience {
		x, err := a.of(ctx, l)
		if err != nil {
			failed = err
		}
		return x
	}
	if !own {
		in.Public(of)
		return failed
	}
	p := a.reps[in.Recipient]
	if p == nil {
		return nil
	}
	if goes, err := r.reaches(ctx, p.to[0], crm.DateOf(a.now, r.e.Zone(in.Team.Key()))); err != nil || !goes {
		return err
	}
	a.telling = in.Recipient
	in.Only, in.Both = map[hygiene.Key]time.Time{}, map[hygiene.Key]bool{}
	for i := range in.Lives {
		l := &in.Lives[i]
		if l.State != hygiene.Open || r.e.cfg.People.Email(l.Deal.OwnerEmail) != in.Recipient {
			continue
		}
		switch x := of(l); {
		case x.Owner:
			in.Only[l.Key] = r.told(in.Team.Key(), x.Until)
		case x.Also:
			in.Both[l.Key] = true
		}
	}
	return failed
}

// told is when the first digest about the team at or after the time is due, zero where none
// is.
func (r *Run) told(team string, from time.Time) (first time.Time) {
	loc := r.e.Zone(team)
	for _, dg := range r.e.Digests() {
		if kind, ok := digest.KindOf(dg.For); !ok || kind.Own || kind.Sparse || len(r.e.readersOf(dg, team)) == 0 {
			continue
		}
		at := dg.Schedule.Next(from.Add(-time.Second).In(loc))
		for range mostRest {
			if at.IsZero() || r.rest(dg, team, crm.DateOf(at, loc)) == "" {
				break
			}
			at = dg.Schedule.Next(at)
		}
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// OwnerOnly reports whether the finding, which is open, is its deal's owner's alone now, and
// until when; the time is zero while the owner's list is on its way.
func (r *Run) OwnerOnly(ctx context.Context, l *hygiene.Life) (until time.Time, ok bool, err error) {
	if !r.e.cfg.RepFirst.On() {
		return time.Time{}, false, nil
	}
	if _, err := r.gather(ctx); err != nil {
		return time.Time{}, false, err
	}
	a, have := r.audiences[l.Deal.Team]
	if !have {
		for i := range r.e.cfg.Teams.List {
			if t := &r.e.cfg.Teams.List[i]; t.Key() == l.Deal.Team {
				if a, err = r.audienceOf(ctx, t); err != nil {
					return time.Time{}, false, err
				}
			}
		}
		if r.audiences == nil {
			r.audiences = map[string]*audience{}
		}
		r.audiences[l.Deal.Team] = a
	}
	if a == nil {
		return time.Time{}, false, nil
	}
	x, err := a.of(ctx, l)
	return x.Until, x.Owner, err
}
