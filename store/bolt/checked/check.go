package checked

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/store"
)

// Depth says how much of a file a check reads.
type Depth int

// The depths of a check.
const (
	Light  Depth = iota // the size of the file, the first and the last value of each bucket
	Values              // every value and its checksum
	Whole               // every value, and the pages (bbolt's own check)
)

// Check reads the whole file and compares every checksum. While Check runs, the file grows
// with every commit, because the read transaction holds the old pages.
func (f *File) Check(ctx context.Context) error { return f.seen(f.check(ctx, Whole)) }

// check reads as much of the file as d says and returns the first damage.
func (f *File) check(ctx context.Context, d Depth) error {
	return f.View(ctx, func(t *Tx) error {
		info, err := os.Stat(f.path)
		if err != nil {
			return err
		}
		if info.Size() < t.tx.Size() {
			return fmt.Errorf("%s: %w: %d bytes of %d", f.path, store.ErrCorrupt, info.Size(), t.tx.Size())
		}
		if d != Light {
			if err := f.warm(ctx); err != nil {
				return err
			}
		}
		err = t.tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if d == Light {
				return t.checkEnds(string(name), b)
			}
			return t.checkValues(ctx, string(name), b)
		})
		if err != nil || d != Whole {
			return err
		}
		// Tx.Check runs in a goroutine of its own, in which a fault cannot be caught,
		// so it runs only after checkValues has been through all pages without one.
		// The transaction must not end before Tx.Check has, so read its channel to the
		// end.
		for found := range t.tx.Check() {
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
func (f *File) warm(ctx context.Context) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	buf := make([]byte, 64<<10)
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
func (t *Tx) checkEnds(name string, b *bbolt.Bucket) error {
	c := b.Cursor()
	for _, move := range []func() ([]byte, []byte){c.First, c.Last} {
		k, v := move()
		if k == nil || v == nil {
			continue
		}
		if _, err := t.Open(name, k, v); err != nil {
			return err
		}
	}
	return nil
}

// checkValues checks every value of a bucket. Keys have to ascend, so a walk in circles
// ends with an error.
func (t *Tx) checkValues(ctx context.Context, name string, b *bbolt.Bucket) error {
	c := b.Cursor()
	var last []byte
	n := 0
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if last != nil && bytes.Compare(k, last) <= 0 {
			return t.Damaged(name, k, "keys are out of order")
		}
		last = k
		var err error
		if v == nil {
			err = t.checkValues(ctx, name+"/"+string(k), b.Bucket(k))
		} else {
			_, err = t.Open(name, k, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
