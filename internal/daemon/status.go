package daemon

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// Status gathers what is going on.
func (d *Daemon) Status(ctx context.Context) (*api.Status, error) {
	now := d.now()
	out := &api.Status{GeneratedAt: now.UTC(), Daemon: d.running.Load(), Sources: []api.SourceState{}, Digests: []api.DigestState{}, Deliveries: []api.DeliveryStatus{}, Notices: []string{}}
	states, err := d.cache.Streams(ctx)
	if err != nil {
		return nil, d.stored(err)
	}
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		pass, v, err := d.pass(ctx, src, nil)
		if err != nil {
			return nil, err
		}
		s := api.SourceState{Name: src.Name(), Type: src.Type, AsOf: timePtr(v.AsOf), Complete: v.Complete, Withheld: v.Withheld, Streams: []api.StreamProgress{}}
		s.Next = timePtr(d.waiting(src.Name()))
		if m, ok := src.Source.(crm.Meter); ok {
			u := m.Usage()
			if u.Limit == 0 {
				if u, err = d.usage(ctx, src); err != nil { // another process made the last calls
					return nil, err
				}
			}
			s.Calls, s.Used, s.Limit = u.Calls, u.Used, u.Limit
		}
		for _, st := range states {
			if st.Source == src.Name() {
				s.Streams = append(s.Streams, api.StreamProgress{Stream: st.Stream, Complete: st.Complete, AsOf: timePtr(st.AsOf), Records: st.Records, Error: firstOf(st.Error, happened(st.Held))})
			}
		}
		if v.Error != "" {
			out.Notices = append(out.Notices, fmt.Sprintf("%s: %s", src.Name(), v.Error))
		}
		if v.Complete {
			out.Notices = append(out.Notices, unread(src, pass)...)
			ns, err := d.noted(ctx, src)
			if err != nil {
				return nil, err
			}
			for _, n := range ns {
				out.Notices = append(out.Notices, n.Text)
			}
		}
		out.Sources = append(out.Sources, s)
	}
	err = d.journal.Lives(ctx, now, func(l hygiene.Life) error {
		if l.State == hygiene.Open && !l.Held {
			out.Findings++
		}
		return nil
	})
	if err != nil {
		return nil, d.stored(err)
	}
	t, err := d.latest(ctx)
	if err != nil {
		return nil, err
	}
	out.Evaluated = timePtr(t)
	for i := range d.cfg.Digests {
		dg := &d.cfg.Digests[i]
		for _, team := range d.teams(dg) {
			loc := d.zone(team)
			date := crm.DateOf(now, loc)
			if _, have, err := d.journal.Period(ctx, dg.Name, team, date); err != nil {
				return nil, d.stored(err)
			} else if have {
				date++
			}
			from := now
			if midnight := date.In(loc); midnight.After(from) {
				from = midnight.Add(-time.Second)
			}
			out.Digests = append(out.Digests, api.DigestState{Name: dg.Name, Team: team, Next: dg.Schedule.Next(from.In(loc)).UTC()})
		}
	}
	ds, err := d.journal.Deliveries(ctx)
	if err != nil {
		return nil, d.stored(err)
	}
	for i := range ds {
		if !ds[i].State.Settled() || ds[i].Changed.After(now.AddDate(0, 0, -7)) {
			out.Deliveries = append(out.Deliveries, statusOf(&ds[i]))
		}
		if ds[i].State == delivery.Unknown && ds[i].Reason != "" {
			out.Notices = append(out.Notices, fmt.Sprintf("delivery %s: %s", ds[i].ID, ds[i].Reason))
		}
	}
	slices.SortStableFunc(out.Deliveries, func(a, b api.DeliveryStatus) int { return b.Changed.Compare(a.Changed) })
	if reason := d.faulty(); reason != "" {
		out.Notices = append(out.Notices, reason)
	}
	return out, nil
}

func statusOf(d *delivery.Delivery) api.DeliveryStatus {
	return api.DeliveryStatus{
		ID: d.ID, Digest: d.Digest, Period: d.Period, Team: d.Team, Recipient: d.Recipient, To: d.To, Channel: d.Channel,
		State: d.State, Reason: d.Reason, Attempts: d.Attempts, Changed: d.Changed.UTC(),
	}
}
