package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/record"
)

// openJournal opens journal.db. When the directory has neither a journal nor an identity
// (known is false), openJournal creates the journal. clean says that the last process
// closed the files in good order.
func openJournal(dir string, o *Options, known bool) (f *file, clean bool, err error) {
	path := filepath.Join(dir, journalName)
	advice := fmt.Sprintf("put a backup in its place; only to begin without any history, move %s and %s away", path, filepath.Join(dir, datadir.IdentityName))
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !known:
		if err := create(path, journalBuckets, o); err != nil {
			return nil, false, fmt.Errorf("create %s: %w", path, err)
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, fmt.Errorf("%s is missing although it was here before: %w; %s", path, store.ErrCorrupt, advice)
	case err != nil:
		return nil, false, err
	case info.Size() == 0:
		return nil, false, fmt.Errorf("%s is empty: %w; %s", path, store.ErrCorrupt, advice)
	}
	f, m, err := openChecked(path, o, whole)
	if errors.Is(err, store.ErrCorrupt) {
		return nil, false, fmt.Errorf("%w; nothing was changed: %s", err, advice)
	}
	if err != nil {
		return nil, false, err
	}
	return f, m.Clean == m.Fence, nil
}

// openCache opens cache.db, or creates it. After a process that did not close the files
// in good order (unclean) every value is checked, otherwise a few. A damaged file is set
// aside and created again, and notice says so.
func openCache(dir string, o *Options, unclean bool) (f *file, notice string, err error) {
	path := filepath.Join(dir, cacheName)
	depth := light
	if unclean {
		depth = values
	}
	for {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := create(path, cacheBuckets, o); err != nil {
				return nil, "", fmt.Errorf("create %s: %w", path, err)
			}
		case err != nil:
			return nil, "", err
		case info.Size() == 0:
			err = fmt.Errorf("%s is empty: %w", path, store.ErrCorrupt)
		}
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			f, _, err = openChecked(path, o, depth)
		}
		if errors.Is(err, context.DeadlineExceeded) && depth == values {
			// The file is too large to check every value now. A step that reads a damaged
			// value marks the file as suspect, so the next opening is here again.
			depth = light
			continue
		}
		if !errors.Is(err, store.ErrCorrupt) || notice != "" {
			return f, notice, err
		}
		aside, moved := setAside(path, o.Now())
		if moved != nil {
			return nil, "", fmt.Errorf("%w; setting it aside: %w", err, moved)
		}
		notice = fmt.Sprintf("the cache was damaged (%v) and is being read again from the CRM; the old file is %s", err, aside)
	}
}

// setAside renames a damaged cache and removes the caches that were set aside before.
func setAside(path string, now time.Time) (string, error) {
	old, err := filepath.Glob(path + ".corrupt-*")
	if err != nil {
		return "", err
	}
	aside := path + ".corrupt-" + now.UTC().Format("20060102T150405Z")
	if err := datadir.Rename(path, aside); err != nil {
		return "", err
	}
	for _, p := range old {
		if p != aside {
			if err := os.Remove(p); err != nil {
				return "", err
			}
		}
	}
	return aside, nil
}

// create makes an empty database under another name and then renames it: a power cut
// while bbolt creates a file can leave a file that bbolt cannot read (bbolt README,
// known issues).
func create(path string, buckets []string, o *Options) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := bbolt.Open(fresh, 0o600, &bbolt.Options{Timeout: o.LockWait, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return openError(fresh, err)
	}
	f := &file{name: filepath.Base(path), path: fresh, db: db}
	err = f.db.Update(func(b *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := b.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		t := &tx{Tx: b, file: f, arena: &f.arena}
		return t.putMeta(&record.Meta{Schema: schema, UUID: datadir.NewUUID(), Created: o.Now().UTC()})
	})
	if err != nil {
		_ = db.Close()
		return commitError(fresh, err)
	}
	if err := db.Sync(); err != nil {
		_ = db.Close()
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	return datadir.Rename(fresh, path)
}

// bolt returns the options of bbolt for both files.
func (o *Options) bolt() *bbolt.Options {
	return &bbolt.Options{
		Timeout:         o.LockWait,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapSize(),
		MaxSize:         o.MaxSize,
		NoSync:          o.noSync,
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
		return fmt.Errorf("%s: %w by another process; stop it", path, store.ErrInUse)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%s: %w: %w", path, store.ErrCorrupt, err)
	case full(err):
		return commitError(path, err)
	case errors.As(err, &system), isErrno(err):
		return fmt.Errorf("open: %w", err)
	}
	return fmt.Errorf("%s: %w: %w", path, store.ErrCorrupt, err)
}

// head reads the file's meta, without a step.
func (f *file) head() (m record.Meta, err error) {
	err = f.db.View(func(b *bbolt.Tx) error {
		m, err = (&tx{Tx: b, file: f}).meta()
		return err
	})
	return m, err
}

// setFence writes the fence of this opening into the file; it is the only write that
// requires no fence. setFence also creates the buckets that a file of an earlier version
// does not have.
func (f *file) setFence(fence store.Fence) error {
	buckets := journalBuckets
	if f.name == cacheName {
		buckets = cacheBuckets
	}
	err := f.db.Update(func(b *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := b.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		f.arena.reset()
		t := &tx{Tx: b, file: f, arena: &f.arena}
		m, err := t.meta()
		if err != nil {
			return err
		}
		m.Fence = fence
		return t.putMeta(&m)
	})
	if err != nil {
		return commitError(f.name, err)
	}
	return nil
}
