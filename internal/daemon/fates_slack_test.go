package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// workspace is Slack as a transport: it carries posts out, and finds them. What goes wrong
// is in fates.
type workspace struct {
	now   func() time.Time
	token string

	mu    sync.Mutex
	calls map[string]int // by method
	made  int            // calls in all
	posts []post
	fates []*mishap
	gone  func() // ends the process, as a kill does
}

type post struct {
	key, room, ts, thread string
	at                    time.Time
}

// mishap is what goes wrong with one method.
type mishap struct {
	method string
	nth    int           // the call that it begins with
	until  time.Duration // after the first: how long it goes on; 0 is once
	from   time.Time
	do     func(w *workspace, r *http.Request, carry func() *http.Response) (*http.Response, error)
}

func (w *workspace) RoundTrip(r *http.Request) (*http.Response, error) {
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	w.mu.Lock()
	n := w.calls[method]
	w.calls[method]++
	w.made++
	var hit *mishap
	for _, f := range w.fates {
		if f.method != method || n < f.nth {
			continue
		}
		if f.from.IsZero() {
			f.from = w.now()
		}
		if n == f.nth || w.now().Sub(f.from) < f.until {
			hit = f
		}
	}
	w.mu.Unlock()
	carry := func() *http.Response { return w.carry(method, body) }
	if hit != nil {
		return hit.do(w, r, carry)
	}
	return carry(), nil
}

// carry does what the method does, and answers.
func (w *workspace) carry(method string, body []byte) *http.Response {
	w.mu.Lock()
	defer w.mu.Unlock()
	args := map[string]any{}
	if json.Unmarshal(body, &args) != nil {
		v, _ := url.ParseQuery(string(body))
		for k := range v {
			args[k] = v.Get(k)
		}
	}
	str := func(k string) string { s, _ := args[k].(string); return s }
	switch method {
	case "users.lookupByEmail":
		name, _, _ := strings.Cut(strings.ToUpper(str("email")), "@")
		return saying(200, fmt.Sprintf(`{"ok":true,"user":{"id":"U%s"}}`, name))
	case "conversations.open":
		return saying(200, fmt.Sprintf(`{"ok":true,"channel":{"id":"D%s"}}`, strings.TrimPrefix(str("users"), "U")))
	case "chat.postMessage":
		var key string
		if m, _ := args["metadata"].(map[string]any); m != nil {
			p, _ := m["event_payload"].(map[string]any)
			key, _ = p["k"].(string)
		}
		ts := fmt.Sprintf("%d.%06d", w.now().Unix(), len(w.posts)+1)
		w.posts = append(w.posts, post{key, str("channel"), ts, str("thread_ts"), w.now()})
		return saying(200, fmt.Sprintf(`{"ok":true,"channel":%q,"ts":%q}`, str("channel"), ts))
	}
	var found []string
	for _, p := range w.posts {
		if p.room == str("channel") && p.thread == str("ts") {
			found = append(found, fmt.Sprintf(`{"ts":%q,"metadata":{"event_type":"pipetidy_digest","event_payload":{"k":%q}}}`, p.ts, p.key))
		}
	}
	return saying(200, `{"ok":true,"messages":[`+strings.Join(found, ",")+`]}`)
}

// copies counts the posts with the key.
func (w *workspace) copies(key string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.posts {
		if p.key == key {
			n++
		}
	}
	return n
}

