package digest

import "github.com/pipetidy/pipetidy/hygiene"

// Kind is a kind of digest: who reads it, when it has nothing to say, and how it is
// composed. A kind is a value: all that distinguishes it is in its fields, which a file
// of its own fills in. So the configuration, the documentation and the daemon read the
// fields and know no kind by name.
type Kind struct {
	Name string // the word of the configuration: `for: managers`
	Doc  string // who gets what, as docs/config.md says it
	// Own kinds are about their reader's own deals. A reader with nothing to do gets no
	// digest of such a kind, whichever edition it is, nor does a reader who has left the
	// CRM, whose deals are for others to deal with.
	Own bool
	// Sparse kinds are sent only when there is something to say, whoever gets them and
	// whichever edition it is.
	Sparse bool
	// Program kinds are about the program, for those who run it. They have no team, and go out
	// on each of their days, whatever can be judged and whoever has a day off.
	Program bool
	// Lists says that the digest accounts for every deal that needs an update: it lists
	// the deal, or counts it among those that are not listed. The sums of such a kind are
	// checked in each of its cases.
	Lists bool
	// Recipients lists who gets the digest, team by team.
	Recipients func(Audience) []Recipient
	// Quiet reports whether the digest would tell its reader nothing.
	Quiet func(*Input) bool
	// Nothing says why a digest of a Sparse kind is not sent where it is Quiet; "" is what holds
	// for all kinds that list what needs an update.
	Nothing string
	// Compose writes the digest. It is pure: see [Compose].
	Compose func(*Input) Digest
}

// Kinds lists the kinds of digests: one line and one file for each.
func Kinds() []Kind {
	return []Kind{
		managers(),
		reps(),
		escalations(),
		ops(),
	}
}

// KindNames lists the names of the kinds, in the order of Kinds.
func KindNames() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// KindOf finds a kind by its name; ok is false when no kind has that name.
func KindOf(name string) (k Kind, ok bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// kindOf is KindOf for a name that the configuration has checked; an empty name counts
// as the first kind.
func kindOf(name string) Kind {
	if k, ok := KindOf(name); ok {
		return k
	}
	return Kinds()[0]
}

// Audience is the people among whom a kind finds its recipients.
type Audience struct {
	Teams  []hygiene.Team
	People hygiene.People
	Above  map[string][]string // by the key of a team: who is above its manager, by address
	Ops    []string            // addresses of those who run the program
}

// Recipient is somebody who gets a digest, and why.
type Recipient struct {
	Team  string // key of the team, "" for a kind without teams
	Email string
	Why   string // in words for a preview: "manager of team West"
	Place string // the key of the configuration that names the address: teams[0].manager
}
