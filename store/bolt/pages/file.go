// Package pages reads the pages of a bbolt file without bbolt, and believes none of them.
// bbolt maps a file into memory and trusts what it finds, so a damaged file makes it panic,
// fault or loop for ever, and hides what lies behind the damage. Here every number is
// checked against the bounds of the file before it is used, a page that the disk does not
// give back is a page like any other damaged one, and no more than one run of pages is in
// memory.
//
// The package knows the layout of bbolt's files (go.etcd.io/bbolt/internal/common,
// version 2), and nothing of what is stored. Only salvage uses it; a sound file is for
// package checked. A newcomer opens [New] first, then [File.Page].
package pages

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Sizes of pages that bbolt may have written.
const (
	smallest = 1 << 9
	largest  = 1 << 16
)

// MaxRun limits how many bytes of one page with its overflow are read. The largest record
// is a delivery with its rendered message.
const MaxRun = 32 << 20

// File is a bbolt file that may be damaged.
type File struct {
	r    io.ReaderAt
	size int64
	page int // bytes of a page
}

// New reads the size of a page from the file. Where no meta page tells it, the system's
// size is taken, as bbolt does.
func New(r io.ReaderAt, size int64) *File {
	f := &File{r: r, size: size}
	for n := smallest; n <= largest; n *= 2 {
		for slot := range 2 {
			if m, ok := f.meta(int64(slot) * int64(n)); ok && m.size == n {
				f.page = n
				return f
			}
		}
	}
	f.page = os.Getpagesize()
	return f
}

// Pages is how many pages the file has, the last of which may be cut off.
func (f *File) Pages() uint64 { return uint64((f.size + int64(f.page) - 1) / int64(f.page)) }

// Page reads one page with its overflow. An error says that the disk does not give it back;
// a page that is cut off or nonsense is no error.
func (f *File) Page(id uint64) (*Page, error) {
	if id >= f.Pages() {
		return nil, fmt.Errorf("page %d lies behind the end of the file", id)
	}
	at := int64(id) * int64(f.page)
	b, err := f.read(at, min(int64(f.page), f.size-at))
	if err != nil {
		return nil, err
	}
	p := newPage(b)
	if p.overflow == 0 || !p.Holds() {
		return p, nil
	}
	run := (int64(p.overflow) + 1) * int64(f.page)
	if b, err = f.read(at, min(run, MaxRun, f.size-at)); err != nil {
		return p, nil //nolint:nilerr // what is on the first page can be read
	}
	return newPage(b), nil
}

func (f *File) read(at, n int64) ([]byte, error) {
	b := make([]byte, n)
	if got, err := f.r.ReadAt(b, at); err != nil && !(errors.Is(err, io.EOF) && int64(got) == n) {
		return nil, fmt.Errorf("read %d bytes at %d: %w", n, at, err)
	}
	return b, nil
}
