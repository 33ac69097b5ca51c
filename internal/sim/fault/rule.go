// Package fault is what goes wrong with a simulated HTTP service, on request: a
// [Script] holds the rules, chooses the rule that a request meets, answers as that
// rule says, and remembers all requests. Each service embeds a Script; the package
// itself knows no service. The mail server, which speaks SMTP, has faults of its
// own.
package fault

import (
	"net/http"
	"time"
)

// Kind is what goes wrong.
type Kind string

// The kinds of fault.
const (
	Reply    Kind = ""         // Status, Header and Body as given
	HTML200  Kind = "html200"  // a maintenance page with status 200
	HTML503  Kind = "html503"  // a maintenance page with status 503
	Reset    Kind = "reset"    // the connection closes without an answer
	Truncate Kind = "truncate" // the answer stops in the middle
	Slow     Kind = "slow"     // the answer comes after Delay
	Hang     Kind = "hang"     // no answer until the client gives up
	Stall    Kind = "stall"    // the answer begins, and goes on after Delay
	Edit     Kind = "edit"     // the answer as Change makes it
	Cut      Kind = "cut"      // half of the answer, with a Content-Length that fits the half
)

// Rule is one scripted misbehaviour of a simulated service.
type Rule struct {
	Path  string                   // part of the request's path; "" is any
	Sub   string                   // part of the URL of a composite's subrequest: only that subrequest gets the Reply
	Match func(*http.Request) bool // nil is any
	Skip  int                      // how many matching requests are answered well first
	Times int                      // how often; 0 is once, negative is always

	Kind   Kind
	Status int // 0 is 500
	Header map[string]string
	Body   string
	Delay  time.Duration
	Change func(body []byte) []byte // of Edit
	// Commit lets the request take effect, so only the answer is lost or wrong.
	Commit bool
}

// Call is one request that a service got, without secrets.
type Call struct {
	At     time.Time
	Method string
	Path   string
	Query  string // the SOQL of a query, or the address's parameters; empty for Slack and for token requests
	Status int    // 0 where no answer was given
}
