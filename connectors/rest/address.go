package rest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// CheckURL parses raw and returns an error unless a request with credentials
// may go there: an absolute https address, or http on this machine, without
// user name and password in it. The error does not repeat the address.
func CheckURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("not a web address; want https://host")
	case u.User != nil:
		return nil, errors.New("the address holds a user name or password; put credentials into their own settings")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("the address names no host; want https://host")
	case u.Scheme == "https":
	case u.Scheme == "http" && Loopback(u.Hostname()):
	case u.Scheme == "http":
		return nil, fmt.Errorf("http would send credentials in the clear to %s; use https", u.Hostname())
	default:
		return nil, errors.New("not a web address; want https://host")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// Loopback reports whether host (without port) is this machine.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// ErrRedirect is in the error of a request that was redirected to another host.
var ErrRedirect = errors.New("redirected to another host, which is refused")

const maxRedirects = 5

// checkRedirect keeps credentials on the host they were meant for. A request
// that is not a plain read is never redirected: its 3xx is the answer.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet && first.Method != http.MethodHead {
		return http.ErrUseLastResponse
	}
	if req.URL.Scheme != first.URL.Scheme || !strings.EqualFold(req.URL.Host, first.URL.Host) {
		return fmt.Errorf("%w: %s", ErrRedirect, req.URL.Hostname())
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("redirected more than %d times", maxRedirects)
	}
	return nil
}
