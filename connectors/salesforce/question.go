package salesforce

import (
	"slices"
	"strconv"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// question makes the query for the rest of a part, out of the cursor and of what the
// login sees of the part. A question makes no call.
type question struct {
	part    part
	sight   sight
	at      *cursor.Cursor
	overlap int64    // how far an increment reaches behind the last run, in seconds
	of      []string // read only rows that belong to these opportunities; nil is all
	ids     []string // look only for the rows with these ids; nil is all
}

// resource is the resource of the query: queryAll, which also gives deleted rows and
// archived activities, unless the object has no deleted rows.
func (q question) resource() string {
	if q.sight.object.Field("IsDeleted") == nil {
		return "query"
	}
	return "queryAll"
}

// soql returns the query for the rest of a part: the whole part, or what follows the
// last row that was read.
func (q question) soql() soql.Query {
	p, v, run := q.part, q.sight, q.at.Run
	out := soql.Query{Columns: q.columns(), Object: p.object, Order: []string{"Id"}}
	switch {
	case p.ended:
		out.Where = append(soql.All{soql.Is("EndDateTime", ">=", soql.Moment(q.at.From(p.name()))), soql.Is("EndDateTime", "<", soql.Moment(run.Began)), soql.Is("IsDeleted", "=", soql.Truth(false))},
			v.filterable(p.full)...)
	case q.ids != nil:
		out.Where = q.confirmed()
	case p.sweep:
		out.Where = q.swept()
	case run.Full:
		out.Where = append(v.filterable(p.full), v.kept(p, run.Keep)...)
	default:
		out.Order = []string{v.stamp, "Id"}
		if run.LastID == "" && run.Window == nil {
			out.Where = q.touched()
		}
	}
	if q.of != nil {
		out.Where = append(out.Where, soql.OneOf(belongs(p.object), q.of))
	}
	if run.Window != nil {
		out.Where = append(out.Where, within(run.Window, q.clock())...)
	}
	switch {
	case run.LastID == "":
	case len(out.Order) == 1:
		out.Where = append(out.Where, soql.Is("Id", ">", soql.Text(run.LastID)))
	default:
		// The server compares the ids, because its order of ids differs from ours.
		at := soql.Moment(max(run.LastStamp, q.leastStamp()))
		out.Where = append(out.Where, soql.Either{soql.Is(v.stamp, ">", at), soql.All{soql.Is(v.stamp, "=", at), soql.Is("Id", ">", soql.Text(run.LastID))}})
	}
	return out
}

// touched returns the conditions of an increment: the rows that were touched since, and
// once in a while those whose values could not be read before. The odd rows have older
// stamps, so they come first; what follows the last row is in the order of stamps.
func (q question) touched() soql.All {
	asked := soql.Either{soql.Is(q.sight.stamp, ">=", soql.Moment(q.from()))}
	if q.sight.kin {
		asked = append(asked, soql.Is(kinStamp, ">=", soql.Moment(q.from())))
	}
	if !q.at.Run.Anew {
		return either(asked)
	}
	if odd := q.at.Odd[q.part.object]; len(odd) > 0 {
		asked = append(asked, soql.OneOf("Id", odd))
	}
	stamps := q.at.Odd[cursor.Stamps(q.part.object)]
	for _, text := range stamps[:min(len(stamps), mostStamps)] {
		if at, err := strconv.ParseInt(text, 10, 64); err == nil && at < q.from() {
			asked = append(asked, soql.Is(q.sight.stamp, "=", soql.Moment(at)))
		}
	}
	return either(asked)
}

// either returns the conditions of which one has to be met.
func either(asked soql.Either) soql.All {
	if len(asked) == 1 {
		return soql.All(asked)
	}
	return soql.All{asked}
}

// mostStamps is for how many rows without an id a query asks by their stamps.
const mostStamps = 20

// from is the stamp from which an increment reads. It lies before the beginning of the
// last run, because a row becomes visible only after its stamp. Once a day it lies a
// day before, because the longest transactions of Salesforce take hours. After an answer
// without rows it lies where that answer's lay, or before.
func (q question) from() int64 {
	overlap := q.overlap
	if q.at.Run.Deep {
		overlap = max(overlap, cursor.Day)
	}
	return q.at.From(q.part.name()) - overlap
}

// columns are the columns that a query of the part selects.
func (q question) columns() []string {
	v, p := q.sight, q.part
	columns := append([]string{"Id"}, v.selection...)
	more := []string{v.stamp, "IsDeleted"}
	switch {
	case p.sweep:
		more = more[1:]
	case p.keep != nil && !q.at.Run.Keep.IsZero():
		more = append(more, p.keep.fields...)
	}
	for _, name := range more {
		if f := v.object.Field(name); f != nil && !slices.Contains(columns, f.Name) {
			columns = append(columns, f.Name)
		}
	}
	return columns
}

// leastStamp is the earliest stamp from which a query of the order of stamps goes on. The
// stamp of an odd row, which may be years old, is none.
func (q question) leastStamp() int64 {
	if !q.at.Run.Anew && !q.sight.kin || !q.stamped() || q.at.Run.Window != nil {
		return 0
	}
	return q.from() - 1
}

// clock is the field by which the part is divided into windows.
func (q question) clock() string {
	p, v := q.part, q.sight
	switch {
	case p.ended:
		return "EndDateTime"
	case (p.sweep || q.at.Run.Full) && v.object.Filterable("CreatedDate"):
		return "CreatedDate"
	}
	return v.stamp
}

// stamped reports whether the part is read in the order of stamps.
func (q question) stamped() bool {
	p := q.part
	return !q.at.Run.Full && !p.ended && !p.sweep
}

// swept returns the conditions of a sweep. Of opportunities, the store expects a sweep
// to mention all that were open. So a sweep reads the open deals, and the deals that
// were touched since the run began: a deal that was closed during the run must not
// look gone.
func (q question) swept() soql.All {
	p, v := q.part, q.sight
	if p.object == "Opportunity" {
		touched := soql.Is(v.stamp, ">=", soql.Moment(q.at.Run.Began-q.overlap))
		return append(v.filterable(undeleted), v.filterable(soql.All{soql.Either{soql.Is("IsClosed", "=", soql.Truth(false)), touched}})...)
	}
	return q.existing(q.at.Back)
}

var undeleted = soql.All{soql.Is("IsDeleted", "=", soql.Truth(false))}

// existing returns the conditions of the rows that are there and are kept from a day on.
func (q question) existing(keep crm.Date) soql.All {
	p, v := q.part, q.sight
	return append(append(v.filterable(undeleted), v.filterable(p.full)...), v.kept(p, keep)...)
}

// within returns the conditions of the rows of a window.
func within(w *cursor.Window, field string) []soql.Condition {
	to := soql.Is(field, "<", soql.Moment(w.To))
	if w.From <= cursor.Dawn {
		return soql.All{to}
	}
	return soql.All{soql.Is(field, ">=", soql.Moment(w.From)), to}
}
