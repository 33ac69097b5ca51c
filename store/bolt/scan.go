package bolt

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// Scan is a step of [store.Deals]. The strings of a deal are views into the file, and the
// next deal uses the slices again. fn must do no I/O, because the file cannot use space
// again while a read transaction is under way.
func (c cache) Scan(ctx context.Context, source, after string, limit int, fn func(*hygiene.Deal) error) (last string, more bool, err error) {
	err = c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		c := t.Bucket(bucketOpen).Cursor()
		from := []byte{src.Key}
		if after != "" {
			from = record.Key(nil, src.Key, after)
		}
		k, v := c.Seek(from)
		if after != "" && bytes.Equal(k, from) {
			k, v = c.Next()
		}
		j, err := newJoin(t, source, &src)
		if err != nil {
			return err
		}
		for n := 0; k != nil && k[0] == src.Key; k, v = c.Next() {
			if n > 0 && n == limit {
				more = true
				break
			}
			if n++; n%64 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := j.load(bucketOpen, k, v); err != nil {
				return err
			}
			last = j.deal.Opportunity.ID
			if err := fn(&j.deal); err != nil {
				return err
			}
		}
		last = strings.Clone(last)
		return nil
	})
	if err != nil {
		return "", false, err
	}
	return last, more, nil
}

// Lend is a step of [store.Deals].
func (c cache) Lend(ctx context.Context, source string, ids []string, fn func(*hygiene.Deal) error) error {
	return c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		var keys [][]byte
		for _, id := range ids {
			if id != "" {
				keys = append(keys, record.Key(nil, src.Key, id))
			}
		}
		slices.SortFunc(keys, bytes.Compare) // the cursors of a join move forward only
		j, err := newJoin(t, source, &src)
		if err != nil {
			return err
		}
		for _, key := range slices.CompactFunc(keys, bytes.Equal) {
			for _, bucket := range []string{bucketOpen, bucketClosed} {
				v := t.Bucket(bucket).Get(key)
				if v == nil {
					continue
				}
				if err := j.load(bucket, key, v); err != nil {
					return err
				}
				if err := fn(&j.deal); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Named is a step of [store.Deals]. Few deals have such a value, so a deal is decoded only
// where its bytes hold the name of the field with a value behind it (record.Valued).
func (c cache) Named(ctx context.Context, source, field string, fn func(*crm.Opportunity) error) error {
	return c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		valued := record.Valued(field)
		var o crm.Opportunity
		for _, bucket := range []string{bucketOpen, bucketClosed} {
			cur := t.Bucket(bucket).Cursor()
			n := 0
			for k, v := cur.Seek([]byte{src.Key}); k != nil && k[0] == src.Key; k, v = cur.Next() {
				if n++; n%1024 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				if !bytes.Contains(v, valued) {
					continue
				}
				w, err := t.Open(bucket, k, v)
				if err != nil {
					return err
				}
				w.Lend()
				if err := w.Opportunity(&o); err != nil {
					return t.Bad(bucket, k, err)
				}
				if c, ok := o.Get(field); !ok || c.Value == "" {
					continue
				}
				if err := fn(&o); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// CountOpen is a step of [store.Deals]. It looks at keys only.
func (c cache) CountOpen(ctx context.Context, source string) (n int, err error) {
	err = c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		rc := t.Bucket(bucketOpen).Cursor()
		for k, _ := rc.Seek([]byte{src.Key}); k != nil && k[0] == src.Key; k, _ = rc.Next() {
			n++
		}
		return nil
	})
	return n, err
}

// Absent is a step of [store.Deals].
func (c cache) Absent(ctx context.Context, source string, records []string) (map[string]hygiene.State, error) {
	out := make(map[string]hygiene.State, len(records))
	err := c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		row, err := t.stream(src.Key, crm.Opportunities)
		if err != nil {
			return err
		}
		open, gone := t.Bucket(bucketOpen), t.Bucket(bucketGone)
		for _, id := range records {
			key := record.Key(nil, src.Key, id)
			if open.Get(key) != nil {
				continue
			}
			w, ok, err := t.Read(bucketClosed, key)
			if err != nil {
				return err
			}
			if !ok {
				if row.Complete || gone.Get(key) != nil {
					out[id] = hygiene.Gone
				}
				continue
			}
			var o crm.Opportunity
			if err := w.Opportunity(&o); err != nil {
				return t.Bad(bucketClosed, key, err)
			}
			out[id] = hygiene.Lost
			if o.Won {
				out[id] = hygiene.Won
			}
		}
		return nil
	})
	return out, err
}

// Survivors is a step of [store.Deals].
func (c cache) Survivors(ctx context.Context, source string, records []string) (map[string]string, error) {
	out := map[string]string{}
	err := c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		for _, id := range records {
			key := record.Key(nil, src.Key, id)
			w, ok, err := t.Read(bucketGone, key)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			_, into, err := w.Gone()
			if err != nil {
				return t.Bad(bucketGone, key, err)
			}
			if into != "" {
				out[id] = into
			}
		}
		return nil
	})
	return out, err
}

