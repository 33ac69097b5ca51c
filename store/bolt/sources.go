package bolt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// Register is a step of [store.Sources].
func (c cache) Register(ctx context.Context, f store.Fence, source string, info crm.Info) error {
	return c.update(ctx, f, func(t cacheTx) error {
		r, err := t.claim(source)
		if err != nil {
			return err
		}
		before := r.Info
		if r.Info, err = store.Accept(source, before, info); err != nil {
			return err
		}
		if err := t.remap(&r, store.Remapped(&before, &r.Info)); err != nil {
			return err
		}
		return t.putSource(source, &r)
	})
}

// source returns the source with that name; ok is false when the cache does not know the
// name.
func (t cacheTx) source(name string) (r record.Source, ok bool, err error) {
	if name == "" {
		return r, false, nil
	}
	key := []byte(name)
	w, ok, err := t.Read(bucketSources, key)
	if err != nil || !ok {
		return r, false, err
	}
	return r, true, t.Bad(bucketSources, key, w.Source(&r))
}

// claim returns the source with that name; an unknown source gets a new key byte.
func (t cacheTx) claim(name string) (record.Source, error) {
	if err := record.CheckWords("source", name); err != nil || name == "" {
		return record.Source{}, cmp.Or(err, fmt.Errorf("source without a name"))
	}
	r, ok, err := t.source(name)
	if err != nil || ok {
		return r, err
	}
	var last byte
	err = t.eachSource(func(_ string, r *record.Source) error {
		last = max(last, r.Key)
		return nil
	})
	if err != nil {
		return r, err
	}
	if last == math.MaxUint8 {
		return r, fmt.Errorf("source %q: the cache has held %d sources and has room for no more; move cache.db away to read everything again", name, last)
	}
	r.Key = last + 1
	return r, t.putSource(name, &r)
}

func (t cacheTx) putSource(name string, r *record.Source) error {
	key := []byte(name)
	_, err := t.Put(t.Bucket(bucketSources), key, t.Value(key, func(b []byte) []byte { return record.AppendSource(b, r) }))
	return err
}

// eachSource calls fn with every source, sorted by name.
func (t cacheTx) eachSource(fn func(name string, r *record.Source) error) error {
	return t.Bucket(bucketSources).ForEach(func(k, v []byte) error {
		w, err := t.Open(bucketSources, k, v)
		if err != nil {
			return err
		}
		var r record.Source
		if err := w.Source(&r); err != nil {
			return t.Bad(bucketSources, k, err)
		}
		return fn(string(k), &r)
	})
}

func streamKey(source byte, s crm.Stream) []byte {
	return append([]byte{source}, s...)
}

// stream returns the row of a stream, an empty row when there is none yet.
func (t cacheTx) stream(source byte, s crm.Stream) (record.Stream, error) {
	key := streamKey(source, s)
	r := record.Stream{StreamState: store.StreamState{Stream: s}, Ended: true}
	w, ok, err := t.Read(bucketStreams, key)
	if err != nil || !ok {
		return r, err
	}
	return r, t.Bad(bucketStreams, key, w.Stream(&r))
}

func (t cacheTx) putStream(source byte, r *record.Stream) error {
	key := streamKey(source, r.Stream)
	_, err := t.Put(t.Bucket(bucketStreams), key, t.Value(key, func(b []byte) []byte { return record.AppendStream(b, r) }))
	return err
}

// StreamFailed is a step of [store.Streams].
func (c cache) StreamFailed(ctx context.Context, f store.Fence, source string, stream crm.Stream, reason error, now time.Time) error {
	return c.update(ctx, f, func(t cacheTx) error {
		src, err := t.claim(source)
		if err != nil {
			return err
		}
		r, err := t.stream(src.Key, stream)
		if err != nil {
			return err
		}
		r.Error, r.ErrorAt, r.Foreign = reason.Error(), now, r.Foreign || errors.Is(reason, crm.ErrAccount)
		return t.putStream(src.Key, &r)
	})
}

// Streams is a step of [store.Streams].
func (c cache) Streams(ctx context.Context) ([]store.StreamState, error) {
	var out []store.StreamState
	err := c.view(ctx, func(t cacheTx) error {
		names := map[byte]string{}
		err := t.eachSource(func(name string, r *record.Source) error {
			names[r.Key] = name
			return nil
		})
		if err != nil {
			return err
		}
		return t.Bucket(bucketStreams).ForEach(func(k, v []byte) error {
			w, err := t.Open(bucketStreams, k, v)
			if err != nil {
				return err
			}
			var r record.Stream
			if err := w.Stream(&r); err != nil {
				return t.Bad(bucketStreams, k, err)
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

// Reference is a step of [store.Sources].
func (c cache) Reference(ctx context.Context, source string) (hygiene.Source, error) {
	out := hygiene.Source{Name: source, Users: map[string]*crm.User{}}
	err := c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		out.Info = src.Info
		row, err := t.stream(src.Key, crm.Opportunities)
		if err != nil {
			return err
		}
		out.Since = row.Since
		prefix := []byte{src.Key}
		err = t.ScanPrefix(bucketUsers, prefix, func(k []byte, w record.Walk) error {
			u := &crm.User{}
			if err := w.User(u); err != nil {
				return t.Bad(bucketUsers, k, err)
			}
			out.Users[u.ID] = u
			return nil
		})
		if err != nil {
			return err
		}
		return t.ScanPrefix(bucketStages, prefix, func(k []byte, w record.Walk) error {
			out.Stages = append(out.Stages, crm.Stage{})
			return t.Bad(bucketStages, k, w.Stage(&out.Stages[len(out.Stages)-1]))
		})
	})
	slices.SortStableFunc(out.Stages, func(a, b crm.Stage) int {
		return cmp.Or(cmp.Compare(a.Pipeline, b.Pipeline), cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}
