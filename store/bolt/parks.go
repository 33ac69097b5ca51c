package bolt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// Parks is a step of [store.Parks].
func (j journal) Parks(ctx context.Context, source string) (ks []hygiene.Park, err error) {
	err = j.view(ctx, func(t journalTx) error {
		return t.ScanPrefix(bucketParks, record.ParkRange(source), func(key []byte, w record.Walk) error {
			ks = append(ks, hygiene.Park{})
			return t.Bad(bucketParks, key, w.Park(&ks[len(ks)-1]))
		})
	})
	return ks, err
}

// SaveParks is a step of [store.Parks].
func (j journal) SaveParks(ctx context.Context, f store.Fence, ks ...hygiene.Park) error {
	return j.update(ctx, f, func(t journalTx) error {
		for i := range ks {
			if err := t.savePark(&ks[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t journalTx) savePark(k *hygiene.Park) error {
	key, err := record.ParkKey(k)
	if err != nil {
		return err
	}
	w, ok, err := t.Read(bucketParks, key)
	if err != nil {
		return err
	}
	if ok {
		var have hygiene.Park
		if err := t.Bad(bucketParks, key, w.Park(&have)); err != nil {
			return err
		}
		if !have.Holds() && have.End != k.End {
			return fmt.Errorf("park of %s: %w", k.Record, store.ErrEnded)
		}
	}
	_, err = t.Put(t.Bucket(bucketParks), key, t.Value(key, func(b []byte) []byte { return record.AppendPark(b, k) }))
	return err
}

// pruneParks drops the parks that ended long ago.
func (t journalTx) pruneParks(now time.Time) error {
	var old [][]byte
	err := t.ScanPrefix(bucketParks, nil, func(key []byte, w record.Walk) error {
		var k hygiene.Park
		w.Lend()
		if err := w.Park(&k); err != nil {
			return t.Bad(bucketParks, key, err)
		}
		if store.Unparked(&k, now) {
			old = append(old, slices.Clone(key))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range old {
		if _, err := t.Drop(t.Bucket(bucketParks), k); err != nil {
			return err
		}
	}
	return nil
}
