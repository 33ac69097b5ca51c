package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Class says what to do about an answer.
type Class int

// The classes.
const (
	OK    Class = iota // use it
	Retry              // worth another attempt if the request is repeatable
	Stop               // another attempt would be answered the same way
)

// MaxWait is the longest wait between two attempts.
const MaxWait = 30 * time.Second

const (
	minWait = 500 * time.Millisecond
	// fewRetries is how often an answer is retried that names no reason: 406 and
	// 420 come from an edge that has no route yet.
	fewRetries = 2
)

// ByStatus classifies an answer by its status alone.
func ByStatus(r *Response) Class {
	switch s := r.Status; {
	case s < 400:
		return OK
	case s == http.StatusNotImplemented:
		return Stop
	case s >= 500, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, few(s):
		return Retry
	}
	return Stop
}

func few(status int) bool { return status == http.StatusNotAcceptable || status == 420 }

// policy decides about the attempts of one request.
type policy struct {
	request *Request
	now     func() time.Time
	few     int
}

// check is a retryablehttp.CheckRetry.
func (p *policy) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if !p.request.Repeatable {
		return false, nil
	}
	if err != nil {
		return !lasting(err), nil
	}
	a := answer(resp)
	classify := p.request.Classify
	if classify == nil {
		classify = ByStatus
	}
	if classify(a) != Retry {
		return false, nil
	}
	if few(a.Status) {
		if p.few++; p.few > fewRetries {
			return false, nil
		}
	}
	if wait, ok := RetryAfter(a.Header, p.now()); ok && wait > MaxWait {
		return false, nil
	}
	return true, nil
}

// backoff is a retryablehttp.Backoff: what the server asks for, else doubling,
// both with jitter upwards so that many processes do not come back together.
func (p *policy) backoff(lo, hi time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := min(lo<<min(attempt, 16), hi)
	if resp != nil {
		if asked, ok := RetryAfter(resp.Header, p.now()); ok {
			wait = max(asked, lo)
		}
	}
	return min(wait+rand.N(wait/2+1), hi)
}

// longestAsked is how long a server is believed that asks to be left alone: what it says
// of more than a day is more likely a mistake than a plan.
const longestAsked = 24 * time.Hour

// Until returns the time before which a server wants no further call, where it asks for
// more patience than a call has. Zero is nothing asked, or so short a wait that whoever
// comes back later has waited already.
func Until(h http.Header, now time.Time) time.Time {
	wait, ok := RetryAfter(h, now)
	if !ok || wait <= MaxWait {
		return time.Time{}
	}
	return now.Add(wait)
}

// RetryAfter reads the Retry-After header, in seconds or as a date. A date is of the
// server's clock, so it is compared with the answer's Date, and with now only where there
// is none. A server is believed within a day. ok is false where there is nothing that can be
// read.
func RetryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s >= 0) { // NaN too
			return 0, false
		}
		return time.Duration(min(s, longestAsked.Seconds()) * float64(time.Second)), true
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(t.Sub(now), 0), longestAsked), true
}

// lasting reports whether another attempt would fail in the same way.
func lasting(err error) bool {
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	switch {
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrRedirect):
		return true
	case errors.As(err, &cert), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return true
	case errors.As(err, &dns):
		return dns.IsNotFound
	}
	return false
}
