package hygiene

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is the public name of a finding: the same for the same source, record,
// rule and subject, whatever happens to it, and meaningless to anybody else.
func (k Key) Hash() string {
	h := sha256.New()
	for _, s := range []string{k.Source, string(k.Kind), k.Record, k.Rule, k.Subject} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
