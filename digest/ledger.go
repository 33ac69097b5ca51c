package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Period is one row of the period ledger: the digest of one team and local date.
type Period struct {
	Digest  string
	Team    string
	Date    crm.Date
	Zone    string // IANA name
	State   string // "begun", "skipped", "expired", "unclear"
	Reason  string
	Begun   time.Time
	Edition int // number of the latest edition
}

// Reader says which digest of one name a reader was last sent.
type Reader struct {
	Digest, Team, Recipient string
	AsOf                    time.Time
	SentAt                  time.Time
	Period                  string
	Told                    []byte // what the digest told, see [ParseTold]; nil when an earlier version sent it
}
