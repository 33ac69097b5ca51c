package login

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/crm"
)

const granted = `{"access_token":"` + testToken + `","instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA"}`

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs1(key *rsa.PrivateKey) string {
	return pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PRIVATE KEY", der)
}

// endpoint is a token endpoint that records the requests.
type endpoint struct {
	recorded
	forms []url.Values
}

func newEndpoint(answer func(form url.Values) (status int, body string)) *endpoint {
	e := &endpoint{}
	e.answer = map[string]func(*http.Request) (int, string){"token": func(r *http.Request) (int, string) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return 500, err.Error()
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return 500, err.Error()
		}
		e.forms = append(e.forms, form)
		return answer(form)
	}}
	return e
}

// signIn returns a login whose token endpoint is o.
func signIn(t *testing.T, o http.RoundTripper, cfg Config) *Login {
	t.Helper()
	cfg.Auth.ClientID = "3MVG9acme"
	if cfg.URL == "" {
		cfg.URL = "https://acme.my.salesforce.com"
	}
	return loginAt(o, cfg, 1)
}

func byKey(t *testing.T, key string, now time.Time) Config {
	return Config{Auth: Auth{Flow: JWTBearer, Username: "pipetidy@acme.example", Key: connectortest.Secret(t, key)}, Now: func() time.Time { return now }}
}

// claims checks the signature of an assertion and returns what it says.
func claims(t *testing.T, assertion string) (c struct {
	Iss, Sub, Aud string
	Exp           int64
}) {
	t.Helper()
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		t.Fatalf("an assertion of %d parts", len(parts))
	}
	var raw [3][]byte
	for i, p := range parts {
		b, err := base64.RawURLEncoding.DecodeString(p)
		if err != nil {
			t.Fatal(err)
		}
		raw[i] = b
	}
	if string(raw[0]) != `{"alg":"RS256"}` {
		t.Errorf("header %s", raw[0])
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&testKey().PublicKey, crypto.SHA256, sum[:], raw[2]); err != nil {
		t.Error(err)
	}
	if err := json.Unmarshal(raw[1], &c); err != nil {
		t.Error(err)
	}
	return c
}

// serverNow is the Date of what [recorded] answers.
var serverNow = time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC)

func TestAssertion(t *testing.T) {
	for _, c := range []struct{ url, audience, key, want string }{
		{"https://acme.my.salesforce.com", "", pkcs1(testKey()), "https://login.salesforce.com"},
		{"https://login.salesforce.com", "", pkcs8(t, testKey()), "https://login.salesforce.com"},
		{"https://acme--uat.sandbox.my.salesforce.com", "", pkcs8(t, testKey()), "https://test.salesforce.com"},
		{"https://test.salesforce.com", "", pkcs8(t, testKey()), "https://test.salesforce.com"},
		{"https://acme--uat.my.salesforce.com", "https://test.salesforce.com", "Bag Attributes\n" + pemOf("CERTIFICATE", []byte("x")) + pkcs8(t, testKey()), "https://test.salesforce.com"},
	} {
		e := newEndpoint(func(url.Values) (int, string) { return 200, granted })
		cfg := byKey(t, c.key, serverNow)
		cfg.URL, cfg.Auth.Audience = c.url, c.audience
		if _, err := signIn(t, e, cfg).Session(t.Context()); err != nil {
			t.Fatal(err)
		}
		form := e.forms[0]
		if len(form) != 2 || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
			t.Errorf("asked with %v", form)
		}
		got := claims(t, form.Get("assertion"))
		if got.Iss != "3MVG9acme" || got.Sub != "pipetidy@acme.example" || got.Aud != c.want {
			t.Errorf("%s: got %+v", c.url, got)
		}
		if life := time.Unix(got.Exp, 0).Sub(serverNow); life < time.Minute || life > 3*time.Minute {
			t.Errorf("ends after %s", life)
		}
	}
}

// strict refuses assertions as Salesforce does, by its own clock.
func strict(t *testing.T) *endpoint {
	return newEndpoint(func(form url.Values) (int, string) {
		life := time.Unix(claims(t, form.Get("assertion")).Exp, 0).Sub(serverNow)
		if life <= 0 || life > 3*time.Minute {
			return 400, `{"error":"invalid_grant","error_description":"expired authorization code"}`
		}
		return 200, granted
	})
}

// TestClockOfThisMachine: a wrong clock of this machine costs one more attempt.
func TestClockOfThisMachine(t *testing.T) {
	for _, off := range []time.Duration{-time.Hour, -8 * time.Second, 0, 8 * time.Second, 7 * time.Minute} {
		e := strict(t)
		s := signIn(t, e, byKey(t, pkcs1(testKey()), serverNow.Add(off)))
		first, err := s.Session(t.Context())
		if err != nil {
			t.Errorf("off by %s: %v", off, err)
			continue
		}
		want := 1
		if off.Abs() >= clocksDiffer {
			want = 2
		}
		if len(e.forms) != want {
			t.Errorf("off by %s: asked %d times, want %d", off, len(e.forms), want)
		}
		// From now on the server's clock is known.
		if _, err := s.Renew(t.Context(), first); err != nil || len(e.forms) != want+1 {
			t.Errorf("off by %s: %v after %d exchanges", off, err, len(e.forms))
		}
	}
}

