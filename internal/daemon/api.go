package daemon

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
)

// The control API: HTTP with JSON bodies over data_dir/pipetidy.sock (0600). A
// command speaks it to the running daemon; without one it opens the files itself
// and speaks it to a handler in its own process, so both ways are one code.
//
//	GET  /v1/status                    → Status
//	POST /v1/sync           SyncRequest    → a stream of SyncEvent, one JSON object a line
//	POST /v1/check          CheckRequest   → Check
//	GET  /v1/explain?id=ID-or-URL      → Explanation
//	POST /v1/digest/preview PreviewRequest → []Preview
//	POST /v1/digest/send    SendRequest    → []SendResult
//	GET  /v1/export?stream=S&source=N  → one JSON object a line (fields: contract/README.md)
//
// An error is a status other than 200 with an APIError.

// APIError is what the control API answers when it cannot do what was asked.
type APIError struct {
	Message string `json:"error"`
	// Exit is the exit code that the command ends with (docs/cli.md).
	Exit int `json:"exit"`
}

// Error is the message.
func (e *APIError) Error() string { return e.Message }

// Exit codes, as documented for the command line.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitFindings    = 3
	ExitNoVerdict   = 4
	ExitUnavailable = 69
	ExitIO          = 74
	ExitInUse       = 75
	ExitConfig      = 78
)

// Status is what is going on.
type Status struct {
	GeneratedAt time.Time        `json:"generated_at"`
	Daemon      bool             `json:"daemon"` // answered by a running daemon
	Sources     []SourceState    `json:"sources"`
	Findings    int              `json:"findings"` // open
	Evaluated   *time.Time       `json:"evaluated_at"`
	Digests     []DigestState    `json:"digests"`
	Deliveries  []DeliveryStatus `json:"deliveries"` // of the last 7 days, newest first; all that are not settled
	Notices     []string         `json:"notices"`    // what ops should know, in sentences
}

// SourceState is the sync state of one source.
type SourceState struct {
	Name     string           `json:"name"`
	Type     string           `json:"type"`
	AsOf     *time.Time       `json:"as_of"`
	Complete bool             `json:"complete"`
	Withheld string           `json:"withheld,omitempty"`     // why its findings are withheld
	Next     *time.Time       `json:"next_attempt,omitempty"` // while polls pause: when they go on
	Calls    int64            `json:"api_calls"`
	Used     int64            `json:"api_used"`
	Limit    int64            `json:"api_limit"`
	Streams  []StreamProgress `json:"streams"`
}

// StreamProgress is the state of one stream.
type StreamProgress struct {
	Stream   crm.Stream `json:"stream"`
	Complete bool       `json:"complete"`
	AsOf     *time.Time `json:"as_of"`
	Records  int        `json:"records"`
	Error    string     `json:"error,omitempty"`
}

