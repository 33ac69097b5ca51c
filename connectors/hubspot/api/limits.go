package api

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

const (
	callWindow   = 10 * time.Second // HubSpot's rolling window
	searchWindow = time.Second
)

// daily reads what HubSpot tells of the portal's day.
func daily(h http.Header) (used, limit int64) {
	if h.Get("X-Hubspot-Ratelimit-Daily-Remaining") == "" {
		return 0, 0
	}
	limit = headerNumber(h, "X-Hubspot-Ratelimit-Daily")
	return max(limit-headerNumber(h, "X-Hubspot-Ratelimit-Daily-Remaining"), 0), limit
}

// learn sets the pace to what an answer tells. Answers of searches tell nothing.
func learn(p *allowance.Pace, h http.Header) {
	limit, window, pause := paceTold(h)
	if limit > 0 {
		p.Learn(limit, window)
		p.Hold(pause)
	}
}

// paceTold reads how many calls may be made in a window: four fifths of what an
// answer tells, since other calls may be made with the same token. When less than a
// tenth is left, it is time for a pause. The limit is 0 where the answer tells none.
func paceTold(h http.Header) (limit int, window, pause time.Duration) {
	told := headerNumber(h, "X-Hubspot-Ratelimit-Max")
	window = time.Duration(headerNumber(h, "X-Hubspot-Ratelimit-Interval-Milliseconds")) * time.Millisecond
	if told <= 0 || window < time.Second || window > time.Minute {
		return 0, 0, 0
	}
	if left := h.Get("X-Hubspot-Ratelimit-Remaining"); left != "" && headerNumber(h, "X-Hubspot-Ratelimit-Remaining") < told/10 {
		pause = window / 10
	}
	return int(max(min(told, 1_000_000)*4/5, 1)), window, pause
}

// headerNumber reads a header that holds a number; 0 is none.
func headerNumber(h http.Header, name string) int64 {
	n, err := strconv.ParseInt(h.Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// allow returns an error when our share of the portal's day is used up.
func (c *Client) allow() error {
	quota, of := c.meter.Exhausted()
	if quota == nil {
		return nil
	}
	return &rest.ExplainedError{
		Where:  c.where,
		What:   "this source has used its share of the portal's API calls (" + of + ")",
		Remedy: "the source goes on by itself after midnight in the portal's time zone; raise api_budget or poll less often",
		Cause:  quota,
	}
}

// Crowded reports whether the portal has few calls of its day left.
func (c *Client) Crowded() bool { return c.AllowBackfill() != nil }

// AllowBackfill returns an error when the portal has few calls of its day left.
func (c *Client) AllowBackfill() error {
	quota, own := c.meter.Crowded()
	if quota == nil {
		return nil
	}
	return &rest.ExplainedError{
		Where: c.where,
		What: fmt.Sprintf("waiting: %d %% of the portal's API calls of today are used, %d %% by others", allowance.Percent(quota.Used, quota.Limit),
			allowance.Percent(quota.Used-own, quota.Limit)),
		Remedy: "what is read for the first time, or again as a whole, goes on by itself when less than 85 % are used; polls go on meanwhile",
		Cause:  quota,
	}
}

// daySpent says that the portal's own daily allowance is used up.
func (c *Client) daySpent() error {
	u := c.meter.Usage()
	if u.Limit > 0 {
		u.Used = u.Limit
	}
	return &rest.ExplainedError{
		Where: c.where, What: "the portal's API calls of today are used up",
		Remedy: "the source goes on by itself after midnight in the portal's time zone; ask the HubSpot administrator what else makes calls",
		Cause:  &crm.QuotaError{Until: c.meter.Midnight(), Used: u.Used, Limit: u.Limit},
	}
}
