package bolt

import (
	"bytes"
	"errors"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// sweep ends a run that was noted: the records that the run did not mention are dropped,
// or, when these are more than store.Bearable, all kept and the stream is held.
func (c *commit) sweep(row *record.Stream, way way) error {
	p := c.page
	if !row.Tracking && (!store.Small(p.Stream) || !p.Replace && !p.Sweep) {
		return nil
	}
	// A login may lose the sight of one kind of activity, so each kind is counted by itself.
	type count struct{ total, missed int }
	counts, missed := map[string]count{}, 0
	var old [][]byte // dropped, and no loss: the source keeps no such records
	err := c.expected(row, func(key []byte, mentioned bool) error {
		kind := ""
		if !mentioned {
			if is, err := c.old(key); err != nil {
				return err
			} else if is {
				old = append(old, slices.Clone(key))
				return nil
			}
		}
		if p.Stream == crm.Activities {
			id, _ := record.TakeID(key[1:])
			kind = store.Sort(p.Stream, id)
		}
		if is, err := c.closed(key); err != nil {
			return err
		} else if is {
			kind = ofClosedDeals
		}
		n := counts[kind]
		if n.total++; !mentioned {
			n.missed++
			missed++
		}
		counts[kind] = n
		return nil
	})
	if err != nil {
		return err
	}
	row.Held = ""
	// No finding waits for closed deals and what is theirs: many of them that are missed stay,
	// and hold nothing. So a full read is held by what a sweep would be held by, and a sweep
	// can tell that it is over.
	shut := counts[ofClosedDeals]
	delete(counts, ofClosedDeals)
	stay := shut.missed > store.Bearable(p.Stream, shut.total)
	if stay {
		missed -= shut.missed
	}
	var worst count
	sort := ""
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[kind]; n.missed > store.Bearable(p.Stream, n.total) && n.missed > worst.missed {
			worst, sort = n, kind
		}
	}
	if worst.missed > 0 {
		row.Held = store.HeldBack(c.name, p.Stream, sort, worst.missed, worst.total)
	} else if missed > 0 {
		missing := make([][]byte, 0, missed)
		err := c.expected(row, func(key []byte, mentioned bool) error {
			if _, is := slices.BinarySearchFunc(old, key, bytes.Compare); mentioned || is {
				return nil
			}
			is, err := c.closed(key)
			if err == nil && !(stay && is) {
				missing = append(missing, slices.Clone(key))
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, key := range missing {
			if c.losses != nil {
				id, _ := record.TakeID(key[1:])
				c.losses.Missed = append(c.losses.Missed, id)
			} else if err := way.lose(key); err != nil {
				return err
			}
		}
	}
	if c.losses == nil {
		for _, key := range old {
			if err := way.lose(key); err != nil {
				return err
			}
		}
	}
	if p.Stream == crm.Opportunities {
		if err := (opportunities{c}).forget(); err != nil {
			return err
		}
	}
	row.Tracking, row.Sweeping = false, false
	return c.clearSeen(c.source, p.Stream)
}

// ofClosedDeals is the kind of opportunities that are closed, and of activities of such only.
const ofClosedDeals = "closed"

// closed reports whether the record with that key is a closed opportunity, or belongs to
// closed ones only.
func (c *commit) closed(key []byte) (bool, error) {
	switch c.page.Stream {
	case crm.Opportunities:
		return c.Bucket(bucketClosed).Get(key) != nil, nil
	case crm.Activities:
		return c.ofClosed(key)
	}
	return false, nil
}

func (c *commit) sweepsClosed(row *record.Stream) bool {
	return c.page.Stream == crm.Opportunities && row.Sweeping && c.page.SweepsClosed
}

var errNoNotes = errors.New("the ids that the run mentioned are missing; run `pipetidy sync --full` to read the stream from its beginning")

// expected calls fn with the key of every record of the source that the run has to
// mention, and whether the run did. A sweep of opportunities has to mention the open
// ones, and the closed ones where its pages say so, and a sweep of activities those of open opportunities. Every run of contacts has
// to mention the contacts of open opportunities only, because not every source reads the
// others.
func (c *commit) expected(row *record.Stream, fn func(key []byte, mentioned bool) error) error {
	stream := c.page.Stream
	seen := c.Bucket(bucketSeen).Bucket(streamKey(c.source, stream))
	if seen == nil {
		return errNoNotes
	}
	buckets := recordBuckets(stream)
	if stream == crm.Opportunities && row.Sweeping && !c.sweepsClosed(row) {
		buckets = []string{bucketOpen}
	}
	for _, bucket := range buckets {
		sc := seen.Cursor()
		s, _ := sc.First()
		rc := c.Bucket(bucket).Cursor()
		for k, _ := rc.Seek([]byte{c.source}); k != nil && k[0] == c.source; k, _ = rc.Next() {
			for s != nil && bytes.Compare(s, k) < 0 {
				s, _ = sc.Next()
			}
			mentioned := bytes.Equal(s, k)
			if !mentioned && stream == crm.Stages {
				if gone, err := (stages{c}).isGone(k); err != nil {
					return err
				} else if gone {
					continue
				}
			}
			// What the run mentions of closed opportunities is not counted either, else
			// it would hide how much of the open ones the run has missed.
			if stream == crm.Contacts || stream == crm.Activities && row.Sweeping {
				if only, err := c.ofClosed(k); err != nil {
					return err
				} else if only {
					continue
				}
			}
			if err := fn(k, mentioned); err != nil {
				return err
			}
		}
	}
	return nil
}

// old reports whether the record with that key is older than what its source keeps.
func (c *commit) old(key []byte) (bool, error) {
	from := c.page.KeptFrom
	switch {
	case from.IsZero():
		return false, nil
	case c.page.Stream == crm.Opportunities:
		w, ok, err := c.Read(bucketClosed, key)
		if err != nil || !ok {
			return false, err
		}
		var o crm.Opportunity
		if err := w.Opportunity(&o); err != nil {
			return false, c.Bad(bucketClosed, key, err)
		}
		return store.OldDeal(&o, from), nil
	case c.page.Stream == crm.Activities:
		w, ok, err := c.Read(bucketLinks, key)
		if err != nil || !ok {
			return false, err
		}
		var of []string
		if err := w.Links(&of); err != nil || len(of) == 0 {
			return false, c.Bad(bucketLinks, key, err)
		}
		row := c.rowKey(of[0], key)
		w, ok, err = c.Read(bucketActivities, row)
		if err != nil || !ok {
			return false, err
		}
		var a crm.Activity
		if err := w.Activity(&a); err != nil {
			return false, c.Bad(bucketActivities, row, err)
		}
		return store.OldActivity(&a, from), nil
	}
	return false, nil
}

// ofClosed reports whether the activity, or the link to a contact, with that key belongs
// to closed opportunities only.
func (c *commit) ofClosed(key []byte) (bool, error) {
	var of []string
	if c.page.Stream == crm.Contacts {
		id, ok, err := contacts{c}.of(key)
		if err != nil {
			return false, err
		}
		if ok {
			of = append(of, id)
		}
	} else {
		w, ok, err := c.Read(bucketLinks, key)
		if err != nil {
			return false, err
		}
		if ok {
			if err := w.Links(&of); err != nil {
				return false, c.Bad(bucketLinks, key, err)
			}
		}
	}
	closed := c.Bucket(bucketClosed)
	for _, id := range of {
		if closed.Get(record.Key(nil, c.source, id)) == nil {
			return false, nil
		}
	}
	return len(of) > 0, nil
}

// exist notes the records in the page's Exist, which the source saw without reading
// them. Opportunities among these that the cache does not have, or has without their
// activities and contacts, are to be recalled: the login could not see them for a while,
// and no increment brings what belongs to them.
func (c *commit) exist() error {
	p := c.page
	if p.Stream == crm.Stages || p.Stream == crm.History { // keys of stages and changes are made of more than an id
		return nil
	}
	keys := make([][]byte, len(p.Exist))
	for i, id := range p.Exist {
		if err := record.CheckID(crm.Kind(p.Stream), id); err != nil {
			return err
		}
		keys[i] = c.Build(func(b []byte) []byte { return record.Key(b, c.source, id) })
	}
	slices.SortFunc(keys, bytes.Compare)
	for _, key := range keys {
		if err := c.note(key); err != nil {
			return err
		}
	}
	if p.Stream != crm.Opportunities {
		return nil
	}
	deleted := make(map[string]bool, len(p.Deleted))
	for _, id := range p.Deleted {
		deleted[id] = true
	}
	open, closed, gone := c.Bucket(bucketOpen), c.Bucket(bucketClosed), c.Bucket(bucketGone)
	for _, id := range p.Exist {
		key := record.Key(nil, c.source, id)
		have := open.Get(key) != nil && gone.Get(key) == nil || closed.Get(key) != nil
		if !deleted[id] && !have && !slices.Contains(c.count.Unknown, id) {
			c.count.Unknown = append(c.count.Unknown, id)
		}
	}
	return nil
}
