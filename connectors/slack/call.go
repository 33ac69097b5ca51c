package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/delivery"
)

// form are the arguments of a method that reads: such a method takes no JSON.
type form map[string]string

// defaultWait is how long a method is left alone after a 429 that names no time.
const defaultWait = 30 * time.Second

// shortWait is the longest wait that a call waits for itself. Any longer wait is the
// outbox's, which has other messages to send meanwhile.
const shortWait = 5 * time.Second

// shortWaits is how often a call does so: a server that always names a short wait is one
// that does not keep its word.
const shortWaits = 3

// call makes one call and decodes the answer. When Slack refuses the token, call reads
// the secret again and, if the token is a new one, makes the call once more: a refused
// call has certainly done nothing. Errors are a *failure, or a *delivery.RetryError or
// *delivery.RejectedError where nothing was sent.
func (n *Notifier) call(ctx context.Context, method string, args, out any) error {
	if err := ctx.Err(); err != nil {
		return &delivery.RetryError{Err: fmt.Errorf("slack %s: interrupted before sending: %w", method, err)}
	}
	token, err := n.currentToken("")
	if err != nil {
		return err
	}
	err = n.patient(ctx, method, token, args, out)
	var f *failure
	if !errors.As(err, &f) || !f.stale() {
		return err
	}
	fresh, terr := n.currentToken(token)
	if terr != nil || fresh == token {
		return err
	}
	return n.patient(ctx, method, fresh, args, out)
}

// patient makes a call, and makes the call again after a 429 that asks for a short
// wait: a call that was answered so has done nothing.
func (n *Notifier) patient(ctx context.Context, method, token string, args, out any) error {
	for i := 0; ; i++ {
		err := n.once(ctx, method, token, args, out)
		var f *failure
		if i == shortWaits || !errors.As(err, &f) || f.Code != "ratelimited" || f.Status != http.StatusTooManyRequests || f.After > shortWait {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(f.After):
		}
		n.mu.Lock()
		delete(n.blocked, method)
		n.mu.Unlock()
	}
}

// currentToken returns the token in use, and reads the secret where no token is in
// use or the token in use was refused.
func (n *Notifier) currentToken(refused string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.token != "" && n.token != refused {
		return n.token, nil
	}
	t, err := n.cfg.Token.Value()
	if err != nil {
		return "", rejected(delivery.BlameChannel, fmt.Errorf("slack: token: %w", err))
	}
	n.token = t
	return t, nil
}

func (n *Notifier) once(ctx context.Context, method, token string, args, out any) error {
	if wait := n.wait(method); wait > 0 {
		return &delivery.RetryError{After: wait, Err: fmt.Errorf("slack %s: waiting, because Slack asked for a pause", method)}
	}
	req := &rest.Request{Method: http.MethodPost, URL: n.cfg.URL + "/" + method, Header: http.Header{}}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	switch a := args.(type) {
	case form:
		v := url.Values{}
		for k, s := range a {
			v.Set(k, s)
		}
		req.Body = []byte(v.Encode())
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	default:
		b, err := json.Marshal(a)
		if err != nil {
			return rejected(delivery.BlameContent, fmt.Errorf("slack %s: %w", method, err))
		}
		req.Body = b
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	// No request is Repeatable: one Send is one attempt, and the outbox says when the
	// next attempt is.
	resp, err := n.http.Do(ctx, req)
	if err != nil {
		return &failure{Method: method, NotSent: rest.NotSent(err), err: err}
	}
	return n.read(method, token, resp, out)
}

// envelope is what every answer of Slack holds.
type envelope struct {
	OK       bool     `json:"ok"`
	Error    string   `json:"error"`
	Needed   string   `json:"needed"`
	Errors   []string `json:"errors"`
	Metadata struct {
		Messages []string `json:"messages"`
	} `json:"response_metadata"`
}

// read decodes the answer. Only a JSON object that says "ok": true is a success. What
// Slack says is told without the token: a server may repeat what it was sent.
func (n *Notifier) read(method, token string, resp *rest.Response, out any) error {
	f := &failure{Method: method, Status: resp.Status}
	if resp.Status == http.StatusTooManyRequests {
		f.Code, f.After = "ratelimited", defaultWait
		if wait, ok := rest.RetryAfter(resp.Header, n.cfg.Now()); ok {
			f.After = wait
		}
		n.mu.Lock()
		n.blocked[method] = n.cfg.Now().Add(f.After)
		n.mu.Unlock()
		return f
	}
	var e envelope
	if err := json.Unmarshal(resp.Body, &e); err != nil {
		// "errors" is a list of words in one method and of objects in another.
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			return f
		}
	}
	if !e.OK {
		f.Code, f.Needed = code(rest.Clean(e.Error, token)), code(rest.Clean(e.Needed, token))
		for _, said := range append(e.Metadata.Messages, e.Errors...) {
			f.Detail = append(f.Detail, rest.Clean(said, token))
		}
		return f
	}
	if resp.Status != http.StatusOK {
		return f
	}
	if err := json.Unmarshal(resp.Body, out); err != nil {
		f.err = errors.New("the answer cannot be read")
		return f
	}
	return nil
}

// wait is for how long the method must not be called.
func (n *Notifier) wait(method string) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	until, ok := n.blocked[method]
	if !ok {
		return 0
	}
	wait := until.Sub(n.cfg.Now())
	if wait <= 0 {
		delete(n.blocked, method)
	}
	return wait
}
