package edition

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// deadline is how long after its time a digest may still be delivered: the morning's
// digest must not arrive at night.
const deadline = 4 * time.Hour

// lastCall is how long before its deadline a digest waits for no sync any more.
const lastCall = 15 * time.Minute

// elseAfter is how long after its time a digest whose channel does not recover goes to its
// else channel.
const elseAfter = 90 * time.Minute

// States of a row of the period ledger.
const (
	periodBegun   = "begun"
	periodExpired = "expired"
	periodSkipped = "skipped"
	periodUnclear = "unclear" // nobody knows whether it was begun: see unclear.go
)

// dueness is what the ledger decides about one digest of one team and date.
type dueness string

const (
	notYet  dueness = "not yet"
	due     dueness = "due"
	tooLate dueness = "too late"
	already dueness = "already"
	noDay   dueness = "no day of this digest"
)

// isDue decides for the digest of one local date at now. The ledger alone says
// what has been done; the schedule only says from when on it is wanted. A clock
// that jumps forward finds what it passed over too late, one that jumps back finds
// the row.
func isDue(now time.Time, s digest.Schedule, date crm.Date, loc *time.Location, have bool) dueness {
	at, ok := s.Instant(date, loc)
	switch {
	case !ok || !s.On(date):
		return noDay
	case now.Before(at):
		return notYet
	case have:
		return already
	case now.After(at.Add(deadline)):
		return tooLate
	}
	return due
}

// lookBack is how many days back a digest that nobody sent is still noticed.
const lookBack = 7

