package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/crm"
)

// A run that gives the whole of a stream also says what is no longer there: all
// that it does not mention. The ids that it mentions are noted in a bucket, in
// the transactions of its pages, so that a crash in the middle forgets none, and
// compared when it ends. Noting costs little beside storing, and an ordinary
// incremental run notes nothing.

// Restart forgets the cursor of a stream; the records stay, and those that the
// new run does not mention are dropped when it completes. History is never
// dropped: see the commit of that stream.
func (s *Store) Restart(ctx context.Context, f crm.Fence, source string, stream crm.Stream) error {
	return s.cache.update(ctx, f, func(t *tx) error {
		src, err := t.claim(source)
		if err != nil {
			return err
		}
		row, err := t.stream(src.key, stream)
		if err != nil {
			return err
		}
		row.Cursor, row.Done, row.Total = "", 0, 0
		row.ended, row.last = true, nil
		row.tracking = len(recordBuckets(stream)) > 0
		if err := t.clearSeen(src.key, stream); err != nil {
			return err
		}
		return t.putStream(src.key, &row)
	})
}

// small reports whether a stream is so small that its ids are always noted.
func small(s crm.Stream) bool { return s == crm.Users || s == crm.Stages }

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
func (c *commit) begin(row *streamRecord) (again bool, err error) {
	p := c.page
	if small(p.Stream) || p.Replace {
		h := c.fingerprint()
		again = row.ended && !p.More && bytes.Equal(h, row.last)
		if row.ended && !again {
			if err := c.clearSeen(c.source, p.Stream); err != nil {
				return false, err
			}
			// A source may promise at the end only that a large stream was whole;
			// then the run was not noted, and nothing is dropped.
			row.tracking = row.tracking || !small(p.Stream) && len(recordBuckets(p.Stream)) > 0
		}
		row.last = h
	}
	if again || !small(p.Stream) && !row.tracking {
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

// fingerprint tells the pages of a stream that is given whole apart.
func (c *commit) fingerprint() []byte {
	p := c.page
	h := sha256.New()
	fmt.Fprintf(h, "%q %v %d", p.Next, p.More, p.AsOf.UnixNano())
	var b []byte
	for i := range p.Users {
		b = putUser(b[:0], &p.Users[i])
		h.Write(b)
	}
	for i := range p.Stages {
		b = putStage(b[:0], &p.Stages[i])
		h.Write(b)
	}
	for i := range p.Opportunities {
		b = putOpportunity(b[:0], &p.Opportunities[i])
		h.Write(b)
	}
	for i := range p.Activities {
		b = putActivity(b[:0], &p.Activities[i])
		h.Write(b)
	}
	for i := range p.Contacts {
		b = putContact(b[:0], &p.Contacts[i])
		h.Write(b)
	}
	fmt.Fprintf(h, "%q %q", p.Deleted, p.ContactsOf)
	return h.Sum(nil)
}

// note remembers that the run mentioned the record with that key.
func (c *commit) note(key []byte) error {
	if c.seen == nil {
		return nil
	}
	_, err := c.put(c.seen, key, c.value(key, func(b []byte) []byte { return b }))
	return err
}

// sweep ends a run: what it did not mention is dropped. When that is suspiciously
// much it is kept and the stream says so: a login that lost a permission sees few
// records and gets no error.
func (c *commit) sweep(row *streamRecord) error {
	stream := c.page.Stream
	if !row.tracking && (!small(stream) || !c.page.Replace) {
		return nil
	}
	total := row.Records + c.held[stream]
	var missing [][]byte
	var err error
	if stream == crm.Contacts {
		if missing, total, err = c.unseenContacts(); err != nil {
			return err
		}
	}
	limit, share := total/10, "a tenth"
	if small(stream) {
		limit, share = total/2, "half" // of five stages one may go
	}
	if stream != crm.Contacts {
		for _, bucket := range recordBuckets(stream) {
			if missing, err = c.unseen(missing, bucket, limit); err != nil {
				return err
			}
		}
	}
	row.Held = ""
	if len(missing) > limit {
		row.Held = fmt.Sprintf("the full read of %s did not mention more than %s of the %d records held; they are kept. If they are really gone, stop pipetidy and move cache.db away to read everything again; otherwise look at the permissions of the login",
			stream, share, total)
	} else {
		for _, key := range missing {
			if err := c.lose(key); err != nil {
				return err
			}
		}
	}
	row.tracking = false
	return c.clearSeen(c.source, stream)
}

// lose drops one record that a whole run did not mention.
func (c *commit) lose(key []byte) error {
	switch c.page.Stream {
	case crm.Opportunities:
		return c.forget(key)
	case crm.Activities:
		return c.dropActivity(key)
	case crm.Contacts:
		return c.dropContact(key)
	case crm.Users:
		return c.remove(bucketUsers, key)
	}
	return c.remove(bucketStages, key)
}

var errNoNotes = errors.New("the notes of the run are missing; read the stream from its beginning (sync --full)")

// unseen appends the keys of the source's records in a bucket that were not
// noted, and stops soon after limit.
func (c *commit) unseen(out [][]byte, bucket string, limit int) ([][]byte, error) {
	seen := c.bucket(bucketSeen).Bucket(streamKey(c.source, c.page.Stream))
	if seen == nil {
		return nil, errNoNotes
	}
	sc := seen.Cursor()
	s, _ := sc.First()
	rc := c.bucket(bucket).Cursor()
	for k, _ := rc.Seek([]byte{c.source}); k != nil && k[0] == c.source && len(out) <= limit; k, _ = rc.Next() {
		for s != nil && bytes.Compare(s, k) < 0 {
			s, _ = sc.Next()
		}
		if !bytes.Equal(s, k) {
			out = append(out, slices.Clone(k))
		}
	}
	return out, nil
}

func (t *tx) clearSeen(source byte, stream crm.Stream) error {
	err := t.bucket(bucketSeen).DeleteBucket(streamKey(source, stream))
	if errors.Is(err, bolterrors.ErrBucketNotFound) {
		return nil
	}
	t.dirty = true
	return err
}
