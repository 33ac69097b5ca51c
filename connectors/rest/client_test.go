package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// script answers request after request; the last entry answers all further ones.
type script []func(*http.Request) (*http.Response, error)

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	step := (*s)[0]
	if len(*s) > 1 {
		*s = (*s)[1:]
	}
	return step(req)
}

func reply(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: req}, nil
	}
}

func broken(body string) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		r := io.MultiReader(strings.NewReader(body), errReader{io.ErrUnexpectedEOF})
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(r), ContentLength: -1, Request: req}, nil
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

const there = "https://crm.example/path?q=SECRET-QUERY"

func TestRetry(t *testing.T) {
	for _, c := range []struct {
		name       string
		script     script
		once       bool // not repeatable
		want       string
		calls      int64
		atLeast    time.Duration
		atMost     time.Duration
		wantErr    error
		classifier func(*Response) Class
	}{
		{name: "ok", script: script{reply(200, "a")}, want: "200 a", calls: 1},
		{name: "server error then ok", script: script{reply(503, ""), reply(200, "a")}, want: "200 a", calls: 2, atLeast: minWait, atMost: time.Second},
		{name: "always 500", script: script{reply(500, "x")}, want: "500 x", calls: 4, atLeast: 3500 * time.Millisecond, atMost: 6 * time.Second},
		{name: "not implemented", script: script{reply(501, "x")}, want: "501 x", calls: 1},
		{name: "not repeatable", script: script{reply(500, "x")}, once: true, want: "500 x", calls: 1},
		{name: "not repeatable, broken body", script: script{broken("x")}, once: true, calls: 1, wantErr: io.ErrUnexpectedEOF},
		{name: "broken body", script: script{broken("half"), reply(200, "whole")}, want: "200 whole", calls: 2, atLeast: minWait, atMost: time.Second},
		{name: "retry after", script: script{reply(429, "", "Retry-After", "7"), reply(200, "a")}, want: "200 a", calls: 2, atLeast: 7 * time.Second, atMost: 11 * time.Second},
		{name: "retry after beyond patience", script: script{reply(429, "later", "Retry-After", "3600"), reply(200, "a")}, want: "429 later", calls: 1},
		{name: "no route yet", script: script{reply(420, "")}, want: "420 ", calls: 3, atLeast: time.Second, atMost: 10 * time.Second},
		{name: "bad request", script: script{reply(400, "no")}, want: "400 no", calls: 1},
		{name: "classified", script: script{reply(403, "busy"), reply(200, "a")}, want: "200 a", calls: 2, atLeast: minWait, atMost: time.Second,
			classifier: func(r *Response) Class {
				if string(r.Body) == "busy" {
					return Retry
				}
				return ByStatus(r)
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl := New(Config{Transport: &c.script})
				start := time.Now()
				resp, err := cl.Do(t.Context(), &Request{URL: there, Repeatable: !c.once, Classify: c.classifier})
				took := time.Since(start)
				if c.wantErr != nil {
					if !errors.Is(err, c.wantErr) {
						t.Fatalf("error is %v, want %v", err, c.wantErr)
					}
				} else if err != nil {
					t.Fatal(err)
				} else if got := fmt.Sprintf("%d %s", resp.Status, resp.Body); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				if cl.Calls() != c.calls {
					t.Errorf("%d calls, want %d", cl.Calls(), c.calls)
				}
				if took < c.atLeast || took > c.atMost {
					t.Errorf("took %v, want %v to %v", took, c.atLeast, c.atMost)
				}
			})
		})
	}
}

func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		cl := New(Config{Transport: &script{hang, reply(200, "a")}, Timeout: 10 * time.Second})
		resp, err := cl.Do(t.Context(), &Request{URL: there, Repeatable: true})
		if err != nil || string(resp.Body) != "a" {
			t.Fatalf("a second attempt should have answered, got %v, %v", resp, err)
		}
		cl = New(Config{Transport: &script{hang}, Timeout: 10 * time.Second})
		_, err = cl.Do(t.Context(), &Request{URL: there})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no complete answer in time (10s)") {
			t.Errorf("timeout says %v", err)
		}
		if NotSent(err) {
			t.Error("a request that timed out may have arrived")
		}
	})
}

func TestContextEndsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cl := New(Config{Transport: &script{reply(503, "", "Retry-After", "20")}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := cl.Do(ctx, &Request{URL: there, Repeatable: true})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestGzipIsBoundedAfterUnzipping(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(make([]byte, 1<<20))
	w.Close()
	for _, c := range []struct {
		name string
		body string
		max  int64
		want error
	}{
		{"fits", z.String(), 1 << 20, nil},
		{"bomb", z.String(), 1<<20 - 1, ErrTooLarge},
		{"cut", z.String()[:z.Len()-12], 1 << 20, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl := New(Config{Transport: &script{reply(200, c.body, "Content-Encoding", "gzip")}, MaxBody: c.max})
				resp, err := cl.Do(t.Context(), &Request{URL: there})
				if !errors.Is(err, c.want) {
					t.Fatalf("error is %v, want %v", err, c.want)
				}
				if err == nil && len(resp.Body) != 1<<20 {
					t.Errorf("%d bytes", len(resp.Body))
				}
			})
		})
	}
}

func TestTooLargeIsNotRetried(t *testing.T) {
	cl := New(Config{Transport: &script{reply(200, "12345")}, MaxBody: 4})
	_, err := cl.Do(t.Context(), &Request{URL: there, Repeatable: true})
	if !errors.Is(err, ErrTooLarge) || cl.Calls() != 1 {
		t.Errorf("%d calls, %v", cl.Calls(), err)
	}
}

func TestNotSent(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	gone := srv.URL
	srv.Close()
	tlsSrv := httptest.NewTLSServer(http.NotFoundHandler())
	tlsSrv.Config.ErrorLog = nil
	defer tlsSrv.Close()
	hangup := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	defer hangup.Close()
	for _, c := range []struct {
		name, url string
		want      bool
		calls     int64
	}{
		{"nobody listens", gone, true, 0},
		{"unknown certificate", tlsSrv.URL, true, 0},
		{"hung up after the request", hangup.URL, false, 1},
		{"address refused", "ftp://crm.example", true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := New(Config{})
			_, err := cl.Do(t.Context(), &Request{Method: "POST", URL: c.url, Body: []byte("{}")})
			if err == nil || NotSent(err) != c.want || cl.Calls() != c.calls {
				t.Errorf("NotSent is %v after %d calls: %v", NotSent(err), cl.Calls(), err)
			}
		})
	}
	if NotSent(errors.New("other")) || NotSent(nil) {
		t.Error("only this package's errors can tell")
	}
}
