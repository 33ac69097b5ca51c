package salesforce

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bearer exchanges a signed assertion for a session, on any host and without a
// refresh token.
func (s *logins) bearer(r *http.Request) (map[string]string, *refusal) {
	a, no := s.assertion(r.PostForm.Get("assertion"))
	if no != nil {
		return nil, no
	}
	opt, now := s.opt.Auth, s.rec.Now()
	audience, life := opt.Audience, opt.JWTLife
	if audience == "" {
		audience = "https://login.salesforce.com"
	}
	if life == 0 {
		life = 180 * time.Second
	}
	users := opt.JWTUsers
	if users == nil {
		users = []string{s.user}
	}
	user := s.username(a.Sub)
	exp, err := strconv.ParseInt(strings.Trim(string(a.Exp), `"`), 10, 64) // some clients send a string
	switch {
	case a.Aud == "":
		return nil, &refusal{"invalid_grant", "Audience validation failed"}
	case a.Aud != audience:
		return nil, &refusal{"invalid_grant", "audience is invalid"}
	case err != nil || !time.Unix(exp, 0).After(now):
		return nil, &refusal{"invalid_grant", "expired authorization code"}
	case time.Unix(exp, 0).Sub(now) > life:
		return nil, &refusal{"invalid_grant", "invalid expiration"}
	case user == "" || !slices.ContainsFunc(users, func(u string) bool { return strings.EqualFold(u, a.Sub) }):
		return nil, &refusal{"invalid_grant", "user hasn't approved this consumer"}
	case s.opt.InactiveUser:
		return nil, &refusal{"invalid_grant", "inactive user"}
	}
	_, reply := s.grant(r, user, "api id")
	return reply, nil
}

// claims are the claims of an assertion that the token endpoint reads.
type claims struct {
	Iss, Sub, Aud string
	Exp           json.RawMessage
}

// assertion reads a JWT and checks its issuer and signature.
func (s *logins) assertion(jwt string) (a claims, no *refusal) {
	invalid := &refusal{"invalid_grant", "invalid assertion"}
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return a, invalid
	}
	var head struct{ Alg string }
	if !decodePart(parts[0], &head) || head.Alg != "RS256" || !decodePart(parts[1], &a) {
		return a, invalid
	}
	if a.Iss != s.opt.ClientID {
		return a, &refusal{"invalid_client_id", "client identifier invalid"}
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if key := s.opt.Auth.Certificate; err != nil || key == nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return a, invalid
	}
	return a, nil
}

func decodePart(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, into) == nil
}
