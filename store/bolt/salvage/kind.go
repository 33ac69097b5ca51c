package salvage

import (
	"bytes"
	"cmp"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/record"
)

// bucketOf says in which bucket a value belongs, by the value alone; "" is in none. The
// checksum covers the key, and the key of nearly every record is made of its fields, so a
// page that damage has moved into another bucket is found out.
func bucketOf(key, value []byte) string {
	w, err := record.Open(key, value)
	if err != nil || len(key) == 0 {
		return ""
	}
	if record.Holds(value, nil) {
		return record.Pending
	}
	var m record.Meta
	if string(key) == checked.MetaBucket && read(w, &m, (*record.Walk).Meta) && m.UUID != "" && m.Schema > 0 {
		return checked.MetaBucket
	}
	var d delivery.Delivery
	if read(w, &d, (*record.Walk).Delivery) && d.ID == string(key) && d.State != "" {
		return record.Deliveries
	}
	var l hygiene.Life
	if read(w, &l, (*record.Walk).Life) {
		if k, err := record.FindingKey(l.Key); err == nil && bytes.Equal(k, key) {
			return record.Findings
		}
	}
	var park hygiene.Park
	if read(w, &park, (*record.Walk).Park) {
		if k, err := record.ParkKey(&park); err == nil && bytes.Equal(k, key) {
			return record.Parks
		}
	}
	var s hygiene.Snapshot
	if read(w, &s, (*record.Walk).Snapshot) && bytes.Equal(record.SnapshotKey(s.Source, s.At), key) {
		return record.Snapshots
	}
	var p digest.Period
	if read(w, &p, (*record.Walk).Period) && bytes.Equal(record.PeriodKey(p.Digest, p.Team, p.Date), key) {
		return record.Periods
	}
	var r digest.Reader
	if read(w, &r, (*record.Walk).Reader) && bytes.Equal(record.ReaderKey(r.Digest, r.Team, r.Recipient), key) {
		return record.Readers
	}
	var g record.Generation
	if read(w, &g, (*record.Walk).Generation) && g.Number > 0 {
		return record.Generations
	}
	var note string
	if w.Note(&note) == nil && note != "" {
		return record.Notes
	}
	return ""
}

// read reads a message as one record.
func read[T any](w record.Walk, into *T, as func(*record.Walk, *T) error) bool {
	return as(&w, into) == nil
}

// decode reads a value that bucketOf has vouched for.
func decode[T any](key, value []byte, as func(*record.Walk, *T) error) (v T) {
	if w, err := record.Open(key, value); err == nil {
		_ = as(&w, &v) // as above
	}
	return v
}

// newer compares two values of a key that are copies of different times. Records grow, so
// what has gone further is newer; the clock alone does not say, because somebody may have
// set it back.
func newer(bucket string, key, a, b []byte) bool {
	switch bucket {
	case record.Deliveries:
		x, y := decode(key, a, (*record.Walk).Delivery), decode(key, b, (*record.Walk).Delivery)
		return cmp.Or(cmp.Compare(progress(&x), progress(&y)), cmp.Compare(attempts(&x), attempts(&y)), x.Changed.Compare(y.Changed)) > 0
	case record.Findings:
		x, y := decode(key, a, (*record.Walk).Life), decode(key, b, (*record.Walk).Life)
		return cmp.Or(cmp.Compare(x.Generation, y.Generation), latest(x.Opened, x.Ended).Compare(latest(y.Opened, y.Ended))) > 0
	case record.Parks: // a park that ended never holds again
		x, y := decode(key, a, (*record.Walk).Park), decode(key, b, (*record.Walk).Park)
		return x.Ended.After(y.Ended)
	case record.Periods:
		x, y := decode(key, a, (*record.Walk).Period), decode(key, b, (*record.Walk).Period)
		return x.Edition > y.Edition
	case record.Readers:
		x, y := decode(key, a, (*record.Walk).Reader), decode(key, b, (*record.Walk).Reader)
		return x.AsOf.After(y.AsOf)
	case record.Generations:
		x, y := decode(key, a, (*record.Walk).Generation), decode(key, b, (*record.Walk).Generation)
		return x.Number > y.Number
	case checked.MetaBucket:
		x, y := decode(key, a, (*record.Walk).Meta), decode(key, b, (*record.Walk).Meta)
		return cmp.Or(cmp.Compare(x.Fence, y.Fence), cmp.Compare(x.Generation, y.Generation), cmp.Compare(x.Clean, y.Clean)) > 0
	case record.Notes:
		return len(a) > len(b) // the lists in notes grow
	}
	return false
}

// progress orders the states of a delivery: what was sent stays sent.
func progress(d *delivery.Delivery) int {
	switch {
	case d.State == delivery.Sent:
		return 2
	case d.State.Settled():
		return 1
	}
	return 0
}

func attempts(d *delivery.Delivery) int {
	n := d.Attempts
	for i := range d.Parts {
		n += d.Parts[i].Attempts + d.Parts[i].Doubts
		if d.Parts[i].State.Settled() {
			n++
		}
	}
	if len(d.Parts) > 0 {
		n++
	}
	return n
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// day is the day of a delivery, ok only for one of a digest of the schedule.
func day(d *delivery.Delivery) (crm.Date, bool) {
	date, err := crm.ParseDate(d.Period)
	return date, err == nil && !d.Test
}
