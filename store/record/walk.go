package record

import (
	"math"
	"time"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message being read. Only the member for the field's wire
// type is set.
type field struct {
	num protowire.Number
	n   uint64 // varint and fixed
	b   []byte // bytes, strings and messages
}

// Walk goes through the fields of one message, once. The method named after a
// record reads the whole message as that record. A message that is cut off or
// garbled is an error; an unknown field is skipped.
type Walk struct {
	b    []byte
	lend bool
	err  error
}

// Lend makes the strings that the walk reads views into the message instead of
// copies: the strings are valid for as long as the message is.
func (w *Walk) Lend() { w.lend = true }

// next reads the next field into f, and returns false at the end of the message or
// with an error in w.err.
func (w *Walk) next(f *field) bool {
	if len(w.b) == 0 || w.err != nil {
		return false
	}
	num, typ, n := protowire.ConsumeTag(w.b)
	if n < 0 {
		w.err = protowire.ParseError(n)
		return false
	}
	w.b = w.b[n:]
	f.num, f.n, f.b = num, 0, nil
	switch typ {
	case protowire.VarintType:
		f.n, n = protowire.ConsumeVarint(w.b)
	case protowire.Fixed64Type:
		f.n, n = protowire.ConsumeFixed64(w.b)
	case protowire.BytesType:
		f.b, n = protowire.ConsumeBytes(w.b)
	default: // no record has a field of this type; a later version may have one
		n = protowire.ConsumeFieldValue(num, typ, w.b)
		f.num = 0
	}
	if n < 0 {
		w.err = protowire.ParseError(n)
		return false
	}
	w.b = w.b[n:]
	return true
}

// within returns a walk through the message that f holds.
func (w *Walk) within(f *field) Walk { return Walk{b: f.b, lend: w.lend} }

func (w *Walk) text(f *field) string {
	if len(f.b) == 0 {
		return ""
	}
	if w.lend {
		return unsafe.String(&f.b[0], len(f.b))
	}
	return string(f.b)
}

func (w *Walk) time(f *field) time.Time {
	var sec, nsec int64
	in, g := w.within(f), field{}
	for in.next(&g) {
		switch g.num {
		case 1:
			sec = int64(g.n)
		case 2:
			nsec = int64(g.n)
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return time.Unix(sec, nsec).UTC()
}

func (f *field) bool() bool      { return f.n != 0 }
func (f *field) int() int        { return int(int64(f.n)) }
func (f *field) double() float64 { return math.Float64frombits(f.n) }
