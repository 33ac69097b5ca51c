package email

import "github.com/pipetidy/pipetidy/digest"

// Preview writes the HTML part that the digest's mail would have. Nothing is sent.
func (n *Notifier) Preview(d *digest.Digest) (string, error) {
	b, err := HTML(d)
	return string(b), err
}
