package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// What a person said of a message in doubt.
const (
	byHandArrived = "settled by hand: it arrived"
	byHandLost    = "settled by hand: it did not arrive"
	byHandRest    = "not sent, because the message before it was settled by hand"
)

// NotInDoubtError says why a delivery cannot be settled by hand.
type NotInDoubtError struct {
	ID    string
	State delivery.State // "" when there is no such delivery
	Same  []string       // the deliveries that share the code ID
}

// Error says what can be settled.
func (e *NotInDoubtError) Error() string {
	if len(e.Same) > 0 {
		return fmt.Sprintf("%d deliveries have the short id %s; write the whole id, in quotes: %s", len(e.Same), e.ID, strings.Join(e.Same, " or "))
	}
	if e.State == "" {
		return fmt.Sprintf("no delivery has the id %q; `pipetidy status` shows the ids of the deliveries in doubt", e.ID)
	}
	return fmt.Sprintf("delivery %s is %s; only a delivery in doubt (unknown) is settled by hand", e.ID, e.State)
}

// firstInDoubt is the position of the part in doubt, -1 when no part is.
func firstInDoubt(d *delivery.Delivery) int {
	return slices.IndexFunc(d.Parts, func(p delivery.Part) bool { return p.State == delivery.Unknown || p.State == delivery.Sending })
}

// IsHeld reports whether a delivery waits for a person to say what became of it.
func IsHeld(d *delivery.Delivery) bool { return d.State == delivery.Unknown && d.Reason == held }

// hold keeps back a delivery in doubt of part i, and says so once.
func (o *Outbox) hold(ctx context.Context, d *delivery.Delivery, i int) error {
	if IsHeld(d) {
		return nil
	}
	d.State, d.Reason = delivery.Unknown, held
	o.tellPart(d, i, Event{Kind: Held, Reason: d.Parts[i].Reason})
	return o.save(ctx, d, nil)
}

// Settle writes down what a person found out about a delivery in doubt, and returns the
// delivery. The delivery ends with it: the parts behind the message in doubt are not
// sent. A message that is lost goes through the else channel where there is one and the
// deadline has not passed. An error is a [NotInDoubtError] or a [store.FileError].
func (o *Outbox) Settle(ctx context.Context, id string, arrived bool) (delivery.Delivery, error) {
	id, err := o.whole(ctx, id)
	if err != nil {
		return delivery.Delivery{}, err
	}
	d, ok, err := o.store.Delivery(ctx, id)
	if err == nil && ok {
		_, l := o.laneOf(d.Channel)
		l.working.Lock()
		defer l.working.Unlock()
		d, ok, err = o.store.Delivery(ctx, id) // as the worker of the channel left it
	}
	if err != nil {
		return d, store.AsFileError(err)
	}
	i := firstInDoubt(&d)
	if !ok || i < 0 || d.State.Settled() {
		return d, &NotInDoubtError{ID: id, State: d.State}
	}
	p := &d.Parts[i]
	p.Doubts = 0 // nobody doubts any more
	if !arrived {
		if o.cfg.Now().After(d.Deadline) {
			d.Else = ""
		}
		_, err := o.fail(ctx, &d, byHandLost, delivery.BlameRecipient)
		return d, err
	}
	p.State, p.Reason, p.Receipt.At = delivery.Sent, byHandArrived, p.Started
	settleParts(&d, delivery.Skipped, byHandRest)
	return d, o.finish(ctx, &d)
}

// whole is the ID of the delivery in doubt that id names by its [delivery.Delivery.Code];
// an id that is no such code stays as it is.
func (o *Outbox) whole(ctx context.Context, id string) (string, error) {
	ds, err := o.store.Deliveries(ctx, delivery.Unknown)
	if err != nil {
		return "", store.AsFileError(err)
	}
	var named []string
	for i := range ds {
		if ds[i].Code() == id {
			named = append(named, ds[i].ID)
		}
	}
	switch len(named) {
	case 0:
		return id, nil
	case 1:
		return named[0], nil
	}
	return "", &NotInDoubtError{ID: id, Same: named}
}
