package email

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// Send hands the message to the mail server, once.
func (n *Notifier) Send(ctx context.Context, to *delivery.Delivery, p delivery.Part, _ []delivery.Receipt) (delivery.Receipt, error) {
	rcpt, err := n.recipient(to.Address())
	if err != nil {
		return delivery.Receipt{}, err
	}
	if len(p.Body) == 0 {
		return delivery.Receipt{}, &delivery.RejectedError{Blame: delivery.BlameContent, Err: errors.New("email: the stored message is empty; send the digest again with --again")}
	}
	c := &conversation{n: n, ctx: ctx}
	defer c.close()
	err = c.run(rcpt, p.Body)
	if err != nil {
		return delivery.Receipt{}, err
	}
	return delivery.Receipt{ID: MessageID(p.Key, n.domain), At: n.cfg.Now()}, nil
}

// recipient checks that the address is an address, and may get mail.
func (n *Notifier) recipient(address string) (string, error) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address {
		return "", &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: fmt.Errorf("email: %q is not an address; correct the address in the configuration", plain.Clip(address, 100))}
	}
	if !n.cfg.Allows(address) {
		return "", &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: fmt.Errorf(
			"email: %s may not get mail, because %s is not among the domains of notify.email.allow (%s); add the domain if its people should get mail",
			plain.Clip(address, 100), plain.Clip(domainOf(address), 100), plain.Clip(strings.Join(n.cfg.Allow, ", "), 200))}
	}
	return address, nil
}
