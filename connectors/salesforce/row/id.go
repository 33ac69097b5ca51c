package row

import "strings"

const idSuffix = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// LongID returns the 18-character form of a Salesforce id; browsers show the
// 15-character form. ok is false for a text that is no id: another length, other
// characters, or a suffix that does not belong to the first 15.
func LongID(id string) (long string, ok bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		default:
			return "", false
		}
	}
	suffix := make([]byte, 3)
	for block := range 3 {
		var upper int // bit k: the k-th character of the block is a capital
		for k := range 5 {
			if c := id[block*5+k]; c >= 'A' && c <= 'Z' {
				upper |= 1 << k
			}
		}
		suffix[block] = idSuffix[upper]
	}
	long = id[:15] + string(suffix)
	// The case of the suffix does not matter: the suffix exists for programs that
	// lose case.
	if len(id) == 18 && !strings.EqualFold(id[15:], string(suffix)) {
		return "", false
	}
	return long, true
}
