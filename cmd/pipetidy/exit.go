package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/store"
)

// exitCodes documents the exit codes for docs/cli.md.
var exitCodes = []struct {
	code int
	what string
}{
	{api.ExitOK, "Done."},
	{api.ExitFailed, "The command failed, for a reason that none of the codes below names."},
	{api.ExitUsage, "The command line is wrong: an unknown command, flag or value. `run` says so with 78, because a Go program that crashes ends with 2."},
	{api.ExitFindings, "`check --fail-on`: there are findings of that severity or above; what is folded or held back is counted with --folded alone."},
	{api.ExitNoVerdict, "No verdict: a source has not been read completely, or its findings are withheld. What is printed is true but not complete; a partial cache never exits 0. 4 goes before 3."},
	{api.ExitUnavailable, "An outside system (CRM, Slack, mail server) cannot be reached or refuses our credentials."},
	{api.ExitIO, "Reading or writing a file failed, the disk is full, or the machine has no file descriptors or memory left. The daemon stays up when the disk is full, and is not ready until there is room; it ends with 74 when the outcome of a write is unknown. Every step is safe to repeat."},
	{api.ExitInUse, "Another pipetidy holds the data directory, or the running daemon does not answer."},
	{api.ExitConfig, "The configuration is wrong, a secret is missing, or a newer version wrote the files. Starting again changes nothing until somebody acts."},
}

// exitError is an error with the exit code that it ends the command with.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// fail makes an exitError.
func fail(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

// unheard is an error that cannot be printed, because nobody reads stderr.
type unheard struct{ error }

// Unwrap returns the error.
func (e *unheard) Unwrap() error { return e.error }

// exitCode says which code err ends the command with.
func exitCode(err error) int {
	var own *exitError
	var refusal *api.Error
	switch {
	case err == nil:
		return api.ExitOK
	case errors.As(err, &own):
		return own.code
	case errors.As(err, &refusal) && refusal.Exit != api.ExitOK:
		return refusal.Exit
	case errors.Is(err, store.ErrFenced):
		return api.ExitInUse
	case errors.Is(err, store.ErrNewer):
		return api.ExitConfig
	case errors.Is(err, store.ErrDiskFull), ofMachine(err):
		return api.ExitIO
	case errors.Is(err, crm.ErrAuth), errors.Is(err, crm.ErrBusy), errors.Is(err, crm.ErrQuota):
		return api.ExitUnavailable
	}
	return api.ExitFailed
}

// ofMachine reports whether err is of the machine and of this moment: the same file may be
// read a minute later.
func ofMachine(err error) bool {
	for _, e := range []syscall.Errno{
		syscall.EIO, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EAGAIN, syscall.ESTALE, syscall.EROFS,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// configError is the error of a configuration that cannot be used. Where the machine could
// not read the file or a secret, the configuration is not to blame.
func configError(err error) error {
	if ofMachine(err) {
		return &exitError{api.ExitIO, err}
	}
	return &exitError{api.ExitConfig, err}
}

// interruption is the error of a command that does more than go on when it is repeated.
type interruption struct {
	error
	next string // what goes on with what the command began
}

// Unwrap returns the error.
func (i *interruption) Unwrap() error { return i.error }

// interrupted is err, and says how to go on where err is an interruption.
func interrupted(err error, next string) error {
	if err == nil {
		return nil
	}
	return &interruption{err, next}
}

// report prints err as one sentence and returns the exit code. An error of
// several lines (the mistakes of a configuration file) keeps them.
func report(w io.Writer, err error) int {
	if err == nil {
		return api.ExitOK
	}
	if _, silent := errors.AsType[*unheard](err); silent {
		return exitCode(err)
	}
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = "interrupted; what was done so far is kept: repeat the command to go on from there"
		if own, ok := errors.AsType[*interruption](err); ok {
			text = "interrupted; what was done so far is kept: " + own.next
		}
	}
	_, _ = fmt.Fprintf(w, "pipetidy: %s", plainText(text)) // there is nowhere left to say it
	return exitCode(err)
}
