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

// reading reads the rows of an answer into a page.
type reading struct {
	part     part
	mapping  *mapping
	machines *machine.Machines
	lines    []schema.Line // the known sales processes
	login    string        // the id of Pipetidy's own user
	kept     crm.Date      // rows of before this day are not kept; zero keeps all
	take     func(c *reading, r *row.Row)
	page     *crm.Page
}

// reading prepares to read an answer to the present part into page.
func (r *reader) reading(a *api.Reply, page *crm.Page) *reading {
	c := &reading{
		part: r.part(), mapping: r.sight().mapping, machines: r.s.configured.machines, login: a.Session.User,
		kept: r.c.Run.Keep, take: r.st.take, page: page,
	}
	if org := r.s.schema.Organization(); org != nil {
		c.lines = org.Lines
	}
	return c
}

// record reads one row into the page.
func (c *reading) record(from *row.Row) (id string, err error) {
	object, keep := c.part.object, c.part.keep
	id, ok := row.LongID(from.Text("Id"))
	if !ok {
		return "", fmt.Errorf("%s: a row has no id", object)
	}
	deleted := from.Flag("IsDeleted")
	switch {
	case c.part.sweep && !deleted && (c.part.fields == nil || keep != nil && keep.beyond(from, c.kept)):
		c.page.Exist = append(c.page.Exist, id)
	case c.page.Stream == crm.History && deleted: // the cache drops history together with its deal
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
