package intake

import (
	"context"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// commit commits a page, without the subjects that ask for nothing.
func (in *Intake) commit(ctx context.Context, source string, p *crm.Page) (store.Commit, error) {
	for i := range p.Activities {
		if a := &p.Activities[i]; a.Subject != "" && (in.cfg.Asks == nil || !in.cfg.Asks(a.Subject)) {
			a.Subject = ""
		}
	}
	return in.cache.CommitPage(ctx, in.fence, source, p, in.cfg.Now())
}
