package control

import (
	"context"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/internal/api"
)

// forget drops from the cache a source that the configuration no longer names.
func (c *Control) forget(ctx context.Context, source string) error {
	if c.Evaluation.Names(source) {
		return api.Errorf(api.ExitUsage, "the configuration names the source %q; take it out of sources first, and restart the daemon if one runs", source)
	}
	left, err := c.Evaluation.Unnamed(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(left, source) {
		has := "none that the configuration does not name"
		if len(left) > 0 {
			has = strings.Join(left, ", ")
		}
		return api.Errorf(api.ExitUsage, "the cache has no source %q to forget; it has %s", source, has)
	}
	return c.Intake.Forget(ctx, source)
}
