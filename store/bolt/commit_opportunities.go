package bolt

import (
	"bytes"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// opportunities is the way of the stream of opportunities.
type opportunities struct{ *commit }

// store keeps open and closed opportunities in two buckets, because a scan reads only
// the open ones.
func (c opportunities) store() error {
	os := c.page.Opportunities
	es, err := c.entries(len(os),
		func(b []byte, i int) ([]byte, error) {
			return record.Key(b, c.source, os[i].ID), record.CheckID(crm.KindOpportunity, os[i].ID)
		},
		func(b []byte, i int) []byte { return record.AppendOpportunity(b, &os[i]) })
	if err != nil {
		return err
	}
	if err := c.believe(c.emptied(es)); err != nil {
		return err
	}
	open, closed := c.target(bucketOpen), c.target(bucketClosed)
	for i := range es {
		o := &os[es[i].i]
		here, there, other := open, closed, bucketClosed
		name := bucketOpen
		if o.Closed {
			here, there, other, name = closed, open, bucketOpen, bucketClosed
		}
		if err := c.save(o, &es[i], here, there, name, other); err != nil {
			return err
		}
	}
	for _, id := range c.page.Deleted {
		if err := record.CheckID(crm.KindOpportunity, id); err != nil {
			return err
		}
		key, before := record.Key(nil, c.source, id), c.count.Deleted
		if err := c.named(key, id); err != nil {
			return err
		}
		if err := c.lose(key); err != nil {
			return err
		}
		late, err := c.mergedLate(key, c.page.Merged[id])
		if err != nil {
			return err
		}
		if c.count.Deleted > before || late {
			c.merged(c.page.Merged[id])
		}
	}
	return nil
}

// save stores one opportunity in the bucket here, called name, and drops it from the
// bucket there, called other.
func (c opportunities) save(o *crm.Opportunity, e *entry, here, there *bbolt.Bucket, name, other string) error {
	if err := c.note(e.key); err != nil {
		return err
	}
	before, moved := here.Get(e.key), false
	if c.whole() {
		if _, err := c.Drop(c.Bucket(bucketGone), e.key); err != nil {
			return err
		}
	}
	if bytes.Equal(before, e.value) {
		c.count.Unchanged++
		return nil
	}
	if before == nil {
		before = there.Get(e.key)
		name, moved = other, before != nil
	}
	if before == nil {
		c.tally(false, true)
		if err := c.returned(o, e.key); err != nil {
			return err
		}
	} else {
		c.count.Changed++
		if err := c.observe(o, name, e.key, before); err != nil {
			return err
		}
		if moved && !o.Closed {
			c.reopened(o, e.key)
		}
	}
	if moved {
		if _, err := c.Drop(there, e.key); err != nil {
			return err
		}
	}
	_, err := c.Put(here, e.key, e.value)
	return err
}

// whole reports whether the page brings the opportunities with all that belongs to them.
func (c opportunities) whole() bool { return c.page.Recalled && !c.page.Alone }

// returned decides whether an opportunity that the cache does not have is to be
// recalled. Such an opportunity stays marked as gone until it was recalled, so the next
// sweep names the opportunity again if the process ends before that.
func (c opportunities) returned(o *crm.Opportunity, key []byte) error {
	gone := c.Bucket(bucketGone)
	marked := gone.Get(key) != nil
	if marked && o.Closed && !c.whole() && !slices.Contains(c.page.Deleted, o.ID) {
		return nil // the mark stays until the opportunity reopens
	}
	if !store.Returned(c.page, o, marked, c.complete, c.asOf) {
		_, err := c.Drop(gone, key)
		return err
	}
	c.count.Unknown = append(c.count.Unknown, o.ID)
	if marked {
		return nil
	}
	return c.mark(key)
}

// reopened has an opportunity recalled that returned closed and is open again now.
func (c opportunities) reopened(o *crm.Opportunity, key []byte) {
	if c.Bucket(bucketGone).Get(key) != nil && !slices.Contains(c.page.Deleted, o.ID) {
		c.count.Unknown = append(c.count.Unknown, o.ID)
	}
}

// merged has an opportunity recalled that swallowed one of the cache: the activities and
// contacts of the one moved to the other without a stamp. "" is none.
func (c opportunities) merged(into string) {
	if into != "" && !slices.Contains(c.page.Deleted, into) && !slices.Contains(c.count.Unknown, into) {
		c.count.Unknown = append(c.count.Unknown, into)
	}
}

// mergedLate reports whether an opportunity that was dropped before is only now said to have
// been merged: that it is not there was all that was known of it.
func (c opportunities) mergedLate(key []byte, into string) (bool, error) {
	if into == "" || !c.dropped(key) {
		return false, nil
	}
	w, ok, err := c.Read(bucketGone, key)
	if err != nil || !ok {
		return false, err
	}
	switch _, known, err := w.Gone(); {
	case err != nil:
		return false, c.Bad(bucketGone, key, err)
	case known != "":
		return false, nil
	}
	return true, c.mark(key)
}

// mark notes that an opportunity is gone, and into which other it was merged, or that it was
// gone and is to be recalled.
func (c opportunities) mark(key []byte) error {
	k := slices.Clone(key)
	id, _ := record.TakeID(key[1:])
	_, err := c.Put(c.Bucket(bucketGone), k, c.Value(k, func(b []byte) []byte { return record.AppendGone(b, c.now, c.page.Merged[id]) }))
	return err
}

// observe appends a change for each tracked field in which o differs from the stored
// opportunity.
func (c opportunities) observe(o *crm.Opportunity, bucket string, key, stored []byte) error {
	w, err := c.Open(bucket, key, stored)
	if err != nil {
		return err
	}
	var was crm.Opportunity
	if err := w.Opportunity(&was); err != nil {
		return c.Bad(bucket, key, err)
	}
	changes := store.Observed(&was, o, c.now)
	for i := range changes {
		if slices.Contains(c.src.Remapped, changes[i].Field) {
			continue // the old value was another field's
		}
		if err := c.append(&changes[i]); err != nil {
			return err
		}
		c.count.Changes++
	}
	return nil
}

// append stores an observed change under the first id that is not in use.
func (c opportunities) append(ch *crm.Change) error {
	b := c.Bucket(bucketChanges)
	for n := 1; ; n++ {
		ch.ID = store.ObservedID(ch.Field, n)
		key := c.Build(func(b []byte) []byte { return record.ChangeKey(b, c.source, ch.OpportunityID, ch.At, ch.ID) })
		if b.Get(key) != nil {
			continue
		}
		_, err := c.Put(b, key, c.Value(key, func(b []byte) []byte { return record.AppendChange(b, ch) }))
		return err
	}
}
