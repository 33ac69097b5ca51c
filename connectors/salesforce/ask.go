package salesforce

import (
	"slices"
	"time"
)

// path is the path of the next page.
func (r *reader) path(t *token) (string, error) {
	if r.c.Run.Next != "" {
		return r.s.follow(r.c.Run.Next, t)
	}
	return r.s.address(r.resource(), r.soql())
}

// resource is where deleted rows and archived activities come along, if the
// object has such.
func (r *reader) resource() string {
	if r.sight().object.field("IsDeleted") == nil {
		return "query"
	}
	return "queryAll"
}

// soql asks for the rest of a part: all of it, or what follows the last row that
// was read.
func (r *reader) soql() query {
	p, v, run := r.part(), r.sight(), r.c.Run
	q := query{columns: r.columns(), object: p.object, order: []string{"Id"}}
	switch {
	case p.ended:
		q.where = append(all{is{"EndDateTime", ">=", moment(r.c.Since)}, is{"EndDateTime", "<", moment(run.Began)}, is{"IsDeleted", "=", truth(false)}},
			v.filterable(p.full)...)
	case p.sweep:
		q.where = r.swept()
	case run.Full:
		q.where = append(v.filterable(p.full), v.kept(p, run.Keep)...)
	default:
		q.order = []string{v.stamp, "Id"}
		if run.LastID == "" && run.Window == nil {
			q.where = all{is{v.stamp, ">=", moment(r.from())}}
		}
	}
	if r.of != nil {
		q.where = append(q.where, oneOf{belongs(p.object), r.of})
	}
	if run.Window != nil {
		q.where = append(q.where, run.Window.conditions(r.clock())...)
	}
	switch {
	case run.LastID == "":
	case len(q.order) == 1:
		q.where = append(q.where, is{"Id", ">", text(run.LastID)})
	default:
		// The server compares the ids: its order of them is not ours.
		at := moment(run.LastStamp)
		q.where = append(q.where, either{is{v.stamp, ">", at}, all{is{v.stamp, "=", at}, is{"Id", ">", text(run.LastID)}}})
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
		if f := v.object.field(name); f != nil && !slices.Contains(columns, f.Name) {
			columns = append(columns, f.Name)
		}
	}
	return columns
}
