package control

import (
	"errors"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/store"
)

// refusal makes an [api.Error] of the errors by which edition says that it sends
// nothing; other errors stay what they are.
func refusal(err error) error {
	_, skipped := errors.AsType[*edition.SkippedError](err)
	_, withheld := errors.AsType[*edition.WithheldError](err)
	if skipped || withheld || errors.Is(err, edition.ErrNothingTrue) {
		return api.Errorf(exitOf(err), "%w", err)
	}
	return err
}

// exitOf says which exit code a command ends with after err.
func exitOf(err error) int {
	var known *api.Error
	var files *store.FileError
	var withheld *edition.WithheldError
	switch {
	case err == nil:
		return api.ExitOK
	case errors.As(err, &known):
		return known.Exit
	case errors.As(err, &files):
		return api.ExitIO
	case errors.Is(err, edition.ErrNothingTrue), errors.As(err, &withheld):
		return api.ExitNoVerdict
	case errors.Is(err, crm.ErrAccount):
		return api.ExitConfig
	case errors.Is(err, crm.ErrAuth), errors.Is(err, crm.ErrBusy), errors.Is(err, crm.ErrQuota), errors.Is(err, crm.ErrRefused):
		return api.ExitUnavailable
	}
	return api.ExitFailed
}
