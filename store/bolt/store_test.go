package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func testOptions() Options {
	return Options{Now: func() time.Time { return noon }, noSync: true}
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
	register(t, s, "sf")
	return s
}

func register(t testing.TB, s *Store, source string) {
	t.Helper()
	info := crm.Info{Type: "salesforce", Account: "00D1", Link: "https://x/{id}", Currency: "EUR", Fields: crm.Fields{"amount": crm.Readable, "next_step": crm.Hidden}, Why: map[string]string{"next_step": "ask for it"}}
	if err := s.Register(t.Context(), s.Fence(), source, info); err != nil {
		t.Fatal(err)
	}
}

func commitPage(t testing.TB, s *Store, p crm.Page) store.Commit {
	t.Helper()
	c, err := s.CommitPage(t.Context(), s.Fence(), "sf", &p, noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// deals scans everything and copies it.
func deals(t testing.TB, s *Store, source string) []hygiene.Deal {
	t.Helper()
	var out []hygiene.Deal
	_, more, err := s.Scan(t.Context(), source, "", 0, func(d *hygiene.Deal) error {
		out = append(out, clone(d))
		return nil
	})
	if err != nil || more {
		t.Fatal(err, more)
	}
	return out
}

// clone copies a lent deal by writing and reading it.
func clone(d *hygiene.Deal) hygiene.Deal {
	c := *d
	c.Opportunity = owned(d.Opportunity, record.AppendOpportunity, (*record.Walk).Opportunity)
	c.Activities, c.Changes, c.Contacts = nil, nil, nil
	for _, p := range d.Contacts {
		c.Contacts = append(c.Contacts, owned(p, record.AppendContact, (*record.Walk).Contact))
	}
	for _, a := range d.Activities {
		c.Activities = append(c.Activities, owned(a, record.AppendActivity, (*record.Walk).Activity))
	}
	for _, ch := range d.Changes {
		c.Changes = append(c.Changes, owned(ch, record.AppendChange, (*record.Walk).Change))
	}
	return c
}

func owned[T any](v T, put func([]byte, *T) []byte, get func(*record.Walk, *T) error) (out T) {
	value := put(record.Header(nil), &v)
	record.Seal(nil, value)
	w, err := record.Open(nil, value)
	if err := errors.Join(err, get(&w, &out)); err != nil {
		panic(err)
	}
	return out
}

func diff(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func state(t testing.TB, s *Store, stream crm.Stream) store.StreamState {
	t.Helper()
	all, err := s.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range all {
		if st.Stream == stream {
			return st
		}
	}
	return store.StreamState{}
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

// Two processes that find an empty directory at the same time must not both make
// the files: the second would replace those that the first has open.
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
	want := map[string]os.FileMode{".": 0o700, cacheName: 0o600, journalName: 0o600, identityName: 0o600, lockName: 0o600}
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

func TestOldFenceWritesNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	old := s.Fence()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir)
	if s.Fence() <= old {
		t.Fatalf("fence %d after %d", s.Fence(), old)
	}
	ctx := t.Context()
	_, commitErr := s.CommitPage(ctx, old, "sf", &crm.Page{Stream: crm.Users}, noon)
	_, genErr := s.BeginGeneration(ctx, old)
	for what, err := range map[string]error{
		"Register": s.Register(ctx, old, "sf", crm.Info{}), "CommitPage": commitErr, "Note": s.Note(ctx, old, "a", "b"),
		"Restart": s.Restart(ctx, old, "sf", crm.Users), "BeginGeneration": genErr,
	} {
		if !errors.Is(err, store.ErrFenced) {
			t.Errorf("%s: got %v, want ErrFenced", what, err)
		}
	}
	if v, _ := s.Noted(ctx, "a"); v != "" {
		t.Errorf("note was written")
	}
}

func TestClosedStoreAnswersErrClosed(t *testing.T) {
	s, err := Open(t.TempDir(), testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Streams(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("read: got %v", err)
	}
	if err := s.Note(t.Context(), s.Fence(), "a", "b"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("write: got %v", err)
	}
}

func TestRegisterRefusesAnotherAccount(t *testing.T) {
	s := newStore(t)
	for _, info := range []crm.Info{{Type: "salesforce", Account: "00D2"}, {Type: "hubspot", Account: "00D1"}} {
		if err := s.Register(t.Context(), s.Fence(), "sf", info); !errors.Is(err, crm.ErrAccount) {
			t.Errorf("%+v: got %v, want ErrAccount", info, err)
		}
	}
	if err := s.Register(t.Context(), s.Fence(), "sf", crm.Info{Type: "salesforce"}); err != nil {
		t.Error(err)
	}
	ref, err := s.Reference(t.Context(), "sf")
	if err != nil || ref.Info.Account != "00D1" {
		t.Errorf("account %q, %v: an unknown account must not forget the known one", ref.Info.Account, err)
	}
}

func TestReferenceHasUsersAndStagesInOrder(t *testing.T) {
	s := newStore(t)
	commitPage(t, s, crm.Page{Stream: crm.Users, Users: []crm.User{{ID: "u2", Name: "Bo"}, {ID: "u1", Name: "Al", Email: "al@x.org", Active: true}}})
	commitPage(t, s, crm.Page{Stream: crm.Stages, Stages: []crm.Stage{{ID: "Won", Order: 9, Closed: true, Won: true}, {ID: "New", Order: 1, Label: "Neu"}, {Pipeline: "p", PipelineLabel: "Partners", ID: "New", Order: 0}}})
	ref, err := s.Reference(t.Context(), "sf")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "users", ref.Users, map[string]*crm.User{"u1": {ID: "u1", Name: "Al", Email: "al@x.org", Active: true}, "u2": {ID: "u2", Name: "Bo"}})
	diff(t, "stages", ref.Stages, []crm.Stage{{ID: "New", Order: 1, Label: "Neu"}, {ID: "Won", Order: 9, Closed: true, Won: true}, {Pipeline: "p", PipelineLabel: "Partners", ID: "New"}})
	if ref.Info.Fields.Access("next_step") != crm.Hidden || ref.Info.Why["next_step"] != "ask for it" || ref.Info.URL("1") != "https://x/1" {
		t.Errorf("info: %+v", ref.Info)
	}
	none, err := s.Reference(t.Context(), "other")
	if err != nil || none.Name != "other" || len(none.Users) != 0 {
		t.Errorf("unknown source: %+v, %v", none, err)
	}
}

func TestCanceledContextDoesNothing(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Note(ctx, s.Fence(), "a", "b"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
