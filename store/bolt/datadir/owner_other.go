//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package datadir

import (
	"io/fs"
	"os"
)

const noFollow = 0

func give(*os.File, string) error { return nil }

func ownedWell(string, fs.FileInfo) error { return nil }
