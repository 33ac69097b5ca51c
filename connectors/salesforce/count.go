package salesforce

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// A row that the login no longer sees, or sees again, gets no new stamp, so no increment
// reads such a row. But the number of rows changes, and a poll has room to count without
// a further call: the open deals each time, and with what room is left the rows of the
// object that was counted longest ago. The first count is compared with what was read, and
// the first one after a sweep with what the sweep read: a sweep that came short of it is made
// again at once, and no further time while it comes short by as many, unless the cache holds the stream for it.
// If a number has changed by more than the
// increments explain, the run sweeps at once instead of within a day or a week. Of open
// deals a smaller difference shows against the cache, so the page tells their number, and
// whoever syncs asks for a sweep.

// unexplained is the change of a number that causes no sweep: so many rows may be
// created, closed or committed between the two calls of a poll.
const unexplained = 2

// number is the column of a query that counts.
const number = "COUNT()"

// countOf is the ability to count an object's rows, for [api.Refusals].
func countOf(object string) string { return "counts of " + object }

// counting returns the requests of a poll that count, for so many free places.
func counting(readers []*reader, free int) []*polling {
	var out []*polling
	for _, r := range readers {
		if r.st.whole || !r.sweepable() {
			continue
		}
		for i, p := range r.st.parts {
			if !p.sweep || r.s.org.Refusals.Holds(countOf(p.object)) || p.object == "Opportunity" && !r.sights[i].object.Filterable("IsClosed") {
				continue
			}
			out = append(out, &polling{reader: r, part: i, count: true})
		}
	}
	slices.SortStableFunc(out, func(a, b *polling) int {
		if deals := func(p *polling) bool { return p.name == crm.Opportunities }; deals(a) != deals(b) {
			if deals(a) {
				return -1
			}
			return 1
		}
		if a.c.Held != b.c.Held { // its number says whether all is there again
			if a.c.Held {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.counts().At, b.counts().At)
	})
	return out[:max(0, min(len(out), free))]
}

// counts is the count before.
func (p *polling) counts() cursor.Count { return p.c.Counts[p.st.parts[p.part].object] }

// countPath is the path of a request that counts the rows that a sweep would read. Of
// opportunities it counts the open ones, for which the resource query leaves out the
// recycle bin.
func (p *polling) countPath() (string, error) {
	part := p.st.parts[p.part]
	if part.object == "Opportunity" {
		return p.s.org.QueryPath("query", soql.Query{Columns: []string{number}, Object: part.object, Where: soql.All{soql.Is("IsClosed", "=", soql.Truth(false))}})
	}
	q := question{part: part, sight: p.sights[p.part], at: p.c}
	return p.s.org.QueryPath(q.resource(), soql.Query{Columns: []string{number}, Object: part.object, Where: q.swept()})
}

// counted compares the number of rows with the number before. whole says that all rows
// that were touched since then have been read.
func (p *polling) counted(page *crm.Page, whole bool) {
	a, object := p.answer, p.st.parts[p.part].object
	if a.Reply == nil {
		// The count is not required: a sweep comes anyway. An org that refuses to count, or
		// takes minutes over it and so delays the whole call, is not asked again for a while.
		if tooMuch(a.Err) || errors.Is(a.Err, crm.ErrRefused) {
			p.s.org.Refusals.Note(countOf(object))
		}
		return
	}
	e, err := row.Page(a.Reply.Body, nil, func(*row.Row) error { return nil })
	if err != nil || !whole {
		return // the next count compares with the same number as this one would have
	}
	p.s.org.Refusals.Over(countOf(object))
	if p.name == crm.Opportunities {
		page.Open = &e.Total
	}
	before, known := p.c.Counted(object, e.Total, p.c.Run.Began)
	moved, short := max(e.Total-before.Rows, before.Rows-e.Total)-before.Fresh, before.ShortOf(e.Total)
	switch {
	case known && moved > unexplained:
		p.moved(moved, before.Rows, e.Total)
	case short > unexplained && (p.c.Held || short != before.Short):
		p.moved(short, *before.Saw, e.Total)
	}
}

// moved decides what follows when a number of rows has changed by more than was read. A
// deal that is shared with the login comes with all that belongs to it, and is recalled
// with it. So of these rows a few cause a sweep once a day at most; a tenth of all, at
// once.
func (p *polling) moved(by, from, to int) {
	p.c.Moved = true
	said := fmt.Sprintf("the login sees %d rows of %s where it saw %d, and few of them were changed since", to, p.st.parts[p.part].object, from)
	if p.name == crm.Opportunities || p.name == crm.Users || by > from/10 || p.c.Held || p.sweeps() {
		p.c.Run.Sweep = true
		said += "; all are read again"
		p.note = said
	} else {
		said += "; all are read again within a day"
	}
	if p.sighted != "" {
		said = p.sighted + "; " + said
	}
	p.sighted = said
}
