package edition

import "github.com/pipetidy/pipetidy/crm"

// Kind says what happened. It is also the message in the log.
type Kind string

// The kinds of events.
const (
	Due     Kind = "digest due"
	Expired Kind = "digest expired"
	Unclear Kind = "digest unclear"
)

// Event is what was decided about one period.
type Event struct {
	Kind       Kind
	Digest     string
	Team       string
	Date       crm.Date
	Edition    int
	Deliveries int // planned
	Reason     string
}
