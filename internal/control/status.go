package control

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// Status reports the state of sources, digests and deliveries.
func (c *Control) Status(ctx context.Context) (*api.Status, error) {
	now := c.cfg.Now()
	out := &api.Status{
		GeneratedAt: now.UTC(), Daemon: c.process.Running(),
		Sources: []api.SourceState{}, Digests: []api.DigestState{}, Deliveries: []api.DeliveryStatus{}, Notices: []string{}, File: []string{},
	}
	states, err := c.cache.Streams(ctx)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		s, err := c.source(ctx, src, states)
		if err != nil {
			return nil, err
		}
		out.Sources = append(out.Sources, s)
		clocks, err := c.Intake.Clocks(ctx, src.Source.Source)
		if err != nil {
			return nil, err
		}
		if clocks != "" {
			out.Notices = append(out.Notices, clocks)
		}
		sight, err := c.Intake.Sight(ctx, src.Source.Source)
		if err != nil {
			return nil, err
		}
		if sight != "" {
			out.Notices = append(out.Notices, sight)
		}
		stale, err := c.Intake.Stale(ctx, src.Source.Source)
		if err != nil {
			return nil, err
		}
		if stale != "" {
			out.Notices = append(out.Notices, stale)
		}
		left, err := c.Intake.Left(ctx, src.Source.Source)
		if err != nil {
			return nil, err
		}
		if left != "" {
			out.Notices = append(out.Notices, left)
		}
		snap, _, err := c.journal.Snapshot(ctx, src.Name(), now)
		if err != nil {
			return nil, store.AsFileError(err)
		}
		out.Paused += paused(&snap)
		notices, err := c.Evaluation.Notices(ctx, src.Source)
		if err != nil {
			return nil, err
		}
		out.Notices = append(out.Notices, notices...)
	}
	mistakes, err := c.Evaluation.Mistakes(ctx)
	if err != nil {
		return nil, err
	}
	for i := range mistakes {
		out.Notices = append(out.Notices, mistakes[i].Text)
	}
	strangers, err := c.Evaluation.Strangers(ctx)
	if err != nil {
		return nil, err
	}
	out.Notices, out.File = append(out.Notices, strangers...), append(out.File, strangers...)
	for i := range c.cfg.Sources {
		of, err := c.Evaluation.OfFile(ctx, c.cfg.Sources[i].Source)
		if err != nil {
			return nil, err
		}
		for _, text := range of {
			if !slices.Contains(out.File, text) {
				out.File = append(out.File, text)
			}
		}
	}
	err = c.journal.Lives(ctx, now, func(l hygiene.Life) error {
		if l.State == hygiene.Open && !l.Held && !l.Paused && c.Evaluation.Names(l.Source) {
			out.Findings++
		}
		return nil
	})
	if err != nil {
		return nil, store.AsFileError(err)
	}
	t, err := c.Evaluation.Latest(ctx)
	if err != nil {
		return nil, err
	}
	out.Evaluated = timePtr(t)
	if out.Mode, err = c.Edition.Mode(ctx); err != nil {
		return nil, err
	}
	next, err := c.Edition.Next(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range next {
		out.Digests = append(out.Digests, api.DigestState{Name: n.Digest, Team: c.cfg.Teams.Name(n.Team), Next: n.At.UTC(), Rest: n.Rest})
	}
	ds, err := c.deliveries(ctx, now)
	if err != nil {
		return nil, err
	}
	for i := range ds {
		if !ds[i].State.Settled() || ds[i].Changed.After(now.AddDate(0, 0, -7)) {
			out.Deliveries = append(out.Deliveries, c.statusOf(&ds[i]))
		}
		if given := ds[i].Reason; strings.HasPrefix(given, outbox.GivenUpPrefix) && ds[i].Changed.After(now.AddDate(0, 0, -7)) {
			given, _, _ = strings.Cut(given, "; "+string(ds[i].Else)+" is tried instead")
			if !slices.Contains(out.Notices, given) {
				out.Notices = append(out.Notices, given)
			}
		}
		if ds[i].State == delivery.Unknown && ds[i].Reason != "" {
			out.Notices = append(out.Notices, fmt.Sprintf("delivery %s: %s: `pipetidy deliveries settle %s --arrived` or `--lost`", ds[i].ID, ds[i].Reason, ds[i].Code()))
		}
	}
	unled, err := c.Edition.Unled(ctx)
	if err != nil {
		return nil, err
	}
	if unled != "" {
		out.Notices = append(out.Notices, unled)
	}
	unclear, err := c.Edition.Unclear(ctx)
	if err != nil {
		return nil, err
	}
	out.Notices = append(out.Notices, unclear...)
	slices.SortStableFunc(out.Deliveries, func(a, b api.DeliveryStatus) int { return b.Changed.Compare(a.Changed) })
	if reason := c.process.Faulty(); reason != "" {
		out.Notices = append(out.Notices, reason)
	}
	if sources, most := c.process.Awaited(); len(sources) > 0 {
		out.Notices = append(out.Notices, fmt.Sprintf("digests that are due wait for a sync of %s, %s more at most", strings.Join(sources, " and "), crm.Counted(int(math.Ceil(most.Minutes())), "minute")))
	}
	return out, nil
}

