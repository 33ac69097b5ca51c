package pages

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"syscall"
	"testing"
)

// sparse is a file of zeros with a few bytes in it; the disk does not give back what lies
// in bad.
type sparse struct {
	at  map[int64][]byte
	bad func(off, n int64) bool
}

func (s sparse) ReadAt(b []byte, off int64) (int, error) {
	if s.bad != nil && s.bad(off, int64(len(b))) {
		return 0, syscall.EIO
	}
	for at, v := range s.at {
		if at >= off && at+int64(len(v)) <= off+int64(len(b)) {
			copy(b[at-off:], v)
		}
	}
	return len(b), nil
}

func header(id uint64, flags, count uint16, overflow uint32) []byte {
	ne := binary.NativeEndian
	b := make([]byte, headerBytes)
	ne.PutUint64(b, id)
	ne.PutUint16(b[8:], flags)
	ne.PutUint16(b[10:], count)
	ne.PutUint32(b[12:], overflow)
	return b
}

// TestNoNumberIsBelieved: a page may claim any size, number and place.
func TestNoNumberIsBelieved(t *testing.T) {
	const size = 1 << 40
	for name, flags := range map[string]uint16{"leaf": flagLeaf, "branch": flagBranch, "freelist": flagFreelist} {
		t.Run(name, func(t *testing.T) {
			b := header(7, flags, 0xFFFF, 0xFFFFFFFF)
			b = append(b, bytes.Repeat([]byte{0xFF}, 64)...)
			f := &File{r: sparse{at: map[int64][]byte{7 * 4096: b}}, size: size, page: 4096}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p, err := f.Page(7)
			if err != nil {
				t.Fatal(err)
			}
			if _, whole := p.Elements(); whole {
				t.Error("the page is believed")
			}
			if free, ok := f.Free(&Meta{Freelist: 7, Root: 3, End: size / 4096}); ok {
				t.Errorf("a list of %d free pages is believed", len(free))
			}
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 4*MaxRun {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}

// TestASectorThatTheDiskDoesNotGiveBack costs its page and no other.
func TestASectorThatTheDiskDoesNotGiveBack(t *testing.T) {
	f := &File{size: 1 << 20, page: 4096, r: sparse{
		at:  map[int64][]byte{4 * 4096: header(4, flagLeaf, 0, 1)},
		bad: func(off, n int64) bool { return off <= 5*4096+512 && off+n > 5*4096+512 },
	}}
	if _, err := f.Page(5); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v", err)
	}
	if p, err := f.Page(4); err != nil || p.ID != 4 {
		t.Errorf("the page before: %v", err)
	}
	if _, err := f.Page(6); err != nil {
		t.Errorf("the page behind: %v", err)
	}
}

// FuzzPage looks for a page that makes reading panic, or reach outside.
func FuzzPage(f *testing.F) {
	f.Add(header(1, flagLeaf, 3, 0))
	f.Add(append(header(1, flagBranch, 1, 2), bytes.Repeat([]byte{16, 0, 0, 0}, 8)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := New(bytes.NewReader(b), int64(len(b)))
		for id := range min(file.Pages(), 8) {
			p, err := file.Page(id)
			if err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			if p == nil {
				continue
			}
			els, _ := p.Elements()
			for _, e := range els {
				if len(e.Key)+len(e.Value) > len(b) {
					t.Fatal("an entry is larger than the file")
				}
				_, _, _ = Bucket(e.Value)
			}
		}
		for _, m := range file.Metas() {
			file.Free(&m)
		}
	})
}
