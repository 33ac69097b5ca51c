// Package checked keeps one bbolt file whose values have checksums. A file is opened only
// after a check, every value is compared with its checksum when it is read, and damage is
// an error that names its place. A writing transaction requires the fence of the opening,
// and ends with store.ErrDiskFull or store.ErrUnknownOutcome when it fails.
//
// What is in the buckets is the engine's: package bolt has the steps. A newcomer opens
// [Open] first, then [File.Update].
package checked

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/store"
)

// MetaBucket is the bucket that holds what the file says about itself, as one value under
// the bucket's name.
const MetaBucket = "meta"

// File is one bbolt file whose values have checksums.
type File struct {
	name    string // cache.db
	path    string
	buckets []string
	db      *bbolt.DB
	// suspect is set once damage was found in the file.
	suspect atomic.Bool
	arena   arena // of the writing transaction, of which there is one at a time
}

// View runs fn in a read transaction.
func (f *File) View(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := f.db.Begin(false)
	if err != nil {
		return f.beginError(err)
	}
	defer t.Rollback() //nolint:errcheck // of a read transaction: it cannot fail
	return f.seen(fn(&Tx{tx: t, file: f}))
}

// Update runs fn in the writing transaction and commits what fn wrote. When the fence in
// the file is another one, because another process has opened the files since, Update
// returns store.ErrFenced and does not run fn.
func (f *File) Update(ctx context.Context, fence store.Fence, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := f.db.Begin(true)
	if err != nil {
		return f.beginError(err)
	}
	defer t.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	f.arena.reset()
	x := &Tx{tx: t, file: f, arena: &f.arena}
	m, err := x.Meta()
	if err != nil {
		return f.seen(err)
	}
	if m.Fence != fence {
		return fmt.Errorf("%s: %w; end this process", f.name, store.ErrFenced)
	}
	if err := fn(x); err != nil {
		if full(err) {
			return commitError(f.name, err)
		}
		return f.seen(err)
	}
	if !x.dirty {
		return nil
	}
	if err := t.Commit(); err != nil {
		return commitError(f.name, err)
	}
	return nil
}

func (f *File) beginError(err error) error {
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	return fmt.Errorf("%s: %w", f.name, err)
}

// Suspect reports whether damage was found in the file since it was opened. An engine does
// not mark a suspect file as closed in good order, so the next opening checks every value.
func (f *File) Suspect() bool { return f.suspect.Load() }

// Close closes the file, after the transactions that are under way.
func (f *File) Close() error { return f.db.Close() }

// Readers is the number of read transactions that are under way.
func (f *File) Readers() int { return f.db.Stats().OpenTxN }

// Size returns how large the file is, and how many of these bytes are free for new data.
func (f *File) Size() (all, free int64) {
	if info, err := os.Stat(f.path); err == nil {
		all = info.Size()
	}
	st := f.db.Stats()
	return all, int64(st.FreePageN+st.PendingPageN) * int64(f.db.Info().PageSize)
}

// seen sets suspect when err says that the file is damaged.
func (f *File) seen(err error) error {
	if errors.Is(err, store.ErrCorrupt) {
		f.suspect.Store(true)
	}
	return err
}
