package daemon_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// drawer keeps deliveries in memory, as the journal does on disk: what was saved survives
// a kill, and a process that was killed saves nothing more.
type drawer struct {
	mu     sync.Mutex
	kept   map[string]delivery.Delivery
	notes  map[string]string
	dead   bool
	writes int
	before func(n int) // of the write with that number
	after  func(n int)
}

var errDead = &store.FileError{Err: errors.New("the process was killed")}

func (d *drawer) Installation() string { return "0a1b2c3d" }

func (d *drawer) Deliveries(_ context.Context, states ...delivery.State) ([]delivery.Delivery, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []delivery.Delivery
	for _, id := range slices.Sorted(maps.Keys(d.kept)) {
		if x := d.kept[id]; slices.Contains(states, x.State) {
			x.Parts = slices.Clone(x.Parts)
			out = append(out, x)
		}
	}
	return out, nil
}

func (d *drawer) Delivery(_ context.Context, id string) (delivery.Delivery, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	x, ok := d.kept[id]
	x.Parts = slices.Clone(x.Parts)
	return x, ok, nil
}

func (d *drawer) SaveDelivery(_ context.Context, _ store.Fence, x delivery.Delivery, follow *delivery.Delivery) error {
	return d.write(func() {
		x.Parts = slices.Clone(x.Parts)
		d.kept[x.ID] = x
		if follow != nil {
			if _, ok := d.kept[follow.ID]; !ok {
				d.kept[follow.ID] = *follow
			}
		}
	})
}

// write is one transaction.
func (d *drawer) write(do func()) error {
	d.mu.Lock()
	n := d.writes
	d.writes++
	d.mu.Unlock()
	if d.before != nil {
		d.before(n)
	}
	d.mu.Lock()
	dead := d.dead
	if !dead {
		do()
	}
	d.mu.Unlock()
	if !dead && d.after != nil {
		d.after(n)
	}
	if d.Dead() {
		return errDead
	}
	return nil
}

func (d *drawer) Dead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}

func (d *drawer) Note(_ context.Context, _ store.Fence, name, value string) error {
	return d.write(func() { d.notes[name] = value })
}

func (d *drawer) Noted(_ context.Context, name string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.notes[name], nil
}

func (d *drawer) Recover(_ context.Context, _ store.Fence, now time.Time) (n int, _ error) {
	for id, x := range d.kept {
		if store.Interrupted(&x, now) {
			d.kept[id] = x
			n++
		}
	}
	return n, nil
}
