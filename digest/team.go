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

func personOf(d *deal) person {
	return personBy(d.facts.OwnerEmail, d.source, d.facts.OwnerID)
}

func personBy(email, source, id string) person {
	if email != "" {
		return person{email: strings.ToLower(email)}
	}
	return person{source: source, id: id}
}

// people knows what to call everybody.
type people struct {
	names  map[person]string
	firsts map[string]int // how many people have that first name
}

func newPeople(in Input, deals []*deal) *people {
	p := &people{names: map[person]string{}, firsts: map[string]int{}}
	for _, m := range in.Team.Members {
		p.names[personBy(m, "", "")] = ""
	}
	learn := func(who person, name string) {
		if name = Clip(name, 60); name != "" {
			p.names[who] = name
		}
	}
	for _, ss := range [][]hygiene.Snapshot{in.Previous, in.Snapshots} {
		for _, s := range ss {
			for _, t := range s.Tallies {
				if t.Team == in.Team.Name {
					learn(personBy(t.OwnerEmail, s.Source, t.OwnerID), t.OwnerName)
				}
			}
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

// fixedLine thanks by name, and names the commit deals that lost their doubt.
func (c *composer) fixedLine() Line {
	if c.tally.fixed == 0 {
		return nil
	}
	rows := slices.DeleteFunc(c.rows(), func(r row) bool { return r.done == 0 })
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.done, a.done) })
	const most = 12
	var words []string
	for i, r := range rows {
		if i == most {
			n := 0
			for _, r := range rows[i:] {
				n += r.done
			}
			words = append(words, "others "+number(n))
			break
		}
		words = append(words, c.people.short(r.who)+" "+number(r.done))
	}
	line := Line{{Text: "FIXED " + number(c.tally.fixed) + ":", Bold: true}, {Text: " " + strings.Join(words, ", ") + "."}}
	cleared := c.cleared()
	const named = 3
	for _, d := range cleared[:min(len(cleared), named)] {
		line = append(line, Span{Text: " "}, Span{Text: Clip(d.facts.Name, 80), URL: d.facts.URL})
		line = append(line, c.factSpans(d, c.factsOf(d, false))...)
		line = append(line, Span{Text: ": no doubt left."})
	}
	if n := len(cleared) - named; n > 0 {
		line = append(line, Span{Text: " No doubt left on " + count(n, "more commit deal", "more commit deals") + "."})
	}
	return line
}

// cleared are the commit deals whose last doubt was fixed, the largest first.
func (c *composer) cleared() []*deal {
	var out []*deal
	for _, d := range c.deals {
		doubt := func(l *hygiene.Life) bool { return l.Severity == hygiene.High }
		if d.fate() == fixed && d.facts.Commit && d.facts.Name != "" && slices.ContainsFunc(d.ended, doubt) {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *deal) int {
		return cmp.Or(cmp.Compare(b.facts.Amount.Value, a.facts.Amount.Value), cmp.Compare(a.record, b.record))
	})
	return out
}

// closedLine names the deals that were won or lost while they needed an update.
func (c *composer) closedLine() Line {
	var closed []*deal
	for _, d := range c.deals {
		if f := d.fate(); f == won || f == lost {
			closed = append(closed, d)
		}
	}
	if len(closed) == 0 {
		return nil
	}
	slices.SortStableFunc(closed, func(a, b *deal) int {
		return cmp.Or(cmp.Compare(b.facts.Amount.Value, a.facts.Amount.Value), cmp.Compare(a.record, b.record))
	})
	const named = 5
	line := Line{{Text: "CLOSED " + number(len(closed)) + ":", Bold: true}}
	sep := " "
	for _, d := range closed[:min(len(closed), named)] {
		line = append(line, Span{Text: sep}, Span{Text: c.nameOf(d)[0].Text, URL: d.facts.URL})
		word := " won"
		if d.fate() == lost {
			word = " lost"
		}
		if m := money(d.facts.Amount.Value, c.code(d.source, d.facts.Currency)); d.facts.Amount.Known && m != "" {
			word = " " + m + word
		}
		if n := c.listDays(d); n > 10 {
			word += " after " + number(n) + " business days on this list"
		}
		line = append(line, Span{Text: word})
		sep = "; "
	}
	if n := len(closed) - named; n > 0 {
		line = append(line, Span{Text: "; " + number(n) + " more"})
	}
	return append(line, Span{Text: "."})
}

// listDays is how long an ended deal had needed an update.
func (c *composer) listDays(d *deal) int {
	n := 0
	for _, l := range d.ended {
		n = max(n, c.cal.Days(l.Opened, l.Ended))
	}
	return n
}
