package salesforce

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// The OAuth flows of [AuthOptions].Flows, by the name of their grant type.
const (
	ClientCredentials = "client_credentials"
	JWTBearer         = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	RefreshToken      = "refresh_token"
)

// AuthOptions are the switches of the token endpoint. The zero value allows
// client credentials; the other flows require a key or a token first.
type AuthOptions struct {
	Flows []string // what the app allows; nil is all

	Certificate *rsa.PublicKey // the app's public key, for JWT
	Audience    string         // "" is https://login.salesforce.com
	JWTLife     time.Duration  // how far in the future exp may be; 0 is 180 s
	JWTUsers    []string       // the usernames that are pre-authorised for the app; nil is the integration user

	JWTTokens bool // access tokens are JWTs: long, and refused with another error code

	Rotate   bool // each refresh gives a new refresh token, and ends the session before
	NoSecret bool // a refresh may come without client_secret

	// Password of the integration user; "" is an org in which SOAP login() is disabled,
	// as it is in new ones.
	Password      string
	SecurityToken string // asked for after the password; "" is a trusted network
	SOAPFault     string // the exception code with which each login() is refused; "" is none
	Expired       bool   // the password has expired: its session opens nothing

	OrgID string   // another organization's id, as after the refresh of a sandbox; "" is the company's
	Hosts []string // where sessions are valid, as host:port; nil is everywhere
}

// logins are the token endpoint and the open sessions.
type logins struct {
	*shared
	sessions map[string]*session
	issued   int
	secrets  int
	families []*family
	wrong    int // passwords in a row
}

type session struct{ last time.Time }

// family is one grant, with the refresh tokens and sessions that came from the grant.
type family struct {
	now    string   // the refresh token that is valid
	old    []string // the refresh tokens that were valid before
	access []string
	dead   bool
}

// maxFamilies is how many grants of one app and user are kept.
const maxFamilies = 5

// Authorize lets a user approve the app in the browser, and returns the refresh
// token. The sixth approval ends the grant of the first.
func (s *logins) Authorize() string {
	s.lock.Lock()
	defer s.lock.Unlock()
	f := &family{now: s.secret("5Aep861")}
	s.families = append(s.families, f)
	if n := len(s.families) - maxFamilies; n > 0 {
		s.revoke(s.families[n-1])
	}
	return f.now
}

// RevokeGrants ends all refresh tokens and their sessions, as an
// administrator does.
func (s *logins) RevokeGrants() {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, f := range s.families {
		s.revoke(f)
	}
}

func (s *logins) revoke(f *family) {
	f.dead = true
	for _, token := range f.access {
		delete(s.sessions, token)
	}
	f.access = nil
}

// secret invents a token, the same in each run of the same company.
func (s *logins) secret(prefix string) string {
	s.secrets++
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%d", s.rec.Seed, s.secrets, s.rec.Now().UnixNano()))
	return prefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// refusal is an error of the token endpoint, which is written as an object.
type refusal struct{ code, description string }

// token is the OAuth token endpoint.
func (s *logins) token(w http.ResponseWriter, r *http.Request) {
	no := &refusal{"invalid_request", "malformed request"}
	var reply map[string]string
	if r.Method != http.MethodPost {
		no = &refusal{"invalid_request", "must use HTTP POST"}
	} else if r.ParseForm() == nil {
		reply, no = s.exchange(r)
	}
	if no != nil {
		wire.JSON(w, http.StatusBadRequest, map[string]string{"error": no.code, "error_description": no.description})
		return
	}
	wire.JSON(w, http.StatusOK, reply)
}

func (s *logins) exchange(r *http.Request) (map[string]string, *refusal) {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(password)
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	flow := r.PostForm.Get("grant_type")
	if flows := s.opt.Auth.Flows; flows != nil && !slices.Contains(flows, flow) && slices.Contains([]string{ClientCredentials, JWTBearer, RefreshToken}, flow) {
		if flow == ClientCredentials {
			return nil, &refusal{"invalid_grant", "no client credentials user enabled"}
		}
		return nil, &refusal{"unsupported_grant_type", "grant type not supported"}
	}
	if flow == JWTBearer {
		return s.bearer(r)
	}
	switch {
	case flow != ClientCredentials && flow != RefreshToken:
		return nil, &refusal{"unsupported_grant_type", "grant type not supported"}
	case flow == ClientCredentials && (strings.HasPrefix(r.Host, "login.") || strings.HasPrefix(r.Host, "test.")):
		return nil, &refusal{"invalid_grant", "request not supported on this domain"}
	case id != s.opt.ClientID:
		return nil, &refusal{"invalid_client_id", "client identifier invalid"}
	case secret != s.opt.ClientSecret && !(flow == RefreshToken && s.opt.Auth.NoSecret && secret == ""):
		return nil, &refusal{"invalid_client", "invalid client credentials"}
	case s.opt.InactiveUser:
		return nil, &refusal{"invalid_grant", "inactive user"}
	case flow == RefreshToken:
		return s.refresh(r)
	}
	_, reply := s.grant(r, s.integration(), "api id")
	return reply, nil
}

// refresh exchanges a refresh token. A token that was exchanged before counts as
// stolen, so its whole grant ends.
func (s *logins) refresh(r *http.Request) (map[string]string, *refusal) {
	given := r.PostForm.Get("refresh_token")
	expired := &refusal{"invalid_grant", "expired access/refresh token"}
	i := slices.IndexFunc(s.families, func(f *family) bool { return given != "" && (f.now == given || slices.Contains(f.old, given)) })
	if i < 0 {
		return nil, expired
	}
	f := s.families[i]
	if f.dead || f.now != given {
		s.revoke(f)
		return nil, expired
	}
	rotate := s.opt.Auth.Rotate
	if rotate {
		s.revoke(f) // ends the sessions so far
		f.dead = false
		f.old = append(f.old, f.now)
		f.now = s.secret("5Aep861")
	}
	access, reply := s.grant(r, s.integration(), "refresh_token api id")
	f.access = append(f.access, access)
	if rotate {
		reply["refresh_token"] = f.now
	}
	return reply, nil
}

// grant opens a session.
func (s *logins) grant(r *http.Request, user, scope string) (string, map[string]string) {
	now := s.rec.Now()
	org := s.opt.Auth.OrgID
	if org == "" {
		org = s.orgID()
	}
	s.issued++
	token, format := s.secret(org[:15]+"!AQ"), "opaque"
	if s.opt.Auth.JWTTokens {
		token, format = "eyJ0bmsiOiJjb3JlIn0."+strings.Repeat("claims", 250)+"."+token[18:], "jwt"
	}
	s.sessions[token] = &session{last: now}
	instance := s.opt.InstanceURL
	if instance == "" {
		instance = "http://" + r.Host
	}
	return token, map[string]string{
		"access_token": token, "signature": base64.StdEncoding.EncodeToString([]byte(token[18:])), "token_format": format, "instance_url": instance,
		"id": "https://login.salesforce.com/id/" + org + "/" + user, "token_type": "Bearer", "issued_at": strconv.FormatInt(now.UnixMilli(), 10), "scope": scope,
	}
}

// ExpireSessions ends all sessions and their open queries.
func (s *logins) ExpireSessions() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.sessions = map[string]*session{}
}

// Tokens is the number of access tokens issued so far.
func (s *logins) Tokens() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.issued
}

func (s *logins) orgID() string {
	s.rec.Lock()
	defer s.rec.Unlock()
	return s.rec.OrgID()
}

func (s *logins) username(name string) string {
	s.rec.Lock()
	defer s.rec.Unlock()
	return s.rec.UserNamed(name)
}
