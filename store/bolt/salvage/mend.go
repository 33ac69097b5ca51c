package salvage

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/record"
)

// doubtful is what status says of a delivery of which an older copy was found.
const doubtful = "the journal was damaged, and what was found of this delivery is an older copy: the message may have been sent since"

// mend makes again what follows from the records that were saved, and puts in doubt what
// may have gone further than they say.
type mend struct {
	*merge
	o      *Options
	report *Report

	saved      map[string]int
	made       map[string]int
	pending    []string
	doubts     []delivery.Delivery
	periods    map[string]digest.Period     // by key, as deliveries tell
	readers    map[string]digest.Reader     // by key, as deliveries tell
	snapshots  map[string]record.Generation // by source, the latest
	began      time.Time                    // of the first snapshot
	generation uint64                       // the highest
	noted      bool                         // the note of the teams is there
	word       string                       // of the installation, as the ids of deliveries tell
}

// run returns nil where there is nothing to be saved.
func (e *mend) run() (*Report, error) {
	e.saved, e.made = map[string]int{}, map[string]int{}
	e.periods, e.readers, e.snapshots = map[string]digest.Period{}, map[string]digest.Reader{}, map[string]record.Generation{}
	if err := e.file.View(e.ctx, e.read); err != nil {
		return nil, err
	}
	if e.meta == nil && len(e.saved) == 0 {
		return nil, nil
	}
	if err := e.file.Update(e.ctx, 0, e.write); err != nil {
		return nil, err
	}
	e.account()
	return e.report, nil
}

