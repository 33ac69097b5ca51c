package bolt

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// Register gives the source its key byte at the first call and stores what it
// is. It refuses with crm.ErrAccount another account than the one that the cache
// was filled from; an account that is not known ("") is any.
func (s *Store) Register(ctx context.Context, f store.Fence, source string, info crm.Info) error {
	return s.cache.update(ctx, f, func(t *tx) error {
		r, err := t.claim(source)
		if err != nil {
			return err
		}
		have := &r.info
		if have.Type != "" && have.Type != info.Type {
			return fmt.Errorf("source %q: %w: the cache holds %s data and this is %s; give the source another name, or move cache.db away to read everything again",
				source, crm.ErrAccount, have.Type, info.Type)
		}
		if have.Account != "" && info.Account != "" && have.Account != info.Account {
			return fmt.Errorf("source %q: %w: the cache was filled from %s and these credentials lead to %s; correct them, give the source another name, or move cache.db away to read everything again",
				source, crm.ErrAccount, have.Account, info.Account)
		}
		if info.Account == "" {
			info.Account = have.Account
		}
		r.info = info
		return t.putSource(source, &r)
	})
}

// source returns what the cache knows of a source; ok is false for one that it
// never heard of.
func (t *tx) source(name string) (r sourceRecord, ok bool, err error) {
	if name == "" {
		return r, false, nil
	}
	key := []byte(name)
	w, ok, err := t.read(bucketSources, key)
	if err != nil || !ok {
		return r, false, err
	}
	return r, true, t.bad(bucketSources, key, w.source(&r))
}

// claim is source, with a new key byte for an unknown one.
func (t *tx) claim(name string) (sourceRecord, error) {
	if err := checkWords("source", name); err != nil || name == "" {
		return sourceRecord{}, cmp.Or(err, fmt.Errorf("source without a name"))
	}
	r, ok, err := t.source(name)
	if err != nil || ok {
		return r, err
	}
	var last byte
	err = t.eachSource(func(_ string, r *sourceRecord) error {
		last = max(last, r.key)
		return nil
	})
	if err != nil {
		return r, err
	}
	if last == math.MaxUint8 {
		return r, fmt.Errorf("source %q: the cache has held %d sources and has room for no more; move cache.db away to read everything again", name, last)
	}
	r.key = last + 1
	return r, t.putSource(name, &r)
}

func (t *tx) putSource(name string, r *sourceRecord) error {
	key := []byte(name)
	_, err := t.put(t.bucket(bucketSources), key, t.value(key, func(b []byte) []byte { return putSource(b, r) }))
	return err
}

// eachSource calls fn with every source, by name.
func (t *tx) eachSource(fn func(name string, r *sourceRecord) error) error {
	return t.bucket(bucketSources).ForEach(func(k, v []byte) error {
		w, err := t.open(bucketSources, k, v)
		if err != nil {
			return err
		}
		var r sourceRecord
		if err := w.source(&r); err != nil {
			return t.bad(bucketSources, k, err)
		}
		return fn(string(k), &r)
	})
}

func streamKey(source byte, s crm.Stream) []byte {
	return append([]byte{source}, s...)
}

// stream returns the row of a stream, an empty one when there is none yet.
func (t *tx) stream(source byte, s crm.Stream) (streamRecord, error) {
	key := streamKey(source, s)
	r := streamRecord{StreamState: store.StreamState{Stream: s}, ended: true}
	w, ok, err := t.read(bucketStreams, key)
	if err != nil || !ok {
		return r, err
	}
	return r, t.bad(bucketStreams, key, w.stream(&r))
}

func (t *tx) putStream(source byte, r *streamRecord) error {
	key := streamKey(source, r.Stream)
	_, err := t.put(t.bucket(bucketStreams), key, t.value(key, func(b []byte) []byte { return putStream(b, r) }))
	return err
}

// StreamFailed notes the error of a run; the cursor stays.
func (s *Store) StreamFailed(ctx context.Context, f store.Fence, source string, stream crm.Stream, reason string, now time.Time) error {
	return s.cache.update(ctx, f, func(t *tx) error {
		src, err := t.claim(source)
		if err != nil {
			return err
		}
		r, err := t.stream(src.key, stream)
		if err != nil {
			return err
		}
		r.Error, r.ErrorAt = reason, now
		return t.putStream(src.key, &r)
	})
}

// Streams returns the state of every stream ever read, by source and name.
func (s *Store) Streams(ctx context.Context) ([]store.StreamState, error) {
	var out []store.StreamState
	err := s.cache.view(ctx, func(t *tx) error {
		names := map[byte]string{}
		err := t.eachSource(func(name string, r *sourceRecord) error {
			names[r.key] = name
			return nil
		})
		if err != nil {
			return err
		}
		return t.bucket(bucketStreams).ForEach(func(k, v []byte) error {
			w, err := t.open(bucketStreams, k, v)
			if err != nil {
				return err
			}
			var r streamRecord
			if err := w.stream(&r); err != nil {
				return t.bad(bucketStreams, k, err)
			}
			r.Source = names[k[0]]
			out = append(out, r.StreamState)
			return nil
		})
	})
	slices.SortFunc(out, func(a, b store.StreamState) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Stream, b.Stream))
	})
	return out, err
}

// Reference returns Info, users and stages of a source; of one that was never
// read only its name.
func (s *Store) Reference(ctx context.Context, source string) (hygiene.Source, error) {
	out := hygiene.Source{Name: source, Users: map[string]*crm.User{}}
	err := s.cache.view(ctx, func(t *tx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		out.Info = src.info
		row, err := t.stream(src.key, crm.Opportunities)
		if err != nil {
			return err
		}
		out.Since = row.since
		prefix := []byte{src.key}
		err = t.scanPrefix(bucketUsers, prefix, func(k []byte, w wire) error {
			u := &crm.User{}
			if err := w.user(u); err != nil {
				return t.bad(bucketUsers, k, err)
			}
			out.Users[u.ID] = u
			return nil
		})
		if err != nil {
			return err
		}
		return t.scanPrefix(bucketStages, prefix, func(k []byte, w wire) error {
			out.Stages = append(out.Stages, crm.Stage{})
			return t.bad(bucketStages, k, w.stage(&out.Stages[len(out.Stages)-1]))
		})
	})
	slices.SortStableFunc(out.Stages, func(a, b crm.Stage) int {
		return cmp.Or(cmp.Compare(a.Pipeline, b.Pipeline), cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

// scanPrefix calls fn with every value whose key begins with prefix. What fn
// changes in the bucket must wait until the scan has ended.
func (t *tx) scanPrefix(bucket string, prefix []byte, fn func(k []byte, w wire) error) error {
	c := t.bucket(bucket).Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		w, err := t.open(bucket, k, v)
		if err != nil {
			return err
		}
		if err := fn(k, w); err != nil {
			return err
		}
	}
	return nil
}
