package salvage

import (
	"bytes"
	"context"

	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/record"
)

// batch is how many bytes of values are put in one transaction.
const batch = 4 << 20

// merge puts the values of a walk into the new file.
type merge struct {
	ctx  context.Context //nolint:containedctx // of one call of Copy
	walk *walk
	file *checked.File

	queue  []found
	queued int

	meta    *record.Meta
	old     map[string]map[string]bool // by bucket: keys of which an older copy was taken
	waiting map[string]bool            // deliveries that were not settled
}

// take is called by the walk. What it keeps does not keep the page in memory, which may
// claim to be large.
func (m *merge) take(x found) error {
	x.key, x.value = bytes.Clone(x.key), bytes.Clone(x.value)
	m.queue = append(m.queue, x)
	if m.queued += len(x.key) + len(x.value); m.queued < batch {
		return nil
	}
	return m.flush()
}

func (m *merge) flush() error {
	err := m.file.Update(m.ctx, 0, func(t *checked.Tx) error {
		for i := range m.queue {
			if err := m.put(t, &m.queue[i]); err != nil {
				return err
			}
		}
		return nil
	})
	m.queue, m.queued = m.queue[:0], 0
	return err
}

// put decides about one value.
func (m *merge) put(t *checked.Tx, x *found) error {
	switch x.bucket {
	case checked.MetaBucket:
		meta := decode(x.key, x.value, (*record.Walk).Meta)
		// An older copy has the same identity, and smaller numbers.
		if m.meta == nil || x.old && m.walk.metas < 2 && meta.Fence >= m.meta.Fence {
			m.meta = &meta
		}
		return nil
	case record.Pending:
		if !x.old {
			m.waiting[string(x.key)] = true
		}
		return nil
	}
	b := t.Bucket(x.bucket)
	have := b.Get(x.key)
	if !x.old {
		if have != nil {
			return nil
		}
		_, err := t.Put(b, x.key, x.value)
		return err
	}
	// With one meta page the last transaction may be unknown, and its values are among the
	// copies. What it removed is among them too, which matters to notes alone: records are
	// removed for their age, and age again.
	unsure := m.walk.metas < 2
	taken := m.old[x.bucket][string(x.key)]
	switch {
	case have == nil && (m.walk.missing(x.bucket, x.key) || unsure && x.bucket != record.Notes):
	case have != nil && (taken || unsure) && newer(x.bucket, x.key, x.value, have):
	default:
		return nil
	}
	if m.old[x.bucket] == nil {
		m.old[x.bucket] = map[string]bool{}
	}
	m.old[x.bucket][string(x.key)] = true
	_, err := t.Put(b, x.key, x.value)
	return err
}
