// Package golden compares the texts of the program with golden files in the
// repository: documents that are printed from the code, and the expected output of
// cases. One command writes all golden files:
//
//	go generate ./...
//
// The command runs the tests called TestGolden… with PIPETIDY_GOLDEN=write, so a
// test that uses this package requires such a name. Look at the difference before
// committing it: people will read what a golden file says.
//
// The package is for tests only. [File] is the usual way in.
package golden

//go:generate env PIPETIDY_GOLDEN=write go test -count=1 -run ^TestGolden ../../...

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Command writes the golden files; messages name it.
const Command = "go generate ./..."

// Prefix begins the name of every test that compares with golden files.
const Prefix = "TestGolden"

// Writing reports whether files are to be written instead of compared.
func Writing() bool { return os.Getenv("PIPETIDY_GOLDEN") == "write" }

// File compares got with a whole file.
func File(t testing.TB, path, got string) {
	t.Helper()
	named(t)
	if err := Compare(path, got); err != nil {
		t.Error(err)
	}
}

// Compare is File without a test: it returns the difference as an error.
func Compare(path, got string) error {
	if Writing() {
		return write(path, []byte(got))
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing; run %s", path, Command)
	}
	if err != nil {
		return err
	}
	return differ(path, string(want), got)
}

// Section compares got with one file of a txtar archive. Writing appends a file that
// is missing from the archive.
func Section(t testing.TB, path, name, got string) {
	t.Helper()
	named(t)
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for i, f := range ar.Files {
		if f.Name == name {
			at = i
		}
	}
	if at < 0 {
		at = len(ar.Files)
		ar.Files = append(ar.Files, txtar.File{Name: name})
	}
	if !Writing() {
		if err := differ(path+" -- "+name+" --", string(ar.Files[at].Data), got); err != nil {
			t.Error(err)
		}
		return
	}
	ar.Files[at].Data = []byte(got)
	if err := write(path, txtar.Format(ar)); err != nil {
		t.Error(err)
	}
}

// Between compares got with the text between two marks of a page that is otherwise
// written by hand.
func Between(t testing.TB, path, begin, end, got string) {
	t.Helper()
	named(t)
	if err := CompareBetween(path, begin, end, got); err != nil {
		t.Error(err)
	}
}

// CompareBetween is Between without a test: it returns the difference as an error.
func CompareBetween(path, begin, end, got string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begun := strings.Cut(string(page), begin)
	printed, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		return fmt.Errorf("%s does not hold the marks %q and %q", path, begin, end)
	}
	if Writing() {
		return write(path, []byte(before+begin+got+end+after))
	}
	return differ(path, printed, got)
}

// named fails a test that Command would not run, because of the test's name.
func named(t testing.TB) {
	t.Helper()
	if !strings.HasPrefix(t.Name(), Prefix) {
		t.Fatalf("the name of a test with golden files begins with %s, so that %s runs the test; rename it", Prefix, Command)
	}
}

// write leaves an unchanged file alone.
func write(path string, b []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return nil
	}
	return os.WriteFile(path, b, 0o644) //nolint:gosec // documents and cases are for everybody
}
