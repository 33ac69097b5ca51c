package evaluation

import "time"

// Kind says what happened. It is also the message in the log.
type Kind string

// The kinds of events.
const (
	Evaluated Kind = "evaluated"
	Withheld  Kind = "findings withheld"
	Fault     Kind = "rule failed" // a rule panicked
	Notice    Kind = "notice"      // something new that a person has to put right
)

// Event is one thing that an evaluation did or met.
type Event struct {
	Kind       Kind
	Source     string
	Text       string // why findings are withheld; what the notice says; of a fault, what the panic said
	Rule, Deal string // of a fault
	Stack      string // of a fault: where it happened
	Deals      int    // judged
	Findings   int    // open
	Generation uint64
	Took       time.Duration
}
