package rest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestErrorsHoldNoSecrets makes requests fail in every way known and looks for
// what must not be said.
func TestErrorsHoldNoSecrets(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/?q=SECRET-QUERY", http.StatusFound)
	}))
	defer away.Close()
	badLocation := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://[bad/?"+r.URL.RawQuery)
		w.WriteHeader(http.StatusFound)
	}))
	defer badLocation.Close()
	// A server that is none, and repeats what it was told in its first line.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				body, _ := io.ReadAll(r.Body)
				token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				fmt.Fprintf(conn, "HTTP/1.1 %s|%s|%s\r\n\r\n", r.URL.RawQuery, token, body)
			}
			conn.Close()
		}
	}()
	for name, base := range map[string]string{
		"closed":       closed.URL,
		"redirect":     away.URL,
		"bad location": badLocation.URL,
		"not http":     "http://" + ln.Addr().String(),
		"bad header":   "https://crm.example",
		"userinfo":     "https://user:SECRET-QUERY@crm.example",
		"unparsable":   "https://crm.example\x7f",
		"clear text":   "http://crm.example",
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{"Authorization": {"Bearer SECRET-TOKEN"}}
			if name == "bad header" {
				h.Set("X-Key", "SECRET-TOKEN\n")
			}
			for _, hide := range []bool{false, true} {
				_, err := New(Config{Attempts: 1}).Do(t.Context(), &Request{
					URL: base + "/SECRET-PATH?q=SECRET-QUERY&k=SECRET%2BENCODED", Header: h, HidePath: hide,
					Body: []byte("client_secret=SECRET-BODY&more=SECRET%2BBODY"), Repeatable: true,
				})
				if err == nil {
					t.Fatal("no error")
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					if ue, ok := errors.AsType[*url.Error](e); ok {
						t.Errorf("the chain still holds the address: %v", ue)
					}
				}
				for _, secret := range []string{"SECRET-QUERY", "SECRET%2BENCODED", "SECRET+ENCODED", "SECRET-TOKEN", "SECRET-BODY", "SECRET%2BBODY"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("%s is in %q", secret, err)
					}
				}
				if hide && strings.Contains(err.Error(), "SECRET-PATH") {
					t.Errorf("the hidden path is in %q", err)
				}
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
		switch r.URL.Path {
		case "/a":
			http.Redirect(w, r, "/b", http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	}))
	defer srv.Close()
	cl := New(Config{Attempts: 1})
	h := http.Header{"Authorization": {"Bearer x"}}
	if r, err := cl.Do(t.Context(), &Request{URL: srv.URL + "/a", Header: h}); err != nil || r.Status != 200 {
		t.Errorf("same host: %v, %v", r, err)
	}
	if r, err := cl.Do(t.Context(), &Request{Method: "POST", URL: srv.URL + "/a", Body: []byte("x")}); err != nil || r.Status != http.StatusTemporaryRedirect {
		t.Errorf("a create must not be redirected: %v, %v", r, err)
	}
	if strings.Join(got, ",") != "GET /a Bearer x,GET /b Bearer x,POST /a " {
		t.Errorf("requests were %q", got)
	}
	if _, err := cl.Do(t.Context(), &Request{URL: srv.URL + "/loop"}); err == nil {
		t.Error("a redirect loop ends in an error")
	}
	away := httptest.NewServer(http.RedirectHandler(srv.URL+"/b", http.StatusFound))
	defer away.Close()
	got = nil
	_, err := cl.Do(t.Context(), &Request{URL: away.URL, Header: h})
	if !errors.Is(err, ErrRedirect) || got != nil {
		t.Errorf("another port is another host: %v, %q", err, got)
	}
}

func TestCheckURL(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://x.my.salesforce.com": true,
		"https://x.example:8443/a?b":  true,
		"http://127.0.0.1:8080":       true,
		"http://[::1]:8080":           true,
		"http://localhost:1":          true,
		"http://127.0.0.1.evil.com":   false,
		"http://localhost.evil.com":   false,
		"http://x.example":            false,
		"https://u:p@x.example":       false,
		"https://u@x.example":         false,
		"https://":                    false,
		"https:x.example":             false,
		"ftp://x.example":             false,
		"x.example":                   false,
		"":                            false,
		"https://x.example\n":         false,
	} {
		if _, err := CheckURL(raw); (err == nil) != ok {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestUserAgentAndCallersHeaders(t *testing.T) {
	var got http.Header
	cl := New(Config{UserAgent: "pipetidy/test", Transport: &script{func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return reply(204, "", "Content-Encoding", "gzip")(r)
	}}})
	h := http.Header{"X-A": {"1"}}
	if _, err := cl.Do(t.Context(), &Request{URL: there, Header: h}); err != nil {
		t.Fatal(err)
	}
	if got.Get("User-Agent") != "pipetidy/test" || got.Get("Accept-Encoding") != "gzip" || got.Get("X-A") != "1" {
		t.Errorf("sent %v", got)
	}
	if len(h) != 1 {
		t.Errorf("the caller's header was changed: %v", h)
	}
}
