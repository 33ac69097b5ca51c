package api

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
)

// Status is what `status -o json` prints.
type Status struct {
	GeneratedAt time.Time        `json:"generated_at"`
	Daemon      bool             `json:"daemon"` // answered by a running daemon
	Mode        string           `json:"mode"`   // who gets digests today, and which teams later: "live; East from Mon 7 Dec"
	Sources     []SourceState    `json:"sources"`
	Findings    int              `json:"findings"` // open
	Paused      int              `json:"paused"`   // open deals that are parked
	Evaluated   *time.Time       `json:"evaluated_at"`
	Digests     []DigestState    `json:"digests"`
	Deliveries  []DeliveryStatus `json:"deliveries"` // of the last 7 days, newest first; all that are not settled
	Notices     []string         `json:"notices"`    // what ops should know, in sentences
	File        []string         `json:"file"`       // those of them about what the file names and no CRM has
}

// SourceState is the sync state of one source.
type SourceState struct {
	Name     string           `json:"name"`
	Type     string           `json:"type"`
	AsOf     *time.Time       `json:"as_of"`
	Complete bool             `json:"complete"`
	Withheld string           `json:"withheld,omitempty"`     // why its findings are withheld
	Next     *time.Time       `json:"next_attempt,omitempty"` // while polls pause: when they go on
	Calls    int64            `json:"api_calls"`              // our own of the last 24 hours, sign-ins included
	Used     int64            `json:"api_used"`               // everybody's today, as the CRM counts
	Limit    int64            `json:"api_limit"`              // of api_used
	Streams  []StreamProgress `json:"streams"`
}

// StreamProgress is the state of one stream.
type StreamProgress struct {
	Stream   crm.Stream `json:"stream"`
	Complete bool       `json:"complete"`
	AsOf     *time.Time `json:"as_of"`
	Records  int        `json:"records"`
	Error    string     `json:"error,omitempty"`
	Waits    string     `json:"waits,omitempty"` // what the sync under way waits for at the CRM
}

// DigestState says when a digest is next due for each team.
type DigestState struct {
	Name string    `json:"name"`
	Team string    `json:"team"`
	Next time.Time `json:"next"`
	// Rest says on which dates before Next, today included, nobody is there to read it, and
	// why: "not on 26 Nov: holiday us".
	Rest string `json:"rest,omitempty"`
}

// DeliveryStatus is one delivery without its body.
type DeliveryStatus struct {
	ID        string           `json:"id"`
	Digest    string           `json:"digest"`
	Period    string           `json:"period"`
	Team      string           `json:"team"`
	Recipient string           `json:"recipient"`
	To        string           `json:"to,omitempty"` // where it went instead
	Channel   delivery.Channel `json:"channel"`
	State     delivery.State   `json:"state"`
	Reason    string           `json:"reason,omitempty"`
	Attempts  int              `json:"attempts"`
	Changed   time.Time        `json:"changed"`
}
