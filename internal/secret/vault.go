package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Vault keeps secrets that a CRM renews, each in a file of its own: Dir has mode 0700,
// the files have 0600. Vault is a crm.Vault. One process at a time may use a directory.
type Vault struct{ Dir string }

// vaultName is what a name may be: it leads to no other directory, and is no name of a
// temporary file.
var vaultName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Load returns the secret that was last saved under the name, "" when none was. An error
// names the file, says what to do, and never holds any of the secret.
func (v Vault) Load(name string) (string, error) {
	path, err := v.path(name)
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err := v.private(); err != nil {
		return "", err
	}
	return Secret{File: path, keeper: KeeperOf(v.Dir)}.fromFile() // root uses the files of a service
}

// Save returns when the secret is on disk. After a crash at any moment, Load returns the
// new secret or the one before.
func (v Vault) Save(name, secret string) error {
	path, err := v.path(name)
	if err != nil {
		return err
	}
	if secret == "" {
		return unusable("secret "+name, "is empty; there is nothing to keep")
	}
	if err := v.make(); err != nil {
		return err
	}
	if err := v.write(path, secret); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// write puts the secret into the file at path, by way of a temporary file.
func (v Vault) write(path, secret string) error {
	temporary := path + ".tmp"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) { // left by a crash
		return bare(err)
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return bare(err)
	}
	_, err = f.WriteString(secret)
	if err == nil {
		err = give(f, v.Dir)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(bare(err), os.Remove(temporary))
	}
	return syncDir(v.Dir)
}

// make creates the directory, or checks the directory that is there.
func (v Vault) make() error {
	err := os.Mkdir(v.Dir, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return v.private()
	case err == nil:
		if err = v.give(); err == nil {
			err = syncDir(filepath.Dir(v.Dir))
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", v.Dir, bare(err))
	}
	return nil
}

// give gives the directory to the owner of the directory above.
func (v Vault) give() error {
	d, err := os.Open(v.Dir)
	if err != nil {
		return err
	}
	return errors.Join(give(d, filepath.Dir(v.Dir)), d.Close())
}

// private refuses a directory in which others could put a file of their own.
func (v Vault) private() error {
	info, err := os.Stat(v.Dir)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", v.Dir, bare(err))
	case !info.IsDir():
		return unusable(v.Dir, "is no directory; move it away")
	case info.Mode().Perm()&0o077 != 0:
		return unusable("directory "+v.Dir, fmt.Sprintf("can be entered by others (mode %04o); run: chmod 700 %s", info.Mode().Perm(), Quote(v.Dir)))
	}
	return nil
}

func (v Vault) path(name string) (string, error) {
	if !vaultName.MatchString(name) {
		return "", unusable("this name", "cannot name a secret; use letters, digits, - and _")
	}
	return filepath.Join(v.Dir, name), nil
}

// syncDir puts the names in a directory on disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return bare(err)
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return bare(err)
}

// bare is the system's error without the path, which the caller names.
func bare(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	return err
}
