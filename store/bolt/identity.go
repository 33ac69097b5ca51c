package bolt

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pipetidy/pipetidy/store"
)

const identityName = "db.id"

// identity is the small file that says that a journal once was here. bbolt takes
// an empty or missing file for a new one, and a journal must not be lost that way.
type identity struct {
	UUID    string    `json:"uuid"`
	Schema  int       `json:"schema"`
	Created time.Time `json:"created"`
}

// readIdentity returns nil when there is none.
func readIdentity(dir string) (*identity, error) {
	path := filepath.Join(dir, identityName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	id := &identity{}
	if err := json.Unmarshal(b, id); err != nil {
		// That something was here is all that matters; it is written again.
		return &identity{}, nil //nolint:nilerr // see above
	}
	if id.Schema > schema {
		return nil, newer(path, id.Schema)
	}
	return id, nil
}

// identify writes the identity again when it is not that of the journal: after
// creation, and after a journal was restored.
func (s *Store) identify(dir string, known *identity) error {
	m, err := s.journal.head()
	if err != nil {
		return err
	}
	id := identity{UUID: m.UUID, Schema: m.Schema, Created: m.Created}
	if known != nil && known.UUID == id.UUID && known.Schema == id.Schema {
		return nil
	}
	b, err := json.MarshalIndent(id, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, identityName)
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
	return rename(path+".new", path)
}

// rename also makes the new name durable.
func rename(from, to string) error {
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

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func newer(path string, have int) error {
	return fmt.Errorf("%s has layout %d and this program knows up to %d: %w of pipetidy; run that version", path, have, schema, store.ErrNewer)
}
