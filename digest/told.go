package digest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Told is what one digest told its reader: each deal that it counted, and how. It is kept
// with the delivery and, once that is sent, with the reader. The next digest counts from
// it, so its numbers continue those that the reader saw, whatever happened to findings,
// owners, teams and settings in between.
type Told struct {
	At        time.Time  `json:"at"`        // of the evaluation that the digest was composed from
	Deals     []ToldDeal `json:"deals"`     // by source and record
	Judged    int        `json:"judged"`    // deals that could be judged; 0 is unknown
	InOrder   int        `json:"in_order"`  // of Judged
	Unchecked []string   `json:"unchecked"` // what could not be checked
	Withheld  []string   `json:"withheld"`  // sources whose findings were withheld
	Seen      time.Time  `json:"seen"`      // of the last digest in which none of them was; zero is At
	// Commit is the commit as it was told; nil is unknown, and for a digest of the reader's own deals.
	Commit *ToldCommit `json:"commit,omitempty"`
	// Count is whose the deals were that Judged and InOrder are of; nil is unknown, and for a
	// digest of the reader's own deals.
	Count *ToldDeals `json:"count,omitempty"`
	// Notes says that Heard has the findings of Deals, and when the reader first heard of
	// each; Kept are those that were their owners' alone, and were not told.
	Notes bool          `json:"notes,omitempty"`
	Heard []ToldFinding `json:"heard,omitempty"`
	Kept  []ToldFinding `json:"kept,omitempty"`
}

// ToldDeal is how a digest counted one deal.
type ToldDeal struct {
	Source   string           `json:"s"`
	Record   string           `json:"r"`
	Class    Class            `json:"c"`
	Since    crm.Date         `json:"d"`           // the day on which a digest first told it, without a break since
	Severity hygiene.Severity `json:"v,omitempty"` // of its worst finding
	High     crm.Date         `json:"h,omitempty"` // since when it has been high without a break, as digests saw it; zero when it is not
	Over     float64          `json:"o,omitempty"` // how many times its limit the worst value was; 0 is unknown
	Pushes   int              `json:"p,omitempty"` // one more than how often its close date was moved, as its finding counts; 0 is unknown
	Amount   float64          `json:"a,omitempty"` // 0 is none or unknown
	Currency string           `json:"u,omitempty"`
	Commit   bool             `json:"m,omitempty"`
	Forecast string           `json:"f,omitempty"` // in the words of the CRM
	Numbered crm.Date         `json:"n,omitempty"` // the last day on which a digest gave it a number; zero is never
	Times    int              `json:"t,omitempty"` // on how many days it had a number
	Decided  crm.Date         `json:"q,omitempty"` // the last day on which its number asked for a decision; zero is never
	Events   Events           `json:"e,omitzero"`  // what happened to it
	Goes     string           `json:"g,omitempty"` // who above the manager hears of it, by address; "" is nobody
	GoesOn   crm.Date         `json:"w,omitempty"` // on which day; zero is nobody
	Listed   crm.Date         `json:"l,omitempty"` // the last day on which it was in the week's share of those from before the start; zero is never
}

// Class says in which of a digest's counts a deal with findings is.
type Class byte

// The classes.
const (
	Needs    Class = iota + 1 // needs an update
	Old                       // from before the start, and counted apart
	Unjudged                  // has findings, and could not be judged
	Unseen                    // was in one of these until its source was withheld
	Paused                    // is parked
)

// tell notes what the digest tells its reader.
func (b *brief) tell() *Told {
	t := &Told{At: b.in.Now, Unchecked: b.notChecked(), Commit: b.toldCommit(), Count: b.toldDeals()}
	if c := &b.book.tally; c.fraction {
		t.Judged, t.InOrder = c.judged(), c.inOrder()
	}
	for _, s := range b.sources.all {
		if s.Withheld != "" {
			t.Withheld = append(t.Withheld, s.Name)
		}
	}
	if len(t.Withheld) > 0 {
		t.Seen = b.in.Told.Since()
	}
	today := b.wall.today
	_, listed := b.oldShare()
	for _, d := range b.book.deals {
		if d.class == 0 {
			if d.told != nil && !b.sources.judged(d.source) {
				x := *d.told
				x.Class = Unseen
				t.Deals = append(t.Deals, x)
			}
			continue
		}
		x := ToldDeal{Source: d.source, Record: d.record, Class: d.class, Since: today, Severity: d.severity(), Over: d.over(), Events: d.happened, Commit: d.facts.Commit, Forecast: d.facts.Forecast}
		if d.facts.IsUnclear("forecast_category") { // what can be read again tomorrow is no news then
			x.Commit, x.Forecast = true, ""
			if d.told != nil {
				x.Commit, x.Forecast = d.told.Commit, d.told.Forecast
			}
		}
		switch {
		case d.told != nil:
			x.Since, x.Numbered, x.Times, x.Decided, x.Listed = d.told.Since, d.told.Numbered, d.told.Times, d.told.Decided, d.told.Listed
		case b.in.Told == nil && !b.wall.first() && len(d.open) > 0:
			x.Since = b.wall.cal.Date(d.opened()) // nobody noted when a digest first told it
		}
		if n, _, known := d.pushes(); known {
			x.Pushes = n + 1
		} else if d.told != nil {
			x.Pushes = d.told.Pushes
		}
		if x.Severity == hygiene.High {
			x.High = today
			if d.told != nil && !d.told.High.IsZero() {
				x.High = d.told.High
			}
		}
		switch {
		case d.facts.IsUnclear("amount") && d.told != nil:
			x.Amount, x.Currency = d.told.Amount, d.told.Currency
		case d.facts.Amount.Known:
			x.Amount, x.Currency = d.facts.Amount.Value, b.sources.money.own(d.source, d.facts.Currency)
		}
		if listed[d] {
			x.Listed = today
		}
		if n := b.list.number[d]; n > 0 {
			if x.Numbered != today {
				x.Numbered, x.Times = today, x.Times+1
			}
			if b.list.items[n-1].reason == attention.Decide {
				x.Decided = today
			}
		}
		if g := b.going(d); g.to != "" {
			x.Goes, x.GoesOn = g.to, g.on
		}
		t.Deals = append(t.Deals, x)
	}
	slices.SortFunc(t.Deals, func(x, y ToldDeal) int {
		return cmp.Or(cmp.Compare(x.Source, y.Source), cmp.Compare(x.Record, y.Record))
	})
	b.note(t)
	return t
}

// Since is from when on findings that ended are the next digest's to tell: those of sources
// that were withheld may have ended before the last digest.
func (t *Told) Since() time.Time {
	switch {
	case t == nil:
		return time.Time{}
	case t.Seen.IsZero():
		return t.At
	}
	return t.Seen
}

// Bytes and [ParseTold] write and read what is kept of a digest.
func (t *Told) Bytes() ([]byte, error) { return json.Marshal(t) }

// ParseTold reads what [Told.Bytes] wrote.
func ParseTold(b []byte) (*Told, error) {
	t := &Told{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("what the last digest told: %w", err)
	}
	return t, nil
}

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
