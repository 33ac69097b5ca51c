package slack

import "github.com/pipetidy/pipetidy/digest"

// Preview writes the blocks of the digest's parent message as JSON, as Slack's
// Block Kit Builder takes them. Nothing is sent.
func (n *Notifier) Preview(d *digest.Digest) (string, error) {
	b, err := Blocks(d)
	return string(b), err
}
