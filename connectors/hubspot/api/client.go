// Package api makes the calls to the API of HubSpot: it signs them, keeps each
// within its pace and all of them within the day's budget, repeats what HubSpot
// asks to repeat, and explains what HubSpot refuses. Lists, searches, batches and
// associations are decoded into records. What the records mean, and where a reading
// stands, is for package hubspot, which alone uses the package.
package api

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// DefaultURL is the address that serves every portal.
const DefaultURL = "https://api.hubapi.com"

// Config are the settings of a client, each of them required unless it says otherwise.
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

	calls    *allowance.Pace // all but the two others
	searches *allowance.Pace
	links    *allowance.Pace // associations, which HubSpot counts apart
}

// New returns a client. It makes no call yet.
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

// Usage tells how many calls were made and what the portal says is left of its day.
func (c *Client) Usage() crm.Usage { return c.meter.Usage() }

// Resume takes up what an earlier process had spent of the day.
func (c *Client) Resume(noted crm.Usage) { c.meter.Resume(noted) }

// In says in which zone the portal's day begins.
func (c *Client) In(zone *time.Location) { c.meter.In(zone) }
