package salesforce

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// Options are the switches of the server; see [Server.Set].
type Options struct {
	ClientID, ClientSecret string
	InstanceURL            string        // "" is the host of the token request
	SessionIdle            time.Duration // a session ends after that long without a call
	LocatorIdle            time.Duration // a query locator ends after that long without a call
	OpenLocators           int           // how many a user may have open
	ShortPages             bool          // pages are smaller than batchSize
	RefuseSessions         bool          // each session is "not valid for use with the REST API"
	InactiveUser           bool          // the token endpoint refuses: inactive user
	Auth                   AuthOptions
	SizeLimits
	LimitMax, LimitUsed int           // daily calls; LimitUsed counts up
	PerApp              bool          // Sforce-Limit-Info also tells the app's own share
	OnlyOwners          []string      // user ids whose records the login sees; nil is all
	LimitLag            int           // how many calls Sforce-Limit-Info is behind
	MostAtOnce          int           // calls in flight beyond that are refused; 0 refuses none
	ForeignLocator400   bool          // another session's locator is INVALID_QUERY_LOCATOR instead of 401
	ReplicationLag      time.Duration // how far latestDateCovered is behind the present
	NoComposite         int           // the status with which /composite is refused; 0 is no refusal
	OldestAPI           int           // the least API version; 0 is 31
	NewestAPI           int           // the greatest API version; 0 is 68
	Bulk                BulkOptions
}

// Server is a Salesforce org over HTTP.
type Server struct {
	fault.Script
	*shared
	*logins
	*queries
	*bulk
	catalog *catalog

	flying int // calls being answered
	peak   int // the greatest number of calls being answered at once

	squeezers sync.Pool // of *gzip.Writer
}

// shared is what all parts of the server use.
type shared struct {
	rec  *org.Records
	user string // the address of the integration user

	lock sync.Mutex // guards the switches and all state of the parts; never taken while the clock is held
	opt  Options
}

// New serves an org to apps that act as the user with the address given.
func New(rec *org.Records, user string) *Server {
	all := &shared{rec: rec, user: user, opt: Options{
		ClientID: "3MVG9acme.sim", ClientSecret: "sim-client-secret", SessionIdle: 2 * time.Hour, LocatorIdle: 15 * time.Minute, OpenLocators: 10, LimitMax: 100_000,
	}}
	q := &queries{shared: all}
	return &Server{shared: all, logins: &logins{shared: all, sessions: map[string]*session{}}, queries: q, bulk: &bulk{shared: all, queries: q}, catalog: &catalog{all}}
}

// integration is the id of the integration user.
func (s *shared) integration() string {
	s.rec.Lock()
	defer s.rec.Unlock()
	return s.rec.UserID(s.user)
}

// Set changes the switches.
func (s *shared) Set(change func(*Options)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	change(&s.opt)
}

// Options returns the present switches.
func (s *shared) Options() Options {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.opt
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.rec.Now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	s.fly(1)
	defer s.fly(-1)
	call := fault.Call{At: now, Method: r.Method, Path: r.URL.Path, Query: r.URL.Query().Get("q")}
	s.Serve(w, r, call, http.HandlerFunc(s.squeezed))
}

var versionPath = regexp.MustCompile(`^/services/data/v(\d+\.\d)(/.*)?$`)

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if len(r.RequestURI) > wire.MaxURI {
		writeError(w, fail(http.StatusRequestURITooLong, "URI_TOO_LONG", "The length of the URI exceeds the 16,384-byte limit."))
		return
	}
	size := len(r.RequestURI)
	for k, vs := range r.Header {
		for _, v := range vs {
			size += len(k) + len(v) + 4
		}
	}
	if size > wire.MaxURI {
		writeError(w, fail(http.StatusRequestHeaderFieldsTooLarge, "REQUEST_HEADER_FIELDS_TOO_LARGE", "The combined length of the URI and headers exceeds the 16,384-byte limit."))
		return
	}
	switch path := strings.TrimSuffix(r.URL.Path, "/"); {
	case path == "/services/oauth2/token":
		s.token(w, r)
	case strings.HasPrefix(path, soapPath):
		s.soapLogin(w, r, strings.TrimPrefix(path, soapPath))
	case path == "/services/data":
		s.versions(w)
	default:
		m := versionPath.FindStringSubmatch(r.URL.Path)
		if m == nil {
			writeError(w, notFound())
			return
		}
		s.rest(w, r, m[1], m[2])
	}
}

