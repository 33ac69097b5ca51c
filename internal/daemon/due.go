package daemon

import (
	"context"
	"fmt"
	"maps"
	"net/mail"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/api"
)

// States of a row of the period ledger.
const (
	periodBegun   = "begun"
	periodExpired = "expired"
	periodSkipped = "skipped"
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
func (d *Daemon) Begin(ctx context.Context) error {
	for i := range d.cfg.Digests {
		dg := &d.cfg.Digests[i]
		for _, team := range d.teams(dg) {
			today := crm.DateOf(d.now(), d.zone(team))
			for date := today - lookBack; date <= today; date++ {
				if err := d.begin(ctx, dg, team, date); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (d *Daemon) begin(ctx context.Context, dg *Digest, team string, date crm.Date) error {
	now, loc := d.now(), d.zone(team)
	_, have, err := d.journal.Period(ctx, dg.Name, team, date)
	if err != nil {
		return d.stored(err)
	}
	p := digest.Period{Digest: dg.Name, Team: team, Date: date, Zone: loc.String(), State: periodBegun, Begun: now, Edition: 1}
	switch isDue(now, dg.Schedule, date, loc, have) {
	case notYet, already, noDay:
		return nil
	case tooLate:
		used, err := d.inUseBefore(ctx, dg, team, date)
		if err != nil || !used {
			return err
		}
		p.State, p.Reason = periodExpired, d.lateReason(ctx)
		d.log.Error("digest expired", zap.String("digest", dg.Name), zap.String("team", team), zap.String("date", date.String()), zap.String("reason", p.Reason))
		_, err = d.journal.BeginPeriod(ctx, d.fence, p, nil)
		return d.stored(err)
	}
	ready, err := d.anyJudged(ctx)
	if err != nil || !ready {
		return err // the data line would have nothing to say; the next tick asks again
	}
	at, _ := dg.Schedule.Instant(date, loc)
	return d.plan(ctx, dg, team, p, at.Add(deadline))
}

// inUseBefore reports whether any reader of the team was sent the digest before
// the date: the days before the first one are not missed, and neither is the day
// of an installation in the afternoon.
func (d *Daemon) inUseBefore(ctx context.Context, dg *Digest, team string, date crm.Date) (bool, error) {
	for _, r := range d.readersOf(dg, team) {
		last, ok, err := d.journal.Reader(ctx, dg.Name, team, r.email)
		if err != nil {
			return false, d.stored(err)
		}
		if sent, err := crm.ParseDate(last.Period); ok && err == nil && sent < date {
			return true, nil
		}
	}
	return false, nil
}

// plan writes the ledger row and the planned deliveries of one team's readers.
func (d *Daemon) plan(ctx context.Context, dg *Digest, team string, p digest.Period, until time.Time) error {
	var ds []delivery.Delivery
	routes, why, err := d.routes(ctx, dg, team, p.Date)
	if err != nil {
		return err
	}
	for _, r := range routes {
		del := planned(dg.Name, p.Date.String(), p.Edition, team, r.email, r.to, dg.Via, dg.Else, d.now(), until)
		ds = append(ds, *del)
	}
	if len(ds) == 0 {
		p.State, p.Reason = periodSkipped, why
	}
	begun, err := d.journal.BeginPeriod(ctx, d.fence, p, ds)
	if err != nil {
		return d.stored(err)
	}
	if begun {
		d.log.Info("digest due", zap.String("digest", dg.Name), zap.String("team", team), zap.String("date", p.Date.String()), zap.Int("edition", p.Edition), zap.Int("deliveries", len(ds)), zap.String("reason", p.Reason))
	}
	return nil
}

func (d *Daemon) lateReason(ctx context.Context) string {
	if ok, err := d.anyJudged(ctx); err == nil && !ok {
		return "no source could be judged in time"
	}
	return "the daemon was not running, or the machine was asleep, at its time"
}

// anyJudged reports whether at least one source has been read to its end and
// evaluated: then a digest has something true to say, if only that the data has
// become too old.
func (d *Daemon) anyJudged(ctx context.Context) (bool, error) {
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		v, _, err := d.verdict(ctx, src)
		if err != nil {
			return false, err
		}
		if !v.Complete {
			continue
		}
		_, ok, err := d.journal.Snapshot(ctx, src.Name(), d.now())
		if err != nil {
			return false, d.stored(err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}

// teams lists the teams that have a reader of the digest.
func (d *Daemon) teams(dg *Digest) []string {
	var out []string
	for _, r := range d.readers(dg) {
		if len(out) == 0 || out[len(out)-1] != r.team {
			out = append(out, r.team)
		}
	}
	return out
}

func (d *Daemon) readersOf(dg *Digest, team string) []reader {
	var out []reader
	for _, r := range d.readers(dg) {
		if r.team == team {
			out = append(out, r)
		}
	}
	return out
}

// SendNow sends the digest under today's period of each team: what the schedule
// would have sent counts as sent. With again, it makes the next edition; with to,
// everything goes to that address as a test and nothing counts.
func (d *Daemon) SendNow(ctx context.Context, dg *Digest, to string, again bool) ([]api.SendResult, error) {
	if err := d.ready(ctx); err != nil {
		return nil, err
	}
	if to != "" {
		a, err := mail.ParseAddress(to)
		if err != nil || a.Address != to {
			return nil, &api.Error{Message: fmt.Sprintf("--to %q: want one address, as in me@acme.example", to), Exit: api.ExitUsage}
		}
	}
	now := d.now()
	only, was := map[string]bool{}, map[string]bool{}
	skipped := ""
	for _, team := range d.teams(dg) {
		if to != "" {
			ids, err := d.planTests(ctx, dg, team, to, now)
			if err != nil {
				return nil, err
			}
			maps.Copy(only, ids)
			continue
		}
		p, err := d.planNow(ctx, dg, team, again, now)
		if err != nil {
			return nil, err
		}
		if p.State == periodSkipped {
			skipped = p.Reason
		}
		ds, err := d.journal.Deliveries(ctx)
		if err != nil {
			return nil, d.stored(err)
		}
		for i := range ds {
			if e := &ds[i]; e.Digest == dg.Name && e.Team == team && e.Period == p.Date.String() && e.Edition == p.Edition && !e.Test {
				only[e.ID], was[e.ID] = true, e.State.Settled()
			}
		}
	}
	if len(only) == 0 && skipped != "" {
		return nil, &api.Error{Message: skipped, Exit: api.ExitFailed}
	}
	if err := d.deliverNow(ctx, only); err != nil {
		return nil, err
	}
	var out []api.SendResult
	for id := range only {
		del, ok, err := d.journal.Delivery(ctx, id)
		if err != nil {
			return nil, d.stored(err)
		}
		if ok {
			out = append(out, api.SendResult{DeliveryStatus: statusOf(&del), Already: was[id]})
		}
	}
	sortResults(out)
	return out, nil
}

// planTests plans one delivery per reader to another address.
func (d *Daemon) planTests(ctx context.Context, dg *Digest, team, to string, now time.Time) (map[string]bool, error) {
	ids := map[string]bool{}
	period := crm.DateOf(now, d.zone(team)).String() + " test " + now.UTC().Format("15:04:05.000")
	for _, r := range d.readersOf(dg, team) {
		t := planned(dg.Name, period, 1, team, r.email, to, dg.Via, dg.Else, now, now.Add(deadline))
		t.Test = true
		if err := d.save(ctx, t, nil); err != nil {
			return nil, err
		}
		ids[t.ID] = true
	}
	return ids, nil
}

// planNow makes sure that today's period of the team is begun, and returns its
// row. Another edition takes the place of what an earlier one has not sent yet:
// nobody gets both.
func (d *Daemon) planNow(ctx context.Context, dg *Digest, team string, again bool, now time.Time) (p digest.Period, err error) {
	loc := d.zone(team)
	date := crm.DateOf(now, loc)
	row, have, err := d.journal.Period(ctx, dg.Name, team, date)
	if err != nil {
		return p, d.stored(err)
	}
	if have && !again && row.State == periodBegun {
		return row, nil
	}
	p = digest.Period{Digest: dg.Name, Team: team, Date: date, Zone: loc.String(), State: periodBegun, Begun: now, Edition: row.Edition + 1}
	if err := d.replace(ctx, dg, team, date, p.Edition); err != nil {
		return p, err
	}
	if err := d.plan(ctx, dg, team, p, now.Add(deadline)); err != nil {
		return p, err
	}
	row, _, err = d.journal.Period(ctx, dg.Name, team, date)
	return row, d.stored(err)
}

// replace settles what earlier editions of the period have not begun to send.
func (d *Daemon) replace(ctx context.Context, dg *Digest, team string, date crm.Date, edition int) error {
	d.delivering.Lock()
	defer d.delivering.Unlock()
	ds, err := d.journal.Deliveries(ctx, delivery.Planned, delivery.Rendered, delivery.Retry)
	if err != nil {
		return d.stored(err)
	}
	for i := range ds {
		e := &ds[i]
		if e.Digest != dg.Name || e.Team != team || e.Period != date.String() || e.Test || len(e.Parts) > 0 && e.Parts[0].State == delivery.Sent {
			continue
		}
		for j := range e.Parts {
			e.Parts[j].State = delivery.Skipped
		}
		e.State, e.Reason = delivery.Skipped, fmt.Sprintf("edition %d took its place", edition)
		if err := d.save(ctx, e, nil); err != nil {
			return err
		}
	}
	return nil
}

// deliverNow delivers what somebody is waiting for, and waits itself for what can
// be settled within moments: whether a message in doubt arrived.
func (d *Daemon) deliverNow(ctx context.Context, only map[string]bool) error {
	for range 3 {
		next, err := d.Deliver(ctx, only)
		if err != nil {
			return err
		}
		wait := next.Sub(d.now())
		if next.IsZero() || wait > d.cfg.Settle+5*time.Second {
			return nil
		}
		t := time.NewTimer(max(wait, 0))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
	return nil
}

// ready is an error while no digest has anything true to say.
func (d *Daemon) ready(ctx context.Context) error {
	ok, err := d.anyJudged(ctx)
	if err != nil || ok {
		return err
	}
	return &api.Error{Message: "no source can be judged yet, so there is nothing true to say: run `pipetidy sync` first, or see `pipetidy status`", Exit: api.ExitNoVerdict}
}

// lookup finds a digest of the configuration by its name.
func (d *Daemon) lookup(name string) (*Digest, error) {
	var names []string
	for i := range d.cfg.Digests {
		if d.cfg.Digests[i].Name == name {
			return &d.cfg.Digests[i], nil
		}
		names = append(names, d.cfg.Digests[i].Name)
	}
	return nil, &api.Error{Message: fmt.Sprintf("no digest is called %q; the configuration has %v", name, names), Exit: api.ExitUsage}
}
