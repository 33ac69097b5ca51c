package bolt

import (
	"bytes"
	"context"
	"errors"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// A run that mentions all records of a stream also tells which records are gone: those
// that the run does not mention. The ids that the run mentions are noted in the bucket
// seen, in the transactions of the pages, so a crash forgets none. At the end of the run
// the noted ids are compared with the cache (see commit.sweep).
//
// A run is noted from its first page on when the stream was restarted, when the pages say
// Sweep or Replace, or when the stream is small. Any other run is not noted. A sweep may go
// on over several runs, whose ids are noted together.

// Restart is a step of [store.Streams].
func (c cache) Restart(ctx context.Context, f store.Fence, source string, stream crm.Stream) error {
	return c.update(ctx, f, func(t cacheTx) error {
		src, err := t.claim(source)
		if err != nil {
			return err
		}
		return t.restart(src.Key, stream)
	})
}

func (t cacheTx) restart(source byte, stream crm.Stream) error {
	row, err := t.stream(source, stream)
	if err != nil {
		return err
	}
	row.Cursor, row.Done, row.Total = "", 0, 0
	row.Ended, row.Last = true, nil
	row.Tracking, row.Sweeping = len(recordBuckets(stream)) > 0, false
	if err := t.clearSeen(source, stream); err != nil {
		return err
	}
	return t.putStream(source, &row)
}

// recordBuckets are the buckets that have one key for each record of the stream; none
// for history, which is never dropped.
func recordBuckets(s crm.Stream) []string {
	switch s {
	case crm.Opportunities:
		return []string{bucketOpen, bucketClosed}
	case crm.Activities:
		return []string{bucketLinks}
	case crm.Users:
		return []string{bucketUsers}
	case crm.Stages:
		return []string{bucketStages}
	case crm.Contacts:
		return []string{bucketContactLinks}
	}
	return nil
}

// begin prepares the noting of ids, when the run is to be noted. again is true when the
// page is the last page of the run before, committed once more: such a page is not a
// whole run.
func (c *commit) begin(row *record.Stream) (again bool, err error) {
	p := c.page
	if row.Sweeping && !p.Sweep && !p.Recalled {
		// The source has given up its sweep, so a record that the run did not mention
		// may still exist.
		row.Tracking, row.Sweeping = false, false
		if err := c.clearSeen(c.source, p.Stream); err != nil {
			return false, err
		}
	}
	if (store.Small(p.Stream) || p.Replace || p.Sweep) && !p.Recalled {
		h := record.Fingerprint(c.page)
		again = row.Ended && !p.More && bytes.Equal(h, row.Last)
		if row.Ended && !again && !row.Sweeping {
			if err := c.clearSeen(c.source, p.Stream); err != nil {
				return false, err
			}
			// The ids of a large stream are noted only when the first page of the run says
			// Sweep or Replace. Where only a later page does, nothing is dropped.
			row.Tracking = row.Tracking || !store.Small(p.Stream) && len(recordBuckets(p.Stream)) > 0
		}
		row.Sweeping = row.Sweeping || p.Sweep && row.Tracking
		row.Last = h
	}
	if again || !store.Small(p.Stream) && !row.Tracking {
		return again, nil
	}
	b, err := c.Bucket(bucketSeen).CreateBucketIfNotExists(streamKey(c.source, p.Stream))
	if err != nil {
		return false, err
	}
	if p.Ascending {
		b.FillPercent = dense
	}
	c.Wrote()
	c.seen = b
	return false, nil
}

// note notes that the run mentioned the record with that key.
func (c *commit) note(key []byte) error {
	if c.seen == nil {
		return nil
	}
	_, err := c.Put(c.seen, key, c.Value(key, func(b []byte) []byte { return b }))
	return err
}

// clearSeen forgets the ids that were noted for a stream.
func (t cacheTx) clearSeen(source byte, stream crm.Stream) error {
	err := t.Bucket(bucketSeen).DeleteBucket(streamKey(source, stream))
	if errors.Is(err, bolterrors.ErrBucketNotFound) {
		return nil
	}
	t.Wrote()
	return err
}
