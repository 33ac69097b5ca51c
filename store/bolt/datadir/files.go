package datadir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// OpenFile is os.OpenFile for a file that pipetidy writes in its directory: a symbolic link
// in the last place of the path is refused, and a file that root makes belongs to the owner
// of the directory, so that root does not lock out the service whose directory it is.
func OpenFile(path string, flag int, mode os.FileMode) (*os.File, error) {
	if err := notLinked(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, flag|noFollow, mode)
	if err != nil {
		return nil, err
	}
	if err := give(f, filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Write writes a small file anew.
func Write(path string, b []byte) error {
	f, err := OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// Read reads a small file; of more than 64 KiB it reads the beginning.
func Read(path string) ([]byte, error) {
	if err := notLinked(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 64<<10))
}

// notLinked says what to do about a planted link, or anything else that is no file.
func notLinked(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().IsRegular() {
		return nil //nolint:nilerr // opening tells
	}
	return refused(path, "is a symbolic link, or no file at all, so somebody else may have put it there", "rm "+quote(path))
}

// Check refuses a file that others can change: bbolt trusts what it reads, and so do we.
// A file that is not there passes.
func Check(path string) error {
	if err := notLinked(path); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil //nolint:nilerr // opening tells
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return refused(path, fmt.Sprintf("can be changed by others (mode %04o)", mode), "chmod 600 "+quote(path))
	}
	return ownedWell(path, info)
}

// refused is an error of permission that holds the command that mends it.
func refused(path, what, command string) error {
	return denied(path, what+"; look at it, then run: "+command)
}

// denied is an error of permission that reads as text.
func denied(path, text string) error {
	return &fs.PathError{Op: "open", Path: path, Err: &unsafeError{text}}
}

// quote writes a path so that it can be pasted into a shell.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

type unsafeError struct{ text string }

func (u *unsafeError) Error() string { return u.text }

// Is makes it an error of permission.
func (*unsafeError) Is(target error) bool { return target == fs.ErrPermission }
