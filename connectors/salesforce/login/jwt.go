package login

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

const (
	// assertionLife is below the three minutes that Salesforce accepts.
	assertionLife = 150 * time.Second
	// clocksDiffer is the least difference between our clock and the server's that an
	// answer's travel time does not explain.
	clocksDiffer = 10 * time.Second
	leastKeyBits = 2048
)

// withKey is the JWT bearer flow. An assertion names the time at which it ends, so the
// flow fails most often because the clock of this machine is wrong. If the server's
// clock differs, withKey makes one more attempt by the server's clock.
func (l *Login) withKey(ctx context.Context) (*grant, error) {
	text, err := l.cfg.Auth.Key.Value()
	if err != nil {
		return nil, l.noSecret("key", err)
	}
	key, err := parseKey(text)
	if err != nil {
		return nil, l.noSecret("usable key", err)
	}
	for again := false; ; again = true {
		ahead := l.correction()
		assertion, err := l.assertion(key, l.cfg.Now().Add(ahead))
		if err != nil {
			return nil, l.noSecret("usable key", err)
		}
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
		g, err := l.call(ctx, form, true, append(strings.Split(assertion, "."), assertion)...)
		if err != nil {
			return nil, err
		}
		if !g.refused() {
			return g, nil
		}
		if _, remedy := l.cfg.Auth.known(g); remedy != "" || g.Error != "invalid_grant" {
			return nil, l.refused(g)
		}
		if !again && (l.correction()-ahead).Abs() >= clocksDiffer {
			continue
		}
		if off := l.correction(); off != 0 {
			return nil, l.where.Fail(crm.ErrAuth, fmt.Sprintf("login refused (%s), and the clock of this machine is off by %s", g.said, off.Abs().Round(time.Second)),
				"set the clock right; if that does not help, "+l.cfg.Auth.unknown(g))
		}
		return nil, l.refused(g)
	}
}

// correction is the difference to add to our clock; 0 if the clocks agree.
func (l *Login) correction() time.Duration {
	if l.ahead.Abs() < clocksDiffer {
		return 0
	}
	return l.ahead
}

// assertion is the signed statement that is exchanged for a session.
func (l *Login) assertion(key *rsa.PrivateKey, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"iss": l.cfg.Auth.ClientID, "sub": l.cfg.Auth.Username, "aud": l.audience(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + b64.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", errors.New("the key does not sign; make a new one")
	}
	return text + "." + b64.EncodeToString(signature), nil
}

// audience is the name of the token endpoint. On every org's My Domain, the endpoint
// goes by the name of the shared login host.
func (l *Login) audience() string {
	if l.cfg.Auth.Audience != "" {
		return l.cfg.Auth.Audience
	}
	u, _ := url.Parse(l.cfg.URL) // Validate has accepted the URL
	if host := strings.ToLower(u.Hostname()); host == "test.salesforce.com" || strings.HasSuffix(host, ".sandbox.my.salesforce.com") {
		return "https://test.salesforce.com"
	}
	return "https://login.salesforce.com"
}

// errDamagedKey is also the error of a key whose line ends are lost.
var errDamagedKey = errors.New("the private key is damaged; copy it again, all lines of it, each with its line end")

// CheckKey reports why a private key in PEM cannot be used for [JWTBearer]. The error
// holds no part of the key.
func CheckKey(text string) error {
	_, err := parseKey(text)
	return err
}

// parseKey decodes an RSA private key from PEM. Its errors hold no part of the key.
func parseKey(text string) (*rsa.PrivateKey, error) {
	var block *pem.Block
	text = strings.TrimPrefix(text, "\ufeff") // some editors write a byte order mark
	for rest := []byte(text); ; {
		if block, rest = pem.Decode(rest); block == nil {
			if strings.Contains(text, "PRIVATE KEY-----") {
				return nil, errDamagedKey
			}
			return nil, errors.New("there is no private key in PEM form (-----BEGIN PRIVATE KEY-----); the certificate goes to Salesforce, its private key here")
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			break // certificates may stand before the key
		}
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return nil, errors.New("the private key is encrypted; write it without a passphrase (openssl pkey -in old.pem -out new.pem) into a file that only this user can read")
	}
	var parsed any
	var err error
	if block.Type == "RSA PRIVATE KEY" {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	key, isRSA := parsed.(*rsa.PrivateKey)
	switch {
	case block.Type == "EC PRIVATE KEY" || block.Type == "DSA PRIVATE KEY" || err == nil && !isRSA,
		err != nil && strings.Contains(err.Error(), "unknown algorithm"):
		return nil, errors.New("the private key is no RSA key, which is the only kind that Salesforce takes; make one (openssl genrsa 2048)")
	case err != nil:
		return nil, errDamagedKey
	case key.N.BitLen() < leastKeyBits:
		return nil, fmt.Errorf("the RSA key has %d bits; make one of at least %d (openssl genrsa %[2]d)", key.N.BitLen(), leastKeyBits)
	}
	return key, nil
}
