package record

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// Stream is a stream's state and what an engine has to know besides.
type Stream struct {
	store.StreamState           // without Source, which is part of the key
	Tracking          bool      // the ids of this run are being noted
	Sweeping          bool      // the run that is being noted is a sweep
	Ended             bool      // the last page was the end of a run
	Last              []byte    // hash of the last page of a run that mentions all records
	Since             time.Time // as of when the first run was complete
}

// AppendStream appends a Stream.
func AppendStream(b []byte, s *Stream) []byte {
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
	b = putBool(b, 11, s.Tracking)
	b = putText(b, 12, s.Held)
	b = putBool(b, 13, s.Ended)
	b = putBytes(b, 14, s.Last)
	b = putTime(b, 15, s.Since)
	b = putBool(b, 16, s.Sweeping)
	b = putBool(b, 17, s.Foreign)
	b = putBool(b, 18, s.Untold)
	return putText(b, 19, s.Short)
}

// Stream reads a Stream.
func (w *Walk) Stream(s *Stream) error {
	*s = Stream{}
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
			s.Tracking = f.bool()
		case 12:
			s.Held = w.text(&f)
		case 13:
			s.Ended = f.bool()
		case 14:
			s.Last = slices.Clone(f.b)
		case 15:
			s.Since = w.time(&f)
		case 16:
			s.Sweeping = f.bool()
		case 17:
			s.Foreign = f.bool()
		case 18:
			s.Untold = f.bool()
		case 19:
			s.Short = w.text(&f)
		}
	}
	return w.err
}

// Meta is what each file says about itself.
type Meta struct {
	Schema     int
	UUID       string
	Created    time.Time
	Fence      store.Fence // counts the openings
	Clean      store.Fence // the fence that closed the files in good order
	Generation uint64      // last evaluation begun
	Pruned     time.Time   // when old findings were last dropped
}

// AppendMeta appends a Meta.
func AppendMeta(b []byte, m *Meta) []byte {
	b = putInt(b, 1, m.Schema)
	b = putText(b, 2, m.UUID)
	b = putTime(b, 3, m.Created)
	b = putInt(b, 4, m.Fence)
	b = putInt(b, 5, m.Clean)
	b = putInt(b, 6, m.Generation)
	return putTime(b, 7, m.Pruned)
}

// Meta reads a Meta.
func (w *Walk) Meta(m *Meta) error {
	*m = Meta{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			m.Schema = f.int()
		case 2:
			m.UUID = w.text(&f)
		case 3:
			m.Created = w.time(&f)
		case 4:
			m.Fence = store.Fence(f.n)
		case 5:
			m.Clean = store.Fence(f.n)
		case 6:
			m.Generation = f.n
		case 7:
			m.Pruned = w.time(&f)
		}
	}
	return w.err
}

// Generation is the current evaluation of a source.
type Generation struct {
	Number uint64
	At     time.Time
}

// AppendGeneration appends a Generation.
func AppendGeneration(b []byte, g *Generation) []byte {
	b = putInt(b, 1, g.Number)
	return putTime(b, 2, g.At)
}

// Generation reads a Generation.
func (w *Walk) Generation(g *Generation) error {
	*g = Generation{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			g.Number = f.n
		case 2:
			g.At = w.time(&f)
		}
	}
	return w.err
}

// AppendNote appends the value of a note.
func AppendNote(b []byte, value string) []byte { return putText(b, 1, value) }

// Note reads the value of a note.
func (w *Walk) Note(value *string) error {
	*value = ""
	var f field
	for w.next(&f) {
		if f.num == 1 {
			*value = w.text(&f)
		}
	}
	return w.err
}

// AppendUntold appends the time at which a CRM did not tell the contacts of an
// opportunity.
func AppendUntold(b []byte, at time.Time) []byte { return putTime(b, 1, at) }

// AppendGone appends the time at which an opportunity was found to be gone, and the id of the
// one that it was merged into, "" where nobody said that it was.
func AppendGone(b []byte, at time.Time, into string) []byte {
	return putText(putTime(b, 1, at), 2, into)
}

// Gone reads what AppendGone wrote.
func (w *Walk) Gone() (at time.Time, into string, err error) {
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			at = w.time(&f)
		case 2:
			into = w.text(&f)
		}
	}
	return at, into, w.err
}
