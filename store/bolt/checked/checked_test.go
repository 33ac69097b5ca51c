package checked

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestKeysAscend: two values that have changed their places are each as they were
// written, and a walk over them is damage. In a whole bucket a walk in circles shows so.
func TestKeysAscend(t *testing.T) {
	for _, inner := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "test.db")
		o := &Options{Buckets: []string{MetaBucket, "notes"}, Schema: 1, LockWait: time.Second, CheckLimit: time.Minute, NoSync: true}
		if err := Create(path, &record.Meta{Schema: 1, UUID: "u"}, o); err != nil {
			t.Fatal(err)
		}
		f, _, err := Open(path, o, Whole)
		if err != nil {
			t.Fatal(err)
		}
		var stored []byte // as they lie in the file
		var half int
		err = errors.Join(f.SetFence(7), f.Update(t.Context(), 7, func(x *Tx) error {
			x.Wrote()
			b := x.Bucket("notes")
			if inner {
				var err error
				if b, err = b.CreateBucketIfNotExists([]byte("inner")); err != nil {
					return err
				}
			}
			for _, key := range []string{"a-1", "k-1", "k-2", "z-1"} {
				v := x.Value([]byte(key), func(b []byte) []byte { return record.AppendNote(b, "of "+key) })
				if err := b.Put([]byte(key), v); err != nil {
					return err
				}
				if key[0] == 'k' {
					half = len(stored)
					stored = append(append(stored, key...), v...)
				}
			}
			return nil
		}), f.Close())
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(file, stored) {
			t.Fatalf("the scenario does not hold: the file has the values elsewhere, %v", err)
		}
		swapped := slices.Concat(stored[half:], stored[:half])
		if err := os.WriteFile(path, bytes.ReplaceAll(file, stored, swapped), 0o600); err != nil {
			t.Fatal(err)
		}
		f, _, err = Open(path, o, Light)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.check(t.Context(), Values); !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "out of order") {
			t.Errorf("inner %v: got %v", inner, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
