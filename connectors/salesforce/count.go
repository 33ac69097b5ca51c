package salesforce

import (
	"errors"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// A deal that the login no longer sees, or sees again, gets no new stamp, so no
// increment reads such a deal. But the number of open deals changes, and a poll has
// room to count the open deals without a further call. If the number has changed by
// more than the increment explains, the run sweeps at once instead of within a day.

// unexplained is the change of the number that causes no sweep: so many deals may be
// created, closed or committed between the two calls of a poll.
const unexplained = 2

// counting returns the request that counts the open deals; nil when the stream has no
// such request.
func counting(r *reader) *polling {
	if r.name != crm.Opportunities || r.s.uncounted.Load() || !r.sweepable() || !r.sights[0].object.Filterable("IsClosed") {
		return nil
	}
	return &polling{reader: r, count: true}
}

// openDeals counts the open deals that the login sees. The resource query leaves out
// the recycle bin.
func openDeals() soql.Query {
	return soql.Query{Columns: []string{"COUNT()"}, Object: "Opportunity", Where: soql.All{soql.Is("IsClosed", "=", soql.Truth(false))}}
}

// counted compares the number of open deals with the number at the poll before. whole
// says that all deals that were touched since that poll have been read.
func (p *polling) counted(whole bool) {
	a := p.answer
	if a.Reply == nil {
		// The count is not required: a sweep comes within a day anyway. An org that
		// refuses to count, or takes minutes over it and so delays the whole call, is
		// not counted again.
		if tooMuch(a.Err) || errors.Is(a.Err, crm.ErrRefused) {
			p.s.uncounted.Store(true)
		}
		return
	}
	e, err := row.Page(a.Reply.Body, func(*row.Row) error { return nil })
	if err != nil {
		return
	}
	before, now := p.c.Open, e.Total+1 // 0 is unknown
	p.c.Open = now
	moved := max(now-before, before-now)
	if before > 0 && whole && moved > p.fresh+unexplained {
		p.c.Run.Sweep = true
	}
}
