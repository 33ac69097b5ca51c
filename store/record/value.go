package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

const (
	format     = 1 // first byte of every value
	headerSize = 5 // format and checksum
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Header appends room for a value's header; [Seal] fills in the header once the message
// has been appended.
func Header(b []byte) []byte { return append(b, format, 0, 0, 0, 0) }

// Seal writes the checksum into the value v. The key is part of the checksum, so a
// value that turns up under another key is found too.
func Seal(key, v []byte) {
	binary.BigEndian.PutUint32(v[1:headerSize], checksum(key, v))
}

func checksum(key, v []byte) uint32 {
	c := crc32.Update(0, castagnoli, key)
	c = crc32.Update(c, castagnoli, v[:1])
	return crc32.Update(c, castagnoli, v[headerSize:])
}

var (
	errCut      = errors.New("value is cut off")
	errChecksum = errors.New("checksum does not match")
)

// Open returns a walk through the message in the value v that is stored under key,
// or says how the value is damaged.
func Open(key, v []byte) (Walk, error) {
	if len(v) < headerSize {
		return Walk{}, errCut
	}
	if v[0] != format {
		// The value is damaged rather than of a newer version: opening the file has
		// compared the versions.
		return Walk{}, fmt.Errorf("unknown format %d", v[0])
	}
	if checksum(key, v) != binary.BigEndian.Uint32(v[1:headerSize]) {
		return Walk{}, errChecksum
	}
	return Walk{b: v[headerSize:]}, nil
}

// Holds reports whether the value v holds that message; the checksum is not compared.
func Holds(v, message []byte) bool {
	return len(v) >= headerSize && bytes.Equal(v[headerSize:], message)
}
