package bolt

import (
	"bytes"
	"context"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// BeginPeriod is a step of [store.Periods].
func (j journal) BeginPeriod(ctx context.Context, f store.Fence, p digest.Period, ds []delivery.Delivery) (begun bool, err error) {
	if err := record.CheckWords("digest or team", p.Digest, p.Team); err != nil {
		return false, err
	}
	err = j.update(ctx, f, func(t journalTx) error {
		key := record.PeriodKey(p.Digest, p.Team, p.Date)
		have, ok, err := t.period(key)
		if err != nil {
			return err
		}
		if ok && have.Edition >= p.Edition {
			return nil
		}
		begun = true
		if _, err := t.Put(t.Bucket(bucketPeriods), key, t.Value(key, func(b []byte) []byte { return record.AppendPeriod(b, &p) })); err != nil {
			return err
		}
		for i := range ds {
			if err := t.plan(&ds[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return begun && err == nil, err
}

func (t journalTx) period(key []byte) (p digest.Period, ok bool, err error) {
	w, ok, err := t.Read(bucketPeriods, key)
	if err != nil || !ok {
		return p, false, err
	}
	return p, true, t.Bad(bucketPeriods, key, w.Period(&p))
}

// prunePeriods drops the rows of the ledger before a date.
func (t journalTx) prunePeriods(before crm.Date) error {
	end := record.AppendDay(nil, before)
	var old [][]byte
	c := t.Bucket(bucketPeriods).Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, end) < 0; k, _ = c.Next() {
		old = append(old, slices.Clone(k))
	}
	for _, k := range old {
		if _, err := t.Drop(t.Bucket(bucketPeriods), k); err != nil {
			return err
		}
	}
	return nil
}

// Period is a step of [store.Periods].
func (j journal) Period(ctx context.Context, digestName, team string, d crm.Date) (p digest.Period, ok bool, err error) {
	err = j.view(ctx, func(t journalTx) error {
		p, ok, err = t.period(record.PeriodKey(digestName, team, d))
		return err
	})
	return p, ok, err
}

// Periods is a step of [store.Periods].
func (j journal) Periods(ctx context.Context, from crm.Date) ([]digest.Period, error) {
	var out []digest.Period
	err := j.view(ctx, func(t journalTx) error {
		first := record.AppendDay(nil, from)
		c := t.Bucket(bucketPeriods).Cursor()
		for k, v := c.Last(); k != nil && bytes.Compare(k, first) >= 0; k, v = c.Prev() {
			w, err := t.Open(bucketPeriods, k, v)
			if err != nil {
				return err
			}
			out = append(out, digest.Period{})
			if err := w.Period(&out[len(out)-1]); err != nil {
				return t.Bad(bucketPeriods, k, err)
			}
		}
		return nil
	})
	return out, err
}
