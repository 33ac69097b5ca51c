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

// A run that gives the whole of a stream also says what is no longer there: all
// that it does not mention. The ids that it mentions are noted in a bucket, in
// the transactions of its pages, so that a crash in the middle forgets none, and
// compared when it ends. Noting costs little beside storing, and an ordinary
// incremental run notes nothing. A run is noted from its first page on when the
// stream was restarted, when its pages say Sweep or Replace, or when the stream is
// small.

// Restart forgets the cursor of a stream; the records stay, and those that the
// new run does not mention are dropped when it completes. History is never
// dropped: see the commit of that stream.
func (c cache) Restart(ctx context.Context, f store.Fence, source string, stream crm.Stream) error {
	return c.update(ctx, f, func(t cacheTx) error {
		src, err := t.claim(source)
		if err != nil {
			return err
		}
		row, err := t.stream(src.Key, stream)
		if err != nil {
			return err
		}
		row.Cursor, row.Done, row.Total = "", 0, 0
		row.Ended, row.Last = true, nil
		row.Tracking, row.Sweeping = len(recordBuckets(stream)) > 0, false
		if err := t.clearSeen(src.Key, stream); err != nil {
			return err
		}
		return t.putStream(src.Key, &row)
	})
}

// recordBuckets are those whose keys are the records of the stream.
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

// begin prepares the noting of ids, where it is needed. Again says that the page
// is the last one of the run before, committed once more: it must not be taken
// for a whole run.
func (c *commit) begin(row *record.Stream) (again bool, err error) {
	p := c.page
	if row.Sweeping && !p.Sweep && !p.Recalled {
		// The source gave its sweep up and reads on as usual: that it did not
		// mention a record means nothing.
		row.Tracking, row.Sweeping = false, false
		if err := c.clearSeen(c.source, p.Stream); err != nil {
			return false, err
		}
	}
	if (store.Small(p.Stream) || p.Replace || p.Sweep) && !p.Recalled {
		h := record.Fingerprint(c.page)
		again = row.Ended && !p.More && bytes.Equal(h, row.Last)
		if row.Ended && !again {
			if err := c.clearSeen(c.source, p.Stream); err != nil {
				return false, err
			}
			// A source may promise at the end only that a large stream was whole;
			// then the run was not noted, and nothing is dropped.
			row.Tracking = row.Tracking || !store.Small(p.Stream) && len(recordBuckets(p.Stream)) > 0
		}
		row.Sweeping = row.Sweeping || p.Sweep && row.Tracking
		row.Last = h
	}
	if again || !store.Small(p.Stream) && !row.Tracking {
		return again, nil
	}
	b, err := c.bucket(bucketSeen).CreateBucketIfNotExists(streamKey(c.source, p.Stream))
	if err != nil {
		return false, err
	}
	if p.Ascending {
		b.FillPercent = dense
	}
	c.dirty, c.seen = true, b
	return false, nil
}

// note remembers that the run mentioned the record with that key.
func (c *commit) note(key []byte) error {
	if c.seen == nil {
		return nil
	}
	_, err := c.put(c.seen, key, c.value(key, func(b []byte) []byte { return b }))
	return err
}

func (t cacheTx) clearSeen(source byte, stream crm.Stream) error {
	err := t.bucket(bucketSeen).DeleteBucket(streamKey(source, stream))
	if errors.Is(err, bolterrors.ErrBucketNotFound) {
		return nil
	}
	t.dirty = true
	return err
}
