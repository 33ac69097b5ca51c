package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/secret"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
)

// holderName is a file in the data directory with the id of the process that has the
// files open. It is only for messages: the store's lock decides, because a crash drops
// the lock and leaves this file.
const holderName = "pipetidy.pid"

// openStore opens the files of cfg.
func (a *app) openStore(cfg *config.Config) (*bolt.Store, func() error, error) {
	st, err := bolt.Open(cfg.DataDir, bolt.Options{Now: a.now})
	holder := filepath.Join(cfg.DataDir, holderName)
	if err != nil {
		return nil, nil, openError(cfg.DataDir, holder, err)
	}
	_ = datadir.Write(holder, []byte(strconv.Itoa(os.Getpid())+"\n")) // without this file, a message has no pid
	return st, func() error {
		_ = os.Remove(holder) // as above
		if err := st.Close(); err != nil {
			return fail(api.ExitIO, "close the files: %w", err)
		}
		return nil
	}, nil
}

// shared says that others can enter the data directory, and what to do. An operator may
// mean it so, so pipetidy does not change the mode.
func shared(dir string) []string {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return []string{fmt.Sprintf("data_dir %s can be entered by others (mode %04o): run chmod 700 %s", dir, info.Mode().Perm(), secret.Quote(dir))}
}

// openError says why the files cannot be opened, and with which exit code.
func openError(dir, holder string, err error) error {
	var system *fs.PathError
	switch {
	case errors.Is(err, store.ErrInUse):
		return fail(api.ExitInUse, "another pipetidy holds %s%s; wait until it has ended, or stop it", dir, pid(holder))
	case errors.Is(err, store.ErrCorrupt), errors.Is(err, store.ErrDiskFull), errors.Is(err, store.ErrUnknownOutcome), errors.As(err, &system):
		return fail(api.ExitIO, "open the files: %w", err)
	}
	return fmt.Errorf("open the files: %w", err)
}

// pid is " (pid N)" with the process that holder names, "" when it names none.
func pid(holder string) string {
	b, err := datadir.Read(holder)
	if err != nil {
		return ""
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (pid %d)", n)
}
