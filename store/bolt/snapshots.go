package bolt

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// Snapshot is a step of [store.Findings].
func (j journal) Snapshot(ctx context.Context, source string, t time.Time) (snap hygiene.Snapshot, ok bool, err error) {
	prefix := record.SnapshotRange(source)
	err = j.view(ctx, func(x journalTx) error {
		c := x.Bucket(bucketSnapshots).Cursor()
		latest := record.AppendInstant(slices.Clone(prefix), t)
		k, v := c.Seek(latest)
		if !bytes.Equal(k, latest) {
			if k == nil {
				k, v = c.Last()
			} else {
				k, v = c.Prev()
			}
		}
		if !bytes.HasPrefix(k, prefix) {
			return nil
		}
		w, err := x.Open(bucketSnapshots, k, v)
		if err != nil {
			return err
		}
		ok = true
		return x.Bad(bucketSnapshots, k, w.Snapshot(&snap))
	})
	if err != nil {
		return hygiene.Snapshot{}, false, err
	}
	return snap, ok, nil
}

func (t journalTx) putSnapshot(s *hygiene.Snapshot) error {
	key := record.SnapshotKey(s.Source, s.At)
	if err := t.lighten(s.Source, key); err != nil {
		return err
	}
	if _, err := t.Put(t.Bucket(bucketSnapshots), key, t.Value(key, func(b []byte) []byte { return record.AppendSnapshot(b, s) })); err != nil {
		return err
	}
	return t.thinSnapshots(s.Source, s.At)
}

// lighten takes the deals of the commit out of the snapshot that comes before key: those of
// the latest alone are asked for, and they are the larger part.
func (t journalTx) lighten(source string, key []byte) error {
	c := t.Bucket(bucketSnapshots).Cursor()
	before := c.Prev
	if k, _ := c.Seek(key); k == nil {
		before = c.Last
	}
	k, v := before()
	if !bytes.HasPrefix(k, record.SnapshotRange(source)) {
		return nil
	}
	w, err := t.Open(bucketSnapshots, k, v)
	if err != nil {
		return err
	}
	var s hygiene.Snapshot
	if err := w.Snapshot(&s); err != nil {
		return t.Bad(bucketSnapshots, k, err)
	}
	if len(s.Committed) == 0 {
		return nil
	}
	s.Committed = nil
	k = slices.Clone(k)
	_, err = t.Put(t.Bucket(bucketSnapshots), k, t.Value(k, func(b []byte) []byte { return record.AppendSnapshot(b, &s) }))
	return err
}

// thinSnapshots drops the superseded snapshots of a source.
func (t journalTx) thinSnapshots(source string, now time.Time) error {
	var keys [][]byte
	var all []store.Taken
	err := t.ScanPrefix(bucketSnapshots, record.SnapshotRange(source), func(k []byte, w record.Walk) error {
		var taken store.Taken
		err := w.Taken(&taken.Day, &taken.At)
		keys, all = append(keys, slices.Clone(k)), append(all, taken)
		return t.Bad(bucketSnapshots, k, err)
	})
	if err != nil {
		return err
	}
	drop, err := store.Superseded(all, now, t.pins)
	if err != nil {
		return err
	}
	for _, i := range drop {
		if _, err := t.Drop(t.Bucket(bucketSnapshots), keys[i]); err != nil {
			return err
		}
	}
	return nil
}

// pins are the times that the readers' next digests count from.
func (t journalTx) pins() ([]time.Time, error) {
	pins := []time.Time{}
	err := t.ScanPrefix(bucketReaders, nil, func(k []byte, w record.Walk) error {
		var r digest.Reader
		if err := w.Reader(&r); err != nil {
			return t.Bad(bucketReaders, k, err)
		}
		pins = append(pins, r.AsOf, r.SentAt)
		return nil
	})
	return pins, err
}
