package login

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"log" //nolint:depguard // simpleforce logs by it: its lines are dropped here, none is written
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/simpleforce/simpleforce"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// soapVersion is the last version of the API that has SOAP login().
const soapVersion = "64.0"

// PasswordEnds says until when the flow [Password] works.
const PasswordEnds = "auth.flow password signs in by SOAP login(), which Salesforce retires with Summer '27 (1 June 2027); " +
	"set up client_credentials before that (docs/salesforce.md)"

// withPassword is SOAP login(), as simpleforce makes it. What simpleforce sends goes
// through our client, and an answer without a session is not handed to it: it would
// log the body.
func (l *Login) withPassword(ctx context.Context) (*grant, error) {
	password, err := l.cfg.Auth.Password.Value()
	if err != nil {
		return nil, l.noSecret("password", err)
	}
	token := ""
	if !l.cfg.Auth.SecurityToken.IsZero() {
		if token, err = l.cfg.Auth.SecurityToken.Value(); err != nil {
			return nil, l.noSecret("security token", err)
		}
	}
	hidden := asWritten(password, token)
	var answer loginAnswer
	var failed error
	client := simpleforce.NewClient(l.cfg.URL, "pipetidy", soapVersion)
	client.SetHttpClient(&http.Client{Transport: carrier(func(req *http.Request) (*http.Response, error) {
		resp, err := l.soap(ctx, req, hidden)
		if err == nil {
			answer, err = l.readLogin(resp, hidden)
		}
		if failed = err; err != nil || answer.refusal != nil {
			return nil, errNoSession
		}
		return &http.Response{StatusCode: resp.Status, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(resp.Body)), Request: req}, nil
	})})
	mute()
	err = client.LoginPassword(markup(l.cfg.Auth.Username), password, markup(token)) // it escapes the password alone
	switch {
	case failed != nil:
		return nil, failed
	case answer.refusal != nil:
		return nil, crm.Later(l.passwordRefused(answer.refusal), answer.refusal.until)
	case err != nil || client.GetSid() == "":
		return nil, l.where.Fail(crm.ErrBusy, "the login was answered without a session", "try again later, and check that url is the org's My Domain address")
	}
	return &grant{AccessToken: client.GetSid(), InstanceURL: client.GetLoc(), ID: answer.org + "/" + answer.user, secrets: hidden}, nil
}

// errNoSession is what simpleforce gets, and logs, instead of an answer.
var errNoSession = errors.New("no session")

// carrier makes the requests of another client.
type carrier func(*http.Request) (*http.Response, error)

// RoundTrip makes one request.
func (c carrier) RoundTrip(req *http.Request) (*http.Response, error) { return c(req) }

// soap sends a login once: each that is refused brings the user nearer to being locked
// out.
func (l *Login) soap(ctx context.Context, req *http.Request, hidden []string) (*rest.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	resp, err := l.web.Do(ctx, &rest.Request{
		Method:  req.Method,
		URL:     req.URL.String(),
		Header:  http.Header{"Content-Type": {"text/xml; charset=UTF-8"}, "SOAPAction": {"login"}, "Accept": {"text/xml"}},
		Body:    body,
		Secrets: hidden,
		Timeout: loginTimeout,
		MaxBody: loginMaxBody,
	})
	l.budget.Count(resp, err)
	if err != nil {
		return nil, l.where.Unreachable(ctx, err)
	}
	return resp, nil
}

// loginAnswer is what simpleforce does not tell of an answer.
type loginAnswer struct {
	org, user string
	refusal   *grant // nil is a session
}

// readLogin reads an answer to login(). An error says that it is neither a session
// nor a refusal.
func (l *Login) readLogin(resp *rest.Response, hidden []string) (loginAnswer, error) {
	var e struct {
		XMLName xml.Name `xml:"Envelope"`
		Fault   *struct {
			Code string `xml:"faultcode"`
			Text string `xml:"faultstring"`
		} `xml:"Body>Fault"`
		Result *struct {
			Expired string `xml:"passwordExpired"`
			User    string `xml:"userId"`
			Org     string `xml:"userInfo>organizationId"`
		} `xml:"Body>loginResponse>result"`
	}
	if err := xml.Unmarshal(resp.Body, &e); err != nil {
		return loginAnswer{}, l.noLogin(resp)
	}
	switch {
	case e.Fault != nil:
		_, code, _ := strings.Cut(e.Fault.Code, ":")
		code = cmp.Or(code, e.Fault.Code)
		said := strings.TrimPrefix(e.Fault.Text, code+": ")
		return loginAnswer{refusal: &grant{until: l.until(resp), Error: code, Description: said, said: strings.TrimRight(rest.Clean(code+": "+said, hidden...), ".")}}, nil
	case e.Result == nil || resp.Status != http.StatusOK:
		return loginAnswer{}, l.noLogin(resp)
	case e.Result.Expired == "true":
		// Its session may change the password and nothing else.
		return loginAnswer{refusal: &grant{Error: passwordExpired, said: "the password has expired"}}, nil
	}
	return loginAnswer{org: e.Result.Org, user: e.Result.User}, nil
}

