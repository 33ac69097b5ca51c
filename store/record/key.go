package record

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

const (
	idNumber   = 1  // a decimal id, 8 bytes big endian
	idText     = 2  // any other id, its bytes
	maxDecimal = 19 // digits that always fit into 8 bytes
)

// AppendID appends the id of a CRM so that keys sort as numbers where ids are numbers
// (HubSpot) and byte by byte elsewhere (Salesforce). An encoded id with a 0 behind it is
// never the beginning of another encoded id with a 0 behind it. So the key of an
// activity can begin with the id of its opportunity and a 0, and all activities of an
// opportunity sort together, before the next opportunity.
func AppendID(b []byte, id string) []byte {
	if n, ok := decimal(id); ok {
		b = append(b, idNumber)
		return binary.BigEndian.AppendUint64(b, n)
	}
	b = append(b, idText)
	return append(b, id...)
}

func decimal(id string) (n uint64, ok bool) {
	if id == "" || len(id) > maxDecimal || id[0] == '0' {
		return 0, false
	}
	for i := range len(id) {
		c := id[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// TakeID reads the id at the beginning of b. The id ends at its separator or at the
// end of b.
func TakeID(b []byte) (id string, rest []byte) {
	switch {
	case len(b) >= 9 && b[0] == idNumber:
		return fmt.Sprint(binary.BigEndian.Uint64(b[1:9])), b[9:]
	case len(b) > 0 && b[0] == idText:
		for i := 1; i < len(b); i++ {
			if b[i] == 0 {
				return string(b[1:i]), b[i:]
			}
		}
		return string(b[1:]), nil
	}
	return "", nil
}

// CheckID refuses an id that cannot be part of a key. The whole page is refused then:
// without the record the cache would look complete and would not be.
func CheckID(kind crm.Kind, id string) error {
	switch {
	case id == "":
		return fmt.Errorf("%s without an id: this is a fault of the connector; nothing of the page was stored", kind)
	case len(id) > store.MaxID:
		return fmt.Errorf("%s id of %d bytes (%.40q…): at most %d can be stored; nothing of the page was stored", kind, len(id), id, store.MaxID)
	case strings.IndexByte(id, 0) >= 0:
		return fmt.Errorf("%s id %q holds a NUL: this is a fault of the connector; nothing of the page was stored", kind, id)
	case !utf8.ValidString(id): // the value holds valid UTF-8 only, so the id there would be another one
		return fmt.Errorf("%s id %q is not UTF-8: this is a fault of the connector; nothing of the page was stored", kind, id)
	}
	return nil
}

// Key is the key of a record of the source.
func Key(b []byte, source byte, id string) []byte {
	return AppendID(append(b, source), id)
}

// Below is the beginning of the keys of all that belongs to the record with that key:
// activities, contacts, changes.
func Below(b, record []byte) []byte {
	b = append(b, record...)
	return append(b, 0)
}

// ChangeKey is the key of a change of an opportunity; the changes of an opportunity
// sort by time.
func ChangeKey(b []byte, source byte, opportunity string, at time.Time, id string) []byte {
	b = append(Key(b, source, opportunity), 0)
	b = AppendInstant(b, at)
	return append(b, id...)
}

// AppendInstant appends a time so that earlier times sort first.
func AppendInstant(b []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t.UnixMicro())^(1<<63))
}

// AppendDay appends a date so that earlier dates sort first.
func AppendDay(b []byte, d crm.Date) []byte {
	return binary.BigEndian.AppendUint32(b, uint32(d)^(1<<31))
}

// StageKey is the key of a stage of the source. The pipeline is part of the key, because
// several pipelines may have a stage of the same id.
func StageKey(b []byte, source byte, pipeline, id string) []byte {
	b = append(b, source)
	b = append(b, pipeline...)
	b = append(b, 0)
	return append(b, id...)
}

// Words joins the words of a key with 0.
func Words(b []byte, ws ...string) []byte {
	for i, w := range ws {
		if i > 0 {
			b = append(b, 0)
		}
		b = append(b, w...)
	}
	return b
}

// CheckWords refuses words that would make two keys look like one.
func CheckWords(what string, ws ...string) error {
	n := 0
	for _, w := range ws {
		if strings.IndexByte(w, 0) >= 0 {
			return fmt.Errorf("%s %q holds a NUL and cannot be stored", what, w)
		}
		n += len(w)
	}
	if n > math.MaxInt16-64 { // with room for the rest of the key below bbolt's limit of a key
		return fmt.Errorf("%s: name of %d bytes is too long to be stored", what, n)
	}
	return nil
}

// After is the first possible key that sorts after all keys that begin with prefix.
func After(prefix []byte) []byte {
	b := append([]byte(nil), prefix...)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil
}