// read goes through what was saved.
func (e *mend) read(t *checked.Tx) error {
	for _, bucket := range buckets {
		if bucket == checked.MetaBucket {
			continue
		}
		err := t.ScanPrefix(bucket, nil, func(k []byte, w record.Walk) error {
			e.saved[bucket]++
			switch bucket {
			case record.Deliveries:
				var d delivery.Delivery
				if err := w.Delivery(&d); err != nil {
					return t.Bad(bucket, k, err)
				}
				e.delivery(&d)
			case record.Findings:
				var l hygiene.Life
				w.Lend()
				if err := w.Life(&l); err != nil {
					return t.Bad(bucket, k, err)
				}
				e.generation = max(e.generation, l.Generation)
			case record.Snapshots:
				var s hygiene.Snapshot
				if err := w.Snapshot(&s); err != nil {
					return t.Bad(bucket, k, err)
				}
				e.generation = max(e.generation, s.Generation)
				if s.Generation > e.snapshots[s.Source].Number {
					e.snapshots[s.Source] = record.Generation{Number: s.Generation, At: s.At}
				}
				if e.began.IsZero() || s.At.Before(e.began) {
					e.began = s.At
				}
			case record.Generations:
				var g record.Generation
				if err := w.Generation(&g); err != nil {
					return t.Bad(bucket, k, err)
				}
				e.generation = max(e.generation, g.Number)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// delivery notes what one delivery tells about other buckets.
func (e *mend) delivery(d *delivery.Delivery) {
	delete(e.waiting, d.ID)
	if word := installation(d.ID); word != "" {
		e.word = word
	}
	if !d.State.Settled() {
		e.pending = append(e.pending, d.ID)
		// With one meta page, and more damage, the last transaction may have claimed any.
		unsure := e.old[record.Deliveries][d.ID] || e.walk.metas < 2 && e.walk.damaged > 1
		if unsure && doubt(d, e.o.Now) {
			e.doubts = append(e.doubts, *d)
			e.report.Settle = append(e.report.Settle, d.ID)
		}
	}
	if date, ok := day(d); ok {
		key := string(record.PeriodKey(d.Digest, d.Team, date))
		if p, ok := e.periods[key]; !ok || d.Edition > p.Edition {
			e.periods[key] = digest.Period{Digest: d.Digest, Team: d.Team, Date: date, State: "begun", Begun: d.Created, Edition: d.Edition}
		}
	}
	if r, ok := store.Baseline(d); ok {
		key := string(record.ReaderKey(r.Digest, r.Team, r.Recipient))
		if have, ok := e.readers[key]; !ok || r.AsOf.After(have.AsOf) {
			e.readers[key] = r
		}
	}
}

// doubt says of a delivery that it may have gone further than the copy says. It reports
// whether that changes anything: what is in doubt already stays as it is, and what waits for
// its last step only is finished.
func doubt(d *delivery.Delivery, now time.Time) bool {
	if len(d.Parts) == 0 {
		// Its bytes are unknown, and the key under which the channel may find it is not.
		p := delivery.NewPart(d.ID, 0, nil)
		p.Hash = ""
		d.Parts = []delivery.Part{p}
	}
	i := slices.IndexFunc(d.Parts, func(p delivery.Part) bool { return !p.State.Settled() })
	if i < 0 || d.Parts[i].State == delivery.Unknown || d.Parts[i].State == delivery.Sending {
		return false
	}
	p := &d.Parts[i]
	p.State, p.Reason, p.Ended = delivery.Unknown, doubtful, now
	p.Doubts++
	d.State, d.Reason, d.Changed, d.NextAt = delivery.Unknown, doubtful, now, now
	return true
}

// write puts what was made again.
func (e *mend) write(t *checked.Tx) error {
	for i := range e.doubts {
		d := &e.doubts[i]
		if err := put(t, record.Deliveries, []byte(d.ID), func(b []byte) []byte { return record.AppendDelivery(b, d) }); err != nil {
			return err
		}
	}
	for _, id := range e.pending {
		if err := put(t, record.Pending, []byte(id), func(b []byte) []byte { return b }); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.periods)) {
		p := e.periods[key]
		have, ok, err := one(t, record.Periods, key, (*record.Walk).Period)
		if err == nil && (!ok || have.Edition < p.Edition) && e.unsure(record.Periods, key) {
			err = e.make(t, record.Periods, key, func(b []byte) []byte { return record.AppendPeriod(b, &p) })
		}
		if err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.readers)) {
		r := e.readers[key]
		have, ok, err := one(t, record.Readers, key, (*record.Walk).Reader)
		if err == nil && (!ok || r.AsOf.After(have.AsOf)) && e.unsure(record.Readers, key) {
			err = e.make(t, record.Readers, key, func(b []byte) []byte { return record.AppendReader(b, &r) })
		}
		if err != nil {
			return err
		}
	}
	for _, source := range slices.Sorted(maps.Keys(e.snapshots)) {
		g := e.snapshots[source]
		have, ok, err := one(t, record.Generations, source, (*record.Walk).Generation)
		if err == nil && (!ok || have.Number < g.Number) && e.unsure(record.Generations, source) {
			err = e.make(t, record.Generations, source, func(b []byte) []byte { return record.AppendGeneration(b, &g) })
		}
		if err != nil {
			return err
		}
	}
	if err := e.notes(t); err != nil {
		return err
	}
	m := e.identity()
	return t.PutMeta(&m)
}

// notes notes when the first evaluation was made, which the first days count from, and
// that the ledger may lack periods.
func (e *mend) notes(t *checked.Tx) error {
	e.noted = t.Bucket(record.Notes).Get([]byte(store.NoteTeams)) != nil
	if _, ok, err := t.Read(record.Notes, []byte(store.NoteStarted)); err != nil {
		return err
	} else if !ok && !e.began.IsZero() && e.unsure(record.Notes, store.NoteStarted) {
		value := e.began.UTC().Format(time.RFC3339)
		if err := e.make(t, record.Notes, store.NoteStarted, func(b []byte) []byte { return record.AppendNote(b, value) }); err != nil {
			return err
		}
	}
	if e.ledgerUnsure(t) {
		e.report.Held = e.o.Now.UTC()
	}
	if e.report.Held.IsZero() {
		return nil
	}
	value := e.report.Held.Format(time.RFC3339)
	return put(t, record.Notes, []byte(store.NoteSalvaged), func(b []byte) []byte { return record.AppendNote(b, value) })
}

// recent is for how many days back a digest may still be sent, or its absence told, with a
// day for the zones.
const recent = 9

// ledgerUnsure reports whether a digest may have been begun of which nothing is left. Where
// the newest meta page alone is gone this cannot be: what the last transaction began,
// nobody has sent yet. A team that was renamed has its first name in the ledger, which a
// note keeps.
func (e *mend) ledgerUnsure(t *checked.Tx) bool {
	since := record.AppendDay(nil, crm.DateOf(e.o.Now, time.UTC)-recent)
	for _, g := range e.walk.gaps[record.Periods] {
		if len(g.one) > 0 && t.Bucket(record.Periods).Get(g.one) != nil {
			continue // it was made again
		}
		if g.high == nil || bytes.Compare(g.high, since) > 0 {
			return true
		}
	}
	return e.old[record.Notes][store.NoteTeams] || e.walk.missing(record.Notes, []byte(store.NoteTeams)) && !e.noted
}

// identity is what the new file says about itself.
func (e *mend) identity() record.Meta {
	m := record.Meta{Schema: e.o.File.Schema}
	id := e.o.Identity
	switch {
	case e.meta != nil:
		m, e.report.Identity = *e.meta, Kept
	case id != nil && id.UUID != "":
		m.UUID, m.Created, e.report.Identity = id.UUID, id.Created, FromFile
	case e.word != "":
		m.UUID, m.Created, e.report.Identity = e.word+datadir.NewUUID()[8:], e.o.Now.UTC(), FromIDs
	default:
		m.UUID, m.Created, e.report.Identity = datadir.NewUUID(), e.o.Now.UTC(), AnotherOne
	}
	m.Generation = max(m.Generation, e.generation)
	m.Clean = 0 // so that the next opening checks every value of the cache
	return m
}

// unsure reports whether the walk cannot say that there is nothing, or nothing newer, under
// a key.
func (e *mend) unsure(bucket, key string) bool {
	return e.walk.metas < 2 || e.old[bucket][key] || e.walk.missing(bucket, []byte(key))
}

func (e *mend) make(t *checked.Tx, bucket, key string, message func([]byte) []byte) error {
	e.made[bucket]++
	if e.old[bucket][key] {
		e.saved[bucket]--
		delete(e.old[bucket], key)
	}
	return put(t, bucket, []byte(key), message)
}

func put(t *checked.Tx, bucket string, key []byte, message func([]byte) []byte) error {
	key = bytes.Clone(key)
	_, err := t.Put(t.Bucket(bucket), key, t.Value(key, message))
	return err
}

// one reads a record.
func one[T any](t *checked.Tx, bucket, key string, as func(*record.Walk, *T) error) (v T, ok bool, err error) {
	w, ok, err := t.Read(bucket, []byte(key))
	if err != nil || !ok {
		return v, false, err
	}
	return v, true, t.Bad(bucket, []byte(key), as(&w, &v))
}
