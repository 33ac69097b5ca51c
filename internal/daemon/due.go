package daemon

import (
	"context"
	"fmt"
	"maps"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
)

// States of a row of the period ledger.
const (
	periodBegun   = "begun"
	periodExpired = "expired"
	periodSkipped = "skipped"
)

// dueness is what the ledger decides about one digest of one team.
type dueness string

const (
	notYet  dueness = "not yet"
	due     dueness = "due"
	tooLate dueness = "too late"
	already dueness = "already"
)

// isDue decides for one digest of one team at now. The ledger alone says what
// has been done; the schedule only says from when on the local date's digest is
// wanted. A clock that jumps forward finds at most today's, one that jumps back
// finds the row.
func isDue(now time.Time, s digest.Schedule, loc *time.Location, have bool) (dueness, crm.Date) {
	date := crm.DateOf(now, loc)
	at, ok := s.Instant(date, loc)
	switch {
	case !ok || !s.On(date) || now.Before(at):
		return notYet, date
	case have:
		return already, date
	case now.After(at.Add(deadline)):
		return tooLate, date
	}
	return due, date
}

// Begin writes the ledger rows of all digests that are due, with their planned
// deliveries. A digest waits while no source can be judged, and expires visibly
// when its time has passed.
func (d *Daemon) Begin(ctx context.Context) error {
	for i := range d.cfg.Digests {
		dg := &d.cfg.Digests[i]
		for _, team := range d.teams(dg) {
			if err := d.begin(ctx, dg, team); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Daemon) begin(ctx context.Context, dg *Digest, team string) error {
	now, loc := d.now(), d.zone(team)
	_, have, err := d.journal.Period(ctx, dg.Name, team, crm.DateOf(now, loc))
	if err != nil {
		return d.stored(err)
	}
	what, date := isDue(now, dg.Schedule, loc, have)
	p := digest.Period{Digest: dg.Name, Team: team, Date: date, Zone: loc.String(), State: periodBegun, Begun: now, Edition: 1}
	switch what {
	case notYet, already:
		return nil
	case tooLate:
		if _, used, err := d.journal.Reader(ctx, dg.Name, team, d.readersOf(dg, team)[0].email); err != nil || !used {
			// Nobody has been sent this digest yet: the first day begins after its
			// hour, and an "expired" would be noise.
			return d.stored(err)
		}
		p.State, p.Reason = periodExpired, d.lateReason(ctx)
		d.log.Error("digest expired", zap.String("digest", dg.Name), zap.String("team", team), zap.String("date", date.String()), zap.String("reason", p.Reason))
		_, err := d.journal.BeginPeriod(ctx, d.fence, p, nil)
		return d.stored(err)
	}
	ready, err := d.anyJudged(ctx)
	if err != nil || !ready {
		return err // the data line would have nothing to say; the next tick asks again
	}
	at, _ := dg.Schedule.Instant(date, loc)
	return d.plan(ctx, dg, team, p, at.Add(deadline))
}

// plan writes the ledger row and the planned deliveries of one team's readers.
func (d *Daemon) plan(ctx context.Context, dg *Digest, team string, p digest.Period, until time.Time) error {
	var ds []digest.Delivery
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

// anyJudged reports whether at least one source has been evaluated and may be shown.
func (d *Daemon) anyJudged(ctx context.Context) (bool, error) {
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		v, _, err := d.verdict(ctx, src)
		if err != nil {
			return false, err
		}
		if v.Withheld != "" {
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
func (d *Daemon) SendNow(ctx context.Context, dg *Digest, to string, again bool) ([]SendResult, error) {
	ready, err := d.anyJudged(ctx)
	if err != nil {
		return nil, err
	}
	if !ready {
		return nil, &APIError{Message: "no source can be judged yet, so there is nothing true to send: run `pipetidy sync` first, or see `pipetidy status`", Exit: ExitNoVerdict}
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
		p, had, err := d.planNow(ctx, dg, team, again, now)
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
				only[e.ID], was[e.ID] = true, had
			}
		}
	}
	if len(only) == 0 && skipped != "" {
		return nil, &APIError{Message: skipped, Exit: ExitFailed}
	}
	if _, err := d.Deliver(ctx, only); err != nil {
		return nil, err
	}
	var out []SendResult
	for id := range only {
		del, ok, err := d.journal.Delivery(ctx, id)
		if err != nil {
			return nil, d.stored(err)
		}
		if ok {
			out = append(out, SendResult{DeliveryStatus: statusOf(&del), Already: was[id] && del.State.Settled()})
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
// row; had says that it was before.
func (d *Daemon) planNow(ctx context.Context, dg *Digest, team string, again bool, now time.Time) (p digest.Period, had bool, err error) {
	loc := d.zone(team)
	date := crm.DateOf(now, loc)
	row, have, err := d.journal.Period(ctx, dg.Name, team, date)
	if err != nil {
		return p, false, d.stored(err)
	}
	if have && !again && row.State == periodBegun {
		return row, true, nil
	}
	p = digest.Period{Digest: dg.Name, Team: team, Date: date, Zone: loc.String(), State: periodBegun, Begun: now, Edition: row.Edition + 1}
	if err := d.plan(ctx, dg, team, p, now.Add(deadline)); err != nil {
		return p, false, err
	}
	row, _, err = d.journal.Period(ctx, dg.Name, team, date)
	return row, false, d.stored(err)
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
	return nil, &APIError{Message: fmt.Sprintf("no digest is called %q; the configuration has %v", name, names), Exit: ExitUsage}
}
