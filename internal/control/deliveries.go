package control

import (
	"context"
	"errors"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/outbox"
)

// Settle writes down what a person found out about a delivery in doubt.
func (c *Control) Settle(ctx context.Context, req api.SettleRequest) (*api.DeliveryStatus, error) {
	d, err := c.Outbox.Settle(ctx, req.ID, req.Arrived)
	if wrong, ok := errors.AsType[*outbox.NotInDoubtError](err); ok {
		return nil, api.Errorf(api.ExitUsage, "%w", wrong)
	}
	if err != nil {
		return nil, err
	}
	st := c.statusOf(&d)
	return &st, nil
}
