package control

import (
	"context"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// audience says of open findings which are their deals' owners' alone: those who run the
// program see them, and know that nobody else does. lives are those of the findings. It is
// not called while the journal is read.
func (c *Control) audience(ctx context.Context, lives []hygiene.Life, found []api.CheckFinding) error {
	run := c.Edition.Run()
	for i := range lives {
		until, only, err := run.OwnerOnly(ctx, &lives[i])
		if err != nil {
			return err
		}
		if only {
			found[i].OwnerOnly, found[i].OwnerUntil = true, timePtr(until)
		}
	}
	return nil
}
