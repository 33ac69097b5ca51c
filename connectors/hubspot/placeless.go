package hubspot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Nothing in the answer that lists the pipelines tells that it was cut short. But the
// description of deals has all stages that a deal may be in: a stage that is among these, and
// that no pipeline lists, is not deleted. Where it stands is as it was read before, and
// otherwise unknown.

// unlisted are the stages, as this process has read them before, that the list lacks and that
// deals may be in. A stage that was deleted since the portal was described is among them
// until it is described again, which is soon.
func (s *survey) unlisted(list []crm.Stage, of *portal.Portal) (out []crm.Stage) {
	last := s.known()
	if of == nil || last == nil || last.ID != of.ID {
		return nil
	}
	have := portal.ByID(list)
	for key, st := range last.Stages {
		if _, listed := have[key]; listed {
			continue
		}
		if _, may := of.Schema.Stage(st.ID); may {
			out = append(out, st)
		}
	}
	slices.SortFunc(out, func(a, b crm.Stage) int {
		return cmp.Or(strings.Compare(a.Pipeline, b.Pipeline), a.Order-b.Order, strings.Compare(a.ID, b.ID))
	})
	if len(out) > 0 && s.now().Sub(last.at) >= freshEnough {
		s.doubt()
	}
	return out
}

// placeless says on the page which stages of deals no pipeline lists though deals may be in
// them.
func (d deals) placeless(found []row.Record) {
	for i := range found {
		pipeline, stage, _ := d.view.Refers(&found[i])
		if _, listed := d.view.Stages[[2]string{pipeline, stage}]; listed || stage == "" {
			continue
		}
		if label, may := d.view.Schema.Stage(stage); may {
			d.note(fmt.Sprintf("%s: no pipeline lists the stage %s (%s), which deals are in, and which is not deleted, so no rule about stages judges these deals; the stages are read again within the hour; if it stays, ask HubSpot",
				d.where, stage, crm.Excerpt(label)))
			return
		}
	}
}
