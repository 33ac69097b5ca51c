package hubspot

import (
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// Options are the switches of the API and the portal; see [Server.Set].
type Options struct {
	Token    string // the static token: a service key, or the token of a private app
	PortalID int64
	// Zone names the portal's time zone, which decides when the day ends; "" is
	// the company's. account-info tells Currency and UIDomain; "" is USD and
	// app.hubspot.com.
	Zone, Currency, UIDomain string
	// Currencies are those that deals may be in besides Currency.
	Currencies []string
	// Scopes are the scopes of the token; nil is all scopes. Denied are types that
	// the token may not read whatever its scopes.
	Scopes, Denied []string
	// ScopesNamed is the member that names the scopes in the body of a 403; "" is
	// requiredGranularScopes, as in the real service today.
	ScopesNamed string
	Expired     bool // no token is valid any more
	Status530   bool // a text that is no token is answered with 530 instead of 401

	OAuth OAuth

	portal.Options
	HistoryDepth int // how many versions of a property are told
	// AssociationPage is how many associations of a record a batch read tells
	// at once; 0 is 100.
	AssociationPage int
	// ArchivedStages lets pipelines tell archived stages.
	ArchivedStages bool
	// RepeatRows and SkipRows are how many further pages of lists and searches
	// begin with the last row of the page before, or lack their first row. Both
	// count down.
	RepeatRows, SkipRows int

	// Burst and Searches are how many calls within ten real seconds, and
	// searches within one, are answered; 0 is any number.
	Burst, Searches  int
	Daily, DailyUsed int // calls a day; DailyUsed counts up until midnight in the portal
	// RetryAfter is the header Retry-After of a 429; "" is none. SearchPolicy lets
	// the 429 of a search name its policy.
	RetryAfter   string
	SearchPolicy bool
}

// OAuth is an OAuth app that is installed in the portal.
type OAuth struct {
	ClientID, ClientSecret, RefreshToken string
	Life                                 time.Duration // of an access token, by the company's clock; 0 is 30 minutes
	// Rotate lets each refresh end the refresh token and give a new one.
	Rotate bool
	// Revoked means that the app was uninstalled; NoPortal that the portal was
	// closed.
	Revoked, NoPortal bool
}

// shared is what all parts of the server use.
type shared struct {
	portal *portal.Records

	lock sync.Mutex // guards the switches and all state of the parts; never held while the clock is taken
	opt  Options
}

// Set changes the switches.
func (h *shared) Set(change func(*Options)) {
	h.lock.Lock()
	defer h.lock.Unlock()
	change(&h.opt)
}

// Options returns the present switches.
func (h *shared) Options() Options {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.opt
}

// zone is the portal's time zone.
func (h *shared) zone() *time.Location {
	if name := h.Options().Zone; name != "" {
		return clock.Location(name)
	}
	return h.portal.Zone()
}

// now is the time by the portal's clock.
func (h *shared) now() time.Time { return h.portal.Now().Add(h.Options().Skew) }
