package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// budget is our share of the org's calls.
type budget struct {
	*allowance.Meter
	where refusal.Where
	now   func() time.Time
}

// Allow returns an error when our share of the org's day is used up.
func (b *budget) Allow() error {
	quota, of := b.Exhausted()
	if quota == nil {
		return nil
	}
	return &rest.ExplainedError{
		Where:  string(b.where),
		What:   "this source has used its share of the org's API calls (" + of + ")",
		Remedy: "reading goes on by itself at " + clock(quota.Until) + "; raise api_budget or poll less often to go on sooner",
		Cause:  quota,
	}
}

// AllowBackfill returns an error when the org has few calls of its day left.
func (c *Client) AllowBackfill() error {
	quota, own := c.budget.Crowded()
	if quota == nil {
		return nil
	}
	return &rest.ExplainedError{
		Where: string(c.where),
		What: fmt.Sprintf("waiting: %d %% of the org's API calls of 24 hours are used, %d %% by others", allowance.Percent(quota.Used, quota.Limit),
			allowance.Percent(quota.Used-own, quota.Limit)),
		Remedy: "what is read for the first time, or again as a whole, goes on by itself when less than 85 % are used; polls go on meanwhile",
		Cause:  quota,
	}
}

// daySpent says that the org's own daily allowance is used up. The org's day rolls,
// so the time at which there is room is not known: the source tries again in an hour.
func (b *budget) daySpent() error {
	u, until := b.Usage(), b.now().Add(time.Hour).UTC()
	return &rest.ExplainedError{
		Where: string(b.where), What: "the org's API calls of 24 hours are used up",
		Remedy: "Pipetidy tries again at " + clock(until) + "; ask the Salesforce administrator what else uses the org's calls",
		Cause:  &crm.QuotaError{Until: until, Used: u.Used, Limit: u.Limit},
	}
}

// clock writes a time for people in any zone.
func clock(t time.Time) string { return t.UTC().Format("15:04 MST on 2 January") }

// limitInfo decodes "api-usage=18/5000; per-app-api-usage=17/250(appName=x)". The
// figures of the org count, those of the app do not. Zeros are unknown.
func limitInfo(h http.Header) (used, limit int64) {
	for part := range strings.FieldsFuncSeq(h.Get("Sforce-Limit-Info"), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		figures, ok := strings.CutPrefix(part, "api-usage=")
		if !ok {
			continue
		}
		a, b, _ := strings.Cut(figures, "/")
		u, err1 := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
		l, err2 := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
		if err1 == nil && err2 == nil && u >= 0 && l > 0 {
			return u, l
		}
	}
	return 0, 0
}
