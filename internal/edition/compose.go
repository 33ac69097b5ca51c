package edition

import (
	"context"
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// Compose returns what a planned delivery carries: one reader's digest as the channel
// renders it.
func (r *Run) Compose(ctx context.Context, d *delivery.Delivery) (outbox.Content, error) {
	if r.waits(d.Deadline) {
		return outbox.Content{Later: true}, nil
	}
	if dg := r.e.Find(d.Digest); dg == nil || !dg.program() {
		if err := r.confirm(ctx, d); err != nil {
			return outbox.Content{}, err
		}
	}
	in, err := r.input(ctx, d.Digest, d.Team, d.Recipient)
	if err != nil {
		return outbox.Content{}, err
	}
	kind, _ := digest.KindOf(in.For)
	to := reader{digest.Recipient{Team: d.Team, Email: d.Recipient}, kind.Own, kind.Program}
	if gone, err := r.gone(ctx, to); gone != "" || err != nil {
		return outbox.Content{Quiet: gone}, err // since it was planned
	}
	// A test, another edition, and a digest that goes to somebody else than its reader
	// are there to be looked at, so they are sent even when they are quiet. A list of
	// the reader's own deals is skipped whenever it is quiet, unless it is a test.
	if !d.Test && (kind.Own || kind.Sparse || d.Edition == 1 && d.To == "") && digest.Quiet(in) {
		return outbox.Content{Quiet: quietReason(&in)}, nil
	}
	if d.To != "" {
		in.Redirected = fmt.Sprintf("%s would have got this by %s.", d.Recipient, d.Channel)
		if !d.Test && !kind.Own {
			if _, _, lost := r.instead(to, crm.DateOf(in.Now, r.e.Zone(d.Team))); lost != "" {
				in.Redirected = lost + "."
			}
		}
	}
	msg := digest.Compose(in)
	msg.ID = d.ID
	if d.Small {
		msg = digest.Shorten(msg)
	}
	parts, err := r.e.cfg.Notifiers[d.Channel].Render(ctx, &msg, d)
	if err != nil {
		return outbox.Content{Wrong: "render: " + err.Error()}, nil //nolint:nilerr // the error is in Wrong, for this channel only
	}
	told, err := msg.Told.Bytes()
	if err != nil {
		return outbox.Content{}, err
	}
	return outbox.Content{Parts: parts, AsOf: in.Now, Told: told}, nil
}

// Rank puts the digests of managers before the lists of reps: more people wait for what
// a manager says about them.
func (r *Run) Rank(d *delivery.Delivery) int {
	if dg := r.e.Find(d.Digest); dg != nil {
		if kind, ok := digest.KindOf(dg.For); ok && kind.Own {
			return 1
		}
	}
	return 0
}

// quietReason says why a digest is not sent.
func quietReason(in *digest.Input) string {
	kind, ok := digest.KindOf(in.For)
	if ok && kind.Nothing != "" {
		return kind.Nothing
	}
	// A list of one's own deals is skipped for having none on it, whatever has left it since.
	if in.LastSent.IsZero() || ok && kind.Own {
		return "nothing to say: no deal needs an update"
	}
	return "nothing has changed since the last digest"
}

// input is what one reader's digest is composed from.
func (r *Run) input(ctx context.Context, name, team, recipient string) (digest.Input, error) {
	e := r.e
	in := digest.Input{Name: name, Company: e.cfg.Company, Recipient: recipient, Help: e.cfg.Help, BacklogPerWeek: e.cfg.Backlog, Attention: e.cfg.Attention, Settles: e.cfg.Settles, Exchange: e.cfg.Exchange}
	dg := e.Find(name)
	if dg == nil {
		return in, fmt.Errorf("digest %q is not in the configuration any more", name) // a rep must not get the list of a whole team
	}
	in.For = dg.For
	in.Teams = map[string]string{}
	for i := range e.cfg.Teams.List {
		in.Teams[e.cfg.Teams.List[i].Key()] = e.cfg.Teams.List[i].Name
		if e.cfg.Teams.List[i].Key() == team {
			in.Team = e.cfg.Teams.List[i]
		}
	}
	if in.Team.Name == "" && !dg.program() {
		return in, fmt.Errorf("team %q is not in the configuration any more", team)
	}
	in.Team.Calendar = r.calendar("", team)
	f, err := r.gather(ctx)
	if err != nil {
		return in, err
	}
	in.Now, in.Sources, in.Snapshots, in.Unchecked, in.Checked, in.Folded = f.at, f.sources, f.snapshots, f.unchecked, f.checked(), f.folded
	if x, ok := r.inPlaceOf(dg, team, recipient, crm.DateOf(in.Now, e.Zone(team))); ok {
		who, err := r.nameOf(ctx, x.Person)
		if err != nil {
			return in, err
		}
		in.InPlaceOf = digest.Absent{Person: x.Person, Name: who, Until: x.To}
	}
	last, sent, own, err := r.lastSent(ctx, &in)
	if err != nil {
		return in, err
	}
	in.Newcomer = sent && !own
	if sent {
		in.LastSent = last.AsOf
		in.Thawed = r.thawed(dg, in.Team.Calendar, in.LastSent, in.Now)
		if in.Changed, err = r.changed(ctx, last.AsOf); err != nil {
			return in, err
		}
		in.Told = arrived(&last)
		for _, s := range f.snapshots {
			p, ok, err := e.journal.Snapshot(ctx, s.Source, last.AsOf)
			if err != nil {
				return in, store.AsFileError(err)
			}
			if ok {
				in.Previous = append(in.Previous, p)
			}
		}
	}
	in.Missed, err = r.missed(ctx, name, team, recipient, in.Now)
	if err != nil {
		return in, err
	}
	if dg.program() {
		return in, r.upkeep(ctx, &in)
	}
	since := in.LastSent
	if seen := in.Told.Since(); !seen.IsZero() && seen.Before(since) {
		since = seen
	}
	if in.Lives, err = r.livesOf(ctx, team, since); err != nil {
		return in, err
	}
	in.Unseen, in.Parks = r.unseenOf(team), f.parksOf(team, since)
	in.Elsewhere = r.elsewhere(in.Told, team)
	for _, m := range in.Team.Members {
		gone, err := r.left(ctx, m)
		if err != nil {
			return in, err
		}
		if gone {
			in.Left = append(in.Left, m)
		}
	}
	kind, _ := digest.KindOf(in.For)
	if err := r.address(ctx, &in, kind.Own); err != nil {
		return in, err
	}
	in.Others = r.others(&in, kind.Own)
	if err := r.absences(ctx, &in, since); err != nil {
		return in, err
	}
	if kind, ok := digest.KindOf(in.For); ok {
		if err := r.escalated(ctx, &in, &kind); err != nil {
			return in, err
		}
	}
	return in, nil
}
