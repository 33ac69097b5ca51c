package bolt

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// dense is how full bbolt's pages are made when keys ascend, because no later key comes
// between two of these. Compared with the default of 0.5, dense pages make the first load
// half again as fast and the file half as large (measured).
const dense = 0.9

// commit is one page on its way into the cache.
type commit struct {
	cacheTx
	source byte
	src    record.Source
	name   string // of the source
	page   *crm.Page
	now    time.Time
	count  store.Commit
	seen   *bbolt.Bucket      // for the ids that the run mentions; nil when the run is not noted
	grown  map[crm.Stream]int // by how much the number of records in the cache changed

	losses *store.Losses // what would be dropped is noted here and not dropped; nil drops

	complete bool      // the stream had been read to its end before the page
	asOf     time.Time // as of when the stream was complete before the page
}

// CommitPage is a step of [store.Streams].
func (c cache) CommitPage(ctx context.Context, f store.Fence, source string, p *crm.Page, now time.Time) (store.Commit, error) {
	var count store.Commit
	err := c.update(ctx, f, func(t cacheTx) (err error) {
		count, err = t.commit(source, p, now, nil)
		return err
	})
	if err != nil {
		return store.Commit{}, err
	}
	return count, nil
}

// commit commits a page, or with losses notes what the page would drop.
func (t cacheTx) commit(source string, p *crm.Page, now time.Time, losses *store.Losses) (store.Commit, error) {
	src, ok, err := t.source(source)
	if err != nil {
		return store.Commit{}, err
	}
	if !ok {
		return store.Commit{}, fmt.Errorf("source %q is not registered", source)
	}
	c := &commit{cacheTx: t, source: src.Key, src: src, name: source, page: p, now: now, losses: losses, grown: map[crm.Stream]int{}}
	if err := c.run(); err != nil {
		return store.Commit{}, fmt.Errorf("commit page of %s: %w", p.Stream, err)
	}
	return c.count, nil
}

func (c *commit) run() error {
	row, err := c.stream(c.source, c.page.Stream)
	if err != nil {
		return err
	}
	c.complete, c.asOf = row.Complete, row.AsOf
	again, err := c.begin(&row)
	if err != nil {
		return err
	}
	way, err := c.way()
	if err != nil {
		return err
	}
	if err := way.store(); err != nil {
		return err
	}
	if err := c.exist(); err != nil {
		return err
	}
	if !c.page.More && !again && !c.page.Recalled && !(row.Sweeping && c.page.SweepGoesOn) {
		if err := c.sweep(&row, way); err != nil {
			return err
		}
	}
	c.advance(&row)
	for stream, n := range c.grown {
		if stream == row.Stream || n == 0 {
			continue
		}
		other, err := c.stream(c.source, stream)
		if err != nil {
			return err
		}
		if other.Changed.IsZero() {
			continue // the stream was never read, so nothing counts its records yet
		}
		other.Records += n
		if err := c.putStream(c.source, &other); err != nil {
			return err
		}
	}
	if err := c.remapped(); err != nil {
		return err
	}
	return c.putStream(c.source, &row)
}

// way is how the records of one stream get into the cache.
type way interface {
	// store stores the page's records and drops the records that the page says are
	// deleted.
	store() error
	// lose drops the record with that key, which a whole run did not mention.
	lose(key []byte) error
}

func (c *commit) way() (way, error) {
	switch c.page.Stream {
	case crm.Opportunities:
		return opportunities{c}, nil
	case crm.Activities:
		return activities{c}, nil
	case crm.Users:
		return users{c}, nil
	case crm.Stages:
		return stages{c}, nil
	case crm.History:
		return history{c}, nil
	case crm.Contacts:
		return contacts{c}, nil
	}
	return nil, fmt.Errorf("unknown stream %q", c.page.Stream)
}

// advance moves the stream's row to the end of the page.
func (c *commit) advance(row *record.Stream) {
	p := c.page
	row.Records += c.grown[p.Stream]
	row.Changed = c.now
	if p.Recalled {
		return
	}
	row.Cursor, row.Done, row.Total = p.Next, p.Done, p.Total
	row.Error, row.ErrorAt, row.Foreign = "", time.Time{}, false
	row.Ended = !p.More
	row.Untold = p.Untold || p.More && row.Untold
	if !p.More {
		row.Short = p.Short
		row.Complete = true
		if !p.AsOf.IsZero() {
			row.AsOf = p.AsOf
		}
		if row.Since.IsZero() {
			if row.Since = p.AsOf; p.AsOf.IsZero() {
				row.Since = c.now
			}
		}
	}
}

// entry is an encoded record.
type entry struct {
	key, value []byte
	i          int // index in the page's slice
}

// entries encodes the n records of a page and sorts the entries by key, so bbolt writes
// each of its own pages once. Of records with the same key only the last is returned.
func (c *commit) entries(n int, key func(b []byte, i int) ([]byte, error), message func(b []byte, i int) []byte) ([]entry, error) {
	es := make([]entry, 0, n)
	for i := range n {
		var err error
		k := c.Build(func(b []byte) []byte {
			b, err = key(b, i)
			return b
		})
		if err != nil {
			return nil, err
		}
		es = append(es, entry{k, c.Value(k, func(b []byte) []byte { return message(b, i) }), i})
	}
	byKey := func(a, b entry) int { return bytes.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(es, byKey) {
		slices.SortStableFunc(es, byKey)
	}
	out := es[:0]
	for i := range es {
		if i+1 < len(es) && bytes.Equal(es[i].key, es[i+1].key) {
			continue
		}
		out = append(out, es[i])
	}
	return out, nil
}

// target returns a bucket that gets the page's records in the order of the page.
func (c *commit) target(name string) *bbolt.Bucket {
	b := c.Bucket(name)
	if c.page.Ascending {
		b.FillPercent = dense
	}
	return b
}

// plain stores records that are kept in one bucket and that no other record depends on.
func (c *commit) plain(bucket string, es []entry) error {
	b := c.target(bucket)
	for i := range es {
		e := &es[i]
		if err := c.note(e.key); err != nil {
			return err
		}
		had := b.Get(e.key) != nil
		wrote, err := c.Put(b, e.key, e.value)
		if err != nil {
			return err
		}
		c.tally(had, wrote)
	}
	return nil
}

// tally counts a record of the page that had, or had not, been in the cache, and that
// was, or was not, written.
func (c *commit) tally(had, wrote bool) {
	switch {
	case !had:
		c.count.Added++
		c.grown[c.page.Stream]++
	case wrote:
		c.count.Changed++
	default:
		c.count.Unchanged++
	}
}

// remove drops a record of the page's stream from a bucket.
func (c *commit) remove(bucket string, key []byte) error {
	ok, err := c.Drop(c.Bucket(bucket), key)
	if ok {
		c.count.Deleted++
		c.grown[c.page.Stream]--
	}
	return err
}
