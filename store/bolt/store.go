// Package bolt is the engine that keeps Pipetidy's data in two bbolt files,
// because only one of them can be had again: cache.db holds what was read from the
// CRMs, and a damaged one is set aside and filled anew; journal.db holds what only
// we know (findings through time, what was sent to whom), is checked at every
// opening and never emptied.
//
// The steps and what they promise are stated in package store. Only package main
// of cmd opens the files; no other package imports bbolt. record.proto describes
// every value, and may be used to read the files with other tools.
//
// Writers wait for each other, readers wait for nobody.
package bolt

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/record"
)

// schema is the version of the layout. A file with a higher one is refused.
const schema = 1

// The buckets of cache.db.
const (
	bucketOpen         = "opportunities_open"
	bucketClosed       = "opportunities_closed"
	bucketActivities   = "activities"
	bucketLinks        = "activity_links"
	bucketContacts     = "contacts"
	bucketContactLinks = "contact_links"
	bucketChanges      = "changes"
	bucketUsers        = "users"
	bucketStages       = "stages"
	bucketSources      = "sources"
	bucketStreams      = "streams"
	bucketGone         = "gone"
	bucketSeen         = "seen" // holds one bucket for each stream whose run is tracked
)

// The buckets of journal.db.
const (
	bucketFindings    = "findings"
	bucketGenerations = "generations"
	bucketSnapshots   = "snapshots"
	bucketDeliveries  = "deliveries"
	bucketPending     = "deliveries_pending"
	bucketPeriods     = "periods"
	bucketReaders     = "readers"
	bucketNotes       = "notes"
)

// bucketMeta is in both files and holds one value under its own name.
const bucketMeta = "meta"

var (
	cacheBuckets = []string{
		bucketMeta, bucketOpen, bucketClosed, bucketActivities, bucketLinks,
		bucketContacts, bucketContactLinks, bucketChanges,
		bucketUsers, bucketStages, bucketSources, bucketStreams, bucketGone, bucketSeen,
	}
	journalBuckets = []string{
		bucketMeta, bucketFindings, bucketGenerations, bucketSnapshots, bucketDeliveries,
		bucketPending, bucketPeriods, bucketReaders, bucketNotes,
	}
)

// Names of the files in the data directory.
const (
	cacheName   = "cache.db"
	journalName = "journal.db"
)

// Options of Open. The zero value of each field but Now is its default.
type Options struct {
	Now func() time.Time // stamps what is created and set aside; required
	// LockWait is how long Open waits for another process to let go, by default 200 ms.
	LockWait time.Duration
	// CheckLimit is how long the check of the journal may take, by default a
	// minute. A damaged file can lead a check into an endless loop.
	CheckLimit time.Duration
	// MaxSize limits each file in bytes; 0 is no limit. What does not fit is
	// refused with store.ErrDiskFull.
	MaxSize int

	noSync bool // of tests that do not care about power cuts
}

// Store is the two files, opened. The steps on each file are methods of the file's
// own type.
type Store struct {
	cache
	journal
	hold    *datadir.Hold
	fence   store.Fence
	notices []string

	closing sync.Once
	closed  error
}

// Open opens the files in dir and makes what is not there. It holds them until
// Close; a second process gets store.ErrInUse.
//
// A damaged cache.db is set aside (see Notices) and begun anew. A damaged, empty
// or vanished journal.db is store.ErrCorrupt and left as it is. Files of a newer
// version are store.ErrNewer.
func Open(dir string, o Options) (*Store, error) {
	if o.LockWait <= 0 {
		o.LockWait = 200 * time.Millisecond
	}
	if o.CheckLimit <= 0 {
		o.CheckLimit = time.Minute
	}
	hold, err := datadir.Take(dir, o.LockWait)
	if err != nil {
		return nil, err
	}
	s := &Store{hold: hold}
	if err := s.open(dir, &o); err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

func (s *Store) open(dir string, o *Options) error {
	known, err := datadir.ReadIdentity(dir)
	if err != nil {
		return err
	}
	if known != nil && known.Schema > schema {
		return newer(filepath.Join(dir, datadir.IdentityName), known.Schema)
	}
	var clean bool
	if s.journal.file, clean, err = openJournal(dir, o, known != nil); err != nil {
		return err
	}
	var aside string
	if s.cache.file, aside, err = openCache(dir, o, !clean); err != nil {
		return err
	}
	if aside != "" {
		s.notices = append(s.notices, aside)
	}
	if err := s.takeOver(); err != nil {
		return err
	}
	return s.identify(dir, known)
}

// files are both, the one that cannot be had again first.
func (s *Store) files() []*file { return []*file{s.journal.file, s.cache.file} }

// identify writes the identity again when it is not that of the journal: after
// creation, and after a journal was restored.
func (s *Store) identify(dir string, known *datadir.Identity) error {
	m, err := s.journal.head()
	if err != nil {
		return err
	}
	id := datadir.Identity{UUID: m.UUID, Schema: m.Schema, Created: m.Created}
	if known != nil && known.UUID == id.UUID && known.Schema == id.Schema {
		return nil
	}
	return id.Write(dir)
}

// takeOver makes a new fence and writes it into both files.
func (s *Store) takeOver() error {
	var m record.Meta
	for _, f := range s.files() {
		before, err := f.head()
		if err != nil {
			return err
		}
		m.Fence = max(m.Fence, before.Fence+1)
	}
	s.fence = m.Fence
	for _, f := range s.files() {
		if err := f.setFence(s.fence); err != nil {
			return err
		}
	}
	return nil
}

// Fence names this opening of the files. Writing steps with another one answer
// store.ErrFenced.
func (s *Store) Fence() store.Fence { return s.fence }

// Notices are sentences about what happened at opening that somebody should
// know: a cache that was set aside.
func (s *Store) Notices() []string { return s.notices }

// Close lets go of the files. It waits for steps that are under way; later ones
// answer store.ErrClosed. Closing again does nothing.
func (s *Store) Close() error {
	s.closing.Do(func() {
		var errs []error
		if !s.cache.suspect.Load() && !s.journal.suspect.Load() {
			errs = append(errs, s.journal.file.update(context.Background(), s.fence, func(t *tx) error {
				m, err := t.meta()
				if err != nil {
					return err
				}
				m.Clean = s.fence
				return t.putMeta(&m)
			}))
		}
		errs = append(errs, s.cache.db.Close(), s.journal.db.Close(), s.hold.Release())
		s.closed = errors.Join(errs...)
	})
	return s.closed
}

// abandon lets go of what an opening that failed had got hold of.
func (s *Store) abandon() {
	for _, f := range s.files() {
		if f != nil {
			_ = f.db.Close()
		}
	}
	_ = s.hold.Release()
}
