package slack

import (
	"encoding/json"

	"github.com/pipetidy/pipetidy/digest"
)

// Preview writes the blocks of the digest's parent message as JSON for Slack's Block
// Kit Builder. Nothing is sent.
func (n *Notifier) Preview(d *digest.Digest) (string, error) {
	b, err := json.MarshalIndent(map[string]any{"blocks": messages(d, false)[0].Blocks}, "", "  ")
	return string(b), err
}
