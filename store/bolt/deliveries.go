package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// Deliveries is a step of [store.Deliveries].
func (j journal) Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error) {
	var out []delivery.Delivery
	err := j.view(ctx, func(t journalTx) error {
		add := func(d *delivery.Delivery) {
			if len(states) == 0 || slices.Contains(states, d.State) {
				out = append(out, *d)
			}
		}
		if len(states) > 0 && !slices.ContainsFunc(states, delivery.State.Settled) {
			return t.eachPending(add) // the outbox asks every few seconds; settled deliveries pile up for years
		}
		return t.ScanPrefix(bucketDeliveries, nil, func(k []byte, w record.Walk) error {
			var d delivery.Delivery
			if err := w.Delivery(&d); err != nil {
				return t.Bad(bucketDeliveries, k, err)
			}
			add(&d)
			return nil
		})
	})
	return out, err
}

// DeliveriesSince is a step of [store.Deliveries].
func (j journal) DeliveriesSince(ctx context.Context, from crm.Date) ([]delivery.Delivery, error) {
	var out []delivery.Delivery
	err := j.view(ctx, func(t journalTx) error {
		return t.eachDigest(func(c *bbolt.Cursor, digest []byte) error {
			for k, v := c.Seek(periodOf(digest, from)); bytes.HasPrefix(k, digest); k, v = c.Next() {
				w, err := t.Open(bucketDeliveries, k, v)
				if err != nil {
					return err
				}
				out = append(out, delivery.Delivery{})
				if err := w.Delivery(&out[len(out)-1]); err != nil {
					return t.Bad(bucketDeliveries, k, err)
				}
			}
			return nil
		})
	})
	return out, err
}

// periodOf is the beginning of the IDs of a digest's deliveries of a date. Between digest
// and date is the sign that [delivery.Key] puts there.
func periodOf(digest []byte, d crm.Date) []byte { return append(slices.Clip(digest), d.String()...) }

// eachDigest calls fn with the beginning that the IDs of each digest's deliveries share.
// IDs are sorted by digest and then by period, so nobody walks through the periods that
// are not asked for.
func (t journalTx) eachDigest(fn func(c *bbolt.Cursor, digest []byte) error) error {
	c := t.Bucket(bucketDeliveries).Cursor()
	for k, _ := c.First(); k != nil; {
		i := bytes.IndexByte(k, '|')
		if i < 0 { // of no digest
			k, _ = c.Next()
			continue
		}
		digest := slices.Clone(k[:i+1])
		if err := fn(c, digest); err != nil {
			return err
		}
		k, _ = c.Seek(record.After(digest))
	}
	return nil
}

// pruneDeliveries drops the settled deliveries of the periods before a date.
func (t journalTx) pruneDeliveries(before crm.Date) error {
	var old [][]byte
	err := t.eachDigest(func(c *bbolt.Cursor, digest []byte) error {
		end := periodOf(digest, before)
		for k, v := c.Seek(digest); bytes.HasPrefix(k, digest) && bytes.Compare(k, end) < 0; k, v = c.Next() {
			w, err := t.Open(bucketDeliveries, k, v)
			if err != nil {
				return err
			}
			var d delivery.Delivery
			if err := w.Delivery(&d); err != nil {
				return t.Bad(bucketDeliveries, k, err)
			}
			if d.State.Settled() {
				old = append(old, slices.Clone(k))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range old {
		if _, err := t.Drop(t.Bucket(bucketDeliveries), k); err != nil {
			return err
		}
	}
	return nil
}

// Delivery is a step of [store.Deliveries].
func (j journal) Delivery(ctx context.Context, id string) (d delivery.Delivery, ok bool, err error) {
	err = j.view(ctx, func(t journalTx) error {
		d, ok, err = t.delivery(id)
		return err
	})
	return d, ok, err
}

// SaveDelivery is a step of [store.Deliveries].
func (j journal) SaveDelivery(ctx context.Context, f store.Fence, d delivery.Delivery, follow *delivery.Delivery) error {
	return j.update(ctx, f, func(t journalTx) error {
		have, ok, err := t.delivery(d.ID)
		if err != nil {
			return err
		}
		if ok && have.State == delivery.Sent && d.State != delivery.Sent {
			return fmt.Errorf("delivery %s to %q: %w", d.ID, d.State, store.ErrSent)
		}
		if err := t.putDelivery(&d); err != nil {
			return err
		}
		if r, ok := store.Baseline(&d); ok {
			if err := t.moveBaseline(&r); err != nil {
				return err
			}
		}
		if follow == nil {
			return nil
		}
		return t.plan(follow)
	})
}

// Recover is a step of [store.Deliveries].
func (j journal) Recover(ctx context.Context, f store.Fence, now time.Time) (int, error) {
	n := 0
	err := j.update(ctx, f, func(t journalTx) error {
		var found []delivery.Delivery
		err := t.eachPending(func(d *delivery.Delivery) {
			if store.Interrupted(d, now) {
				found = append(found, *d)
			}
		})
		if err != nil {
			return err
		}
		n = len(found)
		for i := range found {
			if err := t.putDelivery(&found[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (t journalTx) delivery(id string) (d delivery.Delivery, ok bool, err error) {
	key := []byte(id)
	w, ok, err := t.Read(bucketDeliveries, key)
	if err != nil || !ok {
		return d, false, err
	}
	return d, true, t.Bad(bucketDeliveries, key, w.Delivery(&d))
}

// plan stores a delivery unless its ID exists.
func (t journalTx) plan(d *delivery.Delivery) error {
	_, ok, err := t.delivery(d.ID)
	if err != nil || ok {
		return err
	}
	return t.putDelivery(d)
}

func (t journalTx) putDelivery(d *delivery.Delivery) error {
	if d.ID == "" {
		return errors.New("delivery without an id: this is a fault of the program")
	}
	if err := record.CheckWords("delivery", d.ID); err != nil {
		return err
	}
	key := []byte(d.ID)
	settled := *d
	if d.State.Settled() {
		settled.Parts, settled.Told = store.Purged(d.Parts), nil // what it told is with its reader
		if _, err := t.Drop(t.Bucket(bucketPending), key); err != nil {
			return err
		}
	} else if _, err := t.Put(t.Bucket(bucketPending), key, t.Value(key, func(b []byte) []byte { return b })); err != nil {
		return err
	}
	_, err := t.Put(t.Bucket(bucketDeliveries), key, t.Value(key, func(b []byte) []byte { return record.AppendDelivery(b, &settled) }))
	return err
}

// eachPending calls fn with every delivery that is not settled, sorted by ID.
func (t journalTx) eachPending(fn func(*delivery.Delivery)) error {
	return t.ScanPrefix(bucketPending, nil, func(k []byte, _ record.Walk) error {
		d, ok, err := t.delivery(string(k))
		if err != nil {
			return err
		}
		if !ok {
			return t.Damaged(bucketPending, k, "no such delivery")
		}
		fn(&d)
		return nil
	})
}
