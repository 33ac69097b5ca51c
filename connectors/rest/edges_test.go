package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
)

// TestWhatAnswersAre: what is a web page, and what has reached its end, by the first and
// the last character that counts.
func TestWhatAnswersAre(t *testing.T) {
	for body, want := range map[string][2]bool{ // a web page, complete
		"": {}, " \n": {}, "<": {true, false}, "\ufeff \n<html>": {true, false}, "x<": {}, `{"a":1}`: {false, true}, "[1] \n": {false, true}, `{"a":`: {}, "}x": {},
	} {
		if got := [2]bool{rest.IsHTML(&rest.Response{Body: []byte(body)}), rest.Complete([]byte(body))}; got != want {
			t.Errorf("%q: got %v, want %v", body, got, want)
		}
	}
}

// TestCleanIsShort: 240 characters are kept, one more is cut; a secret of four is one.
func TestCleanIsShort(t *testing.T) {
	if got := rest.Clean(strings.Repeat("ä", 240)); got != strings.Repeat("ä", 240) {
		t.Errorf("got %q", got)
	}
	if got := rest.Clean(strings.Repeat("ä", 241)); got != strings.Repeat("ä", 240)+"…" {
		t.Errorf("got %q", got)
	}
	if got := rest.Clean("word abcd abc", "abcd", "abc"); got != "word *** abc" {
		t.Errorf("got %q", got)
	}
}

// TestSecretsOfFourCharacters: what is long enough to be a secret is taken out of an error,
// each part of a signed assertion too.
func TestSecretsOfFourCharacters(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 head4 qu4y body.parts claims\r\n\r\n")
	}))
	defer srv.Close()
	_, err := rest.New(rest.Config{Attempts: 1}).Do(t.Context(), &rest.Request{
		Method: http.MethodPost, URL: srv.URL + "/?q=qu4y", Header: http.Header{"X-Key": {"head4"}}, Body: []byte("a=head.claims.tail"),
	})
	if err == nil {
		t.Fatal("an answer without a status was taken")
	}
	for _, secret := range []string{"qu4y", "head4", "claims"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in %q", secret, err)
		}
	}
}

// TestExplainedErrorsKeepTheirCause: callers ask for the kind and for the cause.
func TestExplainedErrorsKeepTheirCause(t *testing.T) {
	kind, cause := errors.New("kind"), errors.New("cause")
	err := &rest.ExplainedError{Where: "here", What: "what", Kind: kind, Cause: cause}
	if !errors.Is(err, kind) || !errors.Is(err, cause) || len((&rest.ExplainedError{}).Unwrap()) != 0 {
		t.Errorf("got %v", err.Unwrap())
	}
}

// TestAddresses: only the two schemes of the web, and http towards this machine only.
func TestAddresses(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://acme.example": true, "http://127.0.0.1:1/x": true, "http://acme.example": false, "ftp://127.0.0.1": false, "ftp://acme.example": false, "ws://localhost": false,
	} {
		if _, err := rest.CheckURL(raw); (err == nil) != ok {
			t.Errorf("%s: %v", raw, err)
		}
	}
	_, err := rest.New(rest.Config{}).Do(t.Context(), &rest.Request{URL: "ftp://acme.example"})
	if err == nil || !strings.HasPrefix(err.Error(), "GET: not a web address") {
		t.Errorf("got %v", err)
	}
	if err := rest.CheckNetwork("127.0.0.1"); err != nil {
		t.Error(err)
	}
	for _, host := range []string{"169.254.169.254", "metadata.google.internal", "[fe80::1]"} {
		if rest.CheckNetwork(host) == nil {
			t.Errorf("%s passes", host)
		}
	}
}

// TestRedirectsEnd: as many as are followed are, and one more is an error.
func TestRedirectsEnd(t *testing.T) {
	most := 0
	for hops := 1; hops < 20; hops++ {
		left := hops
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if left > 0 {
				left--
				http.Redirect(w, r, fmt.Sprint("/", left), http.StatusFound)
			}
		}))
		_, err := rest.New(rest.Config{Attempts: 1}).Do(t.Context(), &rest.Request{Method: http.MethodGet, URL: srv.URL})
		srv.Close()
		if err != nil {
			if !strings.Contains(err.Error(), fmt.Sprintf("redirected more than %d times", hops-1)) {
				t.Errorf("after %d: %v", hops, err)
			}
			break
		}
		most = hops
	}
	if most != 5 {
		t.Errorf("%d redirects are followed", most)
	}
}

// TestNoWaitAtAll: a server that asks for no wait has asked.
func TestNoWaitAtAll(t *testing.T) {
	for v, want := range map[string]bool{"0": true, "-1": false, "NaN": false, "": false, "1.5": true} {
		if _, ok := rest.RetryAfter(http.Header{"Retry-After": {v}}, time.Time{}); ok != want {
			t.Errorf("%q: got %v", v, ok)
		}
	}
	for status, want := range map[int]rest.Class{200: rest.OK, 399: rest.OK, 400: rest.Stop, 404: rest.Stop, 500: rest.Retry, 501: rest.Stop} {
		if got := rest.ByStatus(&rest.Response{Status: status}); got != want {
			t.Errorf("HTTP %d: got %v, want %v", status, got, want)
		}
	}
}

// TestABodyGoesOut: and a request without one has none.
func TestABodyGoesOut(t *testing.T) {
	got := make(chan int64, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.ContentLength }))
	defer srv.Close()
	for body, want := range map[string]int64{"": 0, "abc": 3} {
		r := &rest.Request{Method: http.MethodPost, URL: srv.URL}
		if body != "" {
			r.Body = []byte(body)
		}
		if _, err := rest.New(rest.Config{}).Do(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if n := <-got; n != want {
			t.Errorf("%q: %d bytes went out", body, n)
		}
	}
}

// TestAnInterruptionIsTold: by the cause that the caller gave, beside what the network said.
func TestAnInterruptionIsTold(t *testing.T) {
	stop := errors.New("the daemon stops")
	ctx, cancel := context.WithCancelCause(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { cancel(stop); <-r.Context().Done() }))
	defer srv.Close()
	_, err := rest.New(rest.Config{}).Do(ctx, &rest.Request{Method: http.MethodGet, URL: srv.URL})
	if err == nil || !errors.Is(err, context.Canceled) && !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}