// deliveries are those that are not settled, and those of the last week's periods.
func (c *Control) deliveries(ctx context.Context, now time.Time) ([]delivery.Delivery, error) {
	out, err := c.journal.Deliveries(ctx, delivery.Planned, delivery.Rendered, delivery.Sending, delivery.Retry, delivery.Unknown)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	const week = 7 + 1 // the dates of the teams differ
	recent, err := c.journal.DeliveriesSince(ctx, crm.DateOf(now, time.UTC)-week)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	for i := range recent {
		if recent[i].State.Settled() {
			out = append(out, recent[i])
		}
	}
	return out, nil
}

// source is the state of one source.
func (c *Control) source(ctx context.Context, src *Source, states []store.StreamState) (api.SourceState, error) {
	v, err := c.Evaluation.Verdict(ctx, src.Source)
	if err != nil {
		return api.SourceState{}, err
	}
	s := api.SourceState{
		Name: src.Name(), Type: src.Type, AsOf: timePtr(v.AsOf), Complete: v.Complete, Withheld: v.Withheld,
		Next: timePtr(c.process.Waiting(src.Name())), Streams: []api.StreamProgress{},
	}
	if m, ok := src.Source.Source.(crm.Meter); ok {
		u := m.Usage()
		if u.Limit == 0 {
			if u, err = c.Intake.Usage(ctx, src.Source.Source); err != nil { // this process has made no call yet
				return s, err
			}
		}
		s.Calls, s.Used, s.Limit = lately(&u, c.cfg.Now()), u.Used, u.Limit
	}
	waits := c.Intake.Waits(src.Name())
	for _, st := range states {
		if st.Source == src.Name() {
			what, _, _ := strings.Cut(st.Held, ". ") // the rest says what to do, as the notice does
			s.Streams = append(s.Streams, api.StreamProgress{
				Stream: st.Stream, Complete: st.Complete, AsOf: timePtr(st.AsOf), Records: st.Records, Error: cmp.Or(st.Error, what), Waits: waits[st.Stream],
			})
		}
	}
	return s, nil
}

// lately is how many calls we made in the last 24 hours.
func lately(u *crm.Usage, now time.Time) (calls int64) {
	for _, s := range u.Spent {
		if s.Hour > now.Add(-24*time.Hour).Unix()/3600 {
			calls += s.Calls
		}
	}
	return calls
}

// statusOf is a delivery without its body, in the words of the API.
func (c *Control) statusOf(d *delivery.Delivery) api.DeliveryStatus {
	return api.DeliveryStatus{
		ID: d.ID, Digest: d.Digest, Period: d.Period, Team: c.cfg.Teams.Name(d.Team), Recipient: d.Recipient, To: d.To, Channel: d.Channel,
		State: d.State, Reason: d.Reason, Attempts: d.Attempts, Changed: d.Changed.UTC(),
	}
}

// timePtr is t in UTC, nil when t is zero.
func timePtr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
