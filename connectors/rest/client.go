// Package rest is the one HTTP client of all connectors: what is retried and
// how long is waited, how much of a body is read, where a request may go at
// all, and what an error may say about a request. Open [Client.Do] first. A
// protocol that is not HTTP, such as SMTP, has a client in its own connector.
//
// The client is built over go-retryablehttp with three differences. Reading the body
// belongs to the attempt, so an answer cut off in the middle is retried like
// one that never came. A Retry-After is believed only up to a limit. And no
// error carries a query string, a token or a request body.
package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// The values that Config's zero fields stand for.
const (
	DefaultMaxBody  = 64 << 20 // bytes, after gunzip
	DefaultAttempts = 4
	DefaultTimeout  = 60 * time.Second
)

// Config says how a Client behaves. The zero value is useful.
type Config struct {
	UserAgent string            // "" is pipetidy
	Transport http.RoundTripper // nil is a tuned one of its own; tests put theirs here
	MaxBody   int64             // bytes of one body after gunzip; 0 is DefaultMaxBody
	Attempts  int               // for a repeatable request, the first included; 0 is DefaultAttempts
	Timeout   time.Duration     // for one attempt, its body included; 0 is DefaultTimeout
	Now       func() time.Time  // nil is time.Now
}

// Client makes requests. It may be used by many goroutines at once.
type Client struct {
	cfg   Config
	http  *http.Client
	calls atomic.Int64
	gzips sync.Pool // of *gzip.Reader: a new one costs 40 kB
}

// Request is one request to be made.
type Request struct {
	Method string // "" is GET
	URL    string // must pass CheckURL
	Header http.Header
	Body   []byte

	// Repeatable says that the request may be made more than once: it reads, or
	// doing it twice is the same as doing it once. Nothing else is retried.
	Repeatable bool
	// Classify says what to do about an answer; nil decides by ByStatus.
	Classify func(*Response) Class
	// Timeout of one attempt; 0 is the client's.
	Timeout time.Duration
	// MaxBody bounds the body of the answer; 0 is the client's limit. An answer to a login
	// is a few kilobytes.
	MaxBody int64
	// Rows says that the answer has rows of fields that the configuration names, so that
	// fewer fields make it smaller.
	Rows bool
	// HidePath keeps the path out of errors too, for addresses whose path is a
	// secret (incoming webhooks).
	HidePath bool
	// Secrets are parts of the body that no error may repeat. The values of a form
	// and the headers are kept out without being named.
	Secrets []string
}

// Response is a complete answer, whatever its status.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // after gunzip
	Calls  int64  // requests that went out for it
}

// New returns a Client.
func New(cfg Config) *Client {
	if cfg.UserAgent == "" {
		cfg.UserAgent = "pipetidy"
	}
	if cfg.Transport == nil {
		cfg.Transport = newTransport()
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	if cfg.Attempts <= 0 {
		cfg.Attempts = DefaultAttempts
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Client{cfg: cfg}
	c.http = &http.Client{Transport: whole{c}, CheckRedirect: checkRedirect}
	return c
}

// Calls is the number of requests that went out, retries and redirects
// included and those that never left this machine excluded.
func (c *Client) Calls() int64 { return c.calls.Load() }

// Do makes the request, again where that is allowed and helps, and returns the
// last answer with its whole body. Every HTTP status is an answer. An error
// means that no usable answer came; it is an *Error and says neither query,
// token nor body. Do waits at most MaxWait between two attempts: an answer that
// asks for more patience is returned as it is, for the caller to come back later.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	u, err := CheckURL(r.URL)
	if err != nil {
		return nil, &Error{Method: method(r), text: err.Error(), notSent: true}
	}
	var body any
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	timeout := r.Timeout
	if timeout <= 0 {
		timeout = c.cfg.Timeout
	}
	maxBody := r.MaxBody
	if maxBody <= 0 {
		maxBody = c.cfg.MaxBody
	}
	limits := &limits{timeout: timeout, maxBody: maxBody, rows: r.Rows}
	req, err := retryablehttp.NewRequestWithContext(limits.in(ctx), method(r), u.String(), body)
	if err != nil {
		return nil, c.failure(r, u, err)
	}
	for k, v := range r.Header {
		req.Header[k] = append([]string(nil), v...)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.cfg.UserAgent)
	}
	if req.Header.Get("Accept-Encoding") == "" {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	policy := &policy{request: r, now: c.cfg.Now}
	retrier := retryablehttp.Client{
		HTTPClient:   c.http,
		Logger:       nil, // it would log addresses
		RetryMax:     c.cfg.Attempts - 1,
		RetryWaitMin: minWait,
		RetryWaitMax: MaxWait,
		CheckRetry:   policy.check,
		Backoff:      policy.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := retrier.Do(req) //nolint:bodyclose // the transport has read and closed it
	if err != nil {
		if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
			err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
		e := c.failure(r, u, err)
		e.Calls = limits.calls.Load()
		return nil, e
	}
	out := answer(resp)
	out.Calls = limits.calls.Load()
	return out, nil
}

// answer takes the body that the transport has read already.
func answer(resp *http.Response) *Response {
	out := &Response{Status: resp.StatusCode, Header: resp.Header}
	if b, ok := resp.Body.(*readBody); ok {
		out.Body = b.all
	}
	return out
}

func method(r *Request) string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}
