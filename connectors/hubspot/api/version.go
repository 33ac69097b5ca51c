package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Version is the version of the API, part of every path.
const Version = "2026-09"

// older are the versions with the same paths and answers for all that is read here,
// newest first. A portal behind a proxy, or one that HubSpot moves, may not have
// Version yet.
var older = []string{"2026-03"}

// NoAPIError says that nothing answers at the paths of the API.
type NoAPIError struct{ err error }

// Error says what is the matter, and what to do.
func (e *NoAPIError) Error() string { return e.err.Error() }

// Unwrap returns the explained refusal.
func (e *NoAPIError) Unwrap() error { return e.err }

// versioned is the path in the version that the portal has.
func (c *Client) versioned(path string) string {
	if v := c.version.Load(); v != nil && *v != Version {
		return strings.Replace(path, "/"+Version, "/"+*v, 1)
	}
	return path
}

// Account asks for the account's details, and so finds the version that the portal has:
// Version, or the newest older one. It is looked for anew with each call of Account.
func (c *Client) Account(ctx context.Context, out Answer) (asked time.Time, err error) {
	q := Request{Path: "/account-info/" + Version + "/details", What: "the account's details", Scope: "oauth", Account: true}
	was := c.version.Swap(nil)
	asked, err = c.Get(ctx, q, out)
	if !isNoAPI(err) {
		if err != nil {
			c.version.CompareAndSwap(nil, was) // nothing was learnt
		}
		return asked, err
	}
	for _, v := range older {
		c.version.Store(&v)
		if asked, err := c.Get(ctx, q, out); !isNoAPI(err) {
			return asked, err
		}
	}
	c.version.Store(nil)
	return time.Time{}, &NoAPIError{c.Fail(crm.ErrRefused, fmt.Sprintf("there is no HubSpot API of version %s here, nor of %s (HTTP 404)", Version, strings.Join(older, " or ")),
		"check url, or leave url out for "+DefaultURL+"; if url is right, install the newest Pipetidy")}
}

func isNoAPI(err error) bool {
	_, ok := errors.AsType[*NoAPIError](err)
	return ok
}
