package digest

import "strings"

// Others says who else reads of the findings of a digest.
type Others struct {
	Team bool // somebody else gets a digest about the team
	Reps bool // the team's reps get lists of their own deals
	// Alone says that what begins now may be its owner's alone at first: the reader's, in a
	// digest about own deals.
	Alone bool
}

// welcomeLine says in a reader's first digest what this is, who sees what, and how to
// disagree: only what is so in this installation. It is nil in later ones, and where it is
// not known who else reads.
func (b *brief) welcomeLine() Line {
	if !b.welcomed() {
		return nil
	}
	const does = "Pipetidy reads the open deals in the CRM, writes nothing there, and lists the deals whose entry cannot be right as it stands, with the reason."
	said := []string{"This is your first digest about your team. " + does}
	switch m := &b.in.InPlaceOf; {
	case b.own:
		said[0] = "This is your first list. Pipetidy reads your open deals in the CRM, writes nothing there, and lists those whose entry cannot be right as it stands, with the reason."
	case m.Person != "" && b.wall.first():
		said[0] = "This is the first digest about the team of " + called(m.Name, m.Person) + ". " + does
	case m.Person != "":
		said[0] = "This is " + called(m.Name, m.Person) + "'s digest about the team, and goes on from the one before. " + does
	}
	said = append(said, b.seesWhat()...)
	return note(strings.Join(append(said, b.disagree()), " "))
}

// welcomed reports whether the digest has a welcomeLine.
func (b *brief) welcomed() bool { return b.newcomer() && b.in.Others != nil }

// newcomer reports whether the recipient has never read the digest.
func (b *brief) newcomer() bool { return b.wall.first() || b.in.Newcomer }

// disagree says what to do about a deal that is listed and should not be.
func (b *brief) disagree() string {
	return strings.TrimSpace("Not right? Correct it in the CRM. " + b.pauseInFull())
}

// welcomeAbove is the welcomeLine of somebody above a manager. What goes on was in the manager's
// digest before, so who else reads is always so.
func (e *escalated) welcomeAbove() Line {
	if !e.newcomer() {
		return nil
	}
	return note("This is your first message about the team. Pipetidy reads the open deals in the CRM, writes nothing there, and sends you the few that stayed on the manager's list for long; there is none while nothing is new. The manager has them in a digest, and read of each a business day before you. " + e.disagree())
}

// welcomeOps is the welcomeLine of who runs the program.
func (b *brief) welcomeOps() Line {
	if !b.wall.first() {
		return nil
	}
	return note("This is your first digest about Pipetidy itself: what somebody has to do, how the data is, and what was sent. Those under ops.notify in the configuration get it, and no other reader does. Not right? Correct ops.notify.")
}

// seesWhat says who else reads of the deals.
func (b *brief) seesWhat() (said []string) {
	o := b.in.Others
	switch {
	case !b.own && o.Reps:
		said = append(said, "Each rep gets a list of their own deals.")
		if o.Alone {
			said = append(said, "What is new may be in its rep's list alone at first; until it is yours it is in no number here.")
		}
	case b.own && o.Team && o.Alone && b.in.Only != nil:
		said = append(said, "What is marked ◦ your manager does not see yet, and what you fix by then your manager never sees as open. All else is in your manager's digest too.")
	case b.own && o.Team && !o.Alone:
		said = append(said, "Your manager's digest has them too.")
	}
	return said
}
