package salesforce_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

type tokenReply struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
	Error        string `json:"error"`
	Description  string `json:"error_description"`
}

func (o *orgClient) tokens(form url.Values) tokenReply {
	o.t.Helper()
	status, _, body := o.post("/services/oauth2/token", form)
	var reply tokenReply
	if err := json.Unmarshal(body, &reply); err != nil || (status == 200) != (reply.Error == "") {
		o.t.Fatalf("token: status %d: %s", status, body)
	}
	return reply
}

func (o *orgClient) works(access string) bool {
	o.t.Helper()
	status, _, _ := o.get(data+"/limits", "Authorization", "Bearer "+access)
	return status == 200
}

// sign makes an assertion from raw claims.
func sign(t *testing.T, key *rsa.PrivateKey, head, claims string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestQuirk03JWTBearer(t *testing.T) {
	o := small(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Auth.Certificate = &key.PublicKey })
	const head = `{"alg":"RS256"}`
	claims := func(iss, sub, aud string, exp time.Duration) string {
		return fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%q,"exp":%d}`, iss, sub, aud, o.c.Now().Add(exp).Unix())
	}
	app, login := o.sf.Options().ClientID, "https://login.salesforce.com"
	for _, tt := range []struct{ name, assertion, code, description string }{
		{"good", sign(t, key, head, claims(app, "pipetidy@acme.example", login, 3*time.Minute)), "", ""},
		{"exp as a string", sign(t, key, head, fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%q,"exp":"%d"}`, app, "pipetidy@acme.example", login, o.c.Now().Add(time.Minute).Unix())), "", ""},
		{"wrong aud", sign(t, key, head, claims(app, "pipetidy@acme.example", "https://test.salesforce.com", time.Minute)), "invalid_grant", "audience is invalid"},
		{"no aud", sign(t, key, head, claims(app, "pipetidy@acme.example", "", time.Minute)), "invalid_grant", "Audience validation failed"},
		{"past exp", sign(t, key, head, claims(app, "pipetidy@acme.example", login, -time.Second)), "invalid_grant", "expired authorization code"},
		{"exp too far", sign(t, key, head, claims(app, "pipetidy@acme.example", login, 3*time.Minute+2*time.Second)), "invalid_grant", "invalid expiration"},
		{"not approved", sign(t, key, head, claims(app, "ana@acme.example", login, time.Minute)), "invalid_grant", "user hasn't approved this consumer"},
		{"nobody", sign(t, key, head, claims(app, "nobody@acme.example", login, time.Minute)), "invalid_grant", "user hasn't approved this consumer"},
		{"another app", sign(t, key, head, claims("other", "pipetidy@acme.example", login, time.Minute)), "invalid_client_id", "client identifier invalid"},
		{"another key", sign(t, other, head, claims(app, "pipetidy@acme.example", login, time.Minute)), "invalid_grant", "invalid assertion"},
		{"another algorithm", sign(t, key, `{"alg":"none"}`, claims(app, "pipetidy@acme.example", login, time.Minute)), "invalid_grant", "invalid assertion"},
		{"no token at all", "x.y", "invalid_grant", "invalid assertion"},
	} {
		got := o.tokens(url.Values{"grant_type": {salesforce.JWTBearer}, "assertion": {tt.assertion}})
		if got.Error != tt.code || got.Description != tt.description || tt.code == "" && (!o.works(got.AccessToken) || got.RefreshToken != "" || !strings.HasSuffix(got.ID, o.c.User("pipetidy@acme.example"))) {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
	o.sf.Set(func(s *salesforce.Options) {
		s.Auth.Audience, s.Auth.JWTLife, s.Auth.JWTUsers = "https://test.salesforce.com", 5*time.Minute, []string{"ana@acme.example"}
	})
	form := url.Values{"grant_type": {salesforce.JWTBearer}, "assertion": {sign(t, key, head, claims(app, "ana@acme.example", "https://test.salesforce.com", 5*time.Minute))}}
	req, _ := http.NewRequest(http.MethodPost, o.url+"/services/oauth2/token", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Host = "test.salesforce.com"
	resp, err := http.DefaultClient.Do(req)
	if status, _, body := o.read(resp, err); status != 200 || !strings.Contains(string(body), o.c.User("ana@acme.example")) {
		t.Errorf("a sandbox's app at test.salesforce.com: got %d %s", status, body)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Auth.Flows = []string{salesforce.ClientCredentials} })
	if got := o.tokens(form); got.Error != "unsupported_grant_type" {
		t.Errorf("flow not allowed: got %+v", got)
	}
}

func (o *orgClient) refreshForm(token string) url.Values {
	return url.Values{"grant_type": {salesforce.RefreshToken}, "client_id": {o.sf.Options().ClientID}, "client_secret": {o.sf.Options().ClientSecret}, "refresh_token": {token}}
}

func TestQuirk04Rotation(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.Auth.Rotate = true })
	first := o.sf.Authorize()
	bystander := o.tokens(o.refreshForm(o.sf.Authorize()))
	one := o.tokens(o.refreshForm(first))
	if one.RefreshToken == "" || one.RefreshToken == first || !o.works(one.AccessToken) {
		t.Fatalf("got %+v", one)
	}
	two := o.tokens(o.refreshForm(one.RefreshToken))
	if two.RefreshToken == one.RefreshToken || !o.works(two.AccessToken) {
		t.Errorf("got %+v", two)
	}
	if o.works(one.AccessToken) {
		t.Error("the session before the refresh still works")
	}
	for _, burnt := range []string{first, two.RefreshToken} { // the replay ends the valid token too
		if got := o.tokens(o.refreshForm(burnt)); got.Error != "invalid_grant" || got.Description != "expired access/refresh token" {
			t.Errorf("got %+v", got)
		}
	}
	if o.works(two.AccessToken) {
		t.Error("the replay left the session")
	}
	if !o.works(bystander.AccessToken) {
		t.Error("the replay ended another grant's session")
	}
}

