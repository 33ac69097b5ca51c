package hygiene

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Tally counts one person's open deals in one source at one evaluation. It is
// what the digest's fractions are made of, gathered while the deals stream by.
type Tally struct {
	Source     string
	OwnerID    string
	OwnerName  string
	OwnerEmail string // lower case; "" is unknown
	Active     bool
	Team       string
	Deals      int // open deals
	NeedUpdate int // of them, with at least one open finding of severity low or above
	// Commit sums the open deals in a commit forecast category that close by the
	// end of the quarter of Now, by currency ("" is the source's own). A deal
	// without an amount adds to CommitDeals only.
	Commit      map[string]float64
	CommitDoubt map[string]float64 // of it, deals with an open finding of severity high
	CommitDeals int
}

// Snapshot is what was true of one source at one evaluation; one is kept per
// day, so that a digest can say "Mon 79 %".
type Snapshot struct {
	Source     string
	Day        crm.Date // in the company's time zone
	At         time.Time
	Generation uint64
	Tallies    []Tally        // by owner id
	Unknown    map[string]int // rule id → deals it could not judge
}
