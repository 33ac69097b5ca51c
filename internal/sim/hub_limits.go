package sim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// permit refuses what the token's scopes do not cover: all of those named, or
// with either one of them.
func (h *HubSpot) permit(either bool, scopes ...string) error {
	have := h.Options().Scopes
	missing := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return slices.Contains(have, s) })
	if have == nil || len(missing) == 0 || either && len(missing) < len(scopes) {
		return nil
	}
	return hubFail(http.StatusForbidden, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.").
		with("errors", []any{map[string]any{"message": "One or more of the following scopes are required.", "context": map[string][]string{"requiredGranularScopes": scopes}}}).
		with("links", map[string]string{"scopes": "https://developers.hubspot.com/scopes"})
}

// allow counts the call and refuses what exceeds a limit. The day is the
// company's; bursts are measured in real time, as the clients' pauses are.
func (h *HubSpot) allow(w http.ResponseWriter, search bool) error {
	today := h.c.Now().In(h.c.zone()).Format(time.DateOnly)
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.day != today {
		if h.day != "" {
			h.opt.DailyUsed = 0
		}
		h.day = today
	}
	now := time.Now()
	recent := func(list []time.Time, span time.Duration) []time.Time {
		return slices.DeleteFunc(list, func(t time.Time) bool { return now.Sub(t) >= span })
	}
	var refuse *hubError
	most := h.opt.Burst
	if most == 0 {
		most = 190
	}
	h.requests, h.searches = recent(h.requests, 10*time.Second), recent(h.searches, time.Second)
	switch {
	case h.opt.DailyUsed >= h.opt.Daily:
		refuse = hubFail(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your daily limit.").with("errorType", "RATE_LIMIT").with("policyName", "DAILY")
	case search && h.opt.Searches > 0 && len(h.searches) >= h.opt.Searches:
		refuse = hubFail(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your secondly limit.")
	case !search && h.opt.Burst > 0 && len(h.requests) >= h.opt.Burst:
		refuse = hubFail(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.").with("errorType", "RATE_LIMIT").with("policyName", "TEN_SECONDLY_ROLLING")
		delete(refuse.body, "category")
	case search:
		h.searches = append(h.searches, now)
		h.opt.DailyUsed++
	default:
		h.requests = append(h.requests, now)
		h.opt.DailyUsed++
	}
	set := func(name string, n int) { w.Header().Set("X-HubSpot-RateLimit-"+name, strconv.Itoa(n)) }
	set("Daily", h.opt.Daily)
	set("Daily-Remaining", h.opt.Daily-h.opt.DailyUsed)
	if !search {
		set("Interval-Milliseconds", 10_000)
		set("Max", most)
		set("Remaining", max(0, most-len(h.requests)))
	}
	if refuse != nil {
		return refuse
	}
	return nil
}