func notFound() error {
	return fail(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

func (s *Server) versions(w http.ResponseWriter) {
	var out []map[string]string
	oldest, newest := s.apiVersions()
	for v := oldest; v <= newest; v++ {
		season := []string{"Summer", "Winter", "Spring"}[(v-31)%3]
		year := 14 + (v-31)/3
		if season != "Summer" {
			year++
		}
		out = append(out, map[string]string{"label": fmt.Sprintf("%s '%d", season, year), "url": fmt.Sprintf("/services/data/v%d.0", v), "version": fmt.Sprintf("%d.0", v)})
	}
	wire.JSON(w, http.StatusOK, out)
}

// apiVersions are the least and the greatest version of the API.
func (s *shared) apiVersions() (oldest, newest int) {
	o := s.Options()
	return cmp.Or(o.OldestAPI, 31), cmp.Or(o.NewestAPI, 68)
}

// supported refuses versions of the past and of the future.
func (s *shared) supported(version string) error {
	oldest, newest := s.apiVersions()
	if n, err := strconv.ParseFloat(version, 64); err != nil || n > float64(newest) {
		return notFound()
	} else if n < float64(oldest) {
		return fail(http.StatusGone, "GONE", "The requested API version is no longer available.")
	}
	return nil
}

// enter checks version, session and allowance, and counts the call.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, version string) (string, error) {
	if err := s.supported(version); err != nil {
		return "", err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	token := ""
	if scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "OAuth")) {
		token = value
	}
	now := s.rec.Now()
	ses := s.sessions[token]
	if ses == nil || s.opt.Auth.Hosts != nil && !slices.Contains(s.opt.Auth.Hosts, r.Host) || now.Sub(ses.last) > s.opt.SessionIdle {
		delete(s.sessions, token)
		if s.opt.Auth.JWTTokens {
			return "", fail(http.StatusUnauthorized, "INVALID_AUTH_HEADER", "INVALID_JWT_FORMAT")
		}
		return "", fail(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	}
	if s.opt.RefuseSessions {
		return "", fail(http.StatusUnauthorized, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
	}
	if s.opt.LimitUsed >= s.opt.LimitMax {
		s.limitInfo(w)
		return "", fail(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	if s.opt.MostAtOnce > 0 && s.flying > s.opt.MostAtOnce {
		s.limitInfo(w)
		return "", fail(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
	}
	ses.last = now
	s.opt.LimitUsed++
	s.limitInfo(w)
	return token, nil
}

// rest answers below /services/data/vXX.X.
func (s *Server) rest(w http.ResponseWriter, r *http.Request, version, path string) {
	token, err := s.enter(w, r, version)
	if err != nil {
		writeError(w, err)
		return
	}
	switch parts := strings.Split(strings.Trim(path, "/"), "/"); {
	case path == "/composite" || path == "/composite/":
		err = s.composite(w, r, token)
	case len(parts) > 1 && parts[0] == "jobs" && parts[1] == "query" && !strings.Contains(path, "//"):
		err = s.jobs(w, r, version, parts[2:])
	default:
		err = s.resource(w, r, token, version, path)
	}
	if err != nil {
		writeError(w, err)
	}
}

// resource answers a request for one resource, alone or within a composite.
func (s *Server) resource(w http.ResponseWriter, r *http.Request, token, version, path string) (err error) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if r.Method != http.MethodGet {
		return notAllowed(r.Method, http.MethodGet)
	}
	switch {
	case strings.Contains(path, "//"):
		err = notFound()
	case path == "" || path == "/":
		base := "/services/data/v" + version
		wire.JSON(w, http.StatusOK, map[string]string{"sobjects": base + "/sobjects", "query": base + "/query", "queryAll": base + "/queryAll", "limits": base + "/limits"})
	case path == "/query" || path == "/queryAll":
		err = s.query(w, r, token, version, path == "/queryAll")
	case len(parts) == 2 && parts[0] == "query":
		err = s.more(w, token, version, parts[1])
	case path == "/limits":
		s.limits(w)
	case parts[0] == "sobjects":
		err = s.catalog.sobjects(w, r, version, parts[1:])
	case path == "/connect/organization":
		s.organization(w)
	case parts[0] == "ui-api":
		err = s.catalog.uiAPI(w, version, parts[1:])
	default:
		err = notFound()
	}
	return err
}

func notAllowed(method string, allowed ...string) error {
	return fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are %s", method, strings.Join(allowed, ","))
}
