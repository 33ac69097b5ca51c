package edition

import "github.com/pipetidy/pipetidy/crm"

// Kind is what an event is about, in the words of a log.
type Kind string

// The kinds of events.
const (
	Due     Kind = "digest due"
	Expired Kind = "digest expired"
)

// Event is what became of one period.
type Event struct {
	Kind       Kind
	Digest     string
	Team       string
	Date       crm.Date
	Edition    int
	Deliveries int // planned
	Reason     string
}
