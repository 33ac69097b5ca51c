package salesforce

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
)

// path is the path of the next page.
func (r *reader) path(t *api.Session) (string, error) {
	if r.c.Run.Next != "" {
		return r.s.org.Follow(r.c.Run.Next, t)
	}
	return r.s.org.QueryPath(r.resource(), r.soql())
}

// resource is where deleted rows and archived activities come along, if the
// object has such.
func (r *reader) resource() string {
	if r.sight().object.Field("IsDeleted") == nil {
		return "query"
	}
	return "queryAll"
}

// soql asks for the rest of a part: all of it, or what follows the last row that
// was read.
func (r *reader) soql() soql.Query {
	p, v, run := r.part(), r.sight(), r.c.Run
	q := soql.Query{Columns: r.columns(), Object: p.object, Order: []string{"Id"}}
	switch {
	case p.ended:
		q.Where = append(soql.All{soql.Is("EndDateTime", ">=", soql.Moment(r.c.Since)), soql.Is("EndDateTime", "<", soql.Moment(run.Began)), soql.Is("IsDeleted", "=", soql.Truth(false))},
			v.filterable(p.full)...)
	case p.sweep:
		q.Where = r.swept()
	case run.Full:
		q.Where = append(v.filterable(p.full), v.kept(p, run.Keep)...)
	default:
		q.Order = []string{v.stamp, "Id"}
		if run.LastID == "" && run.Window == nil {
			q.Where = soql.All{soql.Is(v.stamp, ">=", soql.Moment(r.from()))}
		}
	}
	if r.of != nil {
		q.Where = append(q.Where, soql.OneOf(belongs(p.object), r.of))
	}
	if run.Window != nil {
		q.Where = append(q.Where, run.Window.conditions(r.clock())...)
	}
	switch {
	case run.LastID == "":
	case len(q.Order) == 1:
		q.Where = append(q.Where, soql.Is("Id", ">", soql.Text(run.LastID)))
	default:
		// The server compares the ids: its order of them is not ours.
		at := soql.Moment(run.LastStamp)
		q.Where = append(q.Where, soql.Either{soql.Is(v.stamp, ">", at), soql.All{soql.Is(v.stamp, "=", at), soql.Is("Id", ">", soql.Text(run.LastID))}})
	}
	return q
}

// from is the stamp from which an increment reads: behind the last run, because
// rows become visible after their stamp, and once a day far behind it, because
// the longest jobs of the platform take hours.
func (r *reader) from() int64 {
	overlap := int64(r.s.cfg.Overlap / time.Second)
	if r.c.Run.Deep {
		overlap = max(overlap, aDay)
	}
	return r.c.Since - overlap
}

// columns are what a query of the present part asks for.
func (r *reader) columns() []string {
	v, p := r.sight(), r.part()
	columns := append([]string{"Id"}, v.selection...)
	wanted := []string{v.stamp, "IsDeleted"}
	switch {
	case p.sweep:
		wanted = wanted[1:]
	case p.keep != nil && !r.c.Run.Keep.IsZero():
		wanted = append(wanted, p.keep.fields...)
	}
	for _, name := range wanted {
		if f := v.object.Field(name); f != nil && !slices.Contains(columns, f.Name) {
			columns = append(columns, f.Name)
		}
	}
	return columns
}
