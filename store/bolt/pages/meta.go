package pages

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
)

const (
	magic     = 0xED0CDAED
	version   = 2
	metaBytes = 64 // behind the header of the page
)

// Meta is what one of the two meta pages says. bbolt writes them in turn, so that the older
// one is whole while the newer one is written.
type Meta struct {
	Root     uint64 // page of the bucket of buckets
	Freelist uint64 // page of the list of free pages
	End      uint64 // pages of the file that have ever been used
	Tx       uint64 // transaction that wrote it

	size int // of a page
}

// Metas returns the meta pages whose checksum is right, the newest first.
func (f *File) Metas() []Meta {
	var out []Meta
	for slot := range 2 {
		if m, ok := f.meta(int64(slot) * int64(f.page)); ok && m.size == f.page {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Meta) int {
		if a.Tx > b.Tx {
			return -1
		}
		return 1
	})
	return out
}

// meta reads the meta page at a place of the file.
func (f *File) meta(at int64) (m Meta, ok bool) {
	if at+headerBytes+metaBytes > f.size {
		return m, false
	}
	b, err := f.read(at+headerBytes, metaBytes)
	if err != nil {
		return m, false
	}
	ne := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(b[:56])
	m = Meta{Root: ne.Uint64(b[16:]), Freelist: ne.Uint64(b[32:]), End: ne.Uint64(b[40:]), Tx: ne.Uint64(b[48:]), size: int(ne.Uint32(b[8:]))}
	return m, ne.Uint32(b) == magic && ne.Uint32(b[4:]) == version && ne.Uint64(b[56:]) == sum.Sum64()
}

// Free reads the list of the pages that hold nothing, or nothing any more. ok is false when
// the list cannot be true.
func (f *File) Free(m *Meta) (free map[uint64]bool, ok bool) {
	p, err := f.Page(m.Freelist)
	if err != nil || p.ID != m.Freelist || p.flags != flagFreelist {
		return nil, false
	}
	ids, n := p.b[headerBytes:], uint64(p.count)
	if n == 0xFFFF && len(ids) >= 8 { // more than fit into the count of the header
		n, ids = binary.NativeEndian.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids))/8 {
		return nil, false
	}
	free = make(map[uint64]bool, n)
	last := uint64(1)
	for i := range n {
		id := binary.NativeEndian.Uint64(ids[8*i:])
		if id <= last || id >= m.End {
			return nil, false
		}
		free[id], last = true, id
	}
	if free[m.Freelist] || free[m.Root] {
		return nil, false
	}
	return free, true
}
