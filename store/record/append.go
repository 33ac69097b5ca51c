package record

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pipetidy/pipetidy/crm"
)

// The put functions append one protobuf field. As in proto3, a zero value is no field
// at all. putEntry and putDouble append a zero value too; their callers decide.

func putText[S ~string](b []byte, num protowire.Number, s S) []byte {
	if s == "" {
		return b
	}
	return putEntry(b, num, string(s))
}

// putEntry appends an element of a repeated field, or a key or value of a map; the
// element may be empty.
func putEntry(b []byte, num protowire.Number, s string) []byte {
	if !utf8.ValidString(s) { // a proto3 string is UTF-8, a text from outside need not be
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	b = protowire.AppendTag(b, num, protowire.BytesType)
	return protowire.AppendString(b, s)
}

func putBytes(b []byte, num protowire.Number, v []byte) []byte {
	if len(v) == 0 {
		return b
	}
	b = protowire.AppendTag(b, num, protowire.BytesType)
	return protowire.AppendBytes(b, v)
}

func putInt[I ~int | ~int32 | ~int64 | ~uint8 | ~uint32 | ~uint64](b []byte, num protowire.Number, v I) []byte {
	if v == 0 {
		return b
	}
	b = protowire.AppendTag(b, num, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(int64(v)))
}

func putBool(b []byte, num protowire.Number, v bool) []byte {
	if !v {
		return b
	}
	b = protowire.AppendTag(b, num, protowire.VarintType)
	return protowire.AppendVarint(b, 1)
}

func putDouble(b []byte, num protowire.Number, v float64) []byte {
	b = protowire.AppendTag(b, num, protowire.Fixed64Type)
	return protowire.AppendFixed64(b, math.Float64bits(v))
}

// putMeasure appends a number for which 0 is none.
func putMeasure(b []byte, num protowire.Number, v float64) []byte {
	if v == 0 {
		return b
	}
	return putDouble(b, num, v)
}

func putNumber(b []byte, num protowire.Number, v crm.Number) []byte {
	if !v.Known {
		return b
	}
	return putDouble(b, num, v.Value)
}

// putTime appends a google.protobuf.Timestamp. The zero time is no field; the
// Unix epoch is an empty message.
func putTime(b []byte, num protowire.Number, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	b, at := begin(b, num)
	b = putInt(b, 1, t.Unix())
	b = putInt(b, 2, t.Nanosecond())
	return end(b, at)
}

// begin opens a message field; end, given the position that begin returned, fills in
// the length of the message. begin reserves one byte for the length, because most inner
// messages are shorter than 128 bytes; end moves a longer message to make room.
func begin(b []byte, num protowire.Number) ([]byte, int) {
	b = protowire.AppendTag(b, num, protowire.BytesType)
	b = append(b, 0)
	return b, len(b)
}

func end(b []byte, at int) []byte {
	n := len(b) - at
	if n < 0x80 {
		b[at-1] = byte(n)
		return b
	}
	var size [10]byte
	length := protowire.AppendVarint(size[:0], uint64(n))
	b = slices.Insert(b, at, length[1:]...)
	b[at-1] = length[0]
	return b
}
