package datadir

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// IdentityName is the file that holds the identity.
const IdentityName = "db.id"

// Identity is the content of a small file that says that there was a journal in the
// directory. bbolt takes an empty or missing file for a new database; with an identity, a
// missing journal is an error instead.
type Identity struct {
	UUID    string    `json:"uuid"`
	Schema  int       `json:"schema"`
	Created time.Time `json:"created"`
}

// ReadIdentity returns the identity of the directory, nil when there is none. A garbled
// file is an Identity without a UUID.
func ReadIdentity(dir string) (*Identity, error) {
	path := filepath.Join(dir, IdentityName)
	b, err := Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	id := &Identity{}
	if err := json.Unmarshal(b, id); err != nil {
		return &Identity{}, nil //nolint:nilerr // it matters only that there is a file; Write writes it again
	}
	return id, nil
}

// Write writes the identity into the directory.
func (id *Identity) Write(dir string) error {
	b, err := json.MarshalIndent(id, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, IdentityName)
	if err := writeWhole(path, append(b, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// writeWhole writes a file so that the file is whole or absent after a power cut.
func writeWhole(path string, b []byte) error {
	f, err := OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return Rename(path+".new", path)
}

// Rename renames a file so that the file has its new name after a power cut.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

// Swap puts fresh in the place of path, and keeps the file that was there as aside. At
// every moment there is a file at path; only where the file system has no second names, a
// crash between two steps leaves none, and both files stand beside it.
func Swap(path, fresh, aside string) error {
	if err := os.Link(path, aside); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already: %w", aside, err)
		}
		if err := Rename(path, aside); err != nil {
			return err
		}
	}
	return Rename(fresh, path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		err = nil // some file systems cannot sync a directory, and do not require it
	}
	return errors.Join(err, d.Close())
}

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", dir)
	}
	return err
}

// NewUUID makes a UUID for a journal.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