// Begin writes the ledger rows of all digests that are due, with their planned
// deliveries. A digest waits while no source can be judged, and expires visibly
// when its time has passed.
func (r *Run) Begin(ctx context.Context) error {
	for _, dg := range r.e.Digests() {
		for _, team := range r.e.Teams(dg) {
			today := crm.DateOf(r.e.cfg.Now(), r.e.Zone(team))
			for date := today - lookBack; date <= today; date++ {
				if err := r.begin(ctx, dg, team, date); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *Run) begin(ctx context.Context, dg *Digest, team string, date crm.Date) error {
	e := r.e
	now, loc := e.cfg.Now(), e.Zone(team)
	_, have, err := e.journal.Period(ctx, dg.Name, team, date)
	if err != nil {
		return store.AsFileError(err)
	}
	p := digest.Period{Digest: dg.Name, Team: team, Date: date, Zone: loc.String(), State: periodBegun, Begun: now, Edition: 1}
	what := isDue(now, dg.Schedule, date, loc, have)
	if what != due && what != tooLate {
		return nil
	}
	at, _ := dg.Schedule.Instant(date, loc)
	unclear, err := r.unclear(ctx, at)
	if err != nil {
		return err
	}
	if what == tooLate {
		used, err := e.inUseBefore(ctx, dg, team, date)
		if err != nil || !used {
			return err
		}
	}
	rest := r.rest(dg, team, date)
	switch {
	case rest != "":
		p.State, p.Reason = periodSkipped, rest
		return r.passOver(ctx, Due, &p)
	case unclear:
		p.State, p.Reason = periodUnclear, unclearReason
		return r.passOver(ctx, Unclear, &p)
	case what == tooLate:
		p.State, p.Reason = periodExpired, r.lateReason(ctx)
		return r.passOver(ctx, Expired, &p)
	}
	until := at.Add(deadline)
	if r.waits(until) {
		return nil
	}
	ready, err := r.anyJudged(ctx)
	if err != nil || !ready && !dg.program() {
		return err // nothing true to say yet; the next run decides again
	}
	return r.plan(ctx, dg, team, p, until)
}

// passOver writes the row of a period in which nothing is sent.
func (r *Run) passOver(ctx context.Context, kind Kind, p *digest.Period) error {
	r.e.cfg.Observe(Event{Kind: kind, Digest: p.Digest, Team: r.e.cfg.Teams.Name(p.Team), Date: p.Date, Reason: p.Reason})
	_, err := r.e.journal.BeginPeriod(ctx, r.e.fence, *p, nil)
	return store.AsFileError(err)
}

// waits reports whether what has to be sent until then waits for a sync.
func (r *Run) waits(until time.Time) bool {
	return r.Wait && r.e.cfg.Now().Before(until.Add(-lastCall))
}

// plan writes the ledger row and the planned deliveries of one team's readers.
func (r *Run) plan(ctx context.Context, dg *Digest, team string, p digest.Period, until time.Time) error {
	var ds []delivery.Delivery
	routes, why, err := r.routes(ctx, dg, team, p.Date)
	if err != nil {
		return err
	}
	for _, to := range routes {
		ds = append(ds, *r.e.outbox.Planned(outbox.Plan{
			Digest: dg.Name, Period: p.Date.String(), Edition: p.Edition, Team: team, Recipient: to.Email, To: to.to,
			Via: dg.Via, Else: dg.Else, Now: r.e.cfg.Now(), Deadline: until, ElseAt: until.Add(elseAfter - deadline),
		}))
	}
	if p.Reason = why; len(ds) == 0 {
		p.State = periodSkipped
	}
	begun, err := r.e.journal.BeginPeriod(ctx, r.e.fence, p, ds)
	if err != nil {
		return store.AsFileError(err)
	}
	if begun {
		r.e.cfg.Observe(Event{Kind: Due, Digest: dg.Name, Team: r.e.cfg.Teams.Name(team), Date: p.Date, Edition: p.Edition, Deliveries: len(ds), Reason: p.Reason})
	}
	return nil
}

// inUseBefore reports whether any reader of the team was sent the digest before the
// date. No digest is missed on the days before the first digest, nor on the day of an
// installation in the afternoon.
func (e *Edition) inUseBefore(ctx context.Context, dg *Digest, team string, date crm.Date) (bool, error) {
	for _, to := range e.readersOf(dg, team) {
		last, ok, err := e.journal.Reader(ctx, dg.Name, team, to.Email)
		if err != nil {
			return false, store.AsFileError(err)
		}
		if sent, err := crm.ParseDate(last.Period); ok && err == nil && sent < date {
			return true, nil
		}
	}
	return false, nil
}

// lateReason says why a digest was not sent in time.
func (r *Run) lateReason(ctx context.Context) string {
	if ok, err := r.anyJudged(ctx); err == nil && !ok {
		return "no source could be judged in time"
	}
	return "the daemon was not running, or the machine was asleep, at its time"
}

// Next is when a digest is next due for a team.
type Next struct {
	Digest, Team string
	At           time.Time
	Rest         string // the dates before it on which nobody is there to read it, today included; "" is none
}

// mostRest bounds how far Next looks for a day on which somebody works.
const mostRest = 60

// Next says when each digest is next due for each of its teams.
func (e *Edition) Next(ctx context.Context) ([]Next, error) {
	var out []Next
	r := e.Run()
	now := e.cfg.Now()
	for _, dg := range e.Digests() {
		for _, team := range e.Teams(dg) {
			loc := e.Zone(team)
			date := crm.DateOf(now, loc)
			row, have, err := e.journal.Period(ctx, dg.Name, team, date)
			if err != nil {
				return nil, store.AsFileError(err)
			}
			var dates []crm.Date
			var whys []string
			if have {
				if why := r.rest(dg, team, date); why != "" && row.State == periodSkipped {
					dates, whys = append(dates, date), append(whys, why)
				}
				date++
			}
			from := now
			if midnight := date.In(loc); midnight.After(from) {
				from = midnight.Add(-time.Second)
			}
			at := dg.Schedule.Next(from.In(loc))
			for range mostRest {
				on := crm.DateOf(at, loc)
				why := r.rest(dg, team, on)
				if why == "" || at.IsZero() {
					break
				}
				dates, whys = append(dates, on), append(whys, why)
				at = dg.Schedule.Next(at)
			}
			out = append(out, Next{dg.Name, team, at, resting(dates, whys)})
		}
	}
	return out, nil
}
