package hubspot

import (
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// Options are the switches of the API and the portal; see [Server.Set].
type Options struct {
	Token    string // the static one: a service key, or a private app's
	PortalID int64
	// Zone names the portal's time zone, in which its day ends; "" is the
	// company's. Currency and UIDomain are what account-info says; "" is USD
	// and app.hubspot.com.
	Zone, Currency, UIDomain string
	// Scopes are what the token may do; nil is everything. Denied are types
	// that it may not read all the same.
	Scopes, Denied []string
	// ScopesNamed is the member that names the scopes of a 403; "" is
	// requiredGranularScopes, as on the wire now.
	ScopesNamed string
	Expired     bool // no token is valid any more
	Status530   bool // a token that is none is answered with 530 instead of 401

	OAuth OAuth

	portal.Options
	HistoryDepth int // versions of a property that are told
	// AssociationPage is how many associations of a record a batch read tells
	// at once; 0 is 100.
	AssociationPage int
	// ArchivedStages lets pipelines tell of the stages that are out of use.
	ArchivedStages bool
	// RepeatRows and SkipRows are how many further pages of lists and searches
	// begin with the row that the page before ended with, or lack their first
	// row. They count down.
	RepeatRows, SkipRows int

	// Burst and Searches are how many calls within ten real seconds, and
	// searches within one, are answered; 0 is any number.
	Burst, Searches  int
	Daily, DailyUsed int // calls a day; DailyUsed counts up until midnight in the portal
	// RetryAfter is that header of a 429; "" is none. SearchPolicy lets the 429
	// of a search name its policy.
	RetryAfter   string
	SearchPolicy bool
}

// OAuth is an OAuth app that is installed in the portal.
type OAuth struct {
	ClientID, ClientSecret, RefreshToken string
	Life                                 time.Duration // of an access token, by the company's clock; 0 is 30 minutes
	// Rotate lets each refresh end the refresh token and give another.
	Rotate bool
	// Revoked is an app that was uninstalled; NoPortal a portal that is gone.
	Revoked, NoPortal bool
}

// shared is what all parts of the server know.
type shared struct {
	portal *portal.Records

	lock sync.Mutex // of the switches and all that the parts hold; never held while the clock is taken
	opt  Options
}

// Set changes the switches.
func (h *shared) Set(change func(*Options)) {
	h.lock.Lock()
	defer h.lock.Unlock()
	change(&h.opt)
}

// Options are the switches as they stand.
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
