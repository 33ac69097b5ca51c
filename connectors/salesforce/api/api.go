// Package api speaks with one Salesforce org over HTTP: it signs in by the flow
// of the configuration, makes calls within the allowance, takes composites apart
// and runs Bulk jobs, and explains every refusal in words that say what to do.
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
	"github.com/pipetidy/pipetidy/crm"
)

// Client is what an org is called by. It may be used by many goroutines at once.
type Client struct {
	cfg    Config
	web    *rest.Client
	where  where
	login  *login
	budget *budget
	// clock is the server's clock as of its latest answer, in Unix seconds.
	clock atomic.Int64
	apart atomic.Bool // composites are refused
}

// New returns a client for the org that cfg describes. It makes no call yet.
func New(cfg Config, web *rest.Client) (*Client, error) {
	cfg = cfg.withDefaults()
	if cfg.Auth.Flow == RefreshToken && cfg.Vault == nil {
		return nil, errors.New("auth.flow: refresh_token wants a place to keep the tokens that Salesforce answers with, and there is none")
	}
	name := where(fmt.Sprintf("source %s (%s)", cfg.Name, cfg.URL))
	b := &budget{Meter: allowance.Rolling(cfg.Budget, limitInfo, cfg.Now), where: name, now: cfg.Now}
	return &Client{cfg: cfg, web: web, where: name, budget: b, login: newLogin(cfg, web, b)}, nil
}

// Session returns the session, logging in if there is none.
func (c *Client) Session(ctx context.Context) (*Session, error) { return c.login.token(ctx) }

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
func (c *Client) Fail(kind error, what, remedy string) error { return c.where.fail(kind, what, remedy) }

// Unreadable says that an answer has another form than was asked for.
func (c *Client) Unreadable(err error) error { return c.where.unreadable(err) }
