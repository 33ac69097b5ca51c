package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// compose gathers what the reader's digest says, renders it once, and keeps the
// bytes: every attempt sends the same.
func (d *Daemon) compose(ctx context.Context, n digest.Notifier, del *delivery.Delivery, follow *string) error {
	now := d.now()
	in, err := d.input(ctx, del.Digest, del.Team, del.Recipient, now)
	if err != nil {
		return err
	}
	// Whoever asks for another edition wants to see one; somebody without anything to
	// do wants none.
	if kind, _ := digest.KindOf(in.For); !del.Test && (kind.Own || del.Edition == 1 && del.To == "") && digest.Quiet(in) {
		del.State, del.Reason = delivery.Skipped, quietReason(&in)
		d.log.Info("digest skipped", zap.String("delivery", del.ID), zap.String("reason", del.Reason))
		return d.save(ctx, del, nil)
	}
	if del.To != "" {
		in.Redirected = fmt.Sprintf("%s would have got this by %s.", del.Recipient, del.Channel)
	}
	msg := digest.Compose(in)
	msg.ID = del.ID
	parts, err := n.Render(ctx, &msg, del)
	if err != nil {
		return d.fail(ctx, del, "render: "+err.Error(), delivery.BlameContent, follow)
	}
	for i := range parts {
		parts[i].State = delivery.Rendered
	}
	del.Parts, del.State, del.AsOf = parts, delivery.Rendered, in.Now
	return d.save(ctx, del, nil)
}

// quietReason says why a digest is not sent.
func quietReason(in *digest.Input) string {
	if in.LastSent.IsZero() {
		return "nothing to say: no deal needs an update"
	}
	return "nothing has changed since the last digest"
}

// input gathers what one reader's digest is composed from.
func (d *Daemon) input(ctx context.Context, name, team, recipient string, now time.Time) (digest.Input, error) {
	in := digest.Input{Name: name, Now: now, Company: d.cfg.Company, Recipient: recipient, Help: d.cfg.Help, BacklogPerWeek: d.cfg.Backlog}
	if dg, err := d.lookup(name); err == nil {
		in.For = dg.For
	}
	for i := range d.cfg.Teams.List {
		if d.cfg.Teams.List[i].Name == team {
			in.Team = d.cfg.Teams.List[i]
		}
	}
	if in.Team.Name == "" {
		return in, fmt.Errorf("team %q is not in the configuration any more", team)
	}
	r, sent, err := d.journal.Reader(ctx, name, team, recipient)
	if err != nil {
		return in, d.stored(err)
	}
	if sent {
		in.LastSent = r.AsOf
	}
	shown := map[string]bool{}
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		pass, v, err := d.pass(ctx, src, nil)
		if err != nil {
			return in, err
		}
		s, ok, err := d.journal.Snapshot(ctx, src.Name(), now)
		if err != nil {
			return in, d.stored(err)
		}
		st := digest.SourceStatus{Name: src.Name(), Label: src.Label, AsOf: v.AsOf, Complete: v.Complete, Withheld: v.Withheld, Cause: v.Cause, Currency: pass.Source.Info.Currency}
		if !ok && st.Withheld == "" {
			st.Withheld = "not evaluated yet"
		}
		in.Sources = append(in.Sources, st)
		if st.Withheld != "" {
			continue
		}
		shown[src.Name()] = true
		in.Snapshots = append(in.Snapshots, s)
		if sent {
			p, ok, err := d.journal.Snapshot(ctx, src.Name(), r.AsOf)
			if err != nil {
				return in, d.stored(err)
			}
			if ok {
				in.Previous = append(in.Previous, p)
			}
		}
		in.Unchecked = append(in.Unchecked, unchecked(src, pass)...)
	}
	err = d.journal.Lives(ctx, in.LastSent, func(l hygiene.Life) error {
		if l.Deal.Team == team && shown[l.Source] {
			in.Lives = append(in.Lives, l)
		}
		return nil
	})
	if err != nil {
		return in, d.stored(err)
	}
	if in.Missed, err = d.missed(ctx, name, team, recipient, now); err != nil {
		return in, err
	}
	return in, nil
}

// missed says that the reader's digest of the period before did not arrive.
func (d *Daemon) missed(ctx context.Context, name, team, recipient string, now time.Time) (string, error) {
	today := crm.DateOf(now, d.zone(team))
	ps, err := d.journal.Periods(ctx, today-7)
	if err != nil {
		return "", d.stored(err)
	}
	for _, p := range ps { // newest first
		if p.Digest != name || p.Team != team || p.Date >= today {
			continue
		}
		if p.State == periodExpired {
			return fmt.Sprintf("The digest of %s was not sent: %s.", p.Date.Short(), p.Reason), nil
		}
		ds, err := d.journal.Deliveries(ctx)
		if err != nil {
			return "", d.stored(err)
		}
		lost := false
		for i := range ds {
			if e := &ds[i]; e.Digest == name && e.Team == team && e.Recipient == recipient && e.Period == p.Date.String() && !e.Test {
				switch e.State {
				case delivery.Sent, delivery.Skipped:
					return "", nil
				case delivery.Expired, delivery.Failed, delivery.Unknown:
					lost = true
				}
			}
		}
		if lost {
			return fmt.Sprintf("The digest of %s could not be delivered.", p.Date.Short()), nil
		}
		return "", nil
	}
	return "", nil
}

