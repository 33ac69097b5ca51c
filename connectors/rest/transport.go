package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// newTransport returns the transport that a Client uses unless it is given one.
func newTransport() *http.Transport {
	// HTTP/1.1 moves a page of records 1.3 to 1.8 times faster than HTTP/2 does
	// in Go, and a source has few requests in flight.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            NewDialer().DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ResponseHeaderTimeout:  150 * time.Second, // a guard only: each attempt has its own limit
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    8,
		MaxConnsPerHost:        16,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true, // we ask for gzip and bound what comes out of it
		Protocols:              &protocols,
	}
}

// limits goes with a request through retryablehttp and net/http to the
// transport: how long one attempt may take, how large its answer may be and whether it
// has rows, and how many attempts there were.
type limits struct {
	timeout time.Duration
	maxBody int64
	rows    bool
	calls   atomic.Int64
}

type limitsKey struct{}

func (l *limits) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, limitsKey{}, l)
}

// whole is the transport that hands over whole answers: the body is read,
// unzipped and bounded within the attempt, so that a broken body is an error of the
// attempt and can be retried.
type whole struct{ c *Client }

var errTimeout = errors.New("no complete answer in time")

// RoundTrip makes one attempt.
func (w whole) RoundTrip(req *http.Request) (*http.Response, error) {
	parent := req.Context()
	limits, _ := parent.Value(limitsKey{}).(*limits) // Do is the only caller
	ctx, cancel := context.WithTimeout(parent, limits.timeout)
	defer cancel()
	// A request whose connection was never there was certainly not sent.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	resp, err := w.c.cfg.Transport.RoundTrip(req.WithContext(ctx))
	var body []byte
	sent := func() { w.c.calls.Add(1); limits.calls.Add(1) }
	if err == nil {
		sent()
		body, err = w.c.read(resp, limits)
		resp.Body.Close()
	} else if _, traced := w.c.cfg.Transport.(*http.Transport); traced && !connected.Load() || dialFailed(err) {
		err = &notSentError{err}
	} else {
		sent()
	}
	if err != nil {
		if ctx.Err() != nil && parent.Err() == nil {
			err = fmt.Errorf("%w (%s): %w", errTimeout, limits.timeout, err)
		}
		return nil, err
	}
	resp.Body = &readBody{all: body, Reader: bytes.NewReader(body)}
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// notSentError marks an error of a request that never left.
type notSentError struct{ err error }

func (e *notSentError) Error() string { return e.err.Error() }
func (e *notSentError) Unwrap() error { return e.err }

// dialFailed recognises failures before the first byte by their type, for
// transports that cannot be traced.
func dialFailed(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	return errors.As(err, &dns) || errors.As(err, &cert)
}

// readBody is a body that has been read.
type readBody struct {
	*bytes.Reader
	all []byte
}

// Close does nothing.
func (*readBody) Close() error { return nil }

// ErrTooLarge is in the error of an answer with a body over Config.MaxBody, or with more in
// the body than any answer holds.
var ErrTooLarge = errors.New("answer is too large")

// lengthError is the ErrTooLarge of a body with more than so many bytes.
type lengthError struct {
	most int64
	rows bool // the bytes are those of rows
}

func (e *lengthError) Error() string {
	return fmt.Sprintf("%v: more than %d bytes", ErrTooLarge, e.most)
}
func (e *lengthError) Unwrap() error { return ErrTooLarge }

// read reads the whole body of resp, unzipped: within the limits.
func (c *Client) read(resp *http.Response, limits *limits) ([]byte, error) {
	most := limits.maxBody
	var r io.Reader = resp.Body
	size := resp.ContentLength
	switch enc := strings.ToLower(resp.Header.Get("Content-Encoding")); enc {
	case "", "identity":
	case "gzip", "x-gzip":
		size = -1
		zr, _ := c.gzips.Get().(*gzip.Reader)
		if zr == nil {
			zr = new(gzip.Reader)
		}
		if err := zr.Reset(resp.Body); errors.Is(err, io.EOF) {
			return nil, nil // an empty body, as answers without content have
		} else if err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		defer c.gzips.Put(zr)
		r = zr
	default:
		return nil, fmt.Errorf("read answer: unknown content encoding %.20q", enc)
	}
	body := make([]byte, 0, bytes.MinRead)
	if size > 0 && size <= most {
		body = make([]byte, 0, size+1) // and the end is seen without growing
	}
	var held shape
	for {
		if int64(len(body)) > most {
			success := resp.StatusCode >= 200 && resp.StatusCode <= 299 // an error page has no rows
			return nil, &lengthError{most: most, rows: limits.rows && success}
		}
		if len(body) == cap(body) {
			body = slices.Grow(body, int(min(int64(cap(body)), most+1-int64(len(body))))) // never far beyond the limit
		}
		n, err := r.Read(body[len(body):min(int64(cap(body)), most+1)])
		if _, err := held.Write(body[len(body) : len(body)+n]); err != nil {
			return nil, err
		}
		body = body[:len(body)+n]
		switch {
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, fmt.Errorf("read answer: %w", err)
		}
	}
}
