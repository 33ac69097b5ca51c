package slack

import (
	"bytes"
	"encoding/json"

	"github.com/pipetidy/pipetidy/digest"
)

// Preview writes what the digest's messages would be, parent first, as a JSON
// array. Nothing is sent.
func (n *Notifier) Preview(d *digest.Digest) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(compose(d, false)); err != nil {
		return "", err
	}
	return b.String(), nil
}
