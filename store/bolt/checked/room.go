package checked

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pipetidy/pipetidy/store/bolt/datadir"
)

// room is how much has to fit into the directory of a file for its steps to go on: a
// page of records takes about as much.
const room = 1 << 20

// Room reports whether there is room in a directory, by a file that is removed again.
func Room(dir string) error {
	path := filepath.Join(dir, "room.new")
	err := tryRoom(path)
	if err != nil && full(err) {
		return commitError(path, err)
	}
	return err
}

func tryRoom(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // a kill may have left it
		return err
	}
	f, err := datadir.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, room))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(path))
}