func TestRefreshWithoutRotation(t *testing.T) {
	o := small(t)
	token := o.sf.Authorize()
	one, two := o.tokens(o.refreshForm(token)), o.tokens(o.refreshForm(token))
	if one.RefreshToken != "" || !o.works(one.AccessToken) || !o.works(two.AccessToken) {
		t.Errorf("got %+v and %+v", one, two)
	}
	form := o.refreshForm(token)
	form.Del("client_secret")
	if got := o.tokens(form); got.Error != "invalid_client" {
		t.Errorf("without the secret: got %+v", got)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Auth.NoSecret = true })
	if got := o.tokens(form); got.AccessToken == "" {
		t.Errorf("without a secret that nobody asks for: got %+v", got)
	}
	for range 5 {
		o.sf.Authorize()
	}
	if got := o.tokens(form); got.Error != "invalid_grant" || o.works(one.AccessToken) {
		t.Errorf("after five more grants: got %+v", got)
	}
	last := o.sf.Authorize()
	o.sf.RevokeGrants()
	if got := o.tokens(o.refreshForm(last)); got.Error != "invalid_grant" {
		t.Errorf("revoked: got %+v", got)
	}
}

func TestAnotherOrgAndInstance(t *testing.T) {
	o := small(t)
	other := soql.NewID("00D", 99)
	o.sf.Set(func(s *salesforce.Options) { s.Auth.OrgID, s.InstanceURL = other, "http://moved.example" })
	form := url.Values{"grant_type": {salesforce.ClientCredentials}, "client_id": {o.sf.Options().ClientID}, "client_secret": {o.sf.Options().ClientSecret}}
	if got := o.tokens(form); !strings.Contains(got.ID, "/id/"+other+"/") || got.InstanceURL != "http://moved.example" {
		t.Errorf("got %+v", got)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Auth.Hosts = []string{"moved.example"} })
	if status, code, _ := o.refused(data + "/limits"); status != 401 || code != "INVALID_SESSION_ID" {
		t.Errorf("the old host: got %d %s", status, code)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Auth.Flows = []string{salesforce.RefreshToken} })
	if got := o.tokens(form); got.Error != "invalid_grant" || got.Description != "no client credentials user enabled" {
		t.Errorf("flow not allowed: got %+v", got)
	}
}