func saying(status int, body string) *http.Response {
	kind := "application/json"
	if strings.HasPrefix(body, "<") {
		kind = "text/html"
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
}

type action struct {
	name string
	do   func(w *workspace, r *http.Request, carry func() *http.Response) (*http.Response, error)
	slow time.Duration // when the post is carried out, after the request; beyond ten minutes two copies may come
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// slackActions are what Slack, or what stands in between, can do with one call.
func slackActions(codes []string) []action {
	var out []action
	add := func(name string, do func(w *workspace, r *http.Request, carry func() *http.Response) (*http.Response, error)) {
		out = append(out, action{name: name, do: do})
	}
	for _, carried := range []bool{false, true} {
		did := map[bool]string{false: "", true: ", carried out"}[carried]
		effect := func(carry func() *http.Response) {
			if carried {
				carry()
			}
		}
		for _, s := range []int{201, 202, 204, 302, 400, 401, 403, 404, 408, 409, 413, 418, 500, 502, 503, 504, 599} {
			if carried && (s >= 300 && s < 500 && s != 408) {
				continue // who refuses has not done it
			}
			add(fmt.Sprintf("a page with %d%s", s, did), func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
				effect(carry)
				return saying(s, "<html>maintenance</html>"), nil
			})
		}
		for _, broken := range []string{"", "<html>sign in</html>", `{"ok":tr`, `{"ok":true}`, `[]`, `null`, `{"ok":"true"}`, `{"ok":true,"ts":7,"channel":{}}`} {
			add(fmt.Sprintf("200 %s%s", broken, did), func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
				effect(carry)
				return saying(200, broken), nil
			})
		}
		add("reset"+did, func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
			effect(carry)
			return nil, errReset
		})
		add("cut in the body"+did, func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
			effect(carry)
			r := saying(200, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"ok":true,"chan`), broken{}))
			return r, nil
		})
		add("no answer"+did, func(_ *workspace, r *http.Request, carry func() *http.Response) (*http.Response, error) {
			effect(carry)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		add("an answer without end"+did, func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
			effect(carry)
			r := saying(200, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"ok":true,"x":"`), endless{}))
			return r, nil
		})
	}
	add("connection refused", func(*workspace, *http.Request, func() *http.Response) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	})
	add("no such host", func(*workspace, *http.Request, func() *http.Response) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "slack.com", IsNotFound: true}}
	})
	for _, after := range []string{"", "0", "1", "4", "30", "600", "soon"} {
		add("429 for "+after, func(*workspace, *http.Request, func() *http.Response) (*http.Response, error) {
			r := saying(429, `{"ok":false,"error":"ratelimited"}`)
			if after != "" {
				r.Header.Set("Retry-After", after)
			}
			return r, nil
		})
	}
	for _, code := range codes {
		add(code, func(*workspace, *http.Request, func() *http.Response) (*http.Response, error) {
			return saying(200, fmt.Sprintf(`{"ok":false,"error":%q}`, code)), nil
		})
	}
	for _, code := range []string{"fatal_error", "internal_error", "service_unavailable"} {
		add(code+", carried out", func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
			carry()
			return saying(200, fmt.Sprintf(`{"ok":false,"error":%q}`, code)), nil
		})
	}
	add("the token repeated", func(w *workspace, _ *http.Request, _ func() *http.Response) (*http.Response, error) {
		return saying(200, fmt.Sprintf(`{"ok":false,"error":"bad %s","needed":"%s","response_metadata":{"messages":["%s"]}}`, w.token, w.token, w.token)), nil
	})
	for _, late := range []time.Duration{time.Second, 35 * time.Second, 5 * time.Minute, 9*time.Minute + 50*time.Second, 20 * time.Minute} {
		out = append(out, action{name: fmt.Sprintf("carried out %s later, no answer", late), slow: late, do: func(_ *workspace, r *http.Request, carry func() *http.Response) (*http.Response, error) {
			time.AfterFunc(late, func() { carry() })
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}, action{name: fmt.Sprintf("carried out %s later, 503", late), slow: late, do: func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
			time.AfterFunc(late, func() { carry() })
			return saying(503, "<html>busy</html>"), nil
		}}, action{name: fmt.Sprintf("killed, carried out %s later", late), slow: late, do: func(w *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
			time.AfterFunc(late, func() { carry() })
			w.gone()
			return nil, context.Canceled
		}})
	}
	add("killed before anything was sent", func(w *workspace, _ *http.Request, _ func() *http.Response) (*http.Response, error) {
		w.gone()
		return nil, context.Canceled
	})
	return out
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }
