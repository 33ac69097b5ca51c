package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Told is what one digest told its reader: each deal that it counted, and how. It is kept
// with the delivery and, once that is sent, with the reader. The next digest counts from
// it, so its numbers continue those that the reader saw, whatever happened to findings,
// owners, teams and settings in between.
type Told struct {
	At        time.Time  // of the evaluation that the digest was composed from
	Deals     []ToldDeal // by source and record
	Judged    int        // deals that could be judged
	InOrder   int        // of Judged
	Unchecked []string   // what could not be checked
}

// ToldDeal is how a digest counted one deal.
type ToldDeal struct {
	Source, Record string
	Class          Class
	Severity       hygiene.Severity // of its worst finding
	High           crm.Date         // since when it has been high without a break, as digests saw it; zero when it is not
	Over           float64          // how many times its limit the worst value was; 0 is unknown
	Amount         float64          // 0 is none or unknown
	Currency       string
	Commit         bool
	Numbered       crm.Date // the last day on which a digest gave it a number; zero is never
	Times          int      // on how many days it had a number
}

// Class says in which of a digest's counts a deal with findings is.
type Class byte

// The classes.
const (
	Needs    Class = iota + 1 // needs an update
	Old                       // from before the start, and counted apart
	Unjudged                  // has findings, and could not be judged
)

// byRecord finds deals by source and record. A nil Told told nothing.
func (t *Told) byRecord() map[[2]string]*ToldDeal {
	m := map[[2]string]*ToldDeal{}
	if t == nil {
		return m
	}
	for i := range t.Deals {
		d := &t.Deals[i]
		m[[2]string{d.Source, d.Record}] = d
	}
	return m
}
