package edition

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// inPlaceOf is the reader of the digest who is away on the date, and in whose place the
// recipient reads it; ok is false for a recipient who reads it as ever.
func (r *Run) inPlaceOf(dg *Digest, team, recipient string, date crm.Date) (x hygiene.Absence, ok bool) {
	for _, to := range r.e.readersOf(dg, team) {
		if to.Email == recipient {
			return hygiene.Absence{}, false
		}
		if a, away := r.almanac().Away(to.Email, date); away && !ok {
			if who, _, lost := r.instead(to, date); lost == "" && who.Email == recipient {
				x, ok = a, true
			}
		}
	}
	return x, ok
}

// lastSent is what the reader was last sent of the digest. Whoever reads it in place of
// somebody away goes on from what that one was sent, if that was later: what is new there is
// new since the team's last digest. own reports whether the recipient was ever sent it.
func (r *Run) lastSent(ctx context.Context, in *digest.Input) (last digest.Reader, sent, own bool, err error) {
	for _, who := range []string{in.Recipient, in.InPlaceOf.Person} {
		if who == "" {
			continue
		}
		one, have, err := r.e.journal.Reader(ctx, in.Name, in.Team.Key(), who)
		if err != nil {
			return last, false, false, store.AsFileError(err)
		}
		own = own || have && who == in.Recipient
		if have && (!sent || one.AsOf.After(last.AsOf)) {
			last, sent = one, true
		}
	}
	return last, sent, own, nil
}

// coverOf is who covers for the person on the date; "" is the manager, also where all who are
// named are away, or have left the company.
func (r *Run) coverOf(person string, date crm.Date) string {
	who := r.almanac().CoverOf(person, date)
	if who == "" || !r.active(who) {
		return ""
	}
	return who
}

// active reports whether the CRMs do not know the person, or have them as active.
func (r *Run) active(email string) bool {
	left, err := r.left(context.Background(), email)
	return err != nil || !left // whoever asks the cache for more finds the error out
}

// absences says in the input who is away: members of the team, and those for whom the reader
// covers.
func (r *Run) absences(ctx context.Context, in *digest.Input, since time.Time) error {
	a := r.almanac()
	if len(a.Absences) == 0 {
		return nil
	}
	kind, _ := digest.KindOf(in.For)
	today := crm.DateOf(in.Now, r.e.Zone(in.Team.Key()))
	for _, m := range in.Team.Members {
		x, away := a.Away(r.e.cfg.People.Email(m), today)
		if !away {
			continue
		}
		out := digest.Absent{Person: x.Person, Until: x.To, Cover: r.coverOf(x.Person, today)}
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
	if !away || person == in.Recipient || r.coverOf(person, crm.DateOf(in.Now, r.e.Zone(t.Key()))) != in.Recipient {
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
