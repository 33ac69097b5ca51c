package pages

import "encoding/binary"

const (
	headerBytes  = 16
	elementBytes = 16 // of branches and leaves alike
	valueBytes   = 16 // before the page of a bucket that is kept inside its parent

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10
)

// Page is one page with its overflow.
type Page struct {
	ID uint64 // as its header says

	flags    uint16
	count    uint16
	overflow uint32
	b        []byte
}

func newPage(b []byte) *Page {
	if len(b) < headerBytes {
		b = make([]byte, headerBytes)
	}
	ne := binary.NativeEndian
	return &Page{ID: ne.Uint64(b), flags: ne.Uint16(b[8:]), count: ne.Uint16(b[10:]), overflow: ne.Uint32(b[12:]), b: b}
}

// Branch reports whether the page says that it leads to other pages.
func (p *Page) Branch() bool { return p.flags == flagBranch }

// Leaf reports whether the page says that it holds values.
func (p *Page) Leaf() bool { return p.flags == flagLeaf }

// Holds reports whether the page says that it has a content that may overflow.
func (p *Page) Holds() bool { return p.Branch() || p.Leaf() || p.flags == flagFreelist }

// Element is an entry of a page. What lies outside of the page is nil.
type Element struct {
	Key, Value []byte
	Page       uint64 // of a branch: where the keys from Key on are
}

// Elements returns the entries of a page. whole is false when its numbers contradict each
// other, so there may have been other entries.
func (p *Page) Elements() (out []Element, whole bool) {
	ne, body := binary.NativeEndian, p.b[headerBytes:]
	position := func(e []byte) uint64 { // of the key, counted from the entry
		if p.Branch() {
			return uint64(ne.Uint32(e))
		}
		return uint64(ne.Uint32(e[4:]))
	}
	n := uint64(p.count)
	whole = true
	if len(body) >= elementBytes {
		// The first key begins where the entries end, so it tells their number as well.
		first := position(body)
		whole = first == n*elementBytes
		n = max(n, first/elementBytes)
	}
	n = min(n, uint64(len(body)/elementBytes), 0xFFFF)
	next := n * elementBytes // where the next key has to begin
	whole = whole && n == uint64(p.count)
	for i := range n {
		e := body[i*elementBytes:]
		at := i*elementBytes + position(e)
		var key, size uint64
		var el Element
		if p.Branch() {
			key, el.Page = uint64(ne.Uint32(e[4:])), ne.Uint64(e[8:])
		} else {
			key, size = uint64(ne.Uint32(e[8:])), uint64(ne.Uint32(e[12:]))
		}
		whole = whole && at == next && key > 0
		next = at + key + size
		if end := uint64(len(body)); next <= end {
			el.Key, el.Value = body[at:at+key:at+key], body[at+key:next:next]
		} else {
			whole = false
			if at+key <= end {
				el.Key = body[at : at+key : at+key]
			}
		}
		out = append(out, el)
	}
	return out, whole
}

// Bucket reads the value of a bucket: the page of its root, or, when root is 0, the page
// that is kept in the value itself.
func Bucket(value []byte) (root uint64, inline *Page, ok bool) {
	if len(value) < valueBytes {
		return 0, nil, false
	}
	root = binary.NativeEndian.Uint64(value)
	if root != 0 {
		return root, nil, true
	}
	return 0, newPage(value[valueBytes:]), len(value) >= valueBytes+headerBytes
}
