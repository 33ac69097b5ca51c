package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
)

// row is one person's line of the table.
type row struct {
	who               person
	left              bool // deactivated in the CRM of these deals, so nobody deals with them
	need, fresh, done int
}

// rows counts for every member of the team, and for everybody else who owns a deal
// that is counted: the rows add up to what the heading says.
func (b *brief) rows() []row {
	people := b.wording.people
	var rows []row
	type holder struct {
		person
		left bool
	}
	at := map[holder]int{}
	of := func(who person, left bool) *row {
		i, ok := at[holder{who, left}]
		if !ok {
			i = len(rows)
			at[holder{who, left}] = i
			rows = append(rows, row{who: who, left: left})
		}
		return &rows[i]
	}
	for _, m := range b.in.Team.Members {
		of(personBy(m, "", ""), false)
	}
	for _, s := range b.portfolio.current {
		for _, t := range s.Tallies {
			// Deals without an owner have a row where they need something: what has no owner
			// here may have one that could not be read.
			if who := personBy(t.OwnerEmail, s.Source, t.OwnerID); t.Team == b.in.Team.Key() && t.Active && t.Deals > 0 && who != nobody {
				of(who, false)
			}
		}
	}
	for _, d := range b.book.deals {
		switch {
		case d.needs():
			r := of(personOf(d), d.inactive() != nil)
			r.need++
			if d.fresh() {
				r.fresh++
			}
		case d.done() && !d.leftBehind(): // nobody thanks those who left for what others took over
			of(personOf(d), false).done++
		}
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return !r.left && people.left[r.who] && r.need == 0 && r.done == 0 })
	slices.SortStableFunc(rows, func(x, y row) int {
		m, n := people.short(x.who), people.short(y.who)
		return cmp.Or(cmp.Compare(strings.ToLower(m), strings.ToLower(n)), cmp.Compare(m, n), cmp.Compare(x.who.email, y.who.email), falseFirst(x.left, y.left))
	})
	return rows
}

// teamTable has one row per rep, nil for a team without reps.
func (b *brief) teamTable() *Table {
	rows := b.rows()
	if len(rows) == 0 {
		return nil
	}
	t := &Table{Head: []string{"Rep", "needs update"}}
	news := !b.wall.first() && (!b.sources.noNews() || b.book.tally.today.moved())
	if news {
		t.Head = append(t.Head, "new", "fixed since "+b.wall.since)
	}
	rows, idle := folded(rows, b.wording.people)
	for _, r := range rows {
		name := b.wording.people.short(r.who)
		if r.left {
			name += " (deactivated)"
		}
		cells := []string{name, words.Number(r.need)}
		if news {
			cells = append(cells, words.Number(r.fresh), words.Number(r.done))
		}
		t.Rows = append(t.Rows, cells)
		remark := ""
		if a := b.wording.people.away[r.who]; a != nil && !r.left {
			remark = awayWords(a.Until) + ", " + a.coverWords(b.in.Recipient)
		}
		t.Remarks = append(t.Remarks, remark)
	}
	if n := b.takenOver(); news && n > 0 { // nobody's row has these, and the heading counts them
		t.Rows = append(t.Rows, []string{"Of those who left", "0", "0", words.Number(n)})
		t.Remarks = append(t.Remarks, "")
	}
	if idle > 0 {
		cells := []string{words.Number(idle) + " others"}
		for range len(t.Head) - 1 {
			cells = append(cells, "0")
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// takenOver is how many deals of people who have left are in order since the last digest.
func (b *brief) takenOver() (n int) {
	for _, d := range b.book.deals {
		if d.done() && d.leftBehind() {
			n++
		}
	}
	return n
}

// mostIdle is how many rows of nothing but zeros a table has before they are one row.
const mostIdle = 3

// folded leaves out the rows of nothing but zeros where these are many, and counts them.
func folded(rows []row, people *people) (kept []row, idle int) {
	for _, r := range rows {
		if r.need+r.fresh+r.done == 0 && people.away[r.who] == nil {
			idle++
		} else {
			kept = append(kept, r)
		}
	}
	if idle <= mostIdle || len(kept) == 0 {
		return rows, 0
	}
	return kept, idle
}
