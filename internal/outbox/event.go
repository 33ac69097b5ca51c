package outbox

import (
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// Kind says what happened. It is also the message in the log.
type Kind string

// The kinds of events.
const (
	PartSent        Kind = "part sent"
	PartRejected    Kind = "part rejected"
	PartRetry       Kind = "part not sent, trying again"
	PartUnknown     Kind = "part may or may not have arrived"
	PartFound       Kind = "part had arrived"
	PartNotYet      Kind = "part has not arrived yet, asking once more"
	PartMissing     Kind = "part had not arrived"
	ReconcileLater  Kind = "cannot ask yet whether the part arrived"
	CannotReconcile Kind = "cannot ask whether the part arrived"
	Delivered       Kind = "digest delivered"
	Skipped         Kind = "digest skipped"
	Failed          Kind = "delivery failed"
	Expired         Kind = "delivery expired"
	GivenUp         Kind = "address given up"
	Held            Kind = "delivery held, because nobody can say whether it arrived"
	ChannelStopped  Kind = "channel stopped"
)

// Event is one step that the outbox took.
type Event struct {
	Kind     Kind
	Delivery string // ID of the delivery; "" of ChannelStopped
	Channel  delivery.Channel
	Part     int // position of the part that the event is about
	Parts    int // of Delivered: how many the delivery has
	Attempt  int // how many attempts the part has had
	Receipt  string
	Reason   string
	Wait     time.Duration
	Err      error
}

// tell says what happened to a delivery.
func (o *Outbox) tell(d *delivery.Delivery, e Event) {
	e.Delivery, e.Channel = d.ID, d.Channel
	o.cfg.Observe(e)
}

// tellPart says what happened to one part of a delivery.
func (o *Outbox) tellPart(d *delivery.Delivery, part int, e Event) {
	e.Part, e.Attempt = part, d.Parts[part].Attempts
	o.tell(d, e)
}
