// Package golden compares what the program says with files that are kept in the
// repository: documents that are printed from the code, and what cases expect.
// One command writes all of them:
//
//	go generate ./...
//
// It runs the tests called TestGolden… with PIPETIDY_GOLDEN=write; a test that
// uses this package therefore has to be called so. Look at the difference before
// committing it: a golden file says what people will read.
//
// The package is for tests only.
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

// Command is what writes the files, for messages and the heads of documents.
const Command = "go generate ./..."

// Prefix begins the name of every test that compares with golden files.
const Prefix = "TestGolden"

// Writing reports whether files are to be written instead of compared.
func Writing() bool { return os.Getenv("PIPETIDY_GOLDEN") == "write" }

// File compares a whole file.
func File(t testing.TB, path, got string) {
	t.Helper()
	named(t)
	if err := Compare(path, got); err != nil {
		t.Error(err)
	}
}

// Compare is File where there is no test at hand.
func Compare(path, got string) error {
	if Writing() {
		return write(path, []byte(got))
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing; %s writes it", path, Command)
	}
	if err != nil {
		return err
	}
	return differ(path, string(want), got)
}

// Section compares one file of a txtar archive, and appends it where it is missing.
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

// Between compares what stands between two marks of a page that is written by
// hand otherwise.
func Between(t testing.TB, path, begin, end, got string) {
	t.Helper()
	named(t)
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(page), begin)
	printed, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		t.Fatalf("%s does not hold the marks %q and %q", path, begin, end)
	}
	if !Writing() {
		if err := differ(path, printed, got); err != nil {
			t.Error(err)
		}
		return
	}
	if err := write(path, []byte(before+begin+got+end+after)); err != nil {
		t.Error(err)
	}
}

// named keeps a test from being left out by the command.
func named(t testing.TB) {
	t.Helper()
	if !strings.HasPrefix(t.Name(), Prefix) {
		t.Fatalf("a test with golden files is called %s…, so that %s runs it", Prefix, Command)
	}
}

// write leaves an unchanged file alone.
func write(path string, b []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return nil
	}
	return os.WriteFile(path, b, 0o644) //nolint:gosec // documents and cases are for everybody
}
