package edition

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// absences says in the input who is away: members of the team, those for whom the reader
// covers, and the manager in whose place the reader reads.
func (r *Run) absences(ctx context.Context, in *digest.Input, since time.Time) error {
	a := r.almanac()
	if len(a.Absences) == 0 {
		return nil
	}
	kind, _ := digest.KindOf(in.For)
	today := crm.DateOf(in.Now, r.e.Zone(in.Team.Key()))
	if x, away := a.Away(in.Team.Manager, today); away && !kind.Own && in.Recipient != in.Team.Manager {
		name, err := r.nameOf(ctx, in.Team.Manager)
		if err != nil {
			return err
		}
		in.InPlaceOf = digest.Absent{Person: in.Team.Manager, Name: name, Until: x.To}
	}
	for _, m := range in.Team.Members {
		x, away := a.Away(r.e.cfg.People.Email(m), today)
		if !away {
			continue
		}
		out := digest.Absent{Person: x.Person, Until: x.To, Cover: a.CoverOf(x.Person, today)}
		var err error
		if out.CoverName, err = r.nameOf(ctx, out.Cover); err != nil {
			return err
		}
		in.Away = append(in.Away, out)
	}
	if !kind.Own {
		return nil
	}
	for i := range r.e.cfg.Teams.List {
		t := r.e.cfg.Teams.List[i]
		for _, m := range t.Members {
			if err := r.covered(ctx, in, t, r.e.cfg.People.Email(m), since); err != nil {
				return err
			}
		}
	}
	return nil
}

// covered adds the deals of somebody who is away and for whom the reader covers.
func (r *Run) covered(ctx context.Context, in *digest.Input, t hygiene.Team, person string, since time.Time) error {
	x, away := r.almanac().Away(person, crm.DateOf(in.Now, r.e.Zone(t.Key())))
	if !away || person == in.Recipient || r.almanac().CoverOf(person, crm.DateOf(in.Now, r.e.Zone(t.Key()))) != in.Recipient {
		return nil
	}
	name, err := r.nameOf(ctx, person)
	if err != nil {
		return err
	}
	t.Calendar = r.calendar("", t.Key())
	c := digest.Covered{Absent: digest.Absent{Person: person, Name: name, Until: x.To}, Team: t}
	if c.Lives, err = r.livesOf(ctx, t.Key(), since); err != nil {
		return err
	}
	in.Covers = append(in.Covers, c)
	return nil
}

// nameOf is what the CRMs call the person with the address, "" where they know no name.
func (r *Run) nameOf(ctx context.Context, email string) (string, error) {
	if _, err := r.left(ctx, email); err != nil { // reads the users
		return "", err
	}
	return r.names[email], nil
}
