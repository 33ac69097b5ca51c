package edition

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// Sent is what became of one delivery of a Send.
type Sent struct {
	delivery.Delivery
	Already bool // it was settled before, and nothing was delivered now
}

// Send sends the digest now, as today's period of each team, so the schedule sends it
// no more today. With again, Send makes the next edition; with to, everything goes to
// the address to as a test, and nothing counts. Where all sources are withheld, nothing is
// begun but tests, and the error is a [WithheldError].
func (r *Run) Send(ctx context.Context, dg *Digest, to string, again bool) ([]Sent, error) {
	e := r.e
	if err := e.Ready(ctx, dg); err != nil {
		return nil, err
	}
	now := e.cfg.Now()
	only, was := map[string]bool{}, map[string]bool{}
	skipped := ""
	for _, team := range e.Teams(dg) {
		if to != "" {
			ids, err := e.planTests(ctx, dg, team, to, now)
			if err != nil {
				return nil, err
			}
			maps.Copy(only, ids)
			continue
		}
		p, err := r.planNow(ctx, dg, team, again, now)
		if err != nil {
			return nil, err
		}
		if p.State == periodSkipped {
			skipped = p.Reason
		}
		ds, err := e.journal.DeliveriesSince(ctx, p.Date)
		if err != nil {
			return nil, store.AsFileError(err)
		}
		for i := range ds {
			if d := &ds[i]; ofPeriod(d, &p) && d.Edition == p.Edition {
				only[d.ID], was[d.ID] = true, d.State.Settled()
			}
		}
	}
	if len(only) == 0 && skipped != "" {
		return nil, &SkippedError{skipped}
	}
	if err := r.deliverNow(ctx, only); err != nil {
		return nil, err
	}
	var out []Sent
	for id := range only {
		d, ok, err := e.journal.Delivery(ctx, id)
		if err != nil {
			return nil, store.AsFileError(err)
		}
		if ok {
			out = append(out, Sent{d, was[id]})
		}
	}
	return out, nil
}

// ofPeriod reports whether a delivery was planned for the row of the ledger.
func ofPeriod(d *delivery.Delivery, p *digest.Period) bool {
	return d.Digest == p.Digest && d.Team == p.Team && d.Period == p.Date.String() && !d.Test
}

// planTests plans one delivery per reader, all to the address to.
func (e *Edition) planTests(ctx context.Context, dg *Digest, team, to string, now time.Time) (map[string]bool, error) {
	ids := map[string]bool{}
	period := crm.DateOf(now, e.Zone(team)).String() + " test " + now.UTC().Format("15:04:05.000")
	for _, reader := range e.readersOf(dg, team) {
		t := e.outbox.Planned(outbox.Plan{
			Digest: dg.Name, Period: period, Edition: 1, Team: team, Recipient: reader.Email, To: to, Test: true,
			Via: dg.Via, Else: dg.Else, Now: now, Deadline: now.Add(deadline), ElseAt: now.Add(elseAfter),
		})
		if err := e.outbox.Add(ctx, t); err != nil {
			return nil, err
		}
		ids[t.ID] = true
	}
	return ids, nil
}

// planNow makes sure that today's period of the team is begun, and returns its row of
// the ledger. Another edition takes the place of the deliveries that earlier editions
// have not sent yet, so nobody gets both.
func (r *Run) planNow(ctx context.Context, dg *Digest, team string, again bool, now time.Time) (p digest.Period, err error) {
	e := r.e
	loc := e.Zone(team)
	date := crm.DateOf(now, loc)
	row, have, err := e.journal.Period(ctx, dg.Name, team, date)
	if err != nil {
		return p, store.AsFileError(err)
	}
	if have && !again && row.State == periodBegun {
		return row, nil
	}
	if !dg.program() {
		if err := r.worthSending(ctx); err != nil {
			return p, err
		}
	}
	p = digest.Period{Digest: dg.Name, Team: team, Date: date, Zone: loc.String(), State: periodBegun, Begun: now, Edition: row.Edition + 1}
	earlier := func(d *delivery.Delivery) bool { return ofPeriod(d, &p) }
	if err := e.outbox.Supersede(ctx, earlier, fmt.Sprintf("edition %d took its place", p.Edition)); err != nil {
		return p, err
	}
	if err := r.plan(ctx, dg, team, p, now.Add(deadline)); err != nil {
		return p, err
	}
	row, _, err = e.journal.Period(ctx, dg.Name, team, date)
	return row, store.AsFileError(err)
}

// worthSending is a [WithheldError] while no finding of any source may be shown.
func (r *Run) worthSending(ctx context.Context) error {
	f, err := r.gather(ctx)
	if err != nil || len(f.shown) > 0 {
		return err
	}
	var why []string
	for i := range f.sources {
		why = append(why, f.sources[i].Name+": "+f.sources[i].Withheld)
	}
	return &WithheldError{why}
}

// patience is how long a command waits for the next step of a delivery.
const patience = 15 * time.Second

// deliverNow delivers what a command waits for. It goes on as long as a delivery can be
// settled within moments. A message in doubt takes minutes, so the command ends before
// and says that the message may have arrived.
func (r *Run) deliverNow(ctx context.Context, only map[string]bool) error {
	for range 3 {
		next, err := r.e.outbox.Deliver(ctx, r, only)
		if err != nil {
			return err
		}
		wait := next.Sub(r.e.cfg.Now())
		if next.IsZero() || wait > patience {
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
