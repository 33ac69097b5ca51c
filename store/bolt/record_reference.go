package bolt

import (
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

func putUser(b []byte, u *crm.User) []byte {
	b = putText(b, 1, u.ID)
	b = putText(b, 2, u.Name)
	b = putText(b, 3, u.Email)
	b = putBool(b, 4, u.Active)
	b = putText(b, 5, u.ManagerID)
	b = putText(b, 6, u.TimeZone)
	for _, t := range u.Teams {
		b = putEntry(b, 7, t)
	}
	return b
}

func (w *wire) user(u *crm.User) error {
	*u = crm.User{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			u.ID = w.text(&f)
		case 2:
			u.Name = w.text(&f)
		case 3:
			u.Email = w.text(&f)
		case 4:
			u.Active = f.bool()
		case 5:
			u.ManagerID = w.text(&f)
		case 6:
			u.TimeZone = w.text(&f)
		case 7:
			u.Teams = append(u.Teams, w.text(&f))
		}
	}
	return w.err
}

func putStage(b []byte, s *crm.Stage) []byte {
	b = putText(b, 1, s.Pipeline)
	b = putText(b, 2, s.ID)
	b = putText(b, 3, s.Label)
	b = putInt(b, 4, s.Order)
	b = putBool(b, 5, s.Closed)
	b = putBool(b, 6, s.Won)
	b = putBool(b, 7, s.Active)
	b = putText(b, 8, s.Forecast)
	return putText(b, 9, s.PipelineLabel)
}

func (w *wire) stage(s *crm.Stage) error {
	*s = crm.Stage{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			s.Pipeline = w.text(&f)
		case 2:
			s.ID = w.text(&f)
		case 3:
			s.Label = w.text(&f)
		case 4:
			s.Order = f.int()
		case 5:
			s.Closed = f.bool()
		case 6:
			s.Won = f.bool()
		case 7:
			s.Active = f.bool()
		case 8:
			s.Forecast = w.text(&f)
		case 9:
			s.PipelineLabel = w.text(&f)
		}
	}
	return w.err
}

// sourceRecord is what the cache knows of a source.
type sourceRecord struct {
	key  byte // first byte of the source's keys
	info crm.Info
}

func putSource(b []byte, s *sourceRecord) []byte {
	b = putInt(b, 1, s.key)
	b = putText(b, 2, s.info.Type)
	b = putText(b, 3, s.info.Account)
	b = putText(b, 4, s.info.Link)
	b = putText(b, 5, s.info.Currency)
	b = putMap(b, 6, s.info.Fields)
	b = putMap(b, 7, s.info.Why)
	b = putText(b, 8, s.info.TimeZone)
	return putInt(b, 9, s.info.FiscalStart)
}

// putMap writes a map<string, string>, sorted by key.
func putMap[V ~string](b []byte, num protowire.Number, m map[string]V) []byte {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		var at int
		b, at = begin(b, num)
		b = putEntry(b, 1, k)
		b = putEntry(b, 2, string(m[k]))
		b = end(b, at)
	}
	return b
}

func (w *wire) source(s *sourceRecord) error {
	*s = sourceRecord{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			s.key = byte(f.n)
		case 2:
			s.info.Type = w.text(&f)
		case 3:
			s.info.Account = w.text(&f)
		case 4:
			s.info.Link = w.text(&f)
		case 5:
			s.info.Currency = w.text(&f)
		case 6:
			if s.info.Fields == nil {
				s.info.Fields = crm.Fields{}
			}
			k, v := w.entry(&f)
			s.info.Fields[k] = crm.Access(w.text(&v))
		case 7:
			if s.info.Why == nil {
				s.info.Why = map[string]string{}
			}
			k, v := w.entry(&f)
			s.info.Why[k] = w.text(&v)
		case 8:
			s.info.TimeZone = w.text(&f)
		case 9:
			s.info.FiscalStart = time.Month(f.int())
		}
	}
	return w.err
}

// entry reads an entry of a map.
func (w *wire) entry(f *field) (key string, value field) {
	in, g := w.within(f), field{}
	for in.next(&g) {
		switch g.num {
		case 1:
			key = in.text(&g)
		case 2:
			value = g
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return key, value
}

// streamRecord is a stream's state and what the store needs besides.
type streamRecord struct {
	store.StreamState           // without Source; Error is of the last run only
	tracking          bool      // the ids of this run are being noted
	sweeping          bool      // because its pages say Sweep
	ended             bool      // the last page was the end of a run
	last              []byte    // hash of the last page of a stream that is replaced whole
	since             time.Time // as of when the first run was complete
}

func putStream(b []byte, s *streamRecord) []byte {
	b = putText(b, 1, s.Stream)
	b = putText(b, 2, s.Cursor)
	b = putBool(b, 3, s.Complete)
	b = putTime(b, 4, s.AsOf)
	b = putInt(b, 5, s.Records)
	b = putInt(b, 6, s.Done)
	b = putInt(b, 7, s.Total)
	b = putTime(b, 8, s.Changed)
	b = putText(b, 9, s.Error)
	b = putTime(b, 10, s.ErrorAt)
	b = putBool(b, 11, s.tracking)
	b = putText(b, 12, s.Held)
	b = putBool(b, 13, s.ended)
	b = putBytes(b, 14, s.last)
	b = putTime(b, 15, s.since)
	return putBool(b, 16, s.sweeping)
}

func (w *wire) stream(s *streamRecord) error {
	*s = streamRecord{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			s.Stream = crm.Stream(w.text(&f))
		case 2:
			s.Cursor = crm.Cursor(w.text(&f))
		case 3:
			s.Complete = f.bool()
		case 4:
			s.AsOf = w.time(&f)
		case 5:
			s.Records = f.int()
		case 6:
			s.Done = f.int()
		case 7:
			s.Total = f.int()
		case 8:
			s.Changed = w.time(&f)
		case 9:
			s.Error = w.text(&f)
		case 10:
			s.ErrorAt = w.time(&f)
		case 11:
			s.tracking = f.bool()
		case 12:
			s.Held = w.text(&f)
		case 13:
			s.ended = f.bool()
		case 14:
			s.last = slices.Clone(f.b)
		case 15:
			s.since = w.time(&f)
		case 16:
			s.sweeping = f.bool()
		}
	}
	return w.err
}

// metaRecord heads each file.
type metaRecord struct {
	schema     int
	uuid       string
	created    time.Time
	fence      store.Fence // counts the openings
	clean      store.Fence // the fence that closed the files in good order
	generation uint64      // last evaluation begun
	pruned     time.Time   // when old findings were last dropped
}

func putMeta(b []byte, m *metaRecord) []byte {
	b = putInt(b, 1, m.schema)
	b = putText(b, 2, m.uuid)
	b = putTime(b, 3, m.created)
	b = putInt(b, 4, m.fence)
	b = putInt(b, 5, m.clean)
	b = putInt(b, 6, m.generation)
	return putTime(b, 7, m.pruned)
}

func (w *wire) meta(m *metaRecord) error {
	*m = metaRecord{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			m.schema = f.int()
		case 2:
			m.uuid = w.text(&f)
		case 3:
			m.created = w.time(&f)
		case 4:
			m.fence = store.Fence(f.n)
		case 5:
			m.clean = store.Fence(f.n)
		case 6:
			m.generation = f.n
		case 7:
			m.pruned = w.time(&f)
		}
	}
	return w.err
}
