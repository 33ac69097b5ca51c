package store

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// Purged copies the parts of a settled delivery without their bodies; the hash of
// each body stays.
func Purged(parts []delivery.Part) []delivery.Part {
	out := slices.Clone(parts)
	for i := range out {
		if p := &out[i]; p.Body != nil {
			if p.Hash == "" {
				h := sha256.Sum256(p.Body)
				p.Hash = hex.EncodeToString(h[:])
			}
			p.Body = nil
		}
	}
	return out
}

// Interrupted turns a delivery that was being sent, and its parts, from sending into
// unknown, because the process that was sending has ended. Interrupted reports whether
// the delivery or one of its parts was being sent.
func Interrupted(d *delivery.Delivery, now time.Time) bool {
	touched := d.State == delivery.Sending
	for i := range d.Parts {
		if d.Parts[i].State == delivery.Sending {
			p := &d.Parts[i]
			p.State, p.Ended, touched = delivery.Unknown, now, true
			p.Doubts++
		}
	}
	if touched {
		d.State, d.Changed = delivery.Unknown, now
		d.Reason = "the program ended while it was being sent"
	}
	return touched
}

// Baseline returns the reader's baseline after the delivery. ok is false for a delivery
// that was not sent, that went to somebody else, or that is a test.
func Baseline(d *delivery.Delivery) (r digest.Reader, ok bool) {
	if d.State != delivery.Sent || d.Test || d.To != "" {
		return r, false
	}
	sent := d.Changed
	if len(d.Parts) > 0 && !d.Parts[0].Receipt.At.IsZero() { // when the first part arrived
		sent = d.Parts[0].Receipt.At
	}
	return digest.Reader{Digest: d.Digest, Team: d.Team, Recipient: d.Recipient, AsOf: d.AsOf, SentAt: sent, Period: d.Period, Told: d.Told}, true
}
