package salvage

import (
	"bytes"
	"slices"

	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/pages"
	"github.com/pipetidy/pipetidy/store/record"
)

// deepest is how many pages above each other a walk believes: a tree of that height would
// not fit on any disk.
const deepest = 32

// buckets of a journal, in the order in which the report names them.
var buckets = []string{
	checked.MetaBucket, record.Deliveries, record.Pending, record.Periods, record.Readers,
	record.Findings, record.Parks, record.Snapshots, record.Generations, record.Notes,
}

// found is a value with the bucket that it belongs to.
type found struct {
	bucket     string
	key, value []byte
	old        bool // on a page that may hold what has been replaced since
}

// span is a range of keys, from low on and before high, about which a damaged page says
// nothing. nil is no limit.
type span struct {
	low, high []byte
	one       []byte // the key of the one value that is lost there, and counted; nil is any number
}

func (s span) holds(key []byte) bool {
	return bytes.Compare(key, s.low) >= 0 && (s.high == nil || bytes.Compare(key, s.high) < 0)
}

// walk goes through all pages of a damaged file: first from the root, as bbolt does, then
// the pages that the damage has cut off. Each value stands for itself, by its checksum.
type walk struct {
	file *pages.File
	take func(found) error

	end     uint64          // pages below end may be in use
	free    map[uint64]bool // pages that are not
	known   bool            // free is what it should be
	seen    map[uint64]bool // pages that were read
	gaps    map[string][]span
	lost    map[string]map[string]bool // by bucket: the keys of values that cannot be read
	damaged int                        // pages with damage, the meta pages and the list of free pages among them
	metas   int                        // that are right, of two
}

// tree goes through what the newest meta page leads to.
func (w *walk) tree() error {
	metas := w.file.Metas()
	w.metas, w.damaged = len(metas), 2-len(metas)
	w.seen, w.gaps, w.lost = map[uint64]bool{}, map[string][]span{}, map[string]map[string]bool{}
	w.end = w.file.Pages()
	if len(metas) == 0 {
		w.gapAll()
		return nil
	}
	m := &metas[0]
	if w.free, w.known = w.file.Free(m); !w.known {
		w.damaged++
	}
	if m.End > w.end {
		w.damaged++ // the file is cut off
	}
	w.end = min(w.end, m.End)
	w.seen[m.Freelist] = true
	return w.root(m)
}

