package soql

import (
	"errors"
	"strings"
)

const (
	idAlphabet     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	suffixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
)

// errMalformedID becomes the service's error MALFORMED_ID.
var errMalformedID = errors.New("malformed id")

// LongID turns a 15-character Salesforce id into its 18-character form, and checks
// the suffix of an 18-character id.
func LongID(id string) (string, error) {
	if len(id) != 15 && len(id) != 18 {
		return "", errMalformedID
	}
	for i := 0; i < len(id); i++ {
		if strings.IndexByte(idAlphabet, id[i]) < 0 {
			return "", errMalformedID
		}
	}
	long := id[:15] + idSuffix(id[:15])
	// The suffix is compared without case: people paste ids from spreadsheets that
	// changed the case.
	if len(id) == 18 && !strings.EqualFold(id[15:], long[15:]) {
		return "", errMalformedID
	}
	return long, nil
}

// idSuffix marks which of the 15 characters are upper case, five to a letter.
func idSuffix(id string) string {
	var out [3]byte
	for block := range 3 {
		bits := 0
		for k := range 5 {
			if c := id[block*5+k]; c >= 'A' && c <= 'Z' {
				bits |= 1 << k
			}
		}
		out[block] = suffixAlphabet[bits]
	}
	return string(out[:])
}

// NewID is the 18-character id of the serial-th record under a key prefix.
func NewID(prefix string, serial int) string {
	var tail [9]byte
	for i := len(tail) - 1; i >= 0; i-- {
		tail[i] = idAlphabet[serial%len(idAlphabet)]
		serial /= len(idAlphabet)
	}
	id := prefix + "Hs0" + string(tail[:])
	return id + idSuffix(id)
}
