package hubspot

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// apiError is an answer other than success.
type apiError struct {
	status int
	body   map[string]any
}

func (e *apiError) Error() string { return fmt.Sprintf("%d: %v", e.status, e.body["message"]) }

func fail(status int, category, format string, args ...any) *apiError {
	return &apiError{status, map[string]any{"status": "error", "message": fmt.Sprintf(format, args...), "category": category}}
}

func invalid(format string, args ...any) error {
	return fail(http.StatusBadRequest, "VALIDATION_ERROR", format, args...)
}

// with adds a member to the body.
func (e *apiError) with(name string, value any) *apiError {
	e.body[name] = value
	return e
}

const page414 = "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>\r\n<center><h1>414 Request-URI Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// ServeHTTP answers one request.
func (h *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", h.now().UTC().Format(http.TimeFormat))
	// The parameters are kept with the call; the token is in a header, so no secret
	// is kept.
	call := fault.Call{At: h.Records.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
	if strings.HasPrefix(call.Path, "/oauth/") {
		call.Query = "" // a client may have put its secret into the address
	}
	h.Serve(w, r, call, http.HandlerFunc(h.answer))
}

func (h *Server) answer(w http.ResponseWriter, r *http.Request) {
	if len(r.RequestURI) > wire.MaxURI {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusRequestURITooLong)
		_, _ = w.Write([]byte(page414))
		return
	}
	id := h.correlation()
	w.Header().Set("X-Hubspot-Correlation-Id", id)
	status, body, err := h.route(w, r)
	if err != nil {
		var e *apiError
		if !errors.As(err, &e) {
			e = fail(http.StatusInternalServerError, "INTERNAL_ERROR", "internal error")
		}
		if e.status == 530 { // the answer of the proxy before the portal
			w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
			w.WriteHeader(e.status)
			_, _ = w.Write([]byte("error code: 1016"))
			return
		}
		e.body["correlationId"] = id
		status, body = e.status, e.body
	}
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	wire.JSON(w, status, body)
}

// correlation is a new UUID.
func (h *Server) correlation() string {
	h.lock.Lock()
	defer h.lock.Unlock()
	h.answers++
	return fmt.Sprintf("5a1b0c2d-0000-4000-8000-%012x", h.answers)
}

// resource is a request's path.
type resource struct {
	api     string // objects, associations, pipelines, owners, properties, account-info
	version string
	rest    []string
}

// versions are the API versions that the portal answers.
var versions = []string{"v3", "v4", "2025-09", "2026-03", "2026-09"}

// parsePath reads both forms of a path: /crm/objects/2026-09/deals and
// /crm/v3/objects/deals.
func parsePath(path string) (resource, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case slices.Contains(parts, ""):
		return resource{}, false
	case len(parts) >= 3 && parts[0] == "account-info" && slices.Contains(versions, parts[1]):
		return resource{"account-info", parts[1], parts[2:]}, true
	case slices.Equal(parts, []string{"settings", "v3", "users", "teams"}):
		return resource{"teams", "v3", nil}, true
	case len(parts) < 3 || parts[0] != "crm":
		return resource{}, false
	case slices.Contains(versions[:2], parts[1]):
		return resource{parts[2], parts[1], parts[3:]}, true
	case slices.Contains(versions, parts[2]):
		return resource{parts[1], parts[2], parts[3:]}, true
	}
	return resource{}, false
}

func notFound() error {
	return fail(http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found")
}

// route authenticates and answers.
func (h *Server) route(w http.ResponseWriter, r *http.Request) (int, any, error) {
	if version, ok := tokenVersion(r.URL.Path); ok {
		return h.answerToken(r, version)
	}
	oauth, err := h.authenticate(r)
	if err != nil {
		return 0, nil, err
	}
	p, ok := parsePath(r.URL.Path)
	if !ok {
		return 0, nil, notFound()
	}
	search := p.api == "objects" && len(p.rest) == 2 && p.rest[1] == "search"
	if err := h.allow(w, search, oauth); err != nil {
		return 0, nil, err
	}
	if r.Method == http.MethodDelete && p.api == "objects" && len(p.rest) == 2 {
		return h.answerDelete(p.rest[0], p.rest[1])
	}
	post := search || len(p.rest) >= 2 && p.rest[len(p.rest)-1] == "read" && p.rest[len(p.rest)-2] == "batch"
	if method := map[bool]string{true: http.MethodPost, false: http.MethodGet}[post]; r.Method != method {
		return 0, nil, fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "the portal is read with %s here", method)
	}
	switch {
	case p.api == "account-info" && strings.Join(p.rest, "/") == "api-usage/daily/private-apps":
		return http.StatusOK, h.usage(), nil
	case p.api == "account-info" && p.rest[0] == "details":
		return http.StatusOK, h.account(), nil
	case p.api == "teams":
		return h.answerTeams()
	case p.api == "owners":
		return h.answerOwners(r, p.rest)
	case p.api == "pipelines" && len(p.rest) > 0:
		return h.answerPipelines(p.rest)
	case p.api == "properties" && len(p.rest) > 0:
		return h.answerProperties(p.rest)
	case p.api == "associations" && p.version != "v3" && len(p.rest) == 4 && post: // the form of v3's answers is not simulated
		return h.answerAssociations(r, p.rest[0], p.rest[1])
	case p.api == "objects" && len(p.rest) > 0:
		return h.answerObjects(r, p.rest)
	}
	return 0, nil, notFound()
}

// account answers account-info.
func (h *Server) account() any {
	o, now := h.Options(), h.now().In(h.zone())
	_, offset := now.Zone()
	zone, currency, domain, hosted := cmp.Or(o.Zone, "US/Eastern"), cmp.Or(o.Currency, "USD"), cmp.Or(o.UIDomain, "app.hubspot.com"), "na1"
	if strings.Contains(domain, "-eu1") {
		hosted = "eu1"
	}
	return map[string]any{"portalId": o.PortalID, "accountType": "STANDARD", "timeZone": zone, "companyCurrency": currency, "additionalCurrencies": append([]string{}, o.Currencies...),
		"utcOffset": now.Format("-07:00"), "utcOffsetMilliseconds": offset * 1000, "uiDomain": domain, "dataHostingLocation": hosted}
}
