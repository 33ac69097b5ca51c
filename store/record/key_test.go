package record

import (
	"bytes"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

func TestKeysSortAsTheirIDs(t *testing.T) {
	ids := []string{"1", "9", "10", "9999999999999999999", "", "\x01", "0", "007", "00x", "10000000000000000000", "A", "AB", "B"}
	var last []byte
	for _, id := range ids {
		k := Key(nil, 1, id)
		if bytes.Compare(last, k) >= 0 {
			t.Errorf("%q does not sort after the one before", id)
		}
		if got, rest := TakeID(append(k[1:], 0, 'x')); id != "" && (got != id || string(rest) != "\x00x") {
			t.Errorf("%q reads back as %q, %q", id, got, rest)
		}
		last = append(Below(nil, k), 0xff, 0xff) // what belongs to a record sorts directly after the record
	}
}

// FuzzKeysKeepTheirIDs holds every id that CheckID accepts to two promises: the id can be
// read out of a key, and what belongs to the record sorts before the next id.
func FuzzKeysKeepTheirIDs(f *testing.F) {
	for _, id := range []string{"1", "007", "9999999999999999999", "10000000000000000000", "006A", "a\x01", "\x01"} {
		f.Add(id, id+"0")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if CheckID(crm.KindOpportunity, a) != nil || CheckID(crm.KindOpportunity, b) != nil || a == b {
			return
		}
		ka, kb := Key(nil, 1, a), Key(nil, 1, b)
		if got, rest := TakeID(Below(nil, ka)[1:]); got != a || string(rest) != "\x00" {
			t.Errorf("%q reads back as %q, %q", a, got, rest)
		}
		if bytes.Compare(ka, kb) > 0 {
			ka, kb = kb, ka
		}
		if last := append(Below(nil, ka), 0xff); bytes.Compare(last, kb) >= 0 {
			t.Errorf("of %q and %q, what belongs to the first sorts after the second", a, b)
		}
	})
}
