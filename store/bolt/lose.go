package bolt

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// errUndone ends a transaction that is to write nothing.
var errUndone = errors.New("the transaction is undone")

// Losses is a step of [store.Streams]: a commit that is undone.
func (c cache) Losses(ctx context.Context, f store.Fence, source string, p *crm.Page, now time.Time) (store.Losses, error) {
	var out store.Losses
	err := c.update(ctx, f, func(t cacheTx) error {
		if _, err := t.commit(source, p, now, &out); err != nil {
			return err
		}
		return errUndone
	})
	if !errors.Is(err, errUndone) {
		return store.Losses{}, err
	}
	return out, nil
}

// named notes a record that the page says is deleted. One that is older than what its source
// keeps is no loss.
func (c *commit) named(key []byte, id string) error {
	if c.losses == nil || !slices.ContainsFunc(recordBuckets(c.page.Stream), func(name string) bool { return c.Bucket(name).Get(key) != nil }) {
		return nil
	}
	old, err := c.old(key)
	if err == nil && !old {
		c.losses.Named = append(c.losses.Named, id)
	}
	return err
}

// unlinked notes the links of a record with opportunities that the page says are none.
func (c *commit) unlinked(id string, opportunities []string) {
	if c.losses == nil {
		return
	}
	for _, of := range opportunities {
		c.losses.Unlinked = append(c.losses.Unlinked, crm.Link{OpportunityID: of, ID: id})
	}
}

// lose removes an opportunity with the changes that were read, its links to contacts and
// its rows of activities, and marks it as gone. An activity that belongs to other
// opportunities too stays with those opportunities. Observed changes stay for a while,
// because no CRM has them.
func (c opportunities) lose(key []byte) error {
	had := false
	for _, name := range []string{bucketOpen, bucketClosed} {
		ok, err := c.Drop(c.Bucket(name), key)
		if err != nil {
			return err
		}
		had = had || ok
	}
	if had {
		c.count.Deleted++
		c.grown[crm.Opportunities]--
		if err := c.mark(key); err != nil {
			return err
		}
	}
	id, _ := record.TakeID(key[1:])
	prefix := record.Below(nil, key)
	var links [][]byte
	err := c.ScanPrefix(bucketActivities, prefix, func(k []byte, _ record.Walk) error {
		links = append(links, append([]byte{c.source}, k[len(prefix):]...))
		return nil
	})
	if err != nil {
		return err
	}
	for _, link := range links {
		if err := activities(c).unlink(link, id); err != nil {
			return err
		}
	}
	roles := contacts(c)
	if links, err = roles.below(key); err != nil {
		return err
	}
	for _, link := range links {
		if _, err := roles.unlink(link); err != nil {
			return err
		}
	}
	if _, err := c.Drop(c.Bucket(bucketUntold), key); err != nil {
		return err
	}
	return c.dropChanges(prefix, false)
}

// dropChanges removes the changes of an opportunity, those that were observed only with
// observed. Observed changes are not records of the stream, so they are not counted.
func (c opportunities) dropChanges(prefix []byte, observed bool) error {
	var keys [][]byte
	read := 0
	err := c.ScanPrefix(bucketChanges, prefix, func(k []byte, w record.Walk) error {
		var ch crm.Change
		if err := w.Change(&ch); err != nil {
			return c.Bad(bucketChanges, k, err)
		}
		if ch.Observed && !observed {
			return nil
		}
		if !ch.Observed {
			read++
		}
		keys = append(keys, slices.Clone(k))
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, err := c.Drop(c.Bucket(bucketChanges), k); err != nil {
			return err
		}
	}
	c.grown[crm.History] -= read
	return nil
}

// forget drops the changes of the opportunities that have been gone for longer than
// store.KeepGone. The marks stay.
func (c opportunities) forget() error {
	var old [][]byte
	err := c.ScanPrefix(bucketGone, []byte{c.source}, func(k []byte, w record.Walk) error {
		at, _, err := w.Gone()
		if err != nil {
			return c.Bad(bucketGone, k, err)
		}
		if c.now.Sub(at) > store.KeepGone && c.dropped(k) {
			old = append(old, record.Below(nil, k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	changes := c.Bucket(bucketChanges).Cursor()
	for _, prefix := range old {
		if k, _ := changes.Seek(prefix); !bytes.HasPrefix(k, prefix) {
			continue
		}
		if err := c.dropChanges(prefix, true); err != nil {
			return err
		}
	}
	return nil
}

// dropped reports whether the opportunity with that key is marked as gone, and has not
// come back.
func (t cacheTx) dropped(key []byte) bool {
	return t.Bucket(bucketGone).Get(key) != nil && t.Bucket(bucketOpen).Get(key) == nil && t.Bucket(bucketClosed).Get(key) == nil
}
