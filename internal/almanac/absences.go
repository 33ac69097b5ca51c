package almanac

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/spelling"
)

// Manager is the word for a person's manager as cover.
const Manager = "manager"

// Away is what the configuration says of absences.
type Away struct {
	List  []hygiene.Absence // Cover as it is written: an address, Manager, or "" for Cover
	Place string            // of the list: "away.list"
	File  string            // absolute, of a table with more of them; "" is none
	At    string            // of the file: "away.file"
	Cover string            // who covers where nobody is named: an address, or Manager
}

// absences joins the list and the table: by first addresses, sorted, and each day of a
// person once.
func (p *Plan) absences() (out []hygiene.Absence, troubles []Trouble) {
	var rows []row
	for i, a := range p.Away.List {
		rows = append(rows, row{Absence: a, place: fmt.Sprintf("%s[%d]", p.Away.Place, i)})
	}
	for _, r := range p.table {
		r.place = p.Away.At
		rows = append(rows, r)
	}
	say := func(r *row, format string, args ...any) {
		if len(troubles) < maxNotes {
			text := fmt.Sprintf(format, args...)
			troubles = append(troubles, Trouble{Place: r.place, Text: r.at + text, Cause: text})
		}
	}
	known, lists := p.known(), p.members()
	for i := range rows {
		r := &rows[i]
		r.Person = p.Names.Email(r.Person)
		if r.Cover == "" && p.Names.Email(p.Away.Cover) != r.Person {
			r.Cover = p.Away.Cover
		}
		if r.Cover = p.Names.Email(r.Cover); r.Cover == Manager {
			r.Cover = ""
		}
		if !known[r.Person] {
			say(r, "%s is in no team and not under people, so nobody's absence is noted%s", r.Person, near(r.Person, known))
		}
		switch {
		case r.Cover == "":
		case r.Cover == r.Person:
			say(r, "%s covers for nobody but the same person; name somebody else, or %s", r.Cover, Manager)
			r.Cover = ""
		case !known[r.Cover]:
			say(r, "%s, who is to cover, is in no team and not under people%s; until then it is the manager", r.Cover, near(r.Cover, known))
			r.Cover = ""
		case lists[r.Person] && !lists[r.Cover] && r.Cover != p.managerOf(r.Person):
			say(r, "%s, who is to cover, is a member of no team, so gets no list of deals; the manager alone sees them", r.Cover)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.From, b.From))
	})
	var until crm.Date
	for i := range rows {
		r := &rows[i]
		if i == 0 || rows[i-1].Person != r.Person {
			until = 0
		}
		if r.From <= until {
			if r.From = until + 1; r.To < r.From {
				continue
			}
		}
		until = r.To
		out = append(out, r.Absence)
	}
	p.mutual(rows, say)
	return out, troubles
}

// mutual says which two cover for each other at one time.
func (p *Plan) mutual(rows []row, say func(*row, string, ...any)) {
	by := map[[2]string][]*row{}
	for i := range rows {
		if r := &rows[i]; r.Cover != "" {
			by[[2]string{r.Person, r.Cover}] = append(by[[2]string{r.Person, r.Cover}], r)
		}
	}
	for i := range rows {
		r := &rows[i]
		if r.Person > r.Cover || r.Cover == "" {
			continue // each pair once
		}
		for _, other := range by[[2]string{r.Cover, r.Person}] {
			if from, to := max(r.From, other.From), min(r.To, other.To); from <= to {
				say(r, "%s and %s are away together from %s to %s and cover for each other, so neither does; name somebody else for one of them: until then their managers see the deals", r.Person, r.Cover, from, to)
			}
		}
	}
}

// known are the first addresses of everybody whom the configuration names.
func (p *Plan) known() map[string]bool {
	out := map[string]bool{}
	for _, a := range p.Declared {
		out[a] = true
	}
	for i := range p.Teams {
		for _, m := range append([]string{p.Teams[i].Manager, p.Teams[i].Deputy}, p.Teams[i].Members...) {
			out[p.Names.Email(m)] = true
		}
	}
	delete(out, "")
	return out
}

// near says which address was probably meant.
func near(address string, known map[string]bool) string {
	best, least := "", 3
	for k := range known {
		if d := spelling.Distance(address, k); d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return "; correct the address"
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// members are the first addresses of the members of all teams: who gets a list.
func (p *Plan) members() map[string]bool {
	out := map[string]bool{}
	for i := range p.Teams {
		for _, m := range p.Teams[i].Members {
			out[p.Names.Email(m)] = true
		}
	}
	return out
}

// managerOf is the manager of the person's team, "" is nobody.
func (p *Plan) managerOf(person string) string {
	for i := range p.Teams {
		if slices.ContainsFunc(p.Teams[i].Members, func(m string) bool { return p.Names.Email(m) == person }) {
			return p.Teams[i].Manager
		}
	}
	return ""
}
