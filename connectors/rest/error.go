package rest

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Error says that a request got no usable answer. Its text names method, host
// and path and nothing that could be a secret; what went wrong can be asked
// with errors.Is and errors.As.
type Error struct {
	Method string
	Host   string // with port; "" where the address was refused
	Path   string // "" where it is hidden
	Calls  int64  // requests that went out all the same

	text    string
	notSent bool
	err     error
}

// Error writes "GET https://host/path: what went wrong".
func (e *Error) Error() string {
	if e.Host == "" {
		return e.Method + ": " + e.text
	}
	return e.Method + " " + e.Host + e.Path + ": " + e.text
}

// Unwrap returns the cause without the address that net/http puts around it.
func (e *Error) Unwrap() error { return e.err }

// NotSent reports whether the request certainly never reached the server (no
// such host, no connection, no TLS session), so that even a request that must not
// be made twice can be made again.
func NotSent(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.notSent
}

// failure makes the Error for err.
func (c *Client) failure(r *Request, u *url.URL, err error) *Error {
	var ue *url.Error
	for errors.As(err, &ue) {
		err = ue.Err // url.Error prints the whole address
	}
	var ns *notSentError
	e := &Error{Method: method(r), Host: u.Host, err: err, notSent: errors.As(err, &ns)}
	if !r.HidePath {
		e.Path = u.EscapedPath()
	}
	e.text = scrub(err.Error(), r, u)
	return e
}

// scrub takes out of text what the request must not be seen to hold. net/http
// quotes what a server sent (a malformed status line, a broken Location), and
// such a server may well repeat what it was told.
func scrub(text string, r *Request, u *url.URL) string {
	hide := func(s string) {
		if len(s) >= 4 {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	hide(u.RawQuery)
	for _, vs := range u.Query() {
		for _, v := range vs {
			hide(v)
		}
	}
	for k, vs := range r.Header {
		switch http.CanonicalHeaderKey(k) {
		case "Accept", "Accept-Encoding", "Content-Type", "User-Agent":
			continue
		}
		for _, v := range vs {
			hide(v)
			_, token, _ := strings.Cut(v, " ") // "Bearer x"
			hide(token)
		}
	}
	if form, err := url.ParseQuery(string(r.Body)); err == nil {
		for _, vs := range form {
			for _, v := range vs {
				hide(v)
				hide(url.QueryEscape(v))
				if parts := strings.Split(v, "."); len(parts) == 3 { // a signed assertion
					for _, p := range parts {
						hide(p)
					}
				}
			}
		}
	}
	for _, s := range r.Secrets {
		hide(s)
		hide(strings.Trim(strconv.Quote(s), `"`)) // as errors of net/http quote an answer
	}
	if r.HidePath {
		hide(u.EscapedPath())
	}
	return text
}
