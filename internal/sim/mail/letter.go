package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Letter is a message taken apart by the standard library alone, so a test of the
// sender's encoding does not depend on the sender's library.
type Letter struct {
	Subject  string // decoded
	From, To string // as in the header, decoded
	Header   mail.Header
	Text     string // the text/plain part, decoded
	HTML     string // the text/html part, decoded
	Parts    []string
}

// ParseLetter takes a message apart.
func ParseLetter(raw []byte) (*Letter, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("parse letter: %w", err)
	}
	l := &Letter{Header: msg.Header}
	words := new(mime.WordDecoder)
	for header, into := range map[string]*string{"Subject": &l.Subject, "From": &l.From, "To": &l.To} {
		if *into, err = words.DecodeHeader(msg.Header.Get(header)); err != nil {
			return nil, fmt.Errorf("parse letter: %s: %w", header, err)
		}
	}
	l.Subject = strings.TrimSpace(l.Subject)
	if err := l.part(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body); err != nil {
		return nil, fmt.Errorf("parse letter: %w", err)
	}
	return l, nil
}

func (l *Letter) part(contentType, encoding string, body io.Reader) error {
	if contentType == "" {
		contentType = "text/plain"
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	l.Parts = append(l.Parts, media)
	if strings.HasPrefix(media, "multipart/") {
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := l.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("%s part: %w", media, err)
	}
	switch media {
	case "text/plain":
		l.Text += string(content)
	case "text/html":
		l.HTML += string(content)
	}
	return nil
}
