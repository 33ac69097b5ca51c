// Package secret holds references to secrets: a [Secret] is the name of an environment
// variable or the path of a file, never the secret itself. Code that requires the secret
// calls Value at the moment of use, so that a rotated secret is taken up without a
// restart, and so that printing a configuration prints no secret. A [Vault] keeps the
// tokens that a CRM renews.
//
// The caller of Value keeps its result out of errors and logs.
package secret

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrUnusable is wrapped by every error of Value: the secret is missing, empty
// or not kept safely. Trying again does not help until somebody acts.
var ErrUnusable = errors.New("secret cannot be used")

// maxSize bounds a secret file. A private key chain has a few KiB.
const maxSize = 64 << 10

// Secret says where a secret is kept. Exactly one of Env and File is set; the
// zero value means that none was configured.
type Secret struct {
	Env  string // name of an environment variable
	File string // path of a file that only its owner can read

	keeper Keeper
}

// IsZero reports whether no secret was configured.
func (s Secret) IsZero() bool { return s.Env == "" && s.File == "" }

// Keep says who else the file may belong to.
func (s *Secret) Keep(k Keeper) { s.keeper = k }

// Resolve makes the path of a secret file absolute, relative to dir.
func (s *Secret) Resolve(dir string) {
	switch {
	case s.File == "":
	case filepath.IsAbs(s.File):
		s.File = filepath.Clean(s.File)
	default:
		s.File = filepath.Join(dir, s.File)
	}
}

// Where names the place that the secret is kept in, for people.
func (s Secret) Where() string {
	switch {
	case s.Env != "":
		return "environment variable " + s.Env
	case s.File != "":
		return "secret file " + s.File
	}
	return "no secret"
}

// Value reads the secret anew, without one line end at its end. The error wraps
// ErrUnusable, names the variable or path, says what to do, and never holds any
// of the secret.
func (s Secret) Value() (string, error) {
	var v string
	var err error
	switch {
	case s.Env != "" && s.File != "":
		err = unusable("secret", "has both env and file; keep one of them")
	case s.Env != "":
		v, err = s.fromEnv()
	case s.File != "":
		v, err = s.fromFile()
	default:
		err = unusable("secret", "is not configured; set {env: NAME} or {file: PATH}")
	}
	return v, err
}

func (s Secret) fromEnv() (string, error) {
	v, ok := os.LookupEnv(s.Env)
	if !ok {
		return "", unusable(s.Where(), "is not set; set it where pipetidy starts")
	}
	if v = trim(v); v == "" {
		return "", unusable(s.Where(), "is empty; put the secret into it")
	}
	return v, nil
}

func (s Secret) fromFile() (string, error) {
	// Without O_NONBLOCK, opening a named pipe would never return.
	f, err := os.OpenFile(s.File, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		switch {
		case errors.Is(err, os.ErrNotExist):
			return "", unusable(s.Where(), "does not exist; create it with mode 0600")
		case errors.Is(err, os.ErrPermission):
			return "", unusable(s.Where(), "cannot be read by this user; run pipetidy as the user whose file it is, or give the file to the user that runs pipetidy")
		}
		return "", s.unread("cannot be opened", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", s.unread("cannot be examined", err)
	}
	if !info.Mode().IsRegular() {
		return "", unusable(s.Where(), "is not a regular file; put the secret into a file of its own")
	}
	if s.keeper.confined || !guarded(s.File) { // the keeper can make a path that looks guarded
		if err := s.keeper.private(s.File, info); err != nil {
			return "", unusable(s.Where(), err.Error())
		}
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return "", s.unread("cannot be read", err)
	}
	if len(b) > maxSize {
		return "", unusable(s.Where(), fmt.Sprintf("is larger than %d KiB; is this the right file?", maxSize>>10))
	}
	v := trim(string(b))
	if v == "" {
		return "", unusable(s.Where(), "is empty; put the secret into it")
	}
	return v, nil
}

// trim takes off one line end, which editors and echo leave behind.
func trim(v string) string {
	v = strings.TrimSuffix(v, "\n")
	return strings.TrimSuffix(v, "\r")
}

// reason is the system's word for err without the path, which the caller names.
func reason(err error) string {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// unusable makes an ErrUnusable that reads "subject what".
func unusable(subject, what string) error {
	return &failure{message: subject + " " + what}
}

// unread is unusable because of the system rather than the secret: too many open files, a
// failing disk.
func (s Secret) unread(what string, err error) error {
	return &failure{message: s.Where() + " " + what + ": " + reason(err), cause: err}
}

// failure reads as one sentence and is an ErrUnusable.
type failure struct {
	message string
	cause   error // of the system, nil is none
}

func (f *failure) Error() string { return f.message }

// Unwrap gives ErrUnusable, and what the system said.
func (f *failure) Unwrap() []error {
	if f.cause == nil {
		return []error{ErrUnusable}
	}
	return []error{ErrUnusable, f.cause}
}

// Quote writes a path or a name so that it can be pasted into a shell as one word.
func Quote(path string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,@:=", r)
	}
	if strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