const passwordExpired = "PASSWORD_EXPIRED"

// passwordRefused explains why login() gave no session.
func (l *Login) passwordRefused(g *grant) error {
	a := l.cfg.Auth
	said := strings.ToLower(g.Description)
	kind, what, remedy := crm.ErrAuth, "login refused ("+g.said+")", ""
	const token = "Settings, Reset My Security Token mails a new one"
	switch g.Error {
	case "INVALID_LOGIN":
		remedy = "check username, password and security_token, and look at the user's login history in Setup: it says which of them is wrong, or that the user is locked; a new password comes with a new security token"
		if a.SecurityToken.IsZero() {
			remedy = "check username and password, and look at the user's login history in Setup: it says whether the user is locked; from outside of the org's trusted IP ranges security_token is required too (" + token + ")"
		}
	case "LOGIN_MUST_USE_SECURITY_TOKEN":
		remedy = "the password or the security token is wrong, or the user is locked, as the login history in Setup says; a new password comes with a new security token (" + token + ")"
		if a.SecurityToken.IsZero() {
			remedy = "this machine is outside of the org's trusted IP ranges: set security_token (" + token + "), or add the machine's address under Setup, Network Access"
		}
	case "LOGIN_DURING_RESTRICTED_DOMAIN":
		remedy = "allow " + a.user() + " to log in from this machine: Login IP Ranges of the profile; a security token does not help here"
	case "LOGIN_DURING_RESTRICTED_TIME":
		remedy = "allow " + a.user() + " to log in at this time: Login Hours of the profile"
	case "PASSWORD_LOCKOUT":
		remedy = "unlock " + a.user() + ", and check password and security_token before the next try"
	case passwordExpired, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD":
		remedy = "set a new password for " + a.user() + ", and put it and its new security token where they are kept"
	case "INVALID_OPERATION", "UNSUPPORTED_API_VERSION", "FUNCTIONALITY_NOT_ENABLED":
		remedy = "the org does not take SOAP login(): choose the flow client_credentials, or let an administrator enable SOAP API login() in Setup until it ends with Summer '27"
	case "API_DISABLED_FOR_ORG", "API_DISABLED":
		kind, remedy = crm.ErrRefused, "the org's edition has no API access; ask the Salesforce administrator"
	case "ORG_LOCKED", "TRIAL_EXPIRED":
		remedy = "ask the Salesforce administrator: nobody can log in to this org"
	case "INSUFFICIENT_ACCESS":
		remedy = "give " + a.user() + " the permissions API Enabled and Use Any API Auth"
	case "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "API_CURRENTLY_DISABLED", "LOGIN_RATE_EXCEEDED", "REQUEST_LIMIT_EXCEEDED", "EXCEEDED_RATE_LIMIT":
		kind, what, remedy = crm.ErrBusy, "login is not possible at the moment ("+g.said+")", "try again later"
	default:
		remedy = "check username, password and security_token, and look at the user's login history in Setup"
		if strings.Contains(said, "api auth") {
			remedy = "give " + a.user() + " the permission Use Any API Auth"
		}
	}
	if errors.Is(kind, crm.ErrAuth) { // what to do comes first: Salesforce's sentence is long, and says less
		what, remedy = "login refused", remedy+" (Salesforce says: "+g.said+")"
	}
	return l.where.Fail(kind, what, remedy)
}

// asWritten are the ways in which an answer can repeat the secrets, longest first.
func asWritten(password, token string) []string {
	var out []string
	for _, s := range []string{password, token, password + token} {
		out = append(out, s, markup(s), html.EscapeString(s))
	}
	out = append(out, html.EscapeString(password)+markup(token))
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(out)
}

// markup writes text so that it stays text within XML.
func markup(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

// muting guards the output of the standard logger.
var muting sync.Mutex

// mute drops what simpleforce writes to the standard logger, which it does with each
// login: names of users, bodies of answers. Other lines go where they went.
func mute() {
	muting.Lock()
	defer muting.Unlock()
	if w := log.Writer(); w != nil {
		if _, done := w.(mutedWriter); !done {
			log.SetOutput(mutedWriter{w})
		}
	}
}

// mutedWriter passes on all lines but those of simpleforce. A line comes as one write.
type mutedWriter struct{ to io.Writer }

// Write passes p on.
func (m mutedWriter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("[simpleforce]")) {
		return len(p), nil
	}
	n, err := m.to.Write(p)
	if err != nil {
		return n, fmt.Errorf("log: %w", err)
	}
	return n, nil
}
