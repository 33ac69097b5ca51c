package checked

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// fenced returns a new file with the fence 7.
func fenced(t *testing.T) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	o := &Options{Buckets: []string{MetaBucket, "notes"}, Schema: 1, LockWait: time.Second, CheckLimit: time.Minute, NoSync: true}
	if err := Create(path, &record.Meta{Schema: 1, UUID: "u"}, o); err != nil {
		t.Fatal(err)
	}
	f, m, err := Open(path, o, Whole)
	if err != nil || m.UUID != "u" {
		t.Fatalf("got %+v, %v", m, err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := f.SetFence(7); err != nil {
		t.Fatal(err)
	}
	return f
}

func putNote(x *Tx) error {
	key := []byte("a")
	_, err := x.Put(x.Bucket("notes"), key, x.Value(key, func(b []byte) []byte { return record.AppendNote(b, "b") }))
	return err
}

func TestUpdateRequiresTheFenceOfTheFile(t *testing.T) {
	f := fenced(t)
	err := f.Update(t.Context(), 6, func(*Tx) error { t.Error("a step ran under another fence"); return nil })
	if !errors.Is(err, store.ErrFenced) {
		t.Errorf("got %v, want ErrFenced", err)
	}
	if err := f.Update(t.Context(), 7, putNote); err != nil {
		t.Error(err)
	}
}

func TestAnErrorCommitsNothing(t *testing.T) {
	f := fenced(t)
	stop := errors.New("stop")
	err := f.Update(t.Context(), 7, func(x *Tx) error { return errors.Join(putNote(x), stop) })
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of the step", err)
	}
	err = f.View(t.Context(), func(x *Tx) error {
		if _, ok, err := x.Read("notes", []byte("a")); ok || err != nil {
			t.Errorf("the note of a step that returned an error: %v, %v", ok, err)
		}
		return nil
	})
	if err != nil || f.Suspect() {
		t.Errorf("got %v, suspect %v", err, f.Suspect())
	}
}

func TestDamageMakesTheFileSuspect(t *testing.T) {
	f := fenced(t)
	err := f.Update(t.Context(), 7, func(x *Tx) error {
		x.Wrote()
		return errors.Join(putNote(x), x.Bucket("notes").Put([]byte("b"), x.Bucket("notes").Get([]byte("a"))))
	})
	if err != nil || f.Suspect() {
		t.Fatalf("got %v, suspect %v", err, f.Suspect())
	}
	err = f.View(t.Context(), func(x *Tx) error { _, _, err := x.Read("notes", []byte("b")); return err })
	if !errors.Is(err, store.ErrCorrupt) || !f.Suspect() {
		t.Errorf("got %v, suspect %v, want ErrCorrupt and a suspect file", err, f.Suspect())
	}
}