// join reads opportunities in key order, each with its activities, changes and contacts.
// All four are stored in the order of the opportunities, so four cursors move forward
// together.
type join struct {
	tx                            cacheTx
	deal                          hygiene.Deal
	activities, changes, contacts side
	as                            []crm.Activity // the memory of deal's slices, used again for each deal
	cs                            []crm.Change
	ps                            []crm.Contact
	prefix                        []byte
	counted                       store.Headcount
}

// headcount returns the headcount of a source.
func (t cacheTx) headcount(r *record.Source) (store.Headcount, error) {
	row, err := t.stream(r.Key, crm.Contacts)
	return store.NewHeadcount(&r.Info, &row.StreamState), err
}

// untold are the streams of a source of which the CRM has more than the cache.
func (t cacheTx) untold(r *record.Source) (out []crm.Stream, err error) {
	for _, s := range []crm.Stream{crm.Activities, crm.History} {
		row, err := t.stream(r.Key, s)
		if err != nil {
			return nil, err
		}
		if row.Untold {
			out = append(out, s)
		}
	}
	return out, nil
}

func newJoin(t cacheTx, source string, r *record.Source) (*join, error) {
	counted, err := t.headcount(r)
	if err != nil {
		return nil, err
	}
	untold, err := t.untold(r)
	if err != nil {
		return nil, err
	}
	return &join{
		tx: t, deal: hygiene.Deal{Source: source, Untold: untold},
		activities: side{c: t.Bucket(bucketActivities).Cursor()},
		changes:    side{c: t.Bucket(bucketChanges).Cursor()},
		contacts:   side{c: t.Bucket(bucketContacts).Cursor()},
		counted:    counted,
	}, nil
}

// load fills the deal with the opportunity that is stored as v under k.
func (j *join) load(bucket string, k, v []byte) error {
	w, err := j.tx.Open(bucket, k, v)
	if err != nil {
		return err
	}
	w.Lend()
	if err := w.Opportunity(&j.deal.Opportunity); err != nil {
		return j.tx.Bad(bucket, k, err)
	}
	j.prefix = record.Below(j.prefix[:0], k)
	j.as = j.as[:0]
	for s := j.activities.at(j.prefix); s.under(j.prefix); s.next() {
		w, err := j.tx.Open(bucketActivities, s.k, s.v)
		if err != nil {
			return err
		}
		w.Lend()
		// The element keeps its value from when the slice was longer, so Activity uses
		// the element's slice of ids again.
		j.as = slices.Grow(j.as, 1)[:len(j.as)+1]
		if err := w.Activity(&j.as[len(j.as)-1]); err != nil {
			return j.tx.Bad(bucketActivities, s.k, err)
		}
	}
	j.cs = j.cs[:0]
	for s := j.changes.at(j.prefix); s.under(j.prefix); s.next() {
		w, err := j.tx.Open(bucketChanges, s.k, s.v)
		if err != nil {
			return err
		}
		w.Lend()
		j.cs = slices.Grow(j.cs, 1)[:len(j.cs)+1]
		if err := w.Change(&j.cs[len(j.cs)-1]); err != nil {
			return j.tx.Bad(bucketChanges, s.k, err)
		}
	}
	if !slices.IsSortedFunc(j.as, byTime) {
		slices.SortFunc(j.as, byTime)
	}
	if err := j.loadContacts(k); err != nil {
		return err
	}
	j.deal.Activities, j.deal.Changes = j.as, j.cs
	if len(j.cs) > 0 {
		j.deal.Changes = crm.Fold(j.cs)
	}
	return nil
}

// loadContacts fills the contacts of the deal with that key and counts them.
func (j *join) loadContacts(deal []byte) error {
	j.ps = j.ps[:0]
	for s := j.contacts.at(j.prefix); s.under(j.prefix); s.next() {
		w, err := j.tx.Open(bucketContacts, s.k, s.v)
		if err != nil {
			return err
		}
		w.Lend()
		j.ps = slices.Grow(j.ps, 1)[:len(j.ps)+1]
		if err := w.Contact(&j.ps[len(j.ps)-1]); err != nil {
			return j.tx.Bad(bucketContacts, s.k, err)
		}
	}
	j.deal.Contacts = j.ps
	j.counted.Put(&j.deal.Opportunity, len(j.ps), j.tx.Bucket(bucketUntold).Get(deal) == nil)
	return nil
}

func byTime(a, b crm.Activity) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
}

// side is a cursor on the activities, the changes or the contacts of opportunities.
type side struct {
	c       *bbolt.Cursor
	k, v    []byte
	started bool
}

// steps is how many entries of closed opportunities a side passes over one by one before
// it searches instead.
const steps = 8

// at moves forward to the first key that is not before prefix.
func (s *side) at(prefix []byte) *side {
	if !s.started {
		s.started = true
		s.k, s.v = s.c.Seek(prefix)
		return s
	}
	for n := 0; s.k != nil && bytes.Compare(s.k, prefix) < 0; n++ {
		if n == steps {
			s.k, s.v = s.c.Seek(prefix)
			break
		}
		s.next()
	}
	return s
}

func (s *side) under(prefix []byte) bool { return s.k != nil && bytes.HasPrefix(s.k, prefix) }

func (s *side) next() { s.k, s.v = s.c.Next() }
