package edition

import (
	"context"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
)

// reader is somebody who gets a digest, and why.
type reader struct {
	digest.Recipient
	own     bool // reads their own list
	program bool // reads about the program
}

// readers lists who gets the digest.
func (e *Edition) readers(dg *Digest) []reader {
	kind, ok := digest.KindOf(dg.For)
	if !ok {
		return nil // the configuration has checked it
	}
	among := digest.Audience{Teams: e.cfg.Teams.List, People: e.cfg.People, Ops: e.cfg.Ops}
	if kind.Sparse {
		above, err := e.readersAbove(context.Background())
		if err != nil {
			return nil // the cache cannot be read: whoever asks finds that out
		}
		among.Above = above
	}
	var out []reader
	for _, to := range kind.Recipients(among) {
		out = append(out, reader{to, kind.Own, kind.Program})
	}
	return out
}

// readersOf lists the readers of the digest in one team.
func (e *Edition) readersOf(dg *Digest, team string) []reader {
	var out []reader
	for _, to := range e.readers(dg) {
		if to.Team == team {
			out = append(out, to)
		}
	}
	return out
}

// others says who else reads of the findings of a digest about the team, or with own about
// the deals of its reader.
func (r *Run) others(in *digest.Input, own bool) *digest.Others {
	people := in.Team.Members
	if own {
		people = []string{in.Recipient}
	}
	o := &digest.Others{Alone: r.e.cfg.RepFirst.Now(in.Team.Name, r.calendar("", in.Team.Key()), people, in.Now)}
	for _, dg := range r.e.Digests() {
		for _, to := range r.e.readersOf(dg, in.Team.Key()) {
			kind, _ := digest.KindOf(dg.For)
			o.Reps = o.Reps || to.own
			o.Team = o.Team || !to.own && !kind.Sparse && to.Email != in.Recipient
		}
	}
	return o
}

// Readers lists the addresses of the digest's readers, each once.
func (e *Edition) Readers(dg *Digest) []string {
	var out []string
	seen := map[string]bool{}
	for _, to := range e.readers(dg) {
		if !seen[to.Email] {
			seen[to.Email] = true
			out = append(out, to.Email)
		}
	}
	return out
}

// Teams lists the teams that have a reader of the digest.
func (e *Edition) Teams(dg *Digest) []string {
	var out []string
	for _, to := range e.readers(dg) {
		if len(out) == 0 || out[len(out)-1] != to.Team {
			out = append(out, to.Team)
		}
	}
	return out
}

// route is where a reader's digest goes; to "" is to the reader.
type route struct {
	reader
	to, why string
}

// mostWithout bounds how many readers are named who get no digest.
const mostWithout = 5

// routes says where the digests of a team's readers go on the date. When they go
// nowhere, it says why; when some do, whose do not, and why.
func (r *Run) routes(ctx context.Context, dg *Digest, team string, date crm.Date) ([]route, string, error) {
	var out []route
	reason, without := "nobody reads it", []string(nil)
	for _, to := range r.e.readersOf(dg, team) {
		rs, why, err := r.routesOf(ctx, to, date)
		if err != nil {
			return nil, "", err
		}
		if len(rs) == 0 {
			reason = why
			without = append(without, to.Email+": "+why)
		}
		out = append(out, rs...)
	}
	if len(out) > 0 {
		if reason = strings.Join(without[:min(len(without), mostWithout)], "; "); len(without) > mostWithout {
			reason += "; and " + crm.Counted(len(without)-mostWithout, "other")
		}
	}
	return out, reason, nil
}

// routesOf is routes for one reader.
func (r *Run) routesOf(ctx context.Context, to reader, date crm.Date) ([]route, string, error) {
	cfg := &r.e.cfg
	if to.program && (cfg.Redirect == "" || cfg.Redirect == to.Email) {
		return []route{{reader: to}}, "", nil
	}
	to, off, lost := r.instead(to, date)
	if off != "" {
		return nil, off, nil
	}
	if gone, err := r.gone(ctx, to); gone != "" || err != nil {
		return nil, gone, err
	}
	if cfg.Redirect != "" {
		return []route{{to, cfg.Redirect, "mode: redirect"}}, "", nil
	}
	if lost != "" && len(cfg.Ops) == 0 {
		return nil, lost, nil
	}
	if lost != "" {
		return r.toOps(to, lost), "", nil
	}
	typo, err := r.typo(ctx, to.Email)
	if err != nil {
		return nil, "", err
	}
	from, why, err := r.liveFrom(ctx, to.Team, date)
	switch {
	case err != nil:
		return nil, "", err
	case from <= date && typo != "":
		return nil, typo, nil
	case from <= date:
		return []route{{reader: to}}, "", nil
	case len(cfg.Ops) == 0:
		return nil, why + "; name somebody under ops.notify to get them until then, or try `digest send --to ADDRESS`", nil
	}
	return r.toOps(to, why), "", nil
}

// gone says why the reader of an own list gets none: who has left the company is told
// nothing of its deals. "" is a reader who may.
func (r *Run) gone(ctx context.Context, to reader) (string, error) {
	if !to.own {
		return "", nil
	}
	left, err := r.left(ctx, to.Email)
	if err != nil || !left {
		return "", err
	}
	return to.Email + " is no longer active in the CRM; the manager's digest has their deals", nil
}

// toOps sends a reader's digest to those who run Pipetidy.
func (r *Run) toOps(to reader, why string) (out []route) {
	for _, o := range r.e.cfg.Ops {
		out = append(out, route{to, o, why})
	}
	return out
}
