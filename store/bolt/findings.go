package bolt

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// BeginGeneration is a step of [store.Evaluations].
func (j journal) BeginGeneration(ctx context.Context, f store.Fence) (uint64, error) {
	var gen uint64
	err := j.update(ctx, f, func(t journalTx) error {
		m, err := t.Meta()
		if err != nil {
			return err
		}
		m.Generation++
		gen = m.Generation
		return t.PutMeta(&m)
	})
	if err != nil {
		return 0, err
	}
	return gen, nil
}

// ApplySlice is a step of [store.Evaluations].
func (j journal) ApplySlice(ctx context.Context, f store.Fence, source, after, through string, diff func(stored []hygiene.Life) []hygiene.Life) error {
	all := record.FindingRange(source)
	low, high := all, record.After(all)
	if after != "" {
		low = record.After(append(record.AppendID(slices.Clone(all), after), 0))
	}
	if through != "" {
		high = record.After(append(record.AppendID(slices.Clone(all), through), 0))
	}
	return j.update(ctx, f, func(t journalTx) error {
		var stored []hygiene.Life
		c := t.Bucket(bucketFindings).Cursor()
		for k, v := c.Seek(low); k != nil && bytes.Compare(k, high) < 0; k, v = c.Next() {
			w, err := t.Open(bucketFindings, k, v)
			if err != nil {
				return err
			}
			stored = append(stored, hygiene.Life{})
			if err := w.Life(&stored[len(stored)-1]); err != nil {
				return t.Bad(bucketFindings, k, err)
			}
		}
		write := diff(stored)
		e := &edits{}
		for i := range write {
			l := &write[i]
			key, err := record.FindingKey(l.Key)
			if err != nil {
				return err
			}
			if bytes.Compare(key, low) < 0 || bytes.Compare(key, high) >= 0 {
				return fmt.Errorf("finding %s on %s lies outside of the slice (%q, %q] of %s: this is a fault of the program", l.Rule, l.Record, after, through, source)
			}
			e.put(key, t.Value(key, func(b []byte) []byte { return record.AppendLife(b, l) }))
		}
		return e.apply(t.Tx, bucketFindings)
	})
}

// FinishGeneration is a step of [store.Evaluations].
func (j journal) FinishGeneration(ctx context.Context, f store.Fence, gen uint64, snap hygiene.Snapshot) error {
	if err := record.CheckWords("source", snap.Source); err != nil {
		return err
	}
	return j.update(ctx, f, func(t journalTx) error {
		key := []byte(snap.Source)
		current, err := t.generation(key)
		if err != nil {
			return err
		}
		if gen < current {
			return fmt.Errorf("generation %d of %s comes after %d has been finished: this is a fault of the program", gen, snap.Source, current)
		}
		value := t.Value(key, func(b []byte) []byte { return record.AppendGeneration(b, &record.Generation{Number: gen, At: snap.At}) })
		if _, err := t.Put(t.Bucket(bucketGenerations), key, value); err != nil {
			return err
		}
		if err := t.putSnapshot(&snap); err != nil {
			return err
		}
		return t.prune(snap.At)
	})
}

// generation returns the number of the current generation of a source, 0 when there is
// none.
func (t journalTx) generation(source []byte) (gen uint64, err error) {
	w, ok, err := t.Read(bucketGenerations, source)
	if err != nil || !ok {
		return 0, err
	}
	var g record.Generation
	err = w.Generation(&g)
	return g.Number, t.Bad(bucketGenerations, source, err)
}

// prune drops, once a day, the findings that ended long ago, and what was delivered
// longer ago.
func (t journalTx) prune(now time.Time) error {
	m, err := t.Meta()
	if err != nil || now.Sub(m.Pruned) < 24*time.Hour {
		return err
	}
	m.Pruned = now
	var old [][]byte
	err = t.ScanPrefix(bucketFindings, nil, func(k []byte, w record.Walk) error {
		var l hygiene.Life
		w.Lend()
		if err := w.Life(&l); err != nil {
			return t.Bad(bucketFindings, k, err)
		}
		if store.Ended(&l, now) {
			old = append(old, slices.Clone(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range old {
		if _, err := t.Drop(t.Bucket(bucketFindings), k); err != nil {
			return err
		}
	}
	if err := t.pruneParks(now); err != nil {
		return err
	}
	before := crm.DateOf(now.Add(-store.KeepDeliveries), time.UTC)
	if err := t.pruneDeliveries(before); err != nil {
		return err
	}
	if err := t.prunePeriods(before); err != nil {
		return err
	}
	return t.PutMeta(&m)
}

// Lives is a step of [store.Findings].
func (j journal) Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error {
	return j.view(ctx, func(t journalTx) error {
		n := 0
		return t.ScanPrefix(bucketFindings, nil, func(k []byte, w record.Walk) error {
			if n++; n%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			var l hygiene.Life
			if err := w.Life(&l); err != nil {
				return t.Bad(bucketFindings, k, err)
			}
			if l.State != hygiene.Open && !l.Ended.After(since) {
				return nil
			}
			return fn(l)
		})
	})
}
