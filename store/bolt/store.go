// Package bolt is the engine that keeps Pipetidy's data in two bbolt files. cache.db
// holds what was read from the CRMs: a damaged cache.db is set aside and filled again.
// journal.db holds what no CRM has (findings through time, what was sent to whom):
// journal.db is checked at every opening and never emptied.
//
// Package store states the steps and their promises, and callers other than package
// main know that package only. No other package imports bbolt. Other tools can read the
// values by record.proto. How a file is opened, checked and written is in package checked;
// here are the steps. A newcomer opens [Open] first, then commit.go and scan.go.
//
// Writers wait for each other, readers wait for nobody.
package bolt

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/record"
)

// schema is the version of the layout. A file with a higher version is refused.
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
	bucketUntold       = "contacts_untold"
	bucketSeen         = "seen" // holds one bucket for each stream whose run is being noted
)

// The buckets of journal.db.
const (
	bucketFindings    = record.Findings
	bucketGenerations = record.Generations
	bucketSnapshots   = record.Snapshots
	bucketDeliveries  = record.Deliveries
	bucketPending     = record.Pending
	bucketPeriods     = record.Periods
	bucketReaders     = record.Readers
	bucketParks       = record.Parks
	bucketNotes       = record.Notes
)

var (
	cacheBuckets = []string{
		checked.MetaBucket, bucketOpen, bucketClosed, bucketActivities, bucketLinks,
		bucketContacts, bucketContactLinks, bucketChanges,
		bucketUsers, bucketStages, bucketSources, bucketStreams, bucketGone, bucketUntold, bucketSeen,
	}
	journalBuckets = []string{
		checked.MetaBucket, bucketFindings, bucketGenerations, bucketSnapshots, bucketDeliveries,
		bucketPending, bucketPeriods, bucketReaders, bucketParks, bucketNotes,
	}
)

// Names of the files in the data directory.
const (
	cacheName   = "cache.db"
	journalName = "journal.db"
)

// Options of Open. The zero value of each field but Now is its default.
type Options struct {
	Now func() time.Time // for the times in files that are created or set aside; required
	// LockWait is how long Open waits for another process to let go of the files, by
	// default 200 ms.
	LockWait time.Duration
	// CheckLimit is how long the check of each file may take, by default a minute. In a
	// damaged file a check may never end.
	CheckLimit time.Duration
	// MaxSize limits each file in bytes; 0 is no limit. A step that does not fit is
	// refused with store.ErrDiskFull.
	MaxSize int
	// NoSync does not wait for the disk, so a power cut may damage the files: for tests in
	// which there is none.
	NoSync bool
}

func (o Options) withDefaults() Options {
	if o.LockWait <= 0 {
		o.LockWait = 200 * time.Millisecond
	}
	if o.CheckLimit <= 0 {
		o.CheckLimit = time.Minute
	}
	return o
}

// Store is the two files, opened. The steps on a file are methods of cache or journal.
type Store struct {
	cache
	journal
	hold    *datadir.Hold
	fence   store.Fence
	notices []string
	name    string // of the installation

	closing sync.Once
	closed  error
}

// Open opens the files in dir, and creates them in an empty directory. The Store holds
// the directory until Close; a second process gets store.ErrInUse.
//
// A damaged cache.db is set aside (see Notices) and created again. A damaged, empty or
// vanished journal.db is store.ErrCorrupt and left as it is. Files of a newer version
// are store.ErrNewer.
func Open(dir string, o Options) (*Store, error) {
	o = o.withDefaults()
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
		return checked.Newer(filepath.Join(dir, datadir.IdentityName), known.Schema, schema)
	}
	var clean bool
	if s.journal.File, clean, err = openJournal(dir, o, known != nil); err != nil {
		return err
	}
	var aside string
	if s.cache.File, aside, err = openCache(dir, o, !clean); err != nil {
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

// files returns both files, the journal first.
func (s *Store) files() []*checked.File { return []*checked.File{s.journal.File, s.cache.File} }

// identify writes the identity when it is not the identity of the journal: after
// the journal was created or restored.
func (s *Store) identify(dir string, known *datadir.Identity) error {
	m, err := s.journal.Head()
	if err != nil {
		return err
	}
	s.name, _, _ = strings.Cut(m.UUID, "-")
	id := datadir.Identity{UUID: m.UUID, Schema: m.Schema, Created: m.Created}
	if known != nil && known.UUID == id.UUID && known.Schema == id.Schema {
		return nil
	}
	return id.Write(dir)
}

// takeOver writes a new fence into both files.
func (s *Store) takeOver() error {
	var m record.Meta
	for _, f := range s.files() {
		before, err := f.Head()
		if err != nil {
			return err
		}
		m.Fence = max(m.Fence, before.Fence+1)
	}
	s.fence = m.Fence
	for _, f := range s.files() {
		if err := f.SetFence(s.fence); err != nil {
			return err
		}
	}
	return nil
}

// Fence numbers this opening of the files.
func (s *Store) Fence() store.Fence { return s.fence }

// Installation is the beginning of the journal's UUID.
func (s *Store) Installation() string { return s.name }

// Notices has a sentence about a cache that was set aside at opening.
func (s *Store) Notices() []string { return s.notices }

// Close lets go of the files, after the steps that are under way. Where no damage was
// seen, Close first marks the files as closed in good order.
func (s *Store) Close() error {
	s.closing.Do(func() {
		var errs []error
		if !s.cache.Suspect() && !s.journal.Suspect() {
			errs = append(errs, s.journal.File.Update(context.Background(), s.fence, func(t *checked.Tx) error {
				m, err := t.Meta()
				if err != nil {
					return err
				}
				m.Clean = s.fence
				return t.PutMeta(&m)
			}))
		}
		errs = append(errs, s.cache.Close(), s.journal.Close(), s.hold.Release())
		s.closed = errors.Join(errs...)
	})
	return s.closed
}

// abandon closes what an Open that failed has opened.
func (s *Store) abandon() {
	for _, f := range s.files() {
		if f != nil {
			_ = f.Close()
		}
	}
	_ = s.hold.Release()
}
