package login

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

const (
	testPassword = `pa<ss&word"'of-the-user`
	testMailed   = "tok]]>&en-by-mail"
	testUser     = `o'hara&sons<x>@acme.example`
)

func byPassword(t *testing.T) Config {
	return Config{URL: "https://acme.my.salesforce.com", Auth: Auth{
		Flow: Password, Username: testUser, Password: connectortest.Secret(t, testPassword), SecurityToken: connectortest.Secret(t, testMailed),
	}}
}

func envelope(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body>` + body + `</soapenv:Body></soapenv:Envelope>`
}

func fault(code, text string) string {
	return envelope("<soapenv:Fault><faultcode>sf:" + code + "</faultcode><faultstring>" + code + ": " + markup(text) + "</faultstring></soapenv:Fault>")
}

func opened(server, expired string) string {
	return envelope("<loginResponse><result><passwordExpired>" + expired + "</passwordExpired><serverUrl>" + server + "</serverUrl><sessionId>" + testToken +
		"</sessionId><userId>005000000000001AAA</userId><userInfo><organizationId>00D000000000001EAA</organizationId><userFullName>Ana O'Hara</userFullName><userName>" + markup(testUser) + "</userName></userInfo></result></loginResponse>")
}

const acmeSOAP = "https://acme.my.salesforce.com/services/Soap/u/64.0/00D000000000001"

// soapAt is an org whose SOAP API gives one answer, and keeps what it was asked.
func soapAt(status int, body string, asked *[]string) *recorded {
	return &recorded{answer: map[string]func(*http.Request) (int, string){soapVersion: func(r *http.Request) (int, string) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return 500, err.Error()
		}
		*asked = append(*asked, string(b))
		return status, body
	}}}
}

// logged collects what the standard logger writes during the test.
func logged(t *testing.T) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	before := log.Writer()
	log.SetOutput(&out)
	t.Cleanup(func() { log.SetOutput(before) })
	return &out
}

// TestPasswordIsEscaped reads the request as XML: what the operator wrote arrives whole.
func TestPasswordIsEscaped(t *testing.T) {
	var asked []string
	s, err := loginAt(soapAt(200, opened(acmeSOAP, "false"), &asked), byPassword(t), 1).Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Instance != "https://acme.my.salesforce.com" || s.Org != "00D000000000001EAA" || s.User != "005000000000001AAA" || s.Secret() != testToken {
		t.Errorf("session %+v", s)
	}
	var e struct {
		Username string `xml:"Body>login>username"`
		Password string `xml:"Body>login>password"`
	}
	if err := xml.Unmarshal([]byte(asked[0]), &e); err != nil {
		t.Fatal(err)
	}
	if e.Username != testUser || e.Password != testPassword+testMailed {
		t.Errorf("asked as %q with %q", e.Username, e.Password)
	}
}

func TestPasswordRefusals(t *testing.T) {
	const invalid = "Invalid username, password, security token; or user locked out."
	for _, c := range []struct {
		code, text string
		token      bool // is configured
		kind       error
		want       string
	}{
		{"INVALID_LOGIN", invalid, true, crm.ErrAuth, "check username, password and security_token"},
		{"INVALID_LOGIN", invalid, false, crm.ErrAuth, "security_token is required too"},
		{"LOGIN_MUST_USE_SECURITY_TOKEN", invalid + " Are you at a new location?", false, crm.ErrAuth, "set security_token"},
		{"LOGIN_MUST_USE_SECURITY_TOKEN", invalid + " Are you at a new location?", true, crm.ErrAuth, "a new password comes with a new security token"},
		{"PASSWORD_LOCKOUT", "Password lockout", true, crm.ErrAuth, "unlock the user"},
		{"LOGIN_DURING_RESTRICTED_DOMAIN", "restricted", true, crm.ErrAuth, "Login IP Ranges"},
		{"LOGIN_DURING_RESTRICTED_TIME", "restricted", true, crm.ErrAuth, "Login Hours"},
		{"INVALID_OPERATION", "SOAP API login() is disabled by default in this org.", true, crm.ErrAuth, "choose the flow client_credentials"},
		{"UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL", true, crm.ErrAuth, "choose the flow client_credentials"},
		{"INVALID_LOGIN_X", "the user needs Use Any API Auth", true, crm.ErrAuth, "permission Use Any API Auth"},
		{"TRIAL_EXPIRED", "Trial expired", true, crm.ErrAuth, "ask the Salesforce administrator"},
		{"API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", true, crm.ErrRefused, "no API access"},
		{"SERVER_UNAVAILABLE", "Server is unavailable", true, crm.ErrBusy, "try again later"},
		{"NEW_ONE", "of a later release", true, crm.ErrAuth, "login history"},
	} {
		var asked []string
		cfg := byPassword(t)
		if !c.token {
			cfg.Auth.SecurityToken = secret.Secret{}
		}
		_, err := loginAt(soapAt(500, fault(c.code, c.text), &asked), cfg, 4).Session(t.Context())
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%s: %v\nwant %s", c.code, err, c.want)
		}
		if errors.Is(c.kind, crm.ErrAuth) && strings.Index(err.Error(), c.want) > strings.Index(err.Error(), "Salesforce says: "+c.code) {
			t.Errorf("%s: what to do does not come first: %v", c.code, err)
		}
		if len(asked) != 1 {
			t.Errorf("%s: asked %d times; each refusal brings the user nearer to a lockout", c.code, len(asked))
		}
	}
}

// TestPasswordWithoutSession: answers that are neither a session nor a refusal in SOAP.
func TestPasswordWithoutSession(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		want   string
	}{
		"expired":            {200, opened(acmeSOAP, "true"), crm.ErrAuth, "set a new password"},
		"no session":         {200, strings.Replace(opened(acmeSOAP, "false"), testToken, "", 1), crm.ErrBusy, "without a session"},
		"empty":              {200, envelope(""), crm.ErrBusy, "the next run tries again"},
		"nothing":            {200, "", crm.ErrBusy, "the next run tries again"},
		"cut":                {200, opened(acmeSOAP, "false")[:300], crm.ErrBusy, "the next run tries again"},
		"maintenance":        {503, "<html>maintenance</html>", crm.ErrBusy, "web page"},
		"a web page":         {200, "<html>welcome</html>", crm.ErrBusy, "web page"},
		"no such place":      {404, "[]", crm.ErrRefused, "no Salesforce login here"},
		"session with a 500": {500, opened(acmeSOAP, "false"), crm.ErrBusy, "the next run tries again"},
		"moved":              {302, "", crm.ErrBusy, "HTTP 302"},
		"another host":       {200, opened("https://salesforce.com.evil.example/services", "false"), crm.ErrRefused, "which is no Salesforce host"},
		"clear text":         {200, opened("http://acme.my.salesforce.com/services", "false"), crm.ErrRefused, "no usable instance_url"},
		"no host":            {200, opened("", "false"), crm.ErrRefused, "no usable instance_url"},
	} {
		var asked []string
		s, err := loginAt(soapAt(c.status, c.body, &asked), byPassword(t), 4).Session(t.Context())
		if s != nil || !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %+v, %v, want %s", name, s, err, c.want)
		}
		if len(asked) != 1 {
			t.Errorf("%s: asked %d times", name, len(asked))
		}
	}
	var asked []string
	cfg := byPassword(t)
	cfg.URL = "http://crm.example"
	if _, err := loginAt(soapAt(200, opened(acmeSOAP, "false"), &asked), cfg, 1).Session(t.Context()); err == nil || len(asked) != 0 {
		t.Errorf("the password went out in the clear: %v", err)
	}
	cfg = byPassword(t)
	cfg.URL = "https://login.salesforce.com"
	if s, err := loginAt(soapAt(200, opened(acmeSOAP, "false"), &asked), cfg, 1).Session(t.Context()); err != nil || s.Instance != "https://acme.my.salesforce.com" {
		t.Errorf("from everybody's login: %+v, %v", s, err)
	}
}

// TestPasswordIsNotLogged: simpleforce writes users and bodies to the standard logger.
func TestPasswordIsNotLogged(t *testing.T) {
	out := logged(t)
	for name, body := range map[string]string{"session": opened(acmeSOAP, "false"), "refusal": fault("INVALID_LOGIN", testPassword), "page": "<html>" + testPassword} {
		for _, status := range []int{200, 500} {
			var asked []string
			_, _ = loginAt(soapAt(status, body, &asked), byPassword(t), 1).Session(t.Context())
			if len(asked) != 1 || out.Len() > 0 {
				t.Errorf("%s, %d: asked %d times, logged %q", name, status, len(asked), out)
			}
		}
	}
	log.Print("a line of another")
	if !strings.Contains(out.String(), "a line of another") {
		t.Errorf("the line of another is lost: %q", out)
	}
}

// TestPasswordErrorsHoldNoSecrets has a server repeat what it was told, in every way
// that it can be written.
func TestPasswordErrorsHoldNoSecrets(t *testing.T) {
	out := logged(t)
	ways := map[string]func(told string) string{
		"fault":       func(told string) string { return answerOf(500, fault("INVALID_LOGIN", told)) },
		"code":        func(told string) string { return answerOf(500, fault(markup(told), "x")) },
		"with gaps":   func(told string) string { return answerOf(500, fault("X", strings.ReplaceAll(told, "o", "o\u200b"))) },
		"web page":    func(told string) string { return answerOf(200, "<html>"+told) },
		"server":      func(told string) string { return answerOf(200, opened("https://"+markup(told), "false")) },
		"no HTTP":     func(told string) string { return told + "\r\n\r\n" },
		"status line": func(told string) string { return "HTTP/1.1 " + told + "\r\n\r\n" },
		"header":      func(told string) string { return "HTTP/1.1 200 OK\r\n" + told + "\r\n\r\n" },
		"status":      func(told string) string { return answerOf(418, told) },
	}
	for name, way := range ways {
		for form, told := range map[string]string{
			"plain": testPassword + "|" + testMailed, "together": testPassword + testMailed, "escaped": markup(testPassword) + "|" + markup(testMailed),
		} {
			asked := 0
			cfg := byPassword(t)
			cfg.URL = serve(t, func(string) string { asked++; return way(told) })
			_, err := loginAt(nil, cfg, 1).Session(t.Context())
			if err == nil || asked != 1 {
				t.Errorf("%s, %s: asked %d times: %v", name, form, asked, err)
				continue
			}
			for _, secret := range []string{testPassword, testMailed, markup(testPassword), markup(testMailed), "word", "en-by-mail"} {
				if text := fmt.Sprint(err, out); strings.Contains(strings.ReplaceAll(text, "password", ""), secret) {
					t.Errorf("%s, %s: holds %q: %s", name, form, secret, text)
				}
			}
		}
	}
}

func TestPasswordThatCannotBeRead(t *testing.T) {
	for name, change := range map[string]func(*Auth){
		"no password":       func(a *Auth) { a.Password = secret.Secret{File: "x"} },
		"no security token": func(a *Auth) { a.SecurityToken = secret.Secret{File: "x"} },
	} {
		var asked []string
		cfg := byPassword(t)
		change(&cfg.Auth)
		_, err := loginAt(soapAt(200, opened(acmeSOAP, "false"), &asked), cfg, 1).Session(t.Context())
		if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), name+": secret file x does not exist") || len(asked) != 0 {
			t.Errorf("%s: %v after %d requests", name, err, len(asked))
		}
	}
}
