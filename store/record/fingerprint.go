package record

import (
	"crypto/sha256"
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
)

// Fingerprint is a hash of the page by which a repeated page is recognised.
func Fingerprint(p *crm.Page) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %v %d", p.Next, p.More, p.AsOf.UnixNano())
	var b []byte
	for i := range p.Users {
		b = AppendUser(b[:0], &p.Users[i])
		h.Write(b)
	}
	for i := range p.Stages {
		b = AppendStage(b[:0], &p.Stages[i])
		h.Write(b)
	}
	for i := range p.Opportunities {
		b = AppendOpportunity(b[:0], &p.Opportunities[i])
		h.Write(b)
	}
	for i := range p.Activities {
		b = AppendActivity(b[:0], &p.Activities[i])
		h.Write(b)
	}
	for i := range p.Contacts {
		b = AppendContact(b[:0], &p.Contacts[i])
		h.Write(b)
	}
	fmt.Fprintf(h, "%q %q %q", p.Deleted, p.ContactsOf, p.Exist)
	if len(p.ContactsKept) > 0 {
		fmt.Fprintf(h, "%q", p.ContactsKept)
	}
	return h.Sum(nil)
}
