package outbox

import (
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// Plan is what a delivery is planned from.
type Plan struct {
	Digest    string // name in the configuration
	Period    string
	Edition   int
	Team      string
	Recipient string
	To        string // address that gets the delivery instead; "" is the recipient
	Via, Else delivery.Channel
	Test      bool
	Now       time.Time
	Deadline  time.Time
	ElseAt    time.Time // when Else is tried although Via may recover; zero is never
}

// Planned makes a delivery that has not been composed yet.
func (o *Outbox) Planned(p Plan) *delivery.Delivery {
	who := p.Recipient
	if p.To != "" {
		who += " to " + p.To // several of ops may get what one reader would have got
	}
	return &delivery.Delivery{
		ID:     delivery.Key(p.Digest, p.Period, p.Edition, p.Team, who, p.Via, o.store.Installation()),
		Digest: p.Digest, Period: p.Period, Edition: p.Edition, Team: p.Team, Recipient: p.Recipient, To: p.To, Test: p.Test,
		Channel: p.Via, Else: p.Else, State: delivery.Planned, Created: p.Now, Changed: p.Now, Deadline: p.Deadline, ElseAt: p.ElseAt,
	}
}

// instead is the same delivery through its else channel, which has no else channel.
func (o *Outbox) instead(d *delivery.Delivery, now time.Time) *delivery.Delivery {
	return o.Planned(Plan{
		Digest: d.Digest, Period: d.Period, Edition: d.Edition, Team: d.Team, Recipient: d.Recipient, To: d.To, Test: d.Test,
		Via: d.Else, Now: now, Deadline: d.Deadline,
	})
}
