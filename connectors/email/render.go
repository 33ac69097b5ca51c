package email

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/text"
)

// Render writes the whole message as one part.
func (n *Notifier) Render(_ context.Context, d *digest.Digest, to *delivery.Delivery) ([]delivery.Part, error) {
	p := delivery.NewPart(to.ID, 0, nil)
	body, err := n.message(d, to, p.Key)
	if err != nil {
		return nil, err
	}
	return []delivery.Part{delivery.NewPart(to.ID, 0, body)}, nil
}

// message is the RFC 5322 message. The Message-ID comes from the key, so a mail server
// on the way can recognise a repeated message.
func (n *Notifier) message(d *digest.Digest, to *delivery.Delivery, key string) ([]byte, error) {
	rcpt, err := n.recipient(to.Address())
	if err != nil {
		return nil, err
	}
	shown := *d
	shown.Subject = plain.Clip(d.Subject, 200)
	if to.Test {
		shown.Subject = "Test: " + shown.Subject
	}
	page, err := HTML(&shown)
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("pipetidy-"+key))
	if err := m.From(n.from.String()); err != nil {
		return nil, fmt.Errorf("email: from: %w", err)
	}
	if err := m.To(rcpt); err != nil {
		return nil, fmt.Errorf("email: recipient: %w", err)
	}
	m.Subject(shown.Subject)
	m.SetDateWithValue(n.cfg.Now())
	m.SetMessageIDWithValue(MessageID(key, n.domain))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	m.SetGenHeader("List-ID", fmt.Sprintf("<%s.pipetidy.%s>", word(d.Name), n.domain))
	m.SetBodyString(gomail.TypeTextPlain, text.Write(&shown, text.Options{Width: 76, Links: true}))
	m.AddAlternativeString(gomail.TypeTextHTML, string(page))
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("email: write message: %w", err)
	}
	return b.Bytes(), nil
}

// MessageID is the Message-ID, without its brackets, of the part with that key.
func MessageID(key, domain string) string { return "digest." + key + "@" + domain }

// word keeps of a name what may stand in a List-ID.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, s)
	if s == "" {
		return "digest"
	}
	return s
}
