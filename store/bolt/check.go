package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// depth says how much of a file a check reads.
type depth int

const (
	light  depth = iota // the size of the file, the first and the last value of each bucket
	values              // every value and its checksum
	whole               // every value, and the pages (bbolt's own check)
)

// openChecked opens a file and checks it. bbolt maps the file into memory and trusts the
// content: a damaged file makes bbolt panic, fault, or loop for ever. So opening and check
// run in a goroutine of their own, in which faults become panics and panics are caught.
// After CheckLimit openChecked returns an error and leaves the goroutine and its
// database alone: closing the database would wait for locks that the goroutine holds.
//
// Damage that makes bbolt use up all memory ends the process; only a check in a
// child process could survive such damage.
func openChecked(path string, o *Options, d depth) (*file, record.Meta, error) {
	type answer struct {
		f    *file
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

func openAndCheck(ctx context.Context, path string, o *Options, d depth) (*file, record.Meta, error) {
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
	f := &file{name: filepath.Base(path), path: path, db: db}
	m, err := f.head()
	if err == nil && m.Schema > schema {
		err = newer(path, m.Schema)
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

func newer(path string, have int) error {
	return fmt.Errorf("%s has layout %d and this program knows up to %d: %w of pipetidy; run that version", path, have, schema, store.ErrNewer)
}

// check reads as much of the file as d says and returns the first damage.
func (f *file) check(ctx context.Context, d depth) error {
	return f.view(ctx, func(t *tx) error {
		info, err := os.Stat(f.path)
		if err != nil {
			return err
		}
		if info.Size() < t.Size() {
			return fmt.Errorf("%s: %w: %d bytes of %d", f.path, store.ErrCorrupt, info.Size(), t.Size())
		}
		if d != light {
			if err := f.warm(ctx); err != nil {
				return err
			}
		}
		err = t.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if d == light {
				return t.checkEnds(string(name), b)
			}
			return t.checkValues(ctx, string(name), b)
		})
		if err != nil || d != whole {
			return err
		}
		// Tx.Check runs in a goroutine of its own, in which a fault cannot be caught,
		// so it runs only after checkValues has been through all pages without one.
		// The transaction must not end before Tx.Check has, so read its channel to the
		// end.
		for found := range t.Check() {
			if err == nil {
				err = fmt.Errorf("%s: %w: %w", f.path, store.ErrCorrupt, found)
			}
		}
		return err
	})
}

// warm reads the file once in order. bbolt tells the system not to read ahead, so a
// walk through a large file that is not in memory yet takes many times longer than a
// walk after warm.
func (f *file) warm(ctx context.Context) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	buf := make([]byte, 1<<20)
	for ctx.Err() == nil {
		if _, err := in.Read(buf); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return ctx.Err()
}

// checkEnds checks the first and the last value of a bucket.
func (t *tx) checkEnds(name string, b *bbolt.Bucket) error {
	c := b.Cursor()
	for _, move := range []func() ([]byte, []byte){c.First, c.Last} {
		k, v := move()
		if k == nil || v == nil {
			continue
		}
		if _, err := t.open(name, k, v); err != nil {
			return err
		}
	}
	return nil
}

// checkValues checks every value of a bucket. Keys have to ascend, so a walk in circles
// ends with an error.
func (t *tx) checkValues(ctx context.Context, name string, b *bbolt.Bucket) error {
	c := b.Cursor()
	var last []byte
	n := 0
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if last != nil && bytes.Compare(k, last) <= 0 {
			return damaged(t.file.name, name, k, "keys are out of order")
		}
		last = k
		var err error
		if v == nil {
			err = t.checkValues(ctx, name+"/"+string(k), b.Bucket(k))
		} else {
			_, err = t.open(name, k, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Check reads both files from end to end and compares every checksum. While Check runs,
// the files grow with every commit, because its read transactions hold the old pages.
func (s *Store) Check(ctx context.Context) error {
	return errors.Join(s.cache.seen(s.cache.check(ctx, whole)), s.journal.seen(s.journal.check(ctx, whole)))
}

// Stats is the size of the files.
type Stats struct {
	CacheBytes, JournalBytes int64 // on disk
	CacheFree, JournalFree   int64 // of these bytes, free for new data
	Readers                  int   // read transactions under way
}

// Stats returns the size of the files.
func (s *Store) Stats() Stats {
	st := Stats{}
	st.CacheBytes, st.CacheFree = s.cache.size()
	st.JournalBytes, st.JournalFree = s.journal.size()
	st.Readers = s.cache.db.Stats().OpenTxN + s.journal.db.Stats().OpenTxN
	return st
}

func (f *file) size() (all, free int64) {
	if info, err := os.Stat(f.path); err == nil {
		all = info.Size()
	}
	st := f.db.Stats()
	return all, int64(st.FreePageN+st.PendingPageN) * int64(f.db.Info().PageSize)
}
