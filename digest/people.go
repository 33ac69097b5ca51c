package digest

import (
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// person is the owner of a deal: by email where it is known, because the same person
// has another id in each source.
type person struct {
	email  string
	source string // "" where the email is known
	id     string // in the source, "" where the email is known
}

// nobody stands for the owner of deals that have none, in whichever CRM.
var nobody = person{}

// somebody stands for the owners that could not be read.
var somebody = person{id: "?"}

func personOf(d *deal) person {
	if d.facts.OwnerEmail == "" && d.facts.OwnerID == "" && d.facts.IsUnclear("owner") {
		return somebody
	}
	return personBy(d.facts.OwnerEmail, d.source, d.facts.OwnerID)
}

func personBy(email, source, id string) person {
	switch {
	case email != "":
		return person{email: strings.ToLower(email)}
	case id == "":
		return nobody
	}
	return person{source: source, id: id}
}

// people knows the names of everybody in the digest.
type people struct {
	names  map[person]string
	firsts map[string]int  // how many people have the first name
	same   map[string]int  // how many people have the whole name
	left   map[person]bool // active in no CRM any more
	away   map[person]*Absent
	reader string // address of who reads the names
}

func newPeople(in *Input, deals []*deal) *people {
	p := &people{names: map[person]string{}, firsts: map[string]int{}, same: map[string]int{}, left: map[person]bool{}, away: map[person]*Absent{}, reader: in.Recipient}
	for i := range in.Away {
		p.away[personBy(in.Away[i].Person, "", "")] = &in.Away[i]
	}
	for _, m := range in.Team.Members {
		p.names[personBy(m, "", "")] = ""
	}
	learn := func(who person, name string) {
		if name = plain.Clip(name, 60); name != "" {
			p.names[who] = name
		}
	}
	for _, ss := range [][]hygiene.Snapshot{in.Previous, in.Snapshots} {
		active := map[person]bool{} // in any CRM
		for _, s := range ss {
			for _, t := range s.Tallies {
				if t.Team == in.Team.Key() {
					who := personBy(t.OwnerEmail, s.Source, t.OwnerID)
					learn(who, t.OwnerName)
					active[who] = active[who] || t.Active
				}
			}
		}
		for who, is := range active {
			p.left[who] = !is
		}
	}
	for _, email := range in.Left {
		p.left[personBy(email, "", "")] = true
	}
	for _, d := range deals {
		learn(personOf(d), d.facts.OwnerName)
	}
	for _, name := range p.names {
		p.firsts[firstWord(name)]++
		p.same[name]++
	}
	return p
}

// full is the whole name, with what tells the person from others of that name; for a person
// without a name, the email or the id.
func (p *people) full(who person) string {
	switch name := p.names[who]; {
	case name != "" && p.same[name] > 1 && who.email != "":
		return name + " (" + plain.Clip(who.email, 60) + ")"
	case name != "" && p.same[name] > 1:
		return name + " (" + plain.Clip(who.source+" "+who.id, 60) + ")"
	case name != "":
		return name
	case who.email != "":
		return plain.Clip(who.email, 60)
	case who == nobody:
		return "no owner"
	case who == somebody:
		return ownerUnread
	}
	return "owner " + plain.Clip(who.id, 30)
}

// short is the first name, unless other people have the same; then it is the full name.
func (p *people) short(who person) string {
	switch who {
	case nobody:
		return "No owner"
	case somebody:
		return words.UpperFirst(ownerUnread)
	}
	name := p.names[who]
	if first := firstWord(name); first != "" && p.firsts[first] == 1 {
		return first
	}
	if local, _, ok := strings.Cut(who.email, "@"); ok && name == "" {
		return plain.Clip(local, 60)
	}
	return p.full(who)
}

func firstWord(s string) string {
	first, _, _ := strings.Cut(s, " ")
	return first
}
