package salesforce

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// reading reads the rows of an answer into a page.
type reading struct {
	part     part
	mapping  *mapping
	machines *machine.Machines
	lines    []schema.Line // the known sales processes
	zone     *time.Location
	login    string   // the id of Pipetidy's own user
	kept     crm.Date // rows of before this day are not kept; zero keeps all
	take     func(c *reading, r *row.Row)
	page     *crm.Page
	columns  []string   // that the rows were asked for
	types    []string   // ids of record types without a name
	left     []crm.Left // rows that were left out, because a value that decides had an unexpected form
	odd      []string   // ids of rows with a value of an unexpected form
	nameless int        // number of rows without an id
	seen     map[string]bool
	before   []listed // the pages before, see [lately]
	twice    int      // number of rows whose id an earlier one of the list had
	stamp    string   // the field that tells when a row was last touched
	stamps   []string // of the rows without an id, where they are read
	linked   bool     // every row is of an opportunity
	known    []string // ids of rows that were odd before
	spoilt   int      // number of other rows that lack what Salesforce never leaves empty
	counts   int      // number of rows that a count would count
	closed   int      // number of closed deals that a count of these would count
}

// reading prepares to read an answer to the present part into page.
func (r *reader) reading(a *api.Reply, page *crm.Page) *reading {
	c := &reading{
		part: r.part(), columns: r.sight().selection, stamp: r.sight().stamp, mapping: r.sight().mapping, machines: r.s.configured.machines, login: a.Session.User,
		kept: r.c.Run.Keep, take: r.st.take, page: page, zone: time.UTC,
		known: r.c.Odd[r.part().object], linked: r.linked(), before: r.s.lately.before(r),
	}
	if org := r.s.schema.Organization(); org != nil {
		c.lines = org.Lines
		if zone, err := time.LoadLocation(org.Zone); err == nil && org.Zone != "Local" {
			c.zone = zone
		}
	}
	return c
}

// linked reports whether the present query asks for activities of opportunities only.
func (r *reader) linked() bool {
	p := r.part()
	return (r.c.Run.Full || p.sweep || p.ended) && len(p.full) > 0 && len(r.sight().filterable(p.full[:1])) > 0
}

// record reads one row into the page. A row without an id is left out, and id is "".
func (c *reading) record(from *row.Row) (id string) {
	switch {
	case from.Flag("IsDeleted"):
	case c.isClosed(from):
		c.closed++
	default:
		c.counts++
	}
	id, ok := c.identify(from)
	if !ok {
		c.leaveNameless(from)
		return ""
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	if c.seen[id] || has(c.before, id) {
		c.twice++
	}
	c.seen[id] = true
	before := *c.page
	deleted := from.Flag("IsDeleted")
	if !deleted {
		c.bare(from)
	}
	switch {
	case c.part.sweep && !deleted && (c.part.fields == nil || c.beyond(from)):
		c.page.Exist = append(c.page.Exist, id)
	case c.page.Stream == crm.History && deleted: // the cache drops history together with its deal
	case deleted, !c.part.sweep && c.beyond(from):
		c.page.Deleted = append(c.page.Deleted, id)
	default:
		c.take(c, from)
	}
	if len(from.Odd()) == 0 || deleted && !from.IsOdd("IsDeleted") { // of a deleted row nothing else counts
		return id
	}
	c.odd = append(c.odd, id)
	if !c.unclear(from, before) {
		*c.page = before
		c.left = append(c.left, crm.Left{ID: id, Why: from.Faults(), Lacks: from.Lacks()})
		if c.page.Stream != crm.Opportunities {
			c.page.Exist = append(c.page.Exist, id)
		}
	}
	return id
}

// isClosed reports whether the row is a closed deal, of which a sweep tells nothing.
func (c *reading) isClosed(from *row.Row) bool {
	return !c.part.sweep && c.part.object == "Opportunity" && from.Flag(c.mapping.at("closed"))
}

// unclear reports whether the record that the row became can be kept though values of the
// row had an unexpected form: these are then unknown for the record. Without the values
// that say what the record is about, or whether it still counts, it cannot.
func (c *reading) unclear(from *row.Row, before crm.Page) bool {
	page := c.page
	switch {
	case from.IsOdd("IsDeleted"):
		return false
	case len(page.Opportunities) > len(before.Opportunities):
		o := &page.Opportunities[len(page.Opportunities)-1]
		return !o.IsUnclear("closed") && !o.IsUnclear("won")
	case len(page.Activities) > len(before.Activities):
		page.Activities[len(page.Activities)-1].Unclear = true
		return !from.IsOdd("WhatId")
	}
	return false
}

// leaveOut notes the odd rows, and for the operator which rows were left out.
func (r *reader) leaveOut(in *reading) {
	run, object := r.c.Run, r.part().object
	run.NoteOdd(object, in.odd)
	if len(in.left) == 0 {
		return
	}
	run.Nameless = run.Nameless || in.nameless > 0
	run.NoteOdd(cursor.Stamps(object), in.stamps)
	run.Left = true
	run.Unasked = run.Unasked || in.nameless > len(in.stamps) || len(run.Odd[object]) == cursor.MostOdd || len(run.Odd[cursor.Stamps(object)]) > mostStamps
	var rows []string
	for _, l := range in.left {
		if name := r.part().object + " " + l.ID; l.ID[0] != '(' {
			rows = append(rows, fmt.Sprintf("%s (%s)", name, l.Why))
		} else { // the object stands in the name of a row without an id
			rows = append(rows, fmt.Sprintf("%s (%s)", strings.Trim(l.ID, "()"), l.Why))
		}
	}
	const named = 5
	more := ""
	if n := len(rows) - named; n > 0 {
		more, rows = fmt.Sprintf(" and %d more", n), rows[:named]
	}
	r.gaps = true
	r.note = fmt.Sprintf("values that cannot be read, so these rows were left out and stay as they were: %s%s; correct them in Salesforce", strings.Join(rows, "; "), more)
}

// stage adds a stage once without a pipeline, and once for each pipeline that has the
// stage. The stage without a pipeline serves deals whose own sales process no longer
// has the stage.
func (c *reading) stage(r *row.Row) {
	st := stage(r)
	c.page.Stages = append(c.page.Stages, st)
	for _, l := range c.lines {
		if slices.Contains(l.Stages, st.ID) {
			st.Pipeline, st.PipelineLabel = l.Developer, l.Name
			c.page.Stages = append(c.page.Stages, st)
		}
	}
}
