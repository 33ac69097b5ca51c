package store

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Headcount says whether the links to contacts of a source can be counted.
type Headcount struct {
	known bool      // they are there and can be read
	at    time.Time // as of when
}

// NewHeadcount is the headcount of a source whose stream of contacts stands there.
func NewHeadcount(info *crm.Info, contacts *StreamState) Headcount {
	return Headcount{contacts.Complete && info.Fields.Access(string(crm.Contacts)) == crm.Readable, contacts.AsOf}
}

// Put writes that o has n contacts. Only for an open deal that was there when the
// contacts were read do we know that it has none: of closed deals not every source
// reads them.
func (h Headcount) Put(o *crm.Opportunity, n int) {
	if h.known && (n > 0 || !o.Closed && (h.at.IsZero() || !o.CreatedAt.After(h.at))) {
		o.Contacts = crm.Num(float64(n))
	}
}
