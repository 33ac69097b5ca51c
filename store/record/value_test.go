package record

import (
	"bytes"
	"testing"
)

func value(key, message string) []byte {
	v := append(Header(nil), message...)
	Seal([]byte(key), v)
	return v
}

func TestOpenFindsDamage(t *testing.T) {
	good := value("key", "message")
	newer := bytes.Clone(good)
	newer[0]++
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for _, c := range []struct {
		name string
		key  string
		v    []byte
		want string
	}{
		{"whole", "key", good, ""},
		{"empty message", "key", value("key", ""), ""},
		{"nothing", "key", nil, "value is cut off"},
		{"cut header", "key", good[:headerSize-1], "value is cut off"},
		{"cut message", "key", good[:len(good)-1], "checksum does not match"},
		{"a bit", "key", flipped, "checksum does not match"},
		{"another key", "kez", good, "checksum does not match"},
		{"another format", "key", newer, "unknown format 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open([]byte(c.key), c.v)
			if got := ""; err != nil {
				got = err.Error()
				if got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			} else if c.want != "" {
				t.Errorf("got no error, want %q", c.want)
			}
		})
	}
}

func TestHoldsComparesTheMessage(t *testing.T) {
	v := value("key", "message")
	if !Holds(v, []byte("message")) || Holds(v, []byte("messag")) || Holds(nil, nil) {
		t.Error("a value does not hold exactly its own message")
	}
}

// FuzzWalk holds the reading of every record to two promises for arbitrary bytes:
// reading does not panic, and what was read, written and read again, is written as the
// same bytes.
func FuzzWalk(f *testing.F) {
	for i, c := range codecs() {
		b, _ := c.full()
		f.Add(uint8(i), b)
		f.Add(uint8(i), b[:len(b)/2])
	}
	all := codecs()
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		c := all[int(which)%len(all)]
		first, err := c.rewrite(b)
		if err != nil {
			return
		}
		second, err := c.rewrite(first)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s: written as %x, read and written again as %x, %v", c.message, first, second, err)
		}
	})
}
