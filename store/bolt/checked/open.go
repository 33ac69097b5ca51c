package checked

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/record"
)

// Options are what an engine says about one of its files.
type Options struct {
	Buckets    []string      // of the file, among them the bucket of the meta
	Schema     int           // the newest layout that the program knows
	LockWait   time.Duration // how long to wait for another process to let go of the file
	CheckLimit time.Duration // how long the check at opening may take
	MaxSize    int           // in bytes; 0 is no limit
	NoSync     bool          // do not wait for the disk: only for tests without power cuts
}

// Open opens a file and checks it. bbolt maps the file into memory and trusts the
// content: a damaged file makes bbolt panic, fault, or loop for ever. So opening and check
// run in a goroutine of their own, in which faults become panics and panics are caught.
// After CheckLimit Open returns an error and leaves the goroutine and its database alone:
// closing the database would wait for locks that the goroutine holds.
//
// Damage that makes bbolt use up all memory ends the process; only a check in a
// child process could survive such damage.
func Open(path string, o *Options, d Depth) (*File, record.Meta, error) {
	type answer struct {
		f    *File
		meta record.Meta
		err  error
	}
	done := make(chan answer, 1)
	ctx, cancel := context.WithTimeout(context.Background(), o.CheckLimit)
	defer cancel()
	go func() {
		debug.SetPanicOnFault(true)
		var a answer
		defer func() {
			if r := recover(); r != nil {
				a = answer{err: fmt.Errorf("%s: %w: %v", path, store.ErrCorrupt, r)}
			}
			done <- a
		}()
		a.f, a.meta, a.err = openAndCheck(ctx, path, o, d)
	}()
	// The check ends with the context where it can, so wait a little longer than that.
	grace := time.NewTimer(o.CheckLimit + o.CheckLimit/10 + time.Second)
	defer grace.Stop()
	select {
	case a := <-done:
		return a.f, a.meta, a.err
	case <-grace.C:
		return nil, record.Meta{}, fmt.Errorf("%s: %w: the check did not end within %v", path, store.ErrCorrupt, o.CheckLimit)
	}
}

func openAndCheck(ctx context.Context, path string, o *Options, d Depth) (*File, record.Meta, error) {
	if err := datadir.Check(path); err != nil {
		return nil, record.Meta{}, err
	}
	how := o.bolt()
	db, err := bbolt.Open(path, 0o600, how)
	if errors.Is(err, syscall.ENOMEM) {
		// The address space is limited (ulimit -v), so the mapping begins small.
		how.InitialMmapSize = 0
		db, err = bbolt.Open(path, 0o600, how)
	}
	if err != nil {
		return nil, record.Meta{}, openError(path, err)
	}
	f := &File{name: filepath.Base(path), path: path, buckets: o.Buckets, db: db}
	m, err := f.Head()
	if err == nil && m.Schema > o.Schema {
		err = Newer(path, m.Schema, o.Schema)
	}
	if err == nil {
		err = f.check(ctx, d)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%s: the check took longer than %v: %w", path, o.CheckLimit, err)
	}
	if err != nil {
		_ = db.Close()
		return nil, m, err
	}
	return f, m, nil
}

// Newer is the error for a file of layout have, in a program that knows layouts up to known.
func Newer(path string, have, known int) error {
	return fmt.Errorf("%s has layout %d and this program knows up to %d: %w of pipetidy; run that version", path, have, known, store.ErrNewer)
}

// Create makes an empty file with m as its meta, under another name, and then renames the
// file: a power cut while bbolt creates a file can leave a file that bbolt cannot read
// (bbolt README, known issues).
func Create(path string, m *record.Meta, o *Options) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// One wait for the disk at the end does for all steps, since nobody uses the file before.
	db, err := bbolt.Open(fresh, 0o600, &bbolt.Options{Timeout: o.LockWait, FreelistType: bbolt.FreelistMapType, NoSync: true, OpenFile: datadir.OpenFile})
	if err != nil {
		return openError(fresh, err)
	}
	f := &File{name: filepath.Base(path), path: fresh, buckets: o.Buckets, db: db}
	err = f.db.Update(func(b *bbolt.Tx) error {
		for _, name := range o.Buckets {
			if _, err := b.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		t := &Tx{tx: b, file: f, arena: &f.arena}
		return t.PutMeta(m)
	})
	if err != nil {
		_ = db.Close()
		return commitError(fresh, err)
	}
	if !o.NoSync {
		err = db.Sync()
	}
	if err != nil {
		_ = db.Close()
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	return datadir.Rename(fresh, path)
}

// bolt returns the options of bbolt.
func (o *Options) bolt() *bbolt.Options {
	return &bbolt.Options{
		Timeout:         o.LockWait,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapSize(),
		MaxSize:         o.MaxSize,
		NoSync:          o.NoSync,
		OpenFile:        datadir.OpenFile,
	}
}

// mapSize is 64 GiB of address space, not memory, on 64-bit Unix: a writer that outgrows
// the mapping has to wait for every reader. On Windows the file would be made that large
// at once, so the mapping begins small there.
func mapSize() int {
	size := int64(64) << 30
	if strconv.IntSize < 64 || !mapsBeyondFile {
		size = 0
	}
	return int(size)
}

// openError says whether a file that bbolt cannot open is in use, out of reach or
// damaged.
func openError(path string, err error) error {
	var system *fs.PathError
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s: %w by another process; stop that process", path, store.ErrInUse)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%s: %w: %w", path, store.ErrCorrupt, err)
	case full(err):
		return commitError(path, err)
	case errors.As(err, &system), isErrno(err):
		return fmt.Errorf("open: %w", err)
	}
	return fmt.Errorf("%s: %w: %w", path, store.ErrCorrupt, err)
}

// Head reads the file's meta, without a step.
func (f *File) Head() (m record.Meta, err error) {
	err = f.db.View(func(b *bbolt.Tx) error {
		m, err = (&Tx{tx: b, file: f}).Meta()
		return err
	})
	return m, err
}

// SetFence writes the fence of this opening into the file; it is the only write that
// requires no fence. SetFence also creates the buckets that a file of an earlier version
// does not have.
func (f *File) SetFence(fence store.Fence) error {
	err := f.db.Update(func(b *bbolt.Tx) error {
		for _, name := range f.buckets {
			if _, err := b.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		f.arena.reset()
		t := &Tx{tx: b, file: f, arena: &f.arena}
		m, err := t.Meta()
		if err != nil {
			return err
		}
		m.Fence = fence
		return t.PutMeta(&m)
	})
	if err != nil {
		return commitError(f.name, err)
	}
	return nil
}
