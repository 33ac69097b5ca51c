package edition

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// Escalation says which deals go on from a manager's list, and to whom: see
// [digest.Escalation]. To is an address, or empty for the manager's manager.
type Escalation struct {
	When   hygiene.Severity
	Commit bool
	After  int // business days
	To     string
}

// aboveFor is how long it is remembered who is above whom: the CRMs' users are read once for
// all teams and readers of a round.
const aboveFor = time.Minute

// hierarchy is who is above the managers, as it was known at a moment.
type hierarchy struct {
	at     time.Time
	byTeam map[string]string // by key: the address of the manager's manager, "" is not known
}

// above says who is above the manager of each team: the manager of the team above it, else
// whom the CRMs name. Nobody is above himself.
func (e *Edition) above(ctx context.Context) (map[string]string, error) {
	e.higher.Lock()
	defer e.higher.Unlock()
	now := e.cfg.Now()
	if e.higher.known.byTeam != nil && now.Sub(e.higher.known.at) < aboveFor {
		return e.higher.known.byTeam, nil
	}
	out := map[string]string{}
	for i := range e.cfg.Teams.List {
		t := &e.cfg.Teams.List[i]
		to := ""
		for j := range e.cfg.Teams.List {
			if p := &e.cfg.Teams.List[j]; t.Parent != "" && p.Name == t.Parent {
				to = p.Manager
			}
		}
		if t.Parent == "" {
			var err error
			if to, err = e.bossOf(ctx, t.Manager); err != nil {
				return nil, err
			}
		}
		if to != t.Manager {
			out[t.Key()] = to
		}
	}
	e.higher.known = hierarchy{now, out}
	return out, nil
}

// bossOf is the address of whom the CRMs name as the manager of an active user, "" where
// they name nobody who is active.
func (e *Edition) bossOf(ctx context.Context, email string) (string, error) {
	for _, src := range e.evaluation.Sources() {
		ref, err := e.evaluation.Reference(ctx, src.Name())
		if err != nil {
			return "", err
		}
		for _, u := range ref.Users {
			if !u.Active || u.ManagerID == "" || e.cfg.People.Email(u.Email) != email {
				continue
			}
			if boss := ref.Users[u.ManagerID]; boss != nil && boss.Active && boss.Email != "" {
				return e.cfg.People.Email(boss.Email), nil
			}
		}
	}
	return "", nil
}

// escalations are those of a team, with whom they go to.
func (r *Run) escalations(ctx context.Context, team string) ([]digest.Escalation, error) {
	if len(r.e.cfg.Escalations) == 0 {
		return nil, nil
	}
	higher, err := r.e.above(ctx)
	if err != nil {
		return nil, err
	}
	var out []digest.Escalation
	for _, x := range r.e.cfg.Escalations {
		to := x.To
		if to == "" {
			to = higher[team]
		}
		if to == "" {
			continue
		}
		name, err := r.nameOf(ctx, to)
		if err != nil {
			return nil, err
		}
		next := r.hears(team, to)
		standIn, err := r.standingIn(ctx, team, to, next)
		if err != nil {
			return nil, err
		}
		out = append(out, digest.Escalation{When: x.When, Commit: x.Commit, After: x.After, To: to, Name: name, StandIn: standIn, Next: next})
	}
	return out, nil
}

// hears is the next day after today on which the address is sent what goes on from the team,
// zero for none: those above have days of rest of their own.
func (r *Run) hears(team, to string) crm.Date {
	today := crm.DateOf(r.facts.at, r.e.Zone(team))
	for _, dg := range r.e.Digests() {
		if kind, _ := digest.KindOf(dg.For); !kind.Sparse {
			continue
		}
		for date := today + 1; date <= today+mostRest; date++ {
			if _, off, lost := r.instead(reader{Recipient: digest.Recipient{Team: team, Email: to}}, date); dg.Schedule.On(date) && off == "" && lost == "" {
				return date
			}
		}
	}
	return 0
}

// standingIn names who hears of escalated deals on the date in place of somebody away, ""
// for nobody.
func (r *Run) standingIn(ctx context.Context, team, email string, date crm.Date) (string, error) {
	if _, away := r.almanac().Away(email, date); !away {
		return "", nil
	}
	who, _, lost := r.instead(reader{Recipient: digest.Recipient{Team: team, Email: email}}, date)
	if lost != "" || who.Email == email {
		return "", nil
	}
	name, err := r.nameOf(ctx, who.Email)
	return cmp.Or(name, who.Email), err
}

// readersAbove are those to whom deals of each team go on, by address.
func (e *Edition) readersAbove(ctx context.Context) (map[string][]string, error) {
	if len(e.cfg.Escalations) == 0 {
		return nil, nil
	}
	higher, err := e.above(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i := range e.cfg.Teams.List {
		t := &e.cfg.Teams.List[i]
		if len(t.Members) == 0 {
			continue
		}
		for _, x := range e.cfg.Escalations {
			to := x.To
			if to == "" {
				to = higher[t.Key()]
			}
			if to != "" && to != t.Manager && !slices.Contains(out[t.Key()], to) {
				out[t.Key()] = append(out[t.Key()], to)
			}
		}
	}
	return out, nil
}

// Unled says of which managers nobody is known above, where deals are to go on to those; ""
// is none.
func (e *Edition) Unled(ctx context.Context) (string, error) {
	if !slices.ContainsFunc(e.cfg.Escalations, func(x Escalation) bool { return x.To == "" }) {
		return "", nil
	}
	higher, err := e.above(ctx)
	if err != nil {
		return "", err
	}
	var teams []string
	for i := range e.cfg.Teams.List {
		if t := &e.cfg.Teams.List[i]; len(t.Members) > 0 && higher[t.Key()] == "" {
			teams = append(teams, t.Manager+" ("+t.Name+")")
		}
	}
	if len(teams) == 0 {
		return "", nil
	}
	return fmt.Sprintf("escalate: nobody is known above %s, so nothing goes on; name the team above under teams[].parent, or an address under escalate[].to", strings.Join(teams, ", ")), nil
}

// escalated adds to the input which deals go on, and what the manager was told of that.
func (r *Run) escalated(ctx context.Context, in *digest.Input, kind *digest.Kind) (err error) {
	if kind.Own {
		return nil
	}
	if in.Escalations, err = r.escalations(ctx, in.Team.Key()); err != nil || len(in.Escalations) == 0 && !kind.Sparse {
		return err
	}
	if in.ManagerName, err = r.nameOf(ctx, in.Team.Manager); err != nil {
		return err
	}
	in.Manager, err = r.managerTold(ctx, &in.Team)
	return err
}

// managerTold is what the manager's own digest of the team last told: that of the manager, or
// of whoever reads it instead, whichever is later.
func (r *Run) managerTold(ctx context.Context, t *hygiene.Team) (*digest.Told, error) {
	var out *digest.Told
	for _, dg := range r.e.Digests() {
		if dg.For != "managers" {
			continue
		}
		for _, who := range []string{t.Manager, t.Deputy, r.almanac().CoverOf(t.Manager, crm.DateOf(r.e.cfg.Now(), r.e.Zone(t.Key())))} {
			if who == "" {
				continue
			}
			last, sent, err := r.e.journal.Reader(ctx, dg.Name, t.Key(), who)
			if err != nil {
				return nil, store.AsFileError(err)
			}
			if !sent {
				continue
			}
			told, err := digest.ParseTold(last.Told)
			if err == nil && (out == nil || told.At.After(out.At)) {
				out = told
			}
		}
	}
	return out, nil
}
