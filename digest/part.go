package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// NewPart makes the part of a delivery at a position (0 is the parent) from its
// rendered bytes. Its key is the same whenever the delivery is rendered again, and
// says nothing to whoever sees it: Slack shows it to every member of the workspace.
func NewPart(delivery string, position int, body []byte) Part {
	key := sha256.Sum256([]byte(delivery + "\x00" + strconv.Itoa(position)))
	hash := sha256.Sum256(body)
	return Part{
		Key:   hex.EncodeToString(key[:16]),
		Body:  body,
		Hash:  hex.EncodeToString(hash[:]),
		State: Rendered,
	}
}
