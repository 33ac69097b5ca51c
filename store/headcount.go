package store

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Headcount says how many contacts the deals of a source have, where that is known.
type Headcount struct {
	known bool      // the contacts have been read, and the login can read them
	least bool      // there may be more of them than the cache has
	at    time.Time // as of when the contacts are complete
}

// NewHeadcount returns the headcount of the source with that Info and that state of
// its stream of contacts.
func NewHeadcount(info *crm.Info, contacts *StreamState) Headcount {
	return Headcount{contacts.Complete && info.Fields.Access(string(crm.Contacts)) == crm.Readable, contacts.Untold, contacts.AsOf}
}

// Put notes in o that the cache has n contacts of o. Zero is noted only in an open deal
// that existed when the contacts were read, because not every source reads the contacts
// of closed deals; and only where the CRM has told the contacts of o when it was last
// asked, and no link was left out that may be of o.
func (h Headcount) Put(o *crm.Opportunity, n int, told bool) {
	if h.known && (n > 0 || told && !h.least && !o.Closed && (h.at.IsZero() || !o.CreatedAt.After(h.at))) {
		o.Contacts = crm.Num(float64(n))
	}
}
