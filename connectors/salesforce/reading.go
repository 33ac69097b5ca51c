package salesforce

import (
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// reading is a page that is being read.
type reading struct {
	part     part
	mapping  *mapping
	machines *machine.Machines
	lines    []schema.Line // sales processes, as far as they are known
	login    string        // the id of the user that reads
	kept     crm.Date      // rows of before this day are not kept; zero keeps all
	take     func(c *reading, r *row.Row)
	page     *crm.Page
}

// reading is what the rows of an answer to the present part are read into page
// with.
func (r *reader) reading(a *api.Reply, page *crm.Page) *reading {
	c := &reading{
		part: r.part(), mapping: r.sight().mapping, machines: r.s.wanted.machines, login: a.Session.User,
		kept: r.c.Run.Keep, take: r.st.take, page: page,
	}
	if org := r.s.schema.Organization(); org != nil {
		c.lines = org.Lines
	}
	return c
}

// record reads one row into the page that is being read.
func (c *reading) record(from *row.Row) (id string, err error) {
	object, keep := c.part.object, c.part.keep
	id, ok := row.LongID(from.Text("Id"))
	if !ok {
		return "", fmt.Errorf("%s: a row has no id", object)
	}
	deleted := from.Flag("IsDeleted")
	switch {
	case c.part.sweep && !deleted:
		c.page.Exist = append(c.page.Exist, id)
	case c.page.Stream == crm.History && deleted: // goes with its opportunity
	case deleted, keep != nil && !c.part.sweep && keep.beyond(from, c.kept):
		c.page.Deleted = append(c.page.Deleted, id)
	default:
		c.take(c, from)
	}
	if err := from.Err(); err != nil {
		return id, fmt.Errorf("%s %s: %w", object, id, err)
	}
	return id, nil
}

// stage gives a stage once for all pipelines, and once for each that has it: a
// deal may be in a stage that its own process no longer has.
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
