package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/bolt/salvage"
)

// SalvageCommand is what an operator types to salvage a journal.
const SalvageCommand = "pipetidy db salvage"

// Salvaged is what became of a damaged journal.
type Salvaged struct {
	salvage.Report
	Aside string // where the damaged file is
}

// ErrSound says that the journal is not damaged.
var ErrSound = salvage.ErrSound

// Salvage saves what can still be read of the journal in dir into a new journal, and keeps
// the damaged file beside it. Where nothing can be read (store.ErrCorrupt), where the file
// is not damaged (ErrSound), and after any other error, nothing is changed.
func Salvage(ctx context.Context, dir string, o Options) (out *Salvaged, err error) {
	o = o.withDefaults()
	path := filepath.Join(dir, journalName)
	if _, err := os.Lstat(path); err != nil { // before Take makes the directory
		return nil, err
	}
	hold, err := datadir.Take(dir, o.LockWait)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, hold.Release()) }()
	if err := datadir.Check(path); err != nil {
		return nil, err
	}
	known, err := datadir.ReadIdentity(dir)
	if err != nil {
		return nil, err
	}
	if known != nil && known.Schema > schema {
		return nil, checked.Newer(filepath.Join(dir, datadir.IdentityName), known.Schema, schema)
	}
	file := o.file(journalBuckets)
	fresh := path + ".salvaged"
	how := &salvage.Options{File: file, Identity: known, Now: o.Now()}
	r, err := salvage.Copy(ctx, path, fresh, how)
	if errors.Is(err, salvage.ErrSound) {
		// bbolt looks at what salvage does not: what its opening refuses has to be mended.
		f, _, cerr := checked.Open(path, file, checked.Whole)
		if cerr == nil {
			return nil, errors.Join(err, f.Close())
		}
		how.Anyway = true
		r, err = salvage.Copy(ctx, path, fresh, how)
	}
	if err != nil {
		return nil, err
	}
	out = &Salvaged{Report: *r, Aside: freeName(path + ".damaged-" + o.Now().UTC().Format("20060102T150405Z"))}
	if err := settle(fresh, file); err != nil {
		return nil, errors.Join(err, os.Remove(fresh))
	}
	if err := datadir.Swap(path, fresh, out.Aside); err != nil {
		return nil, errors.Join(err, os.RemoveAll(fresh))
	}
	return out, nil
}

// freeName is a name that no file has: nothing is overwritten.
func freeName(path string) string {
	name := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name
		}
		name = fmt.Sprintf("%s-%d", path, n)
	}
}

// settle checks the new file as an opening does.
func settle(path string, o *checked.Options) error {
	f, _, err := checked.Open(path, o, checked.Whole)
	if err != nil {
		return fmt.Errorf("check what was saved: %w", err)
	}
	return f.Close()
}
