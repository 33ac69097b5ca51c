package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/record"
)

// openJournal opens journal.db. When the directory has neither a journal nor an identity
// (known is false), openJournal creates the journal. clean says that the last process
// closed the files in good order.
func openJournal(dir string, o *Options, known bool) (f *checked.File, clean bool, err error) {
	path := filepath.Join(dir, journalName)
	restart := fmt.Sprintf("put a backup in its place; only to begin without any history, move %s and %s away", path, filepath.Join(dir, datadir.IdentityName))
	advice := fmt.Sprintf("run `%s`, which saves what can still be read and keeps this file; or %s", SalvageCommand, restart)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !known:
		if err := checked.Create(path, o.meta(), o.file(journalBuckets)); err != nil {
			return nil, false, fmt.Errorf("create %s: %w", path, err)
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, fmt.Errorf("%s is missing although it was here before: %w; %s", path, store.ErrCorrupt, restart)
	case err != nil:
		return nil, false, err
	case info.Size() == 0:
		return nil, false, fmt.Errorf("%s is empty: %w; %s", path, store.ErrCorrupt, restart)
	}
	f, m, err := checked.Open(path, o.file(journalBuckets), checked.Whole)
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
func openCache(dir string, o *Options, unclean bool) (f *checked.File, notice string, err error) {
	path := filepath.Join(dir, cacheName)
	depth := checked.Light
	if unclean {
		depth = checked.Values
	}
	for {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := checked.Create(path, o.meta(), o.file(cacheBuckets)); err != nil {
				return nil, "", fmt.Errorf("create %s: %w", path, err)
			}
		case err != nil:
			return nil, "", err
		case info.Size() == 0:
			err = fmt.Errorf("%s is empty: %w", path, store.ErrCorrupt)
		}
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			f, _, err = checked.Open(path, o.file(cacheBuckets), depth)
		}
		if errors.Is(err, context.DeadlineExceeded) && depth == checked.Values {
			// The file is too large to check every value now. A step that reads a damaged
			// value marks the file as suspect, so the next opening is here again.
			depth = checked.Light
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

// file returns the options of the file with these buckets.
func (o *Options) file(buckets []string) *checked.Options {
	return &checked.Options{Buckets: buckets, Schema: schema, LockWait: o.LockWait, CheckLimit: o.CheckLimit, MaxSize: o.MaxSize, NoSync: o.NoSync}
}

// meta returns what a new file says about itself.
func (o *Options) meta() *record.Meta {
	return &record.Meta{Schema: schema, UUID: datadir.NewUUID(), Created: o.Now().UTC()}
}
