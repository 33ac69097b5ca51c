// Package api makes the calls to HubSpot's API for package hubspot: each call signed
// and within its pace, and all calls within the day's budget. Calls that HubSpot asks
// to make later are made again, and refusals are explained. Lists, searches, batches
// and associations are decoded into the records of package row. What a record means is
// for package portal, and where a run stands for package hubspot. Open call.go first:
// every call goes through [Client.Get].
package api

import (
	"sync/atomic"
	"time"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// DefaultURL is the address that serves every portal.
const DefaultURL = "https://api.hubapi.com"

// Config holds the settings of a client. A setting is required unless its comment says
// otherwise.
type Config struct {
	Name  string // of the source, under which the vault keeps tokens
	Where string // names the source in errors
	URL   string
	Token secret.Secret // read for each call, so a rotated token is taken up; none with Auth
	Auth  *Auth         // instead of Token; nil with Token
	Vault crm.Vault     // keeps the successors of the refresh token; nil keeps them in memory only

	PageLimit  int     // records of one call, 1 to MaxPage
	SearchRate int     // searches per second
	CallRate   int     // other calls per ten seconds until HubSpot tells its limit
	Budget     float64 // share of the portal's daily calls

	Now func() time.Time // for the budget and the age of tokens
}

// Client calls one portal. It may be used by many goroutines at once.
type Client struct {
	cfg   Config
	web   *rest.Client
	where string
	meter *allowance.Meter
	grant *grant // nil with a static token

	clock rest.Clock

	version atomic.Pointer[string] // that the portal has; nil is Version

	calls    *allowance.Pace // of all calls but searches and associations
	searches *allowance.Pace
	links    *allowance.Pace // associations, which HubSpot counts apart
}

// New returns a client. New makes no call.
func New(cfg Config, web *rest.Client) *Client {
	c := &Client{
		cfg: cfg, web: web, where: cfg.Where,
		meter:    allowance.Calendar(cfg.Budget, daily, cfg.Now),
		calls:    allowance.NewPace(cfg.CallRate, callWindow),
		searches: allowance.NewPace(cfg.SearchRate, searchWindow),
		links:    allowance.NewPace(cfg.SearchRate, searchWindow),
	}
	if cfg.Auth != nil {
		c.grant = newGrant(c)
	}
	return c
}

// Usage says how many calls were made, and how many the portal has left today.
func (c *Client) Usage() crm.Usage { return c.meter.Usage() }

// Resume counts the calls that an earlier process made today.
func (c *Client) Resume(noted crm.Usage) { c.meter.Resume(noted) }

// Clock is the server's clock.
func (c *Client) Clock() *rest.Clock { return &c.clock }

// In sets the zone in which the portal's day begins.
func (c *Client) In(zone *time.Location) { c.meter.In(zone) }
