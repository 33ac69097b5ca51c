package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// file is one of the two database files.
type file struct {
	name string // cache.db
	path string
	db   *bbolt.DB
	// suspect is set once damage was found in the file. Close does not mark a suspect
	// file as closed in good order, so the next opening checks every value.
	suspect atomic.Bool
	arena   arena // of the writing transaction, of which there is one at a time
}

// tx is one transaction on one file.
type tx struct {
	*bbolt.Tx
	file  *file
	arena *arena
	dirty bool // something was written
}

// cache is cache.db, with the steps of [store.Cache] as methods.
type cache struct{ *file }

// cacheTx is a transaction on cache.db.
type cacheTx struct{ *tx }

func (c cache) view(ctx context.Context, fn func(cacheTx) error) error {
	return c.file.view(ctx, func(t *tx) error { return fn(cacheTx{t}) })
}

func (c cache) update(ctx context.Context, fence store.Fence, fn func(cacheTx) error) error {
	return c.file.update(ctx, fence, func(t *tx) error { return fn(cacheTx{t}) })
}

// journal is journal.db, with the steps of [store.Journal] as methods.
type journal struct{ *file }

// journalTx is a transaction on journal.db.
type journalTx struct{ *tx }

func (j journal) view(ctx context.Context, fn func(journalTx) error) error {
	return j.file.view(ctx, func(t *tx) error { return fn(journalTx{t}) })
}

func (j journal) update(ctx context.Context, fence store.Fence, fn func(journalTx) error) error {
	return j.file.update(ctx, fence, func(t *tx) error { return fn(journalTx{t}) })
}

// view runs fn in a read transaction.
func (f *file) view(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := f.db.Begin(false)
	if err != nil {
		return f.beginError(err)
	}
	defer t.Rollback() //nolint:errcheck // of a read transaction: it cannot fail
	return f.seen(fn(&tx{Tx: t, file: f}))
}

// update runs fn in the writing transaction and commits what fn wrote. When the fence in
// the file is another one, because another process has opened the files since, update
// returns store.ErrFenced and does not run fn.
func (f *file) update(ctx context.Context, fence store.Fence, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := f.db.Begin(true)
	if err != nil {
		return f.beginError(err)
	}
	defer t.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	f.arena.reset()
	x := &tx{Tx: t, file: f, arena: &f.arena}
	m, err := x.meta()
	if err != nil {
		return f.seen(err)
	}
	if m.Fence != fence {
		return fmt.Errorf("%s: %w; end this one", f.name, store.ErrFenced)
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

func (f *file) beginError(err error) error {
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	return fmt.Errorf("%s: %w", f.name, err)
}

// seen sets suspect when err says that the file is damaged.
func (f *file) seen(err error) error {
	if errors.Is(err, store.ErrCorrupt) {
		f.suspect.Store(true)
	}
	return err
}

// bucket returns one of the file's buckets. Opening the file has created all of them.
func (t *tx) bucket(name string) *bbolt.Bucket { return t.Bucket([]byte(name)) }

// read returns a walk through the value stored under key in a bucket; ok is
// false when there is no value.
func (t *tx) read(bucket string, key []byte) (w record.Walk, ok bool, err error) {
	v := t.bucket(bucket).Get(key)
	if v == nil {
		return w, false, nil
	}
	w, err = t.open(bucket, key, v)
	return w, err == nil, err
}

// open compares the checksum of a value and returns a walk through its message.
func (t *tx) open(bucket string, key, v []byte) (record.Walk, error) {
	w, err := record.Open(key, v)
	return w, t.bad(bucket, key, err)
}

// bad turns an error of decoding the value under key into a damage at that place.
func (t *tx) bad(bucket string, key []byte, err error) error {
	if err == nil {
		return nil
	}
	return damaged(t.file.name, bucket, key, err.Error())
}

// damaged is the error for damage at one place; what says what is wrong there.
func damaged(file, bucket string, key []byte, what string) error {
	return fmt.Errorf("%s, bucket %s, key %q: %s: %w", file, bucket, key, what, store.ErrCorrupt)
}

// scanPrefix calls fn with every value whose key begins with prefix. fn must not
// change the bucket.
func (t *tx) scanPrefix(bucket string, prefix []byte, fn func(k []byte, w record.Walk) error) error {
	c := t.bucket(bucket).Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		w, err := t.open(bucket, k, v)
		if err != nil {
			return err
		}
		if err := fn(k, w); err != nil {
			return err
		}
	}
	return nil
}

// put stores a value under key; wrote is false when that value is stored already.
func (t *tx) put(b *bbolt.Bucket, key, value []byte) (wrote bool, err error) {
	if bytes.Equal(b.Get(key), value) {
		return false, nil
	}
	t.dirty = true
	return true, b.Put(key, value)
}

// drop removes a key and its value, and reports whether there was one.
func (t *tx) drop(b *bbolt.Bucket, key []byte) (bool, error) {
	if b.Get(key) == nil {
		return false, nil
	}
	t.dirty = true
	return true, b.Delete(key)
}

func (t *tx) meta() (m record.Meta, err error) {
	key := []byte(bucketMeta)
	w, ok, err := t.read(bucketMeta, key)
	if err == nil && !ok {
		err = damaged(t.file.name, bucketMeta, key, "missing")
	}
	if err != nil {
		return m, err
	}
	return m, t.bad(bucketMeta, key, w.Meta(&m))
}

func (t *tx) putMeta(m *record.Meta) error {
	key := []byte(bucketMeta)
	_, err := t.put(t.bucket(bucketMeta), key, t.value(key, func(b []byte) []byte { return record.AppendMeta(b, m) }))
	return err
}

// value encodes a value in memory that lasts as long as the transaction: bbolt
// requires that of all that is put.
func (t *tx) value(key []byte, message func([]byte) []byte) []byte {
	v := t.arena.build(func(b []byte) []byte { return message(record.Header(b)) })
	record.Seal(key, v)
	return v
}

// key builds a key in memory that lasts as long as the transaction.
func (t *tx) key(build func([]byte) []byte) []byte { return t.arena.build(build) }

// arena hands out pieces of a few large blocks. The next writing transaction uses the
// same arena again, so a page of 2000 records takes no new memory.
type arena struct{ b []byte }

const (
	arenaBlock = 1 << 20
	arenaKeep  = 8 << 20
)

func (a *arena) reset() {
	if cap(a.b) > arenaKeep {
		a.b = nil
	}
	a.b = a.b[:0]
}

func (a *arena) build(fn func([]byte) []byte) []byte {
	start := len(a.b)
	if cap(a.b)-start < 4096 {
		// The old block stays in memory as long as a piece of it is used.
		a.b, start = make([]byte, 0, max(arenaBlock, min(2*cap(a.b), arenaKeep))), 0
	}
	a.b = fn(a.b[:start])
	return a.b[start:len(a.b):len(a.b)]
}
