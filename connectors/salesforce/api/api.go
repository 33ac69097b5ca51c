// Package api calls one Salesforce org over HTTP: within the allowance, in a
// session of package login, several requests in one call where the org takes
// composites, and with the steps of a Bulk job.
//
// What is asked and what the answers mean is for package salesforce, for which
// alone this package is. A token names no expiry, so a 401 is what tells that it
// ended; the session is renewed once, by one caller for all.
package api

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// Client is what an org is called by. It may be used by many goroutines at once.
type Client struct {
	cfg    Config
	web    *rest.Client
	where  refusal.Where
	login  *login.Login
	budget *budget
	// clock is the server's clock as of its latest answer, in Unix seconds.
	clock atomic.Int64
	apart atomic.Bool // composites are refused
}

// New returns a client for the org that cfg describes. It makes no call yet.
func New(cfg Config, web *rest.Client) (*Client, error) {
	cfg = cfg.withDefaults()
	if cfg.Auth.Flow == login.RefreshToken && cfg.Vault == nil {
		return nil, errors.New("auth.flow: refresh_token wants a place to keep the tokens that Salesforce answers with, and there is none")
	}
	name := refusal.Where(fmt.Sprintf("source %s (%s)", cfg.Name, cfg.URL))
	b := &budget{Meter: allowance.Rolling(cfg.Budget, limitInfo, cfg.Now), where: name, now: cfg.Now}
	return &Client{cfg: cfg, web: web, where: name, budget: b, login: login.New(cfg.Config, web, name, b)}, nil
}

// Session returns the session, logging in if there is none.
func (c *Client) Session(ctx context.Context) (*login.Session, error) { return c.login.Session(ctx) }

// Usage tells how many calls were made and what the org says is left.
func (c *Client) Usage() crm.Usage { return c.budget.Usage() }

// Resume takes up what an earlier process had spent of the day.
func (c *Client) Resume(noted crm.Usage) { c.budget.Resume(noted) }

// Clock is the server's clock as of its latest answer, in Unix seconds: never
// ahead of it, and behind by the age of that answer. 0 is not known yet.
func (c *Client) Clock() int64 { return c.clock.Load() }

// Composites reports whether the org has not refused them yet.
func (c *Client) Composites() bool { return !c.apart.Load() }

// Where names the source in errors.
func (c *Client) Where() string { return string(c.where) }

// Fail is an error that says what to do.
func (c *Client) Fail(kind error, what, remedy string) error { return c.where.Fail(kind, what, remedy) }

// Unreadable says that an answer has another form than was asked for.
func (c *Client) Unreadable(err error) error { return c.where.Unreadable(err) }

// refused explains an answer that is not the data asked for.
func (c *Client) refused(resp *rest.Response, t *login.Session) error {
	return c.where.Explain(resp, refusal.Asked{Version: c.cfg.Version, Secret: t.Secret(), DaySpent: c.budget.daySpent})
}
