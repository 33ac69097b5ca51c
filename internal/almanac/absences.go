package almanac

import (
	"cmp"
	"fmt"
	"slices"

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
// person once. Nothing is said of a row that is over.
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
		if len(troubles) < maxNotes && !p.over(r) {
			text := fmt.Sprintf(format, args...)
			troubles = append(troubles, Trouble{Place: r.place, Text: r.at + text, Cause: text})
		}
	}
	known, lists := p.known(), p.members()
	usual := p.Names.Email(p.Away.Cover)
	if usual != "" && usual != Manager && !known[usual] {
		text := fmt.Sprintf("%s is in no team and not under people%s; until then it is the manager", usual, near(usual, known))
		troubles, usual = append(troubles, Trouble{Place: "away.default_cover", Text: text, Cause: text}), Manager
	}
	for i := range rows {
		r := &rows[i]
		r.Person = p.Names.Email(r.Person)
		if r.Cover == "" && usual != r.Person {
			r.Cover = usual
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
	last := 0 // the row of the person that ends last
	for i := range rows {
		r := &rows[i]
		if rows[last].Person != r.Person {
			last = i
		}
		if before := &rows[last]; last != i && r.From <= before.To {
			if r.Cover != before.Cover {
				say(r, "%s is away from %s to %s by another row as well, with another cover; until then that of the row which begins first counts. Correct one of the dates", r.Person, r.From, min(r.To, before.To))
			}
			r.From = before.To + 1
		}
		if r.To < r.From {
			continue
		}
		last = i
		out = append(out, r.Absence)
	}
	p.uncovered(rows, out, say)
	return out, troubles
}

// over reports whether the last day of the absence is past.
func (p *Plan) over(r *row) bool { return p.today != nil && r.To < p.today() }

// uncovered says where somebody is named as cover, and nobody is there to cover: those who
// are named are away as well, as two who cover for each other are.
func (p *Plan) uncovered(rows []row, absences []hygiene.Absence, say func(*row, string, ...any)) {
	a := &hygiene.Almanac{Absences: absences}
	by := map[string][]*row{}
	for i := range rows {
		by[rows[i].Person] = append(by[rows[i].Person], &rows[i])
	}
	for i := range rows {
		r := &rows[i]
		for _, other := range by[r.Cover] {
			from, to := max(r.From, other.From), min(r.To, other.To)
			switch {
			case from > to || a.CoverOf(r.Person, from) != "":
			case other.Cover == r.Person && r.Person < r.Cover:
				say(r, "%s and %s are away together from %s to %s and cover for each other, so neither does; name somebody else for one of them: until then their managers see the deals", r.Person, r.Cover, from, to)
			case other.Cover != r.Person: // each pair once
				say(r, "%s, who is to cover, is away too from %s to %s, and nobody else covers; name somebody else: until then the manager sees the deals", r.Cover, from, to)
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
