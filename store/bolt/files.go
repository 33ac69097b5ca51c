package bolt

import (
	"context"
	"errors"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
)

// cache is cache.db, with the steps of [store.Cache] as methods.
type cache struct{ *checked.File }

// cacheTx is a transaction on cache.db.
type cacheTx struct{ *checked.Tx }

func (c cache) view(ctx context.Context, fn func(cacheTx) error) error {
	return c.File.View(ctx, func(t *checked.Tx) error { return fn(cacheTx{t}) })
}

func (c cache) update(ctx context.Context, fence store.Fence, fn func(cacheTx) error) error {
	return c.File.Update(ctx, fence, func(t *checked.Tx) error { return fn(cacheTx{t}) })
}

// journal is journal.db, with the steps of [store.Journal] as methods.
type journal struct{ *checked.File }

// journalTx is a transaction on journal.db.
type journalTx struct{ *checked.Tx }

func (j journal) view(ctx context.Context, fn func(journalTx) error) error {
	return j.File.View(ctx, func(t *checked.Tx) error { return fn(journalTx{t}) })
}

func (j journal) update(ctx context.Context, fence store.Fence, fn func(journalTx) error) error {
	return j.File.Update(ctx, fence, func(t *checked.Tx) error { return fn(journalTx{t}) })
}

// Check reads both files from end to end and compares every checksum. While Check runs,
// the files grow with every commit, because its read transactions hold the old pages.
func (s *Store) Check(ctx context.Context) error {
	return errors.Join(s.cache.Check(ctx), s.journal.Check(ctx))
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
	st.CacheBytes, st.CacheFree = s.cache.Size()
	st.JournalBytes, st.JournalFree = s.journal.Size()
	st.Readers = s.cache.Readers() + s.journal.Readers()
	return st
}