// unchecked says what could not be judged on a source, in the readers' words: a
// field that nobody mapped, or that our login cannot read.
func unchecked(src *Source, pass *hygiene.Pass) []string {
	var out []string
	for _, u := range pass.Unjudged() {
		why := "field not mapped"
		if u.Access == crm.Hidden {
			why = "our login cannot read it"
		}
		s := fmt.Sprintf("%s on %s deals (%s)", hygiene.Words(u.Field), src.Label, why)
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// unread says the same to ops, with what to do about it.
func unread(src *Source, pass *hygiene.Pass) []string {
	var out []string
	for _, u := range pass.Unjudged() {
		s := fmt.Sprintf("%s cannot be checked on %s: ", hygiene.Words(u.Field), src.Name())
		if why := pass.Source.Info.Why[u.Field]; why != "" {
			s += why
		} else if u.Access == crm.Hidden {
			s += fmt.Sprintf("the CRM does not show this login the field that fields.%s names, or the standard one; look at the spelling of its API name, then at the field-level security of the login", u.Field)
		} else {
			s += fmt.Sprintf("no field holds it; where your CRM has one, map it as fields.%s of the source", u.Field)
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, s := range []crm.Stream{crm.Users, crm.Stages} { // no rule asks for them by name
		if why := pass.Source.Info.Why[string(s)]; why != "" {
			out = append(out, fmt.Sprintf("%s are not read from %s, so that what is known of them grows old: %s", s, src.Name(), why))
		}
	}
	return out
}

func (d *Daemon) zone(team string) *time.Location {
	for i := range d.cfg.Teams.List {
		if t := &d.cfg.Teams.List[i]; t.Name == team && t.Calendar != nil && t.Calendar.Location != nil {
			return t.Calendar.Location
		}
	}
	return d.cfg.Location
}

// preview composes what every reader of the digest would get now; nothing is
// stored and nothing is sent.
func (d *Daemon) preview(ctx context.Context, dg *Digest, recipient string) ([]api.Preview, error) {
	var out []api.Preview
	for _, to := range d.readers(dg) {
		if recipient != "" && d.cfg.People.Email(strings.ToLower(recipient)) != to.email {
			continue
		}
		in, err := d.input(ctx, dg.Name, to.team, to.email, d.now())
		if err != nil {
			return nil, err
		}
		msg := digest.Compose(in)
		why := []string{to.why}
		routes, off, err := d.routesOf(ctx, to, crm.DateOf(d.now(), d.zone(to.team)))
		if err != nil {
			return nil, err
		}
		if len(routes) == 0 {
			why = append(why, off)
		}
		for _, r := range routes {
			if r.to != "" {
				why = append(why, fmt.Sprintf("today it goes to %s instead (%s)", r.to, r.why))
			}
		}
		more, err := d.fate(ctx, dg, to, &in, &msg)
		if err != nil {
			return nil, err
		}
		why = append(why, more...)
		p := api.Preview{
			Digest: dg.Name, Team: to.team, Recipient: to.email, Channel: dg.Via, Else: dg.Else,
			Why: strings.Join(why, "; "), Subject: msg.Subject, Text: digest.Text(&msg, 100),
		}
		for ch, n := range d.cfg.Notifiers {
			pv, ok := n.(Previewer)
			if !ok {
				continue
			}
			s, err := pv.Preview(&msg)
			if err != nil {
				return nil, fmt.Errorf("render %s for %s: %w", dg.Name, ch, err)
			}
			switch ch {
			case delivery.Email:
				p.HTML = s
			case delivery.Slack:
				p.Slack = s
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// fate says what would become of a digest that is shown: sent already, skipped, or
// refused by its channel.
func (d *Daemon) fate(ctx context.Context, dg *Digest, to reader, in *digest.Input, msg *digest.Digest) ([]string, error) {
	var out []string
	date := crm.DateOf(in.Now, d.zone(to.team))
	_, have, err := d.journal.Period(ctx, dg.Name, to.team, date)
	switch {
	case err != nil:
		return nil, d.stored(err)
	case have:
		out = append(out, "today's was done already; this is what another edition (--again) would say")
	case digest.Quiet(*in):
		out = append(out, "it would be skipped: "+quietReason(in))
	}
	for _, ch := range []delivery.Channel{dg.Via, dg.Else} {
		if n := d.cfg.Notifiers[ch]; n != nil {
			if _, err := n.Render(ctx, msg, &delivery.Delivery{ID: "preview", Digest: dg.Name, Recipient: to.email, Channel: ch}); err != nil {
				out = append(out, fmt.Sprintf("%s refuses it: %v", ch, err))
			}
		}
	}
	return out, nil
}

// Previewer is a notifier that can show what it would send.
type Previewer interface {
	Preview(d *digest.Digest) (string, error)
}
