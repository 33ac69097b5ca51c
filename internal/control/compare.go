package control

import (
	"context"

	"github.com/pipetidy/pipetidy/internal/api"
)

// Compare says what a configuration file says that the CRMs do not have, by the file as it
// is now: a daemon may have been started with another.
func (c *Control) Compare(ctx context.Context, req api.CompareRequest) (*api.Comparison, error) {
	e, err := c.cfg.Judging(req.File)
	if err != nil {
		return nil, api.Errorf(api.ExitConfig, "%w", err)
	}
	found, err := e.Compare(ctx)
	if err != nil {
		return nil, err
	}
	return &api.Comparison{Mistakes: found.Mistakes, Pending: found.Pending}, nil
}
