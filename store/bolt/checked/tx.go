package checked

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// Tx is one transaction on a file.
type Tx struct {
	tx    *bbolt.Tx
	file  *File
	arena *arena
	dirty bool // something was written
}

// Bucket returns one of the file's buckets. Opening the file has created all of them.
func (t *Tx) Bucket(name string) *bbolt.Bucket { return t.tx.Bucket([]byte(name)) }

// Read returns a walk through the value stored under key in a bucket; ok is
// false when there is no value.
func (t *Tx) Read(bucket string, key []byte) (w record.Walk, ok bool, err error) {
	v := t.Bucket(bucket).Get(key)
	if v == nil {
		return w, false, nil
	}
	w, err = t.Open(bucket, key, v)
	return w, err == nil, err
}

// Open compares the checksum of a value and returns a walk through its message.
func (t *Tx) Open(bucket string, key, v []byte) (record.Walk, error) {
	w, err := record.Open(key, v)
	return w, t.Bad(bucket, key, err)
}

// Bad turns an error of decoding the value under key into a damage at that place.
func (t *Tx) Bad(bucket string, key []byte, err error) error {
	if err == nil {
		return nil
	}
	return t.Damaged(bucket, key, err.Error())
}

// Damaged is the error for damage at one place; what says what is wrong there.
func (t *Tx) Damaged(bucket string, key []byte, what string) error {
	return fmt.Errorf("%s, bucket %s, key %q: %s: %w", t.file.name, bucket, key, what, store.ErrCorrupt)
}

// ScanPrefix calls fn with every value whose key begins with prefix. fn must not
// change the bucket.
func (t *Tx) ScanPrefix(bucket string, prefix []byte, fn func(k []byte, w record.Walk) error) error {
	c := t.Bucket(bucket).Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		w, err := t.Open(bucket, k, v)
		if err != nil {
			return err
		}
		if err := fn(k, w); err != nil {
			return err
		}
	}
	return nil
}

// Put stores a value under key; wrote is false when that value is stored already.
func (t *Tx) Put(b *bbolt.Bucket, key, value []byte) (wrote bool, err error) {
	if bytes.Equal(b.Get(key), value) {
		return false, nil
	}
	t.dirty = true
	return true, b.Put(key, value)
}

// Drop removes a key and its value, and reports whether there was one.
func (t *Tx) Drop(b *bbolt.Bucket, key []byte) (bool, error) {
	if b.Get(key) == nil {
		return false, nil
	}
	t.dirty = true
	return true, b.Delete(key)
}

// Meta returns what the file says about itself.
func (t *Tx) Meta() (m record.Meta, err error) {
	key := []byte(MetaBucket)
	w, ok, err := t.Read(MetaBucket, key)
	if err == nil && !ok {
		err = t.Damaged(MetaBucket, key, "missing")
	}
	if err != nil {
		return m, err
	}
	return m, t.Bad(MetaBucket, key, w.Meta(&m))
}

// PutMeta stores what the file says about itself.
func (t *Tx) PutMeta(m *record.Meta) error {
	key := []byte(MetaBucket)
	_, err := t.Put(t.Bucket(MetaBucket), key, t.Value(key, func(b []byte) []byte { return record.AppendMeta(b, m) }))
	return err
}

// Value encodes a value in memory that lasts as long as the transaction: bbolt
// requires that of all that is put.
func (t *Tx) Value(key []byte, message func([]byte) []byte) []byte {
	v := t.arena.build(func(b []byte) []byte { return message(record.Header(b)) })
	record.Seal(key, v)
	return v
}

// Build builds a key, or a message, in memory that lasts as long as the transaction.
func (t *Tx) Build(fn func([]byte) []byte) []byte { return t.arena.build(fn) }

// Wrote says that the transaction has changed the file other than by Put and Drop, so
// the transaction is committed.
func (t *Tx) Wrote() { t.dirty = true }

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
