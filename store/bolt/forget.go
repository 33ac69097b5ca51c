package bolt

import (
	"bytes"
	"context"
	"errors"
	"slices"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/store"
)

// forgetStep is how many rows one transaction of Forget drops: few enough that other
// writers wait a moment only.
const forgetStep = 20_000

// Forget is a step of [store.Sources]. The states of the streams go first and the source
// last, so what is left after a crash is a source that was never read to the end.
func (c cache) Forget(ctx context.Context, f store.Fence, source string) error {
	for more := true; more; {
		err := c.update(ctx, f, func(t cacheTx) (err error) {
			more, err = t.forget(source, forgetStep)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forget drops up to room rows of the source, and reports whether there are more.
func (t cacheTx) forget(source string, room int) (more bool, err error) {
	r, ok, err := t.source(source)
	if err != nil || !ok {
		return false, err
	}
	buckets := []string{
		bucketStreams, bucketOpen, bucketClosed, bucketActivities, bucketLinks, bucketContacts, bucketContactLinks,
		bucketChanges, bucketUsers, bucketStages, bucketGone, bucketUntold,
	}
	for _, name := range buckets {
		b := t.Bucket(name)
		var keys [][]byte
		cur := b.Cursor()
		for k, _ := cur.Seek([]byte{r.Key}); len(k) > 0 && k[0] == r.Key; k, _ = cur.Next() {
			if len(keys) == room {
				more = true
				break
			}
			keys = append(keys, slices.Clone(k))
		}
		for _, k := range keys {
			if _, err := t.Drop(b, k); err != nil {
				return false, err
			}
		}
		if room -= len(keys); more {
			return true, nil
		}
	}
	if err := t.forgetSeen(r.Key); err != nil {
		return false, err
	}
	_, err = t.Drop(t.Bucket(bucketSources), []byte(source))
	return false, err
}

// forgetSeen drops the ids that runs of the source have noted.
func (t cacheTx) forgetSeen(source byte) error {
	var noted [][]byte
	err := t.Bucket(bucketSeen).ForEach(func(k, _ []byte) error {
		if bytes.HasPrefix(k, []byte{source}) {
			noted = append(noted, slices.Clone(k))
		}
		return nil
	})
	for _, k := range noted {
		if err := t.Bucket(bucketSeen).DeleteBucket(k); err != nil && !errors.Is(err, bolterrors.ErrBucketNotFound) {
			return err
		}
		t.Wrote()
	}
	return err
}
