// Package salvage saves what can still be read in a damaged journal. A journal cannot be
// filled again from a CRM, and bbolt reads nothing behind the first damaged page.
//
// Each value of a journal has a checksum that covers its key, so each value stands for
// itself: the pages say which values are current, and no more. [Copy] reads all pages that
// the tree leads to, then those that the damage has cut off, and, where a gap is left, the
// older copies that bbolt leaves behind on free pages. What damage can have made of a
// delivery, from "planned" to "sent", is put in doubt rather than believed, so that nobody
// gets a message twice. What follows from other records is made again.
//
// The pages are read by package pages, the new file is written by package checked, and the
// engine (package bolt) puts the new file in the place of the old one. A newcomer opens
// [Copy] first, then walk.go.
package salvage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/bolt/pages"
	"github.com/pipetidy/pipetidy/store/record"
)

// ErrSound says that no damage was found.
var ErrSound = errors.New("no damage was found")

// Options of Copy.
type Options struct {
	File     *checked.Options  // of the journal: its buckets and layout
	Identity *datadir.Identity // of the directory; nil is none
	Now      time.Time
	// Anyway copies a file without damage too, because something else was found in it.
	Anyway bool
}

// Report says what was saved.
type Report struct {
	Damaged  int      // pages
	Last     bool     // the last write may be lost
	Identity string   // what became of it: one of the words below
	Parts    []Part   // of the journal
	Settle   []string // ids of deliveries that were put in doubt
	// Held is set where the ledger may lack periods that were begun: until this time nothing
	// that was due is sent by itself.
	Held time.Time
}

// What became of the identity of the journal.
const (
	Kept       = "kept"
	FromFile   = "from " + datadir.IdentityName
	FromIDs    = "from the ids of deliveries"
	AnotherOne = "lost"
)

// Part says what was saved of one bucket.
type Part struct {
	Bucket string // see record.proto
	Saved  int    // records, as they were last written
	Older  int    // records of which only an older copy was found
	Made   int    // records that were made again from others
	Lost   int    // records that were there and cannot be read
	// More says that other records may be lost, whose number no page tells.
	More bool
	// Places are the lost records and ranges, in words; the first few.
	Places []string
}

// Copy writes a new journal with what can be read of the journal at path, and changes
// nothing there. Where nothing can be read, the error is store.ErrCorrupt and no file is
// left behind.
func Copy(ctx context.Context, path, into string, o *Options) (*Report, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	w := &walk{file: pages.New(in, info.Size())}
	if info.Size() == 0 {
		return nil, nothing(path)
	}
	if !o.Anyway {
		// Sound files are looked at, and not copied.
		w.take = func(found) error { return ctx.Err() }
		if err := w.tree(); err != nil {
			return nil, err
		}
		if w.damaged == 0 {
			return nil, fmt.Errorf("%s: %w", path, ErrSound)
		}
	}
	r, err := copyInto(ctx, w, into, o)
	if err != nil {
		return nil, errors.Join(err, discard(into))
	}
	if r == nil {
		return nil, errors.Join(nothing(path), discard(into))
	}
	return r, nil
}

func nothing(path string) error {
	return fmt.Errorf("%s: %w: nothing in it can be read", path, store.ErrCorrupt)
}

func discard(path string) error {
	var errs []error
	for _, p := range []string{path + ".new", path} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// copyInto returns nil where nothing can be read.
func copyInto(ctx context.Context, w *walk, into string, o *Options) (*Report, error) {
	blank := &record.Meta{Schema: o.File.Schema, UUID: "being salvaged"}
	if err := checked.Create(into, blank, o.File); err != nil {
		return nil, err
	}
	f, _, err := checked.Open(into, o.File, checked.Light)
	if err != nil {
		return nil, err
	}
	m := &merge{ctx: ctx, walk: w, file: f, old: map[string]map[string]bool{}, waiting: map[string]bool{}}
	w.take = m.take
	r, err := m.run(o)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return r, err
}

// run fills the new file.
func (m *merge) run(o *Options) (*Report, error) {
	if err := m.walk.tree(); err != nil {
		return nil, err
	}
	if err := m.flush(); err != nil {
		return nil, err
	}
	if err := m.walk.rest(); err != nil {
		return nil, err
	}
	if err := m.flush(); err != nil {
		return nil, err
	}
	if m.meta != nil && m.meta.Schema > o.File.Schema {
		return nil, checked.Newer("the journal", m.meta.Schema, o.File.Schema)
	}
	e := &mend{merge: m, o: o, report: &Report{Damaged: m.walk.damaged, Last: m.walk.metas < 2}}
	return e.run()
}

// installation is the word that a delivery's id ends in.
func installation(id string) string {
	word := id[strings.LastIndexByte(id, '|')+1:]
	if len(word) != 8 || strings.Trim(word, "0123456789abcdef") != "" || strings.Count(id, "|") < 6 {
		return ""
	}
	return word
}
