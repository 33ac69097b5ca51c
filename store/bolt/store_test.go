package bolt

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/storetest"
)

func testOptions() Options {
	return Options{Now: func() time.Time { return storetest.Noon }, NoSync: true}
}

func openStore(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newStore is an empty store with the source "sf".
func newStore(t testing.TB) *Store {
	t.Helper()
	s := openStore(t, t.TempDir())
	storetest.Register(t, s, "sf")
	return s
}

func TestSecondOpenIsRefusedAtOnce(t *testing.T) {
	dir := t.TempDir()
	openStore(t, dir)
	start := time.Now()
	_, err := Open(dir, testOptions())
	if !errors.Is(err, store.ErrInUse) {
		t.Fatalf("got %v, want store.ErrInUse", err)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
}

// Two processes that find an empty directory at the same time must not both create
// the files: the second process would replace the files that the first has open.
func TestOneOfManyOpensAnEmptyDirectory(t *testing.T) {
	for range 3 {
		dir := t.TempDir()
		type answer struct {
			s   *Store
			err error
		}
		answers := make(chan answer)
		for range 8 {
			go func() {
				s, err := Open(dir, testOptions())
				answers <- answer{s, err}
			}()
		}
		var won []*Store
		for range 8 {
			a := <-answers
			switch {
			case a.err == nil:
				won = append(won, a.s)
			case !errors.Is(a.err, store.ErrInUse):
				t.Errorf("got %v, want store.ErrInUse", a.err)
			}
		}
		if len(won) != 1 {
			t.Errorf("%d of 8 opened the files", len(won))
		}
		for _, s := range won {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	openStore(t, dir)
	want := map[string]os.FileMode{".": 0o700, cacheName: 0o600, journalName: 0o600, datadir.IdentityName: 0o600, datadir.LockName: 0o600}
	for name, mode := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != mode {
			t.Errorf("%s: got mode %o, want %o", name, got, mode)
		}
	}
}

func TestTombstonesOfWhatIsBackAreDropped(t *testing.T) {
	s := newStore(t)
	p := storetest.PageOf(storetest.Opportunity(1))
	p.More, p.Deleted = true, []string{storetest.ID(1)}
	storetest.Commit(t, s, p)
	if n := count(t, s, bucketGone); n != 1 {
		t.Errorf("%d tombstones of a deleted record, want 1", n)
	}
	p.Deleted = nil
	storetest.Commit(t, s, p) // taken out of the bin
	if n := count(t, s, bucketGone); n != 0 {
		t.Errorf("%d tombstones of records that are there", n)
	}
}

func count(t *testing.T, s *Store, bucket string) (n int) {
	t.Helper()
	err := s.cache.view(t.Context(), func(x cacheTx) error {
		n = x.Bucket(bucket).Stats().KeyN
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A read transaction that is left open makes the file grow for ever.
func TestNoReadTransactionIsLeft(t *testing.T) {
	s := newStore(t)
	storetest.Commit(t, s, storetest.PageOf(storetest.Opportunity(1), storetest.Opportunity(2)))
	stop := errors.New("stop")
	_, _, err := s.Scan(t.Context(), "sf", "", 0, func(*hygiene.Deal) error {
		if n := s.Stats().Readers; n != 1 {
			t.Errorf("%d readers during a scan, want 1", n)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of the callback", err)
	}
	if _, _, err := s.Export(t.Context(), "sf", crm.Opportunities, "", 1); err != nil {
		t.Error(err)
	}
	if n := s.Stats().Readers; n != 0 {
		t.Errorf("%d readers are left", n)
	}
}
