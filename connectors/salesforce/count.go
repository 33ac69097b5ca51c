package salesforce

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
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

// closedDeals is the name of the number of closed deals that are kept.
var closedDeals = cursor.Closed("Opportunity")

// rowCount is the column of a query that counts.
const rowCount = "COUNT()"

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
			if !p.sweep {
				continue
			}
			for _, number := range r.numbers(i) {
				if !r.s.org.Refusals.Holds(countOf(number)) {
					out = append(out, &polling{reader: r, part: i, count: number})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *polling) int {
		if deals := func(p *polling) bool { return p.count == "Opportunity" }; deals(a) != deals(b) {
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
		return cmp.Compare(a.last(), b.last())
	})
	return out[:max(0, min(len(out), free))]
}

// numbers are the names of the numbers of rows that a part is compared by: of the rows of its
// object, and of deals by itself those that are closed.
func (r *reader) numbers(part int) []string {
	object := r.st.parts[part].object
	switch {
	case object != "Opportunity":
		return []string{object}
	case r.sights[part].object.Filterable("IsClosed"):
		return []string{object, closedDeals}
	}
	return nil
}

// last is when the number was counted last; zero is never. What is in doubt comes before.
func (p *polling) last() int64 {
	n := p.c.Counts[p.count]
	if n.Doubted(unexplained) {
		return -1
	}
	return n.At
}

// countPath is the path of the request for a poll's number: of what a sweep would read, and of
// closed deals of what a full run would read.
func (p *polling) countPath() (string, error) {
	if p.count == closedDeals {
		return p.pathOf(p.count, p.part, p.c.Keep)
	}
	return p.pathOf(p.count, p.part, p.c.Back)
}

// pathOf is the path of a request for a number of the rows of a part that are kept from a day
// on. Of opportunities the resource query leaves out the recycle bin.
func (r *reader) pathOf(number string, part int, keep crm.Date, and ...soql.Condition) (string, error) {
	p, v := r.st.parts[part], r.sights[part]
	resource := "query"
	var where soql.All
	switch number {
	case "Opportunity":
		where = soql.All{soql.Is("IsClosed", "=", soql.Truth(false))}
	case closedDeals:
		p, v = r.st.parts[0], r.sights[0] // the part of a full run, which knows what is kept
		where = append(soql.All{soql.Is("IsClosed", "=", soql.Truth(true))}, v.kept(p, keep)...)
	default:
		q := question{part: p, sight: v, at: r.c}
		resource, where = q.resource(), q.existing(keep)
	}
	return r.s.org.QueryPath(resource, soql.Query{Columns: []string{rowCount}, Object: p.object, Where: append(where, and...)})
}

// told reads how many rows the org has counted; ok is false where it did not.
func told(a api.Answer) (rows int, ok bool) {
	if a.Reply == nil {
		return 0, false
	}
	e, err := row.Page(a.Reply.Body, nil, func(*row.Row) error { return nil })
	return e.Total, err == nil
}

// counted compares the number of rows with the number before. whole says that all rows
// that were touched since then have been read.
func (p *polling) counted(page *crm.Page, whole bool) {
	rows, ok := told(p.answer)
	if err := p.answer.Err; tooMuch(err) || errors.Is(err, crm.ErrRefused) {
		// The count is not required: a sweep comes anyway. An org that refuses to count, or
		// takes minutes over it and so delays the whole call, is not asked again for a while.
		p.s.org.Refusals.Note(countOf(p.count))
	}
	if !ok || !whole {
		return // the next count compares with the same number as this one would have
	}
	p.s.org.Refusals.Over(countOf(p.count))
	p.c.Confirmed(p.count)
	if p.count == "Opportunity" {
		page.Open = &rows
	}
	before, known := p.c.Counted(p.count, rows, p.c.Run.Began)
	moved, short := max(rows-before.Rows, before.Rows-rows)-before.Fresh, before.ShortOf(rows)
	if short <= unexplained || short == before.Short && !p.c.Held {
		short = 0 // what was read again already explains it, or does not
	}
	switch {
	case p.count == closedDeals:
		// No sweep reads closed deals, and no finding waits for one that is gone.
		p.c.Reread = p.c.Reread || short > 0 || known && rows-before.Rows-before.Fresh > unexplained
	case known && moved > unexplained:
		p.moved(moved, before.Rows, rows)
	case short > 0:
		p.moved(short, *before.Saw, rows)
	}
}

// moved decides what follows when a number of rows has changed by more than was read. A
// deal that is shared with the login comes with all that belongs to it, and is recalled
// with it. So of these rows a few cause a sweep once a day at most; a tenth of all, at
// once.
func (p *polling) moved(by, from, to int) {
	p.c.Moved = true
	said := fmt.Sprintf("the login sees %s of %s where it saw %s, and few of them were changed since", crm.Counted(to, "row"), p.count, crm.Grouped(from))
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
