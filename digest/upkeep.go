package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Upkeep is what a digest about the program itself is written from.
type Upkeep struct {
	Version string
	Since   time.Time // since when the process runs; zero is not known
	Matters []Matter  // what somebody has to do something about, what hurts readers most first
	Polls   []Poll    // of the sources of which it is known
	Sent    Outcomes
	Nobody  []Ownership // people in no team who own open deals, with the most first
}

// Matter is one thing that somebody has to do something about.
type Matter struct {
	Text string    // a clause that ends in what to do
	Told time.Time // when ops were told at once; zero is never
}

// Poll is what reading a source costs.
type Poll struct {
	Source string  // configuration name
	Used   float64 // of our share of the account's calls of today: 0.31
}

// Ownership is how many open deals somebody owns.
type Ownership struct {
	Owner string // email, else name
	Deals int
}

// Outcomes says what became of one day's digests, one for each reader.
type Outcomes struct {
	Day     crm.Date
	By      []Tallied // that arrived, by channel
	Unknown int       // nobody knows whether they arrived
	Waiting int       // not settled yet
	Failed  []Tallied // by reason, as are those that follow
	Expired []Tallied
	Skipped []Tallied
	Unsent  []string // digests that no reader of a team had, with the reason; one clause for those that share it
}

// Tallied is how many there are of something.
type Tallied struct {
	What string
	N    int
}

func inAll(ts []Tallied) (n int) {
	for _, t := range ts {
		n += t.N
	}
	return n
}

// due is how many digests were to arrive.
func (o *Outcomes) due() int {
	return inAll(o.By) + o.Unknown + o.Waiting + inAll(o.Failed) + inAll(o.Expired)
}

// well reports whether all of them arrived.
func (o *Outcomes) well() bool { return inAll(o.By) == o.due() }
