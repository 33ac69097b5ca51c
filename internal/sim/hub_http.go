package sim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// HubSpotOptions are the switches of the HubSpot side; see [HubSpot.Set].
type HubSpotOptions struct {
	Token    string
	PortalID int64
	IndexLag time.Duration // how long search does not know of a change
	// Scopes are what the token may do; nil is everything.
	Scopes       []string
	Expired      bool // the token is valid no more
	Status530    bool // a token that is none is answered with 530 instead of 401
	HistoryDepth int  // versions of a property that are told
	// AssociationPage is how many associations of a record a batch read tells
	// at once; 0 is 100.
	AssociationPage int
	// MergedResolve lets an id that was merged away lead to its survivor;
	// otherwise it is not found.
	MergedResolve bool
	// Burst and Searches are how many calls within ten real seconds, and
	// searches within one, are answered; 0 is any number.
	Burst, Searches  int
	Daily, DailyUsed int // calls a day; DailyUsed counts up until midnight in the portal
}

// Set changes the switches.
func (h *HubSpot) Set(change func(*HubSpotOptions)) {
	h.lock.Lock()
	defer h.lock.Unlock()
	change(&h.opt)
}

// Options are the switches as they stand.
func (h *HubSpot) Options() HubSpotOptions {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.opt
}

// hubError is an answer other than success.
type hubError struct {
	status int
	body   map[string]any
}

func (e *hubError) Error() string { return fmt.Sprintf("%d: %v", e.status, e.body["message"]) }

func hubFail(status int, category, format string, args ...any) *hubError {
	return &hubError{status, map[string]any{"status": "error", "message": fmt.Sprintf(format, args...), "category": category}}
}

func hubInvalid(format string, args ...any) error {
	return hubFail(http.StatusBadRequest, "VALIDATION_ERROR", format, args...)
}

// with adds a member to the body.
func (e *hubError) with(name string, value any) *hubError {
	e.body[name] = value
	return e
}

const page414 = "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>\r\n<center><h1>414 Request-URI Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// ServeHTTP answers one request.
func (h *HubSpot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := h.c.Now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	// The query of a call is its parameters; the token is in a header.
	call := Call{At: now, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
	h.serve(w, r, call, http.HandlerFunc(h.answer))
}

func (h *HubSpot) answer(w http.ResponseWriter, r *http.Request) {
	if len(r.RequestURI) > maxURI {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusRequestURITooLong)
		_, _ = w.Write([]byte(page414))
		return
	}
	id := h.correlation()
	w.Header().Set("X-Hubspot-Correlation-Id", id)
	status, body, err := h.route(w, r)
	if err != nil {
		var e *hubError
		if !errors.As(err, &e) {
			e = hubFail(http.StatusInternalServerError, "INTERNAL_ERROR", "internal error")
		}
		e.body["correlationId"] = id
		status, body = e.status, e.body
	}
	writeJSON(w, status, body)
}

// correlation is a new UUID.
func (h *HubSpot) correlation() string {
	h.lock.Lock()
	defer h.lock.Unlock()
	h.answers++
	return fmt.Sprintf("5a1b0c2d-0000-4000-8000-%012x", h.answers)
}

// hubPath is a request's path.
type hubPath struct {
	api     string // objects, associations, pipelines, owners, properties, account-info
	version string
	rest    []string
}

// hubVersions are the API versions that are answered.
var hubVersions = []string{"v3", "v4", "2025-09", "2026-03", "2026-09"}

// parsePath reads both forms: /crm/objects/2026-09/deals and /crm/v3/objects/deals.
func parsePath(path string) (hubPath, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case slices.Contains(parts, ""):
		return hubPath{}, false
	case len(parts) == 3 && parts[0] == "account-info" && slices.Contains(hubVersions, parts[1]):
		return hubPath{"account-info", parts[1], parts[2:]}, true
	case len(parts) < 3 || parts[0] != "crm":
		return hubPath{}, false
	case slices.Contains(hubVersions[:2], parts[1]):
		return hubPath{parts[2], parts[1], parts[3:]}, true
	case slices.Contains(hubVersions, parts[2]):
		return hubPath{parts[1], parts[2], parts[3:]}, true
	}
	return hubPath{}, false
}

func hubNotFound() error {
	return hubFail(http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found")
}

// route authenticates and answers.
func (h *HubSpot) route(w http.ResponseWriter, r *http.Request) (int, any, error) {
	if err := h.authenticate(r); err != nil {
		return 0, nil, err
	}
	p, ok := parsePath(r.URL.Path)
	if !ok {
		return 0, nil, hubNotFound()
	}
	search := p.api == "objects" && len(p.rest) == 2 && p.rest[1] == "search"
	if err := h.allow(w, search); err != nil {
		return 0, nil, err
	}
	post := search || len(p.rest) >= 2 && p.rest[len(p.rest)-1] == "read" && p.rest[len(p.rest)-2] == "batch"
	if method := map[bool]string{true: http.MethodPost, false: http.MethodGet}[post]; r.Method != method {
		return 0, nil, hubFail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "the portal is read with %s here", method)
	}
	switch {
	case p.api == "account-info" && p.rest[0] == "details":
		return http.StatusOK, h.account(), nil
	case p.api == "owners":
		return h.answerOwners(r, p.rest)
	case p.api == "pipelines" && len(p.rest) > 0:
		return h.answerPipelines(p.rest)
	case p.api == "properties" && len(p.rest) > 0:
		return h.answerProperties(p.rest)
	case p.api == "associations" && p.version != "v3" && len(p.rest) == 4 && post: // v3 answers in another form
		return h.answerAssociations(r, p.rest[0], p.rest[1])
	case p.api == "objects" && len(p.rest) > 0:
		return h.answerObjects(r, p.rest)
	}
	return 0, nil, hubNotFound()
}

func (h *HubSpot) authenticate(r *http.Request) error {
	o := h.Options()
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer") || strings.HasPrefix(token, "pat-") && token != o.Token:
		return hubFail(http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview")
	case token != o.Token && o.Status530:
		return hubFail(530, "INTERNAL_ERROR", "error code: 1016")
	case token != o.Token:
		// What is no token is read as one that expired when time began.
		now := h.c.Now()
		return hubFail(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired %d day(s) ago.", now.Unix()/86400).
			with("context", map[string][]string{"expire time": {"1970-01-01T00:00:00Z"}})
	case o.Expired:
		at := h.c.Now().Add(-75 * time.Second)
		return hubFail(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 75 second(s) ago.").
			with("context", map[string][]string{"expire time": {hubTime(at)}})
	}
	return nil
}

// account tells of the portal itself.
func (h *HubSpot) account() any {
	now := h.c.Now()
	_, offset := now.In(h.c.zone()).Zone()
	return map[string]any{"portalId": h.Options().PortalID, "accountType": "STANDARD", "timeZone": "US/Eastern", "companyCurrency": "USD", "additionalCurrencies": []string{},
		"utcOffset": now.In(h.c.zone()).Format("-07:00"), "utcOffsetMilliseconds": offset * 1000, "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1"}
}
