package bolt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/pipetidy/pipetidy/store"
)

const (
	format     = 1 // first byte of every value
	headerSize = 5 // format and checksum
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header appends room for a value's header; seal fills it in once the message
// stands behind it.
func header(b []byte) []byte { return append(b, format, 0, 0, 0, 0) }

// seal computes the checksum of the value v under key. The key is part of it, so
// that a value which turns up under another key is found too.
func seal(key, v []byte) {
	binary.BigEndian.PutUint32(v[1:headerSize], checksum(key, v))
}

func checksum(key, v []byte) uint32 {
	c := crc32.Update(0, castagnoli, key)
	c = crc32.Update(c, castagnoli, v[:1])
	return crc32.Update(c, castagnoli, v[headerSize:])
}

// unseal returns the message in a value, or an error that names the place.
func unseal(file, bucket string, key, v []byte) ([]byte, error) {
	if len(v) < headerSize {
		return nil, damaged(file, bucket, key, "value is cut off")
	}
	if v[0] != format {
		// A flipped bit there is more likely than a file that got past the
		// comparison of schemas at opening.
		return nil, damaged(file, bucket, key, fmt.Sprintf("unknown format %d", v[0]))
	}
	if checksum(key, v) != binary.BigEndian.Uint32(v[1:headerSize]) {
		return nil, damaged(file, bucket, key, "checksum does not match")
	}
	return v[headerSize:], nil
}

func damaged(file, bucket string, key []byte, what string) error {
	return fmt.Errorf("%s, bucket %s, key %q: %s: %w", file, bucket, key, what, store.ErrCorrupt)
}
