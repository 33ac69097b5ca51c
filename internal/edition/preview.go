package edition

import (
	"context"
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/store"
)

// Previewer is a notifier that can show what it would send.
type Previewer interface {
	Preview(d *digest.Digest) (string, error)
}

// Preview is one reader's digest as it would be sent now.
type Preview struct {
	Digest    *Digest
	Team      string
	Recipient string
	Why       string // why this person gets the digest, and what would become of it
	Message   digest.Digest
	Places    []digest.Reasoned           // why the lines of the list stand where they stand
	Rendered  map[delivery.Channel]string // by each channel that is a Previewer
}

// Preview composes what every reader of the digest would get now, or only the reader
// with the address recipient; "" is every reader but those who have left. Nothing is stored and nothing is
// sent.
func (r *Run) Preview(ctx context.Context, dg *Digest, recipient string) ([]Preview, error) {
	e := r.e
	var out []Preview
	for _, to := range e.readers(dg) {
		date := crm.DateOf(e.cfg.Now(), e.Zone(to.Team))
		named := to.Email
		if who, off, _ := r.instead(to, date); off == "" {
			to = who
		}
		if asked := e.cfg.People.Email(strings.ToLower(recipient)); recipient != "" && asked != to.Email && asked != named {
			continue
		}
		if gone, err := r.gone(ctx, to); err != nil || gone != "" && recipient == "" {
			if err != nil {
				return nil, err
			}
			continue
		}
		in, err := r.input(ctx, dg.Name, to.Team, to.Email)
		if err != nil {
			return nil, err
		}
		p := Preview{Digest: dg, Team: to.Team, Recipient: to.Email, Message: digest.Compose(in), Places: digest.Why(in), Rendered: map[delivery.Channel]string{}}
		why := []string{to.Why}
		routes, off, err := r.routesOf(ctx, to, date)
		if err != nil {
			return nil, err
		}
		if len(routes) == 0 {
			why = append(why, off)
		}
		for _, way := range routes {
			if way.to != "" {
				why = append(why, fmt.Sprintf("today it goes to %s instead (%s)", way.to, way.why))
			}
		}
		more, err := r.fate(ctx, dg, to, &in, &p.Message)
		if err != nil {
			return nil, err
		}
		p.Why = strings.Join(append(why, more...), "; ")
		for ch, n := range e.cfg.Notifiers {
			pv, ok := n.(Previewer)
			if !ok {
				continue
			}
			if p.Rendered[ch], err = pv.Preview(&p.Message); err != nil {
				return nil, fmt.Errorf("render %s for %s: %w", dg.Name, ch, err)
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// fate says why the digest shown would not be sent as it is: today's was sent already,
// it would be skipped, or a channel refuses it.
func (r *Run) fate(ctx context.Context, dg *Digest, to reader, in *digest.Input, msg *digest.Digest) ([]string, error) {
	var out []string
	date := crm.DateOf(in.Now, r.e.Zone(to.Team))
	_, have, err := r.e.journal.Period(ctx, dg.Name, to.Team, date)
	switch {
	case err != nil:
		return nil, store.AsFileError(err)
	case have:
		out = append(out, "today's was done already; this is what another edition (--again) would say")
	case digest.Quiet(*in):
		out = append(out, "it would be skipped: "+quietReason(in))
	}
	for _, ch := range []delivery.Channel{dg.Via, dg.Else} {
		if n := r.e.cfg.Notifiers[ch]; n != nil {
			if _, err := n.Render(ctx, msg, &delivery.Delivery{ID: "preview", Digest: dg.Name, Recipient: to.Email, Channel: ch}); err != nil {
				out = append(out, fmt.Sprintf("%s refuses it: %v", ch, err))
			}
		}
	}
	return out, nil
}
