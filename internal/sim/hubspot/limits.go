package hubspot

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// permit refuses a token that lacks one of the scopes; with either, a token that
// lacks all of the scopes.
func (h *shared) permit(either bool, scopes ...string) error {
	o := h.Options()
	have := o.Scopes
	missing := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return slices.Contains(have, s) })
	if have == nil || len(missing) == 0 || either && len(missing) < len(scopes) {
		return nil
	}
	return o.forbidden(scopes)
}

// permitType refuses a token that may not read a type of records.
func (h *shared) permitType(t *portal.Type, scopes ...string) error {
	if o := h.Options(); slices.ContainsFunc(o.Denied, func(name string) bool { return portal.TypeNamed(name) == t }) {
		return o.forbidden(scopes)
	}
	return h.permit(false, scopes...)
}

func (o *Options) forbidden(scopes []string) error {
	return fail(http.StatusForbidden, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.").
		with("errors", []any{map[string]any{"message": "One or more of the following scopes are required.", "context": map[string][]string{cmp.Or(o.ScopesNamed, "requiredGranularScopes"): scopes}}}).
		with("links", map[string]string{"scopes": "https://developers.hubspot.com/scopes"})
}

// limits count the calls and refuse calls beyond a limit.
type limits struct {
	*shared
	requests []time.Time // within the last ten real seconds
	searches []time.Time // within the last real second
	day      string      // the date that DailyUsed counts, in the portal's zone
}

// today is the date in the portal's zone.
func (h *limits) today() string { return h.now().In(h.zone()).Format(time.DateOnly) }

// roll begins a new day's count.
func (h *limits) roll(today string) {
	if h.day != today {
		if h.day != "" {
			h.opt.DailyUsed = 0
		}
		h.day = today
	}
}

// OthersCall lets the account's other apps, with whom the daily limit is
// shared, make n calls today.
func (h *limits) OthersCall(n int) {
	today := h.today()
	h.lock.Lock()
	defer h.lock.Unlock()
	h.roll(today)
	h.opt.DailyUsed += n
}

// usage tells how many of the day's calls are used.
func (h *limits) usage() any {
	now, zone := h.now(), h.zone()
	y, m, d := now.In(zone).Date()
	o := h.Options()
	return map[string]any{"results": []any{map[string]any{"name": "private-apps-api-calls-daily", "usageLimit": o.Daily, "currentUsage": o.DailyUsed, "fetchStatus": "SUCCESS",
		"collectedAt": portal.Stamp(now), "resetsAt": portal.Stamp(time.Date(y, m, d+1, 0, 0, 0, 0, zone))}}}
}

// allow counts the call and refuses a call that exceeds a limit. The day is a day of
// the portal's clock; bursts are measured in real time, as clients pause in real
// time.
func (h *limits) allow(w http.ResponseWriter, search, oauth bool) error {
	today := h.today()
	h.lock.Lock()
	defer h.lock.Unlock()
	h.roll(today)
	now := time.Now()
	recent := func(list []time.Time, span time.Duration) []time.Time {
		return slices.DeleteFunc(list, func(t time.Time) bool { return now.Sub(t) >= span })
	}
	var refuse *apiError
	most := h.opt.Burst
	if most == 0 {
		most = 190
		if oauth {
			most = 110
		}
	}
	h.requests, h.searches = recent(h.requests, 10*time.Second), recent(h.searches, time.Second)
	switch {
	case h.opt.DailyUsed >= h.opt.Daily:
		refuse = fail(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your daily limit.").with("errorType", "RATE_LIMIT").with("policyName", "DAILY")
	case search && h.opt.Searches > 0 && len(h.searches) >= h.opt.Searches:
		refuse = fail(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your secondly limit.")
		if h.opt.SearchPolicy {
			refuse = refuse.with("policyName", "SECONDLY")
		}
	case !search && h.opt.Burst > 0 && len(h.requests) >= h.opt.Burst:
		refuse = fail(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.").with("errorType", "RATE_LIMIT").with("policyName", "TEN_SECONDLY_ROLLING")
		delete(refuse.body, "category")
	case search:
		h.searches = append(h.searches, now)
		h.opt.DailyUsed++
	default:
		h.requests = append(h.requests, now)
		h.opt.DailyUsed++
	}
	set := func(name string, n int) { w.Header().Set("X-HubSpot-RateLimit-"+name, strconv.Itoa(n)) }
	if !oauth {
		set("Daily", h.opt.Daily)
		set("Daily-Remaining", max(0, h.opt.Daily-h.opt.DailyUsed))
	}
	if !search {
		set("Interval-Milliseconds", 10_000)
		set("Max", most)
		set("Remaining", max(0, most-len(h.requests)))
	}
	if refuse != nil {
		if h.opt.RetryAfter != "" {
			w.Header().Set("Retry-After", h.opt.RetryAfter)
		}
		return refuse
	}
	return nil
}
