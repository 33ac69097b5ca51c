package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

// person is whoever owns a deal: by email where there is one, because the same
// person has one id in each source.
type person struct {
	email  string
	source string // with id, where the email is unknown
	id     string
}

// nobody stands for the owner of deals that have none, in whichever CRM.
var nobody = person{}

func personOf(d *deal) person {
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

// people knows what to call everybody.
type people struct {
	names  map[person]string
	firsts map[string]int // how many people have that first name
	left   map[person]bool
}

func newPeople(in *Input, deals []*deal) *people {
	p := &people{names: map[person]string{}, firsts: map[string]int{}, left: map[person]bool{}}
	for _, m := range in.Team.Members {
		p.names[personBy(m, "", "")] = ""
	}
	learn := func(who person, name string) {
		if name = Clip(name, 60); name != "" {
			p.names[who] = name
		}
	}
	for _, ss := range [][]hygiene.Snapshot{in.Previous, in.Snapshots} {
		active := map[person]bool{} // in any CRM
		for _, s := range ss {
			for _, t := range s.Tallies {
				if t.Team == in.Team.Name {
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
	for _, d := range deals {
		learn(personOf(d), d.facts.OwnerName)
	}
	for _, name := range p.names {
		p.firsts[firstWord(name)]++
	}
	return p
}

// full is the whole name; an email where there is no name.
func (p *people) full(who person) string {
	switch name := p.names[who]; {
	case name != "":
		return name
	case who.email != "":
		return Clip(who.email, 60)
	case who.id == "":
		return "no owner"
	}
	return "owner " + Clip(who.id, 30)
}

// short is the first name where it is one person's only.
func (p *people) short(who person) string {
	if who == nobody {
		return "No owner"
	}
	name := p.names[who]
	if first := firstWord(name); first != "" && p.firsts[first] == 1 {
		return first
	}
	if local, _, ok := strings.Cut(who.email, "@"); ok && name == "" {
		return Clip(local, 60)
	}
	return p.full(who)
}

func firstWord(s string) string {
	first, _, _ := strings.Cut(s, " ")
	return first
}

// row is one person's line of the table.
type row struct {
	who               person
	need, fresh, done int
}

// rows counts for every member of the team, and for everybody else who owns a
// deal that is counted. Deals of people who have left are told elsewhere.
func (c *composer) rows() []row {
	var rows []row
	at := map[person]int{}
	of := func(who person) *row {
		i, ok := at[who]
		if !ok {
			i = len(rows)
			at[who] = i
			rows = append(rows, row{who: who})
		}
		return &rows[i]
	}
	for _, m := range c.in.Team.Members {
		of(personBy(m, "", ""))
	}
	for _, s := range c.current {
		for _, t := range s.Tallies {
			if t.Team == c.in.Team.Name && t.Active && t.Deals > 0 {
				of(personBy(t.OwnerEmail, s.Source, t.OwnerID))
			}
		}
	}
	for _, d := range c.deals {
		switch {
		case d.needs() && d.inactive() == nil:
			r := of(personOf(d))
			r.need++
			if d.fresh() && !d.backlog() {
				r.fresh++
			}
		case d.fate() == fixed:
			of(personOf(d)).done++
		}
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return c.people.left[r.who] && r.need == 0 && r.done == 0 })
	slices.SortStableFunc(rows, func(a, b row) int {
		x, y := c.people.short(a.who), c.people.short(b.who)
		return cmp.Or(cmp.Compare(strings.ToLower(x), strings.ToLower(y)), cmp.Compare(x, y), cmp.Compare(a.who.email, b.who.email))
	})
	return rows
}

// teamTable has one row per rep, nil without anybody.
func (c *composer) teamTable() *Table {
	rows := c.rows()
	if len(rows) == 0 {
		return nil
	}
	t := &Table{Head: []string{"Rep", "needs update"}}
	if !c.first {
		t.Head = append(t.Head, "new", "fixed since "+c.since)
	}
	for _, r := range rows {
		cells := []string{c.people.short(r.who), number(r.need)}
		if !c.first {
			cells = append(cells, number(r.fresh), number(r.done))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
