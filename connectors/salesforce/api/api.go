// Package api calls one Salesforce org over HTTP: within the org's allowance and in a
// session of package login. Where the org takes composites, several requests go into
// one call. The steps of a Bulk job are calls of their own.
//
// Only package salesforce and its subfolders use this package; what is queried and
// what the answers mean is decided there. A newcomer opens [Client.Call] first.
//
// A token names no expiry, so only a 401 tells that a session has ended. The session
// is then renewed once, by one caller for all.
package api

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// Client calls one org. Many goroutines may use a Client at once.
type Client struct {
	cfg    Config
	web    *rest.Client
	where  refusal.Where
	login  *login.Login
	budget *budget
	// clock is the server's clock as of its latest answer, in Unix seconds.
	clock atomic.Int64
	date  rest.Clock // which goes on between two answers
	// version is the version of the API that is called.
	version atomic.Pointer[string]
	// Refusals are the abilities that the org has refused: composites, and what callers
	// add.
	Refusals *Refusals
}

// New returns a client for the org that cfg describes. New makes no call.
func New(cfg Config, web *rest.Client) (*Client, error) {
	cfg = cfg.withDefaults()
	if cfg.Auth.Flow == login.RefreshToken && cfg.Vault == nil {
		return nil, errors.New("auth.flow: refresh_token requires a vault for the tokens that Salesforce answers with, and none is given")
	}
	name := refusal.Where(fmt.Sprintf("source %s (%s)", cfg.Name, cfg.URL))
	b := &budget{Meter: allowance.Rolling(cfg.Budget, limitInfo, cfg.Now), where: name, now: cfg.Now}
	c := &Client{cfg: cfg, web: web, where: name, budget: b, login: login.New(cfg.Config, web, name, b), Refusals: NewRefusals(cfg.Now)}
	c.version.Store(&cfg.Version)
	return c, nil
}

// Session returns the open session, and logs in if there is none.
func (c *Client) Session(ctx context.Context) (*login.Session, error) { return c.login.Session(ctx) }

// Usage tells how many calls were made, and the org's own figures.
func (c *Client) Usage() crm.Usage { return c.budget.Usage() }

// Resume takes over the usage that an earlier process noted.
func (c *Client) Resume(noted crm.Usage) { c.budget.Resume(noted) }

// Clock is the server's clock at the latest answer, in Unix seconds. It is never ahead
// of the server's clock, and behind by the age of the answer. 0 is not known yet.
func (c *Client) Clock() int64 { return c.clock.Load() }

// ServerTime is what the server's clock shows now; zero before the first answer.
func (c *Client) ServerTime() time.Time { return c.date.Now() }

// Composites reports whether composites are worth a try: the org has not refused one
// lately.
func (c *Client) Composites() bool { return !c.Refusals.Holds(composites) }

// Where names the source in errors.
func (c *Client) Where() string { return string(c.where) }

// Fail is an error that says what to do.
func (c *Client) Fail(kind error, what, remedy string) error { return c.where.Fail(kind, what, remedy) }

// Unreadable says that an answer has an unexpected form.
func (c *Client) Unreadable(err error) error { return c.where.Unreadable(err) }

// refused explains an answer that is not the requested data.
func (c *Client) refused(resp *rest.Response, t *login.Session) error {
	err := c.where.Explain(resp, refusal.Asked{Version: *c.version.Load(), Secret: t.Secret(), DaySpent: c.budget.daySpent})
	return crm.Later(err, rest.Until(resp.Header, c.cfg.Now()))
}
