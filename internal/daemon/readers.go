package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// reader is somebody who gets a digest, and why.
type reader struct {
	team, email, why string
	own              bool // reads their own list
}

// readers lists who gets the digest.
func (d *Daemon) readers(dg *Digest) []reader {
	var out []reader
	kind, ok := digest.KindOf(dg.For)
	if !ok {
		return nil // the configuration has checked it
	}
	for _, r := range kind.Recipients(digest.Audience{Teams: d.cfg.Teams.List, People: d.cfg.People}) {
		out = append(out, reader{r.Team, r.Email, r.Why, kind.Own})
	}
	return out
}

// route is where a reader's digest goes; to "" is to the reader.
type route struct {
	reader
	to, why string
}

// routes says where the digests of a team's readers go on the date. None comes
// with the reason.
func (d *Daemon) routes(ctx context.Context, dg *Digest, team string, date crm.Date) ([]route, string, error) {
	var out []route
	reason := "nobody reads it"
	for _, r := range d.readersOf(dg, team) {
		rs, why, err := d.routesOf(ctx, r, date)
		if err != nil {
			return nil, "", err
		}
		if len(rs) == 0 {
			reason = why
		}
		out = append(out, rs...)
	}
	return out, reason, nil
}

// routesOf decides for one reader. In the first days the data has not been seen by
// anybody who knows it, so those who run Pipetidy look first.
func (d *Daemon) routesOf(ctx context.Context, r reader, date crm.Date) ([]route, string, error) {
	if r.own {
		gone, err := d.left(ctx, r.email)
		if err != nil {
			return nil, "", err
		}
		if gone {
			return nil, r.email + " is no longer active in the CRM; the manager's digest has their deals", nil
		}
	}
	if d.cfg.Redirect != "" {
		return []route{{r, d.cfg.Redirect, "mode: redirect"}}, "", nil
	}
	if d.cfg.Shadow <= 0 {
		return []route{{reader: r}}, "", nil
	}
	start, err := d.started(ctx)
	if err != nil {
		return nil, "", err
	}
	cal := &hygiene.Calendar{Location: d.zone(r.team)}
	if start.IsZero() {
		start = d.now()
	}
	// Business days from the start on that are over: a start on a weekend counts
	// from Monday.
	over := func(date crm.Date) int { return cal.Between(cal.Date(start)-1, date-1) }
	if over(date) >= d.cfg.Shadow {
		return []route{{reader: r}}, "", nil
	}
	live := date
	for over(live) < d.cfg.Shadow {
		live++
	}
	why := fmt.Sprintf("first days (start.shadow: %dd): readers get their digests from %s on", d.cfg.Shadow, live.Short())
	if len(d.cfg.Ops) == 0 {
		return nil, why + "; name somebody under ops.notify to get them until then, or try `digest send --to ADDRESS`", nil
	}
	var out []route
	for _, o := range d.cfg.Ops {
		out = append(out, route{r, o, why})
	}
	return out, "", nil
}

// left reports whether the CRMs know the person, and none as active: whoever has
// left reads no list any more.
func (d *Daemon) left(ctx context.Context, email string) (bool, error) {
	known := false
	for i := range d.cfg.Sources {
		ref, err := d.reference(ctx, &d.cfg.Sources[i])
		if err != nil {
			return false, err
		}
		for _, u := range ref.Users {
			if d.cfg.People.Email(u.Email) != email {
				continue
			}
			if u.Active {
				return false, nil
			}
			known = true
		}
	}
	return known, nil
}

// startNote names the journal's note of the first evaluation.
const startNote = "started"

// started is when the first evaluation was made; zero before it.
func (d *Daemon) started(ctx context.Context) (time.Time, error) {
	s, err := d.journal.Noted(ctx, startNote)
	if err != nil || s == "" {
		return time.Time{}, d.stored(err)
	}
	return time.Parse(time.RFC3339, s)
}
