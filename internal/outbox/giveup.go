package outbox

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// giveUpAfter is on how many days nobody has an address before nothing is sent to it any
// more: receivers think ill of a sender who knocks at dead addresses every day.
const giveUpAfter = 3

// GivenUpPrefix begins the reason of a delivery to an address that is given up.
const GivenUpPrefix = "given up: "

// deadNote is the name under which the journal counts these days, one letter a day.
func deadNote(d *delivery.Delivery) string {
	return "no such address " + string(d.Channel) + " " + d.Address()
}

// givenUp says why nothing is sent to the address of the delivery, "" when something is. A
// test is always sent, and takes the address up again when it arrives.
func (o *Outbox) givenUp(ctx context.Context, d *delivery.Delivery) (string, error) {
	days, err := o.store.Noted(ctx, deadNote(d))
	if err != nil || d.Test || len(strings.Fields(days)) < giveUpAfter {
		return "", store.AsFileError(err)
	}
	return fmt.Sprintf("%snobody had the %s address %s on %d days, so nothing is sent to it; correct the address, or take it up again with `pipetidy digest send %s --to %s`",
		GivenUpPrefix, d.Channel, d.Address(), giveUpAfter, d.Digest, shellWord(d.Address())), nil
}

// shellWord writes an address as a shell takes it for one word: o'brien@acme.example has a
// quote in it.
func shellWord(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("@._+-", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// nobodyThere counts a day on which nobody had the address.
func (o *Outbox) nobodyThere(ctx context.Context, d *delivery.Delivery) error {
	name, today := deadNote(d), o.cfg.Now().UTC().Format("2006-01-02")
	days, err := o.store.Noted(ctx, name)
	if err != nil || strings.Contains(days, today) {
		return store.AsFileError(err)
	}
	days = strings.TrimSpace(days + " " + today)
	if err := o.store.Note(context.WithoutCancel(ctx), o.fence, name, days); err != nil {
		return store.AsFileError(err)
	}
	reason, err := o.givenUp(ctx, d)
	if reason != "" {
		o.tell(d, Event{Kind: GivenUp, Reason: reason})
	}
	return err
}

// somebodyThere forgets these days, because a message arrived.
func (o *Outbox) somebodyThere(ctx context.Context, d *delivery.Delivery) error {
	days, err := o.store.Noted(ctx, deadNote(d))
	if err != nil || days == "" {
		return store.AsFileError(err)
	}
	return store.AsFileError(o.store.Note(context.WithoutCancel(ctx), o.fence, deadNote(d), ""))
}