// root reads the bucket of buckets.
func (w *walk) root(m *pages.Meta) error {
	p, err := w.file.Page(m.Root)
	if err != nil || p.ID != m.Root || w.free[m.Root] || !p.Leaf() {
		// There are few buckets, so their list is always one leaf.
		w.damaged++
		w.gapAll()
		return nil //nolint:nilerr // a page that the disk does not give back is a damaged page
	}
	w.seen[m.Root] = true
	els, whole := p.Elements()
	roots := map[string][]byte{}
	for _, e := range els {
		roots[string(e.Key)] = e.Value
	}
	if !whole {
		w.damaged++
		w.gapAll()
	}
	for name, value := range roots {
		if !slices.Contains(buckets, name) { // a name with a wrong letter: what is below is cut off
			delete(roots, name)
			continue
		}
		if value == nil {
			delete(roots, name)
		}
	}
	// A file of an earlier version may lack a bucket; one whose list has a name that nobody
	// knows has lost one.
	strange := len(roots) < len(els)
	for _, name := range buckets {
		value, ok := roots[name]
		if !ok {
			if strange {
				w.damaged++
				w.gap(name, nil, nil)
			}
			continue
		}
		if err := w.bucket(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) bucket(name string, value []byte) error {
	root, inline, ok := pages.Bucket(value)
	switch {
	case !ok:
		w.damaged++
		w.gap(name, nil, nil)
		return nil
	case inline != nil:
		return w.leaf(name, inline, nil, nil)
	}
	return w.page(name, root, nil, nil, 0)
}

// page reads one page of a bucket, which should have the keys from low to high.
func (w *walk) page(name string, id uint64, low, high []byte, depth int) error {
	if id < 2 || id >= w.end || w.seen[id] || w.free[id] || depth > deepest {
		w.damaged++
		w.gap(name, low, high)
		return nil
	}
	p, err := w.file.Page(id)
	if err != nil || p.ID != id || !p.Leaf() && !p.Branch() {
		w.damaged++
		w.gap(name, low, high)
		return nil //nolint:nilerr // a page that the disk does not give back is a damaged page
	}
	w.seen[id] = true
	if p.Leaf() {
		return w.leaf(name, p, low, high)
	}
	els, whole := p.Elements()
	if !whole || len(els) == 0 {
		w.damaged++
		w.gap(name, low, high)
	}
	for i, e := range els {
		from, to := low, high
		if i > 0 {
			from = e.Key
		}
		if i+1 < len(els) {
			to = els[i+1].Key
		}
		if err := w.page(name, e.Page, from, to, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// leaf takes the values of a page that the tree leads to.
func (w *walk) leaf(name string, p *pages.Page, low, high []byte) error {
	els, whole := p.Elements()
	bad := !whole || len(els) == 0 && (low != nil || high != nil)
	lost := false
	from := low // of what lies between the values that can be read
	for i, e := range els {
		if bucketOf(e.Key, e.Value) == name {
			bad = bad || !(span{low: low, high: high}).holds(e.Key)
			if err := w.take(found{bucket: name, key: e.Key, value: e.Value}); err != nil {
				return err
			}
			from = append(bytes.Clone(e.Key), 0)
			continue
		}
		to := high
		if i+1 < len(els) && els[i+1].Key != nil {
			to = els[i+1].Key
		}
		lost = true
		w.lose(name, e.Key)
		w.gap(name, from, to)
		w.gaps[name][len(w.gaps[name])-1].one = append([]byte{}, e.Key...)
	}
	if bad || lost {
		w.damaged++
	}
	if bad {
		w.gap(name, low, high)
	}
	return nil
}

// rest takes what lies on the pages that the tree does not lead to. Pages in use are cut
// off by the damage, and say what is. Free pages hold copies that have been replaced, or
// were written by a transaction that the newest meta page does not know.
func (w *walk) rest() error {
	for id := uint64(2); id < w.file.Pages(); id++ {
		if w.seen[id] {
			continue
		}
		p, err := w.file.Page(id)
		if err != nil || p.ID != id || !p.Leaf() {
			continue
		}
		old := !w.known || w.free[id] || id >= w.end
		els, _ := p.Elements()
		for _, e := range els {
			if slices.Contains(buckets, string(e.Key)) { // in a copy of the bucket of buckets
				if _, inline, ok := pages.Bucket(e.Value); ok && inline != nil {
					if err := w.loose(inline, old); err != nil {
						return err
					}
				}
			}
		}
		if err := w.loose(p, old); err != nil {
			return err
		}
	}
	return nil
}

// loose takes the values of a page that no bucket leads to.
func (w *walk) loose(p *pages.Page, old bool) error {
	els, _ := p.Elements()
	for _, e := range els {
		if b := bucketOf(e.Key, e.Value); b != "" {
			if err := w.take(found{b, e.Key, e.Value, old}); err != nil {
				return err
			}
		}
	}
	return nil
}

// most is how many gaps, and keys of lost values, are told apart in a bucket.
const most = 1000

func (w *walk) gap(bucket string, low, high []byte) {
	if len(w.gaps[bucket]) >= most {
		w.gaps[bucket], low, high = nil, nil, nil
	}
	w.gaps[bucket] = append(w.gaps[bucket], span{low: bytes.Clone(low), high: bytes.Clone(high)})
}

func (w *walk) gapAll() {
	for _, b := range buckets {
		w.gap(b, nil, nil)
	}
}

func (w *walk) lose(bucket string, key []byte) {
	if w.lost[bucket] == nil {
		w.lost[bucket] = map[string]bool{}
	}
	if len(w.lost[bucket]) < most {
		w.lost[bucket][string(key)] = true
	}
}

// missing reports whether the walk has not been able to say what stands under a key.
func (w *walk) missing(bucket string, key []byte) bool {
	return slices.ContainsFunc(w.gaps[bucket], func(s span) bool { return s.holds(key) })
}
