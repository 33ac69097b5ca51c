package bolt

import (
	"context"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
)

// Probe is a step of [store.Engine]. A commit that fits into the free pages of a file
// would say nothing about the disk, so Probe writes a file of its own as well.
func (s *Store) Probe(ctx context.Context, fence store.Fence) error {
	for _, f := range s.files() {
		err := f.Update(ctx, fence, func(t *checked.Tx) error {
			t.Wrote()
			return nil
		})
		if err != nil {
			return err
		}
	}
	return checked.Room(s.hold.Dir())
}
