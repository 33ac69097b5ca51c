package hygiene

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is the public name of a finding: always the same for the same source, kind,
// record, rule and subject, and readable for nobody.
func (k Key) Hash() string {
	h := sha256.New()
	for _, s := range []string{k.Source, string(k.Kind), k.Record, k.Rule, k.Subject} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
