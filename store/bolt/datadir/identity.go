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

// Identity is the small file that says that a journal once was here. bbolt takes
// an empty or missing file for a new one, and a journal must not be lost that way.
type Identity struct {
	UUID    string    `json:"uuid"`
	Schema  int       `json:"schema"`
	Created time.Time `json:"created"`
}

// ReadIdentity returns nil when there is none.
func ReadIdentity(dir string) (*Identity, error) {
	path := filepath.Join(dir, IdentityName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	id := &Identity{}
	if err := json.Unmarshal(b, id); err != nil {
		// That something was here is all that matters; it is written again.
		return &Identity{}, nil //nolint:nilerr // see above
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

// writeWhole writes a file so that after a power cut it is either whole or not there.
func writeWhole(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
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

// Rename also makes the new name durable.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		err = nil // some file systems cannot sync a directory, and need not
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

// NewUUID makes the name of a journal.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
