package bolt

import (
	"context"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// Reader is a step of [store.Readers].
func (j journal) Reader(ctx context.Context, digestName, team, recipient string) (r digest.Reader, ok bool, err error) {
	err = j.view(ctx, func(t journalTx) error {
		r, ok, err = t.reader(record.ReaderKey(digestName, team, recipient))
		return err
	})
	return r, ok, err
}

func (t journalTx) reader(key []byte) (r digest.Reader, ok bool, err error) {
	w, ok, err := t.Read(bucketReaders, key)
	if err != nil || !ok {
		return r, false, err
	}
	return r, true, t.Bad(bucketReaders, key, w.Reader(&r))
}

// moveBaseline stores r, unless the stored baseline is of a later evaluation: an old
// delivery of unknown outcome may turn out to be sent days later.
func (t journalTx) moveBaseline(r *digest.Reader) error {
	if err := record.CheckWords("reader", r.Digest, r.Team, r.Recipient); err != nil {
		return err
	}
	key := record.ReaderKey(r.Digest, r.Team, r.Recipient)
	have, ok, err := t.reader(key)
	if err != nil || ok && have.AsOf.After(r.AsOf) {
		return err
	}
	if ok && have.AsOf.Equal(r.AsOf) && r.Told == nil {
		r.Told = have.Told // the same delivery, settled once more
	}
	_, err = t.Put(t.Bucket(bucketReaders), key, t.Value(key, func(b []byte) []byte { return record.AppendReader(b, r) }))
	return err
}

// Note is a step of [store.Notes].
func (j journal) Note(ctx context.Context, f store.Fence, name, value string) error {
	if err := record.CheckWords("note", name); err != nil {
		return err
	}
	return j.update(ctx, f, func(t journalTx) error {
		key := []byte(name)
		if value == "" {
			_, err := t.Drop(t.Bucket(bucketNotes), key)
			return err
		}
		_, err := t.Put(t.Bucket(bucketNotes), key, t.Value(key, func(b []byte) []byte { return record.AppendNote(b, value) }))
		return err
	})
}

// Noted is a step of [store.Notes].
func (j journal) Noted(ctx context.Context, name string) (value string, err error) {
	err = j.view(ctx, func(t journalTx) error {
		key := []byte(name)
		w, ok, err := t.Read(bucketNotes, key)
		if err != nil || !ok {
			return err
		}
		return t.Bad(bucketNotes, key, w.Note(&value))
	})
	return value, err
}