func TestAssertionRefused(t *testing.T) {
	const refused = `{"error":"invalid_grant","error_description":"expired authorization code"}`
	for _, c := range []struct {
		off   time.Duration
		date  string
		asked int
		want  string
	}{
		{time.Hour, "", 2, "the clock of this machine is off by 1h0m0s; set the clock right"},
		{-7 * time.Minute, "", 2, "the clock of this machine is off by 7m0s; set the clock right"},
		{0, "", 1, "check that key belongs to the certificate"},
		{time.Hour, "no date", 1, "check that key belongs to the certificate"},
	} {
		e := newEndpoint(func(url.Values) (int, string) { return 400, refused })
		if c.date != "" {
			e.header = http.Header{"Date": {c.date}}
		}
		_, err := signIn(t, e, byKey(t, pkcs1(testKey()), serverNow.Add(c.off))).Session(t.Context())
		if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), c.want) || len(e.forms) != c.asked {
			t.Errorf("off by %s: asked %d times: %v", c.off, len(e.forms), err)
		}
		if c.off == 0 && strings.Contains(err.Error(), "clock") {
			t.Errorf("blames the clock: %v", err)
		}
	}
	// The attempts also end if each answer comes from a server with another clock.
	var drifting *endpoint
	drifting = newEndpoint(func(url.Values) (int, string) {
		drifting.header = http.Header{"Date": {serverNow.Add(time.Duration(len(drifting.forms)) * time.Hour).Format(http.TimeFormat)}}
		if len(drifting.forms) > 5 {
			return 200, granted
		}
		return 400, refused
	})
	if _, err := signIn(t, drifting, byKey(t, pkcs1(testKey()), serverNow)).Session(t.Context()); !errors.Is(err, crm.ErrAuth) || len(drifting.forms) != 2 {
		t.Errorf("asked %d times: %v", len(drifting.forms), err)
	}
	// A refusal for another reason is not tried again, whatever the clock.
	e := newEndpoint(func(url.Values) (int, string) {
		return 400, `{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}`
	})
	_, err := signIn(t, e, byKey(t, pkcs1(testKey()), serverNow.Add(time.Hour))).Session(t.Context())
	if !errors.Is(err, crm.ErrAuth) || len(e.forms) != 1 || strings.Contains(err.Error(), "clock") {
		t.Errorf("asked %d times: %v", len(e.forms), err)
	}
}

func TestKeysThatCannotSign(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	// PKCS#8 around any key, with the algorithm id-RSASSA-PSS.
	pss, err := asn1.Marshal(struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}{0, pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}}, testKey().N.Bytes()})
	if err != nil {
		t.Fatal(err)
	}
	whole := pkcs1(testKey())
	for name, c := range map[string]struct{ key, want string }{
		"no PEM":                {"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "there is no private key in PEM form"},
		"only the certificate":  {pemOf("CERTIFICATE", testKey().N.Bytes()), "the certificate goes to Salesforce, its private key here"},
		"only the public key":   {pemOf("PUBLIC KEY", testKey().N.Bytes()), "there is no private key in PEM form"},
		"first half":            {whole[:len(whole)/2], "the private key is damaged"},
		"in one line":           {strings.ReplaceAll(whole, "\n", " "), "the private key is damaged; copy it again, all lines of it, each with its line end"},
		"RSA-PSS":               {pemOf("PRIVATE KEY", pss), "the private key is no RSA key"},
		"encrypted":             {pemOf("ENCRYPTED PRIVATE KEY", testKey().N.Bytes()), "the private key is encrypted"},
		"encrypted the old way": {strings.Replace(whole, "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1), "the private key is encrypted"},
		"damaged":               {pemOf("PRIVATE KEY", testKey().N.Bytes()), "the private key is damaged"},
		"damaged the old way":   {pemOf("RSA PRIVATE KEY", testKey().N.Bytes()), "the private key is damaged"},
		"elliptic":              {pkcs8(t, curve), "the private key is no RSA key"},
		"elliptic the old way":  {pemOf("EC PRIVATE KEY", der), "the private key is no RSA key"},
		"short":                 {pkcs1(short), "the RSA key has 1024 bits; make one of at least 2048"},
		"short in PKCS#8":       {pkcs8(t, short), "the RSA key has 1024 bits"},
	} {
		e := newEndpoint(func(url.Values) (int, string) { return 200, granted })
		_, err := signIn(t, e, byKey(t, c.key, serverNow)).Session(t.Context())
		if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), c.want) || len(e.forms) != 0 {
			t.Errorf("%s: got %v after %d exchanges", name, err, len(e.forms))
			continue
		}
		for line := range strings.Lines(c.key) {
			if line = strings.TrimSpace(line); len(line) > 20 && !strings.HasPrefix(line, "--") && strings.Contains(err.Error(), line) {
				t.Errorf("%s: the error holds the key: %v", name, err)
			}
		}
	}
}

func TestKeysAsEditorsLeaveThem(t *testing.T) {
	whole := pkcs1(testKey())
	for name, text := range map[string]string{"DOS": strings.ReplaceAll(whole, "\n", "\r\n"), "byte order mark": "\ufeff" + whole} {
		if err := CheckKey(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
