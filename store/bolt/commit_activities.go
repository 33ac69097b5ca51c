package bolt

import (
	"bytes"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/record"
)

// activities is the way of the stream of activities.
type activities struct{ *commit }

// store puts a row for each activity below every opportunity that the activity belongs
// to, so a scan finds the activity beside its deal. The bucket activity_links has the ids
// of these opportunities. An activity of no opportunity is not kept. An activity whose
// opportunity is not in the cache yet is kept, because streams are read side by side.
func (c activities) store() error {
	as := make([]crm.Activity, len(c.page.Activities))
	copy(as, c.page.Activities)
	for i := range as {
		as[i].OpportunityIDs = unique(as[i].OpportunityIDs)
		for _, id := range as[i].OpportunityIDs {
			if err := record.CheckID(crm.KindOpportunity, id); err != nil {
				return err
			}
		}
	}
	es, err := c.entries(len(as),
		func(b []byte, i int) ([]byte, error) {
			return record.Key(b, c.source, as[i].ID), record.CheckID(crm.KindActivity, as[i].ID)
		},
		func(b []byte, i int) []byte { return record.AppendLinks(b, as[i].OpportunityIDs) })
	if err != nil {
		return err
	}
	rows := &edits{}
	for i := range es {
		if err := c.save(&as[es[i].i], &es[i], rows); err != nil {
			return err
		}
	}
	// The keys of the rows begin with the opportunity, so the rows are sorted once more.
	if err := rows.apply(c.Tx, bucketActivities); err != nil {
		return err
	}
	for _, id := range c.page.Deleted {
		if err := record.CheckID(crm.KindActivity, id); err != nil {
			return err
		}
		key := record.Key(nil, c.source, id)
		if err := c.named(key, id); err != nil {
			return err
		}
		if err := c.lose(key); err != nil {
			return err
		}
	}
	return nil
}

// save stores one activity; rows collects the changes of its rows.
func (c activities) save(a *crm.Activity, e *entry, rows *edits) error {
	links := c.target(bucketLinks)
	var before []string
	w, had, err := c.Read(bucketLinks, e.key)
	if err != nil {
		return err
	}
	if had {
		if err := w.Links(&before); err != nil {
			return c.Bad(bucketLinks, e.key, err)
		}
	}
	if len(a.OpportunityIDs) == 0 {
		if !had {
			c.count.Unchanged++
			return nil
		}
		c.unlinked(a.ID, before)
		c.count.Changed++
		c.grown[crm.Activities]--
		rows.drop(c.commit, before, e.key)
		_, err := c.Drop(links, e.key)
		return err
	}
	if err := c.note(e.key); err != nil {
		return err
	}
	message := c.Build(func(b []byte) []byte { return record.AppendActivity(b, a) })
	if had && slices.Equal(before, a.OpportunityIDs) {
		// All rows of an activity hold the same message, so the first row is enough.
		key := c.rowKey(before[0], e.key)
		v := c.Bucket(bucketActivities).Get(key)
		if record.Holds(v, message) {
			c.count.Unchanged++
			return nil
		}
	}
	rows.drop(c.commit, before, e.key)
	for _, id := range a.OpportunityIDs {
		key := c.rowKey(id, e.key)
		rows.put(key, c.Value(key, func(b []byte) []byte { return append(b, message...) }))
	}
	c.tally(had, true)
	_, err = c.Put(links, e.key, e.value)
	return err
}

// rowKey is the key of the row of an activity below an opportunity.
func (c *commit) rowKey(opportunity string, activity []byte) []byte {
	return c.Build(func(b []byte) []byte {
		b = append(record.Key(b, c.source, opportunity), 0)
		return append(b, activity[1:]...) // without the source
	})
}

// unlink removes an opportunity from an activity, and the activity when there is no
// other opportunity.
func (c activities) unlink(activity []byte, opportunity string) error {
	row := c.rowKey(opportunity, activity)
	w, ok, err := c.Read(bucketActivities, row)
	if err != nil || !ok {
		return err
	}
	var a crm.Activity
	if err := w.Activity(&a); err != nil {
		return c.Bad(bucketActivities, row, err)
	}
	if _, err := c.Drop(c.Bucket(bucketActivities), row); err != nil {
		return err
	}
	a.OpportunityIDs = slices.DeleteFunc(a.OpportunityIDs, func(id string) bool { return id == opportunity })
	if len(a.OpportunityIDs) == 0 {
		c.grown[crm.Activities]--
		_, err := c.Drop(c.Bucket(bucketLinks), activity)
		return err
	}
	for _, id := range a.OpportunityIDs {
		key := c.rowKey(id, activity)
		if _, err := c.Put(c.Bucket(bucketActivities), key, c.Value(key, func(b []byte) []byte { return record.AppendActivity(b, &a) })); err != nil {
			return err
		}
	}
	_, err = c.Put(c.Bucket(bucketLinks), activity, c.Value(activity, func(b []byte) []byte { return record.AppendLinks(b, a.OpportunityIDs) }))
	return err
}

// lose removes an activity with all its rows.
func (c activities) lose(key []byte) error {
	w, ok, err := c.Read(bucketLinks, key)
	if err != nil || !ok {
		return err
	}
	var ids []string
	if err := w.Links(&ids); err != nil {
		return c.Bad(bucketLinks, key, err)
	}
	rows := &edits{}
	rows.drop(c.commit, ids, key)
	if err := rows.apply(c.Tx, bucketActivities); err != nil {
		return err
	}
	return c.remove(bucketLinks, key)
}

// unique returns the ids without repetitions.
func unique(ids []string) []string {
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			var out []string
			for _, id := range ids {
				if !slices.Contains(out, id) {
					out = append(out, id)
				}
			}
			return out
		}
	}
	return ids
}

// edits collects the values to put into a bucket and the keys to drop from the bucket. Of
// edits of the same key the last counts.
type edits struct{ list []entry }

func (e *edits) put(key, value []byte) { e.list = append(e.list, entry{key: key, value: value}) }

func (e *edits) drop(c *commit, opportunities []string, activity []byte) {
	for _, id := range opportunities {
		e.list = append(e.list, entry{key: c.rowKey(id, activity)})
	}
}

func (e *edits) apply(t *checked.Tx, bucket string) error {
	slices.SortStableFunc(e.list, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
	b := t.Bucket(bucket)
	for i := range e.list {
		it := &e.list[i]
		if i+1 < len(e.list) && bytes.Equal(it.key, e.list[i+1].key) {
			continue
		}
		var err error
		if it.value == nil {
			_, err = t.Drop(b, it.key)
		} else {
			_, err = t.Put(b, it.key, it.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
