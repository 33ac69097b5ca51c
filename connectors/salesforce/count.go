package salesforce

import (
	"errors"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// No increment tells of deals that the login no longer sees, or sees again: they
// get no stamp by that. But their number shows it, and a poll has room to ask for
// it without a further call. Where the number of open deals has moved by more
// than the increment explains, the run sweeps at once and not in a day.

// unexplained is how many deals may be made, closed or committed between the two
// calls of a poll.
const unexplained = 2

// counting is the question how many open deals there are; nil where it cannot be
// asked.
func counting(r *reader) *polling {
	if r.name != crm.Opportunities || r.s.uncounted.Load() || !r.sweepable() || !r.sights[0].object.Filterable("IsClosed") {
		return nil
	}
	return &polling{reader: r, count: true}
}

// openDeals counts what the login sees. The resource query leaves out the recycle
// bin.
func openDeals() soql.Query {
	return soql.Query{Columns: []string{"COUNT()"}, Object: "Opportunity", Where: soql.All{soql.Is("IsClosed", "=", soql.Truth(false))}}
}

// counted compares the number of open deals with that of the poll before; whole
// says that all that was touched since then has been read.
func (p *polling) counted(whole bool) {
	a := p.answer
	if a.Reply == nil {
		// It is a comfort: the sweep comes in its time. An org that took minutes over
		// it held up all that was asked for in the same call, and is not asked again.
		if tooMuch(a.Err) || errors.Is(a.Err, crm.ErrRefused) {
			p.s.uncounted.Store(true)
		}
		return
	}
	e, err := row.Page(a.Reply.Body, func(*row.Row) error { return nil })
	if err != nil {
		return
	}
	before, now := p.c.Open, e.Total+1 // 0 is never asked
	p.c.Open = now
	moved := max(now-before, before-now)
	if before > 0 && whole && moved > p.fresh+unexplained {
		p.c.Run.Sweep = true
	}
}
