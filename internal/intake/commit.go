package intake

import (
	"context"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// commit commits a page.
func (in *Intake) commit(ctx context.Context, source string, p *crm.Page) (store.Commit, error) {
	return in.cache.CommitPage(ctx, in.fence, source, p, in.cfg.Now())
}
