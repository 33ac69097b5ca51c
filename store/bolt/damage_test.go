package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/record"
	"github.com/pipetidy/pipetidy/store/storetest"
)

// filled makes a directory with files that hold some records and were closed in good
// order.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Register(t, s, "sf")
	var os []crm.Opportunity
	for i := range 3000 {
		os = append(os, storetest.Opportunity(i))
	}
	storetest.Commit(t, s, storetest.PageOf(os...))
	if err := s.ApplySlice(t.Context(), s.Fence(), "sf", "", "", func([]hygiene.Life) []hygiene.Life {
		return []hygiene.Life{storetest.Life("sf", "1", "a")}
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// flip changes one bit of text in a file, wherever the text stands: bbolt may have left
// copies of a page.
func flip(t *testing.T, path, text string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(text)) {
		t.Fatalf("%q is not in %s", text, path)
	}
	damagedText := []byte(text)
	damagedText[len(damagedText)-1] ^= 1
	if err := os.WriteFile(path, bytes.ReplaceAll(b, []byte(text), damagedText), 0o600); err != nil {
		t.Fatal(err)
	}
}

var damages = []struct {
	name string
	do   func(t *testing.T, path string)
}{
	{"empty", func(t *testing.T, p string) { truncate(t, p, 0) }},
	{"100 bytes", func(t *testing.T, p string) { truncate(t, p, 100) }},
	{"two pages", func(t *testing.T, p string) { truncate(t, p, 2*int64(os.Getpagesize())) }},
	{"cut in the middle", func(t *testing.T, p string) { truncate(t, p, 5*int64(os.Getpagesize())) }},
	{"no database", func(t *testing.T, p string) {
		if err := os.WriteFile(p, bytes.Repeat([]byte("no database "), 5000), 0o600); err != nil {
			t.Fatal(err)
		}
	}},
	{"pages overwritten", func(t *testing.T, p string) {
		f, err := os.OpenFile(p, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		size := int64(os.Getpagesize())
		for page := int64(2); page < 7; page++ {
			if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(size)), page*size); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}},
}

func TestDamagedJournalIsRefusedAndKept(t *testing.T) {
	all := append(slices.Clip(damages), struct {
		name string
		do   func(t *testing.T, path string)
	}{"bit in a value", func(t *testing.T, p string) { flip(t, p, string(crm.KindOpportunity)+"\x1a\x011") }})
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			dir := filled(t)
			path := filepath.Join(dir, journalName)
			c.do(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, testOptions())
			if err == nil {
				_ = s.Close()
			}
			if !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "backup") {
				t.Fatalf("got %v, want store.ErrCorrupt with advice", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}

// bbolt does not check its list of free pages: where the list names a page in use, the
// next commits write over live data. The check of the values does not find that.
func TestJournalWithAWrongFreelistIsRefused(t *testing.T) {
	dir := filled(t)
	path := filepath.Join(dir, journalName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	le, page := binary.LittleEndian, os.Getpagesize()
	meta := b[16:] // after the page's header: magic, version, page size, flags, root, sequence, freelist, pages, txid
	if second := b[page+16:]; le.Uint64(second[48:]) > le.Uint64(meta[48:]) {
		meta = second
	}
	list := b[int(le.Uint64(meta[32:]))*page:]
	le.PutUint16(list[10:], 1)
	le.PutUint64(list[16:], le.Uint64(meta[16:]))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, testOptions())
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, store.ErrCorrupt) {
		t.Fatalf("got %v", err)
	}
}

func TestMissingJournalIsRefused(t *testing.T) {
	dir := filled(t)
	if err := os.Remove(filepath.Join(dir, journalName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, testOptions()); !errors.Is(err, store.ErrCorrupt) {
		t.Fatalf("got %v", err)
	}
	if err := os.Remove(filepath.Join(dir, datadir.IdentityName)); err != nil {
		t.Fatal(err)
	}
	openStore(t, dir) // the error says that both files are to be moved away
}

func TestDamagedCacheIsSetAside(t *testing.T) {
	for _, c := range damages {
		t.Run(c.name, func(t *testing.T) {
			dir := filled(t)
			old := filepath.Join(dir, cacheName+".corrupt-20200101T000000Z")
			if err := os.WriteFile(old, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			// The process that found the damage did not close in good order.
			unclean(t, dir)
			c.do(t, filepath.Join(dir, cacheName))
			s := openStore(t, dir)
			if n := s.Notices(); len(n) != 1 || !strings.Contains(n[0], "corrupt-20261121T120000Z") {
				t.Errorf("notices: %q", n)
			}
			if all, err := s.Streams(t.Context()); err != nil || len(all) != 0 {
				t.Errorf("streams of the new cache: %v, %v", all, err)
			}
			aside, _ := filepath.Glob(filepath.Join(dir, cacheName+".corrupt-*"))
			if len(aside) != 1 || aside[0] == old {
				t.Errorf("set aside: %q, want the new one only", aside)
			}
			storetest.Register(t, s, "sf")
			storetest.Commit(t, s, storetest.PageOf(storetest.Opportunity(1)))
			var lives int
			if err := s.Lives(t.Context(), time.Time{}, func(hygiene.Life) error { lives++; return nil }); err != nil || lives != 1 {
				t.Errorf("%d findings left in the journal, %v", lives, err)
			}
		})
	}
}

// unclean makes the files look as if their process had been killed.
func unclean(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cache.view(t.Context(), func(cacheTx) error { return store.ErrCorrupt }); !s.cache.Suspect() {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBitFlipInTheCacheIsFoundAndHealed(t *testing.T) {
	dir := filled(t)
	flip(t, filepath.Join(dir, cacheName), "Deal 1500") // closed in good order, so opening checks only the ends of each bucket
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Scan(t.Context(), "sf", "", 0, func(d *hygiene.Deal) error {
		if d.Opportunity.Name == "Deal 1501" && d.Opportunity.ID == storetest.ID(1500) {
			t.Error("a wrong value was lent")
		}
		return nil
	})
	if !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), bucketOpen) || !strings.Contains(err.Error(), storetest.ID(1500)) {
		t.Errorf("scan: got %v, want the bucket and the key", err)
	}
	if err := s.Check(t.Context()); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("check: got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir) // the files were not closed in good order, so every value is checked
	if len(s.Notices()) != 1 {
		t.Error("the damaged cache is still in use")
	}
}

func TestSwappedValuesAreFound(t *testing.T) {
	s := newStore(t)
	storetest.Commit(t, s, storetest.PageOf(storetest.Opportunity(1), storetest.Opportunity(2)))
	err := s.cache.update(t.Context(), s.Fence(), func(x cacheTx) error {
		b := x.Bucket(bucketOpen)
		k1, k2 := record.Key(nil, 1, storetest.ID(1)), record.Key(nil, 1, storetest.ID(2))
		v := bytes.Clone(b.Get(k2))
		x.Wrote()
		return b.Put(k1, v)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Lend(t.Context(), "sf", []string{storetest.ID(1)}, func(*hygiene.Deal) error { return nil })
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}

func TestNewerFilesAreRefused(t *testing.T) {
	for _, name := range []string{journalName, cacheName} {
		dir := t.TempDir()
		s, err := Open(dir, testOptions())
		if err != nil {
			t.Fatal(err)
		}
		f := s.cache.File
		if name == journalName {
			f = s.journal.File
		}
		err = f.Update(t.Context(), s.Fence(), func(x *checked.Tx) error {
			m, err := x.Meta()
			if err != nil {
				return err
			}
			m.Schema = schema + 1
			return x.PutMeta(&m)
		})
		if err := errors.Join(err, s.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, testOptions()); !errors.Is(err, store.ErrNewer) || errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: got %v", name, err)
		}
		if aside, _ := filepath.Glob(filepath.Join(dir, "*.corrupt-*")); len(aside) > 0 {
			t.Errorf("%s: set aside", name)
		}
	}
}

// TestNewerDirectoryIsRefused: the identity alone says that a newer version was here, also
// where no file of that version is left: nothing is made beside it, and nothing written.
func TestNewerDirectoryIsRefused(t *testing.T) {
	for what, dir := range map[string]string{"with its files": filled(t), "alone": t.TempDir()} {
		id, err := datadir.ReadIdentity(dir)
		if err != nil {
			t.Fatal(err)
		}
		if id == nil {
			id = &datadir.Identity{UUID: datadir.NewUUID()}
		}
		id.Schema = schema + 1
		if err := id.Write(dir); err != nil {
			t.Fatal(err)
		}
		before := contents(t, dir)
		_, err = Open(dir, testOptions())
		if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), filepath.Join(dir, datadir.IdentityName)) {
			t.Errorf("%s: got %v", what, err)
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Errorf("%s: the directory (-before +after):\n%s", what, diff)
		}
	}
}

// contents are the files of a directory, the lock aside.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 0 {
			out[e.Name()] = string(b)
		}
	}
	return out
}

func TestRestoredJournalGetsItsIdentity(t *testing.T) {
	from, to := filled(t), t.TempDir()
	b, err := os.ReadFile(filepath.Join(from, journalName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, journalName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	openStore(t, to)
	a, _ := datadir.ReadIdentity(from)
	c, err := datadir.ReadIdentity(to)
	if err != nil || c == nil || a.UUID != c.UUID {
		t.Errorf("got %+v, want %+v, %v", c, a, err)
	}
}

func TestCheckThatTakesTooLongIsGivenUp(t *testing.T) {
	dir := filled(t)
	o := testOptions()
	o.CheckLimit = time.Nanosecond
	if _, err := Open(dir, o); err == nil {
		t.Error("opened although the journal could not be checked in time")
	}
}