// DigestState says when a digest is next due for each team.
type DigestState struct {
	Name string    `json:"name"`
	Team string    `json:"team"`
	Next time.Time `json:"next"`
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

// SyncRequest asks for one sync; Source "" is every source.
type SyncRequest struct {
	Source string `json:"source"`
	Full   bool   `json:"full"`
}

// SyncEvent is a step of a sync. The last event of each source has Finished set.
type SyncEvent struct {
	Source   string     `json:"source"`
	Stream   crm.Stream `json:"stream,omitempty"`
	Done     int        `json:"done"`
	Total    int        `json:"total"` // 0 is unknown
	Added    int        `json:"added"`
	Changed  int        `json:"changed"`
	Deleted  int        `json:"deleted"`
	Calls    int64      `json:"api_calls"`
	Ended    bool       `json:"ended,omitempty"` // the stream was read to its end; streams are read side by side
	Finished bool       `json:"finished"`
	Notes    []string   `json:"notes,omitempty"` // of a finished source: what cannot be judged, and what to do
	Error    string     `json:"error,omitempty"`
	Exit     int        `json:"exit,omitempty"`
}

// CheckRequest evaluates the cache; empty fields do not filter.
type CheckRequest struct {
	Team  string `json:"team"`
	Owner string `json:"owner"` // email
}

// Check is what `check -o json` prints.
type Check struct {
	GeneratedAt time.Time      `json:"generated_at"`
	Sources     []CheckSource  `json:"sources"`
	Findings    []CheckFinding `json:"findings"`
}

// CheckSource says how far its data can be trusted.
type CheckSource struct {
	Name     string     `json:"name"`
	Type     string     `json:"type"`
	AsOf     *time.Time `json:"as_of"`
	Complete bool       `json:"complete"`
	Withheld string     `json:"withheld,omitempty"`
	// HeldBack is set when a sync alone does not bring the findings back: the login
	// has to see again what it saw before.
	HeldBack bool `json:"held_back,omitempty"`
	Skipped  int  `json:"skipped,omitempty"` // open deals in skipped pipelines, which are not judged
}

// CheckFinding is one finding.
type CheckFinding struct {
	Key           string           `json:"key"`
	Rule          string           `json:"rule"`
	Severity      string           `json:"severity"`
	State         string           `json:"state"` // new, open, back
	Since         time.Time        `json:"since"`
	Source        string           `json:"source"`
	Opportunity   CheckOpportunity `json:"opportunity"`
	Message       string           `json:"message"`
	Value         string           `json:"value"`
	Threshold     string           `json:"threshold"`
	ThresholdFrom string           `json:"threshold_from"`
	Fix           string           `json:"fix"`
}

// CheckOpportunity is the deal of a finding.
type CheckOpportunity struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	URL       string   `json:"url"`
	Owner     string   `json:"owner"` // email, else name, else id
	Team      string   `json:"team"`
	Stage     string   `json:"stage"` // label
	Amount    *float64 `json:"amount"`
	Currency  string   `json:"currency"`
	CloseDate string   `json:"close_date"`
}

// Explanation is every rule on one deal.
type Explanation struct {
	GeneratedAt time.Time        `json:"generated_at"`
	Source      CheckSource      `json:"source"`
	Opportunity CheckOpportunity `json:"opportunity"`
	Closed      string           `json:"closed,omitempty"` // "won", "lost"
	Rules       []RuleVerdict    `json:"rules"`
}

// RuleVerdict is what one rule says of one deal.
type RuleVerdict struct {
	Rule          string `json:"rule"`
	Title         string `json:"title"`
	Outcome       string `json:"outcome"` // pass, fail, unknown, exempt, off
	Severity      string `json:"severity,omitempty"`
	Reason        string `json:"reason"`
	Value         string `json:"value,omitempty"`
	Threshold     string `json:"threshold,omitempty"`
	ThresholdFrom string `json:"threshold_from,omitempty"`
	Fix           string `json:"fix,omitempty"`
}

// PreviewRequest asks what a digest would say now; For "" is every reader.
type PreviewRequest struct {
	Name string `json:"name"`
	For  string `json:"for"` // email
}

// Preview is one reader's digest as each channel would write it.
type Preview struct {
	Digest    string           `json:"digest"`
	Team      string           `json:"team"`
	Recipient string           `json:"recipient"`
	Channel   delivery.Channel `json:"channel"`
	Else      delivery.Channel `json:"else,omitempty"`
	Why       string           `json:"why"` // why this person gets it
	Subject   string           `json:"subject"`
	Text      string           `json:"text"`
	HTML      string           `json:"html"`
	Slack     string           `json:"slack"` // JSON of the parent's blocks
}

// SendRequest sends a digest now.
type SendRequest struct {
	Name  string `json:"name"`
	To    string `json:"to"` // send to this address instead: a test, marked as such
	Again bool   `json:"again"`
}

// SendResult is what became of one delivery of a SendRequest.
type SendResult struct {
	DeliveryStatus
	// Already is set when the period's digest had been sent before and nothing
	// was delivered now.
	Already bool `json:"already"`
}
