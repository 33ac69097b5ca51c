// Package slack is a simulated Slack workspace: the methods of the Web API that a
// sender of digests calls, with the limits and refusals of the real service. Events,
// interactive messages and Socket Mode are not simulated. [Workspace] is the place to
// begin.
package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// Options are the switches of the workspace; see [Workspace.Set].
type Options struct {
	Token  string
	Scopes []string
	// OnePerSecond allows each channel one message a second, with a burst of
	// three, as the real service does.
	OnePerSecond bool
	// Clock gives the times of messages; nil means the company's clock.
	Clock func() time.Time
}

// Channel is a channel, private group or direct message.
type Channel struct {
	ID, Name  string
	User      string // of a direct message: the reader's user id
	Private   bool
	Archived  bool
	NotMember bool
}

// Message is a message as it stands in a channel.
type Message struct {
	Channel  string // C… or D…
	TS       string
	ThreadTS string // of a reply: the parent's TS
	To       string // of a direct message: the reader's address
	Text     string
	Blocks   json.RawMessage
	Metadata json.RawMessage
	Key      string // event_payload.k of the metadata
	Edited   bool
}

// Company is the company whose workspace is simulated.
type Company interface {
	Now() time.Time
	People() []Person
}

// Workspace is the company's Slack workspace. A workspace refuses what the real
// service refuses; blocks.go holds the limits of a message. The ts of messages are
// unique and strictly increasing; a user id as channel means the direct message; an
// update requires the D… id; a reply requires the ts of a parent.
type Workspace struct {
	fault.Script
	c Company

	lock     sync.Mutex
	opt      Options
	channels map[string]*Channel
	messages []*Message
	lastTS   int64            // microseconds
	bucket   map[string]int64 // per channel: when the last allowance is used up
}

// New is a company's workspace, with two channels and no messages.
func New(c Company) *Workspace {
	s := &Workspace{c: c, channels: map[string]*Channel{}, bucket: map[string]int64{}, opt: Options{Token: "xoxb-sim-token",
		Scopes: []string{"chat:write", "users:read", "users:read.email", "im:write", "im:history", "channels:history", "groups:history"}}}
	s.channels["C0WESTPIPE"] = &Channel{ID: "C0WESTPIPE", Name: "west-pipeline"}
	s.channels["C0EASTPIPE"] = &Channel{ID: "C0EASTPIPE", Name: "east-pipeline"}
	return s
}

// Set changes the switches.
func (s *Workspace) Set(change func(*Options)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	change(&s.opt)
}

// Options returns the present switches.
func (s *Workspace) Options() Options {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.opt
}

// AddChannel adds or replaces a channel.
func (s *Workspace) AddChannel(ch Channel) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.channels[ch.ID] = &ch
}

// Messages lists all messages in order of posting, replies included.
func (s *Workspace) Messages() []Message {
	s.lock.Lock()
	defer s.lock.Unlock()
	var out []Message
	for _, m := range s.messages {
		out = append(out, *m)
	}
	return out
}

// WithKey lists the messages whose metadata carries the key k.
func (s *Workspace) WithKey(k string) []Message {
	return slices.DeleteFunc(s.Messages(), func(m Message) bool { return m.Key != k })
}

// arguments of a call, from a form or a JSON body.
type arguments map[string]string

// body is the body of an answer.
type body map[string]any

func refusal(code string) body { return body{"ok": false, "error": code} }

// ServeHTTP answers one Web API call; the method is the last part of the path.
func (s *Workspace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Serve(w, r, fault.Call{At: s.now(), Method: r.Method, Path: r.URL.Path}, http.HandlerFunc(s.answer))
}

func (s *Workspace) now() time.Time {
	s.lock.Lock()
	clock := s.opt.Clock
	s.lock.Unlock()
	if clock != nil {
		return clock()
	}
	return s.c.Now()
}

type endpoint struct {
	scope string
	do    func(*Workspace, arguments) body
}

func endpoints() map[string]endpoint {
	return map[string]endpoint{
		"auth.test":             {"", (*Workspace).authTest},
		"users.lookupByEmail":   {"users:read.email", (*Workspace).lookup},
		"conversations.open":    {"im:write", (*Workspace).openDM},
		"conversations.history": {"", (*Workspace).history},
		"conversations.replies": {"", (*Workspace).replies},
		"chat.postMessage":      {"chat:write", (*Workspace).post},
		"chat.update":           {"chat:write", (*Workspace).update},
		"chat.delete":           {"chat:write", (*Workspace).remove},
	}
}

func (s *Workspace) answer(w http.ResponseWriter, r *http.Request) {
	args, err := readArguments(r)
	if err != nil {
		wire.JSON(w, http.StatusOK, refusal("invalid_form_data"))
		return
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	method, known := endpoints()[name]
	s.lock.Lock()
	opt := s.opt
	s.lock.Unlock()
	token := args["token"]
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = t
	}
	w.Header().Set("X-Oauth-Scopes", strings.Join(opt.Scopes, ","))
	var reply body
	switch {
	case !known:
		reply = refusal("unknown_method")
	case token == "":
		reply = refusal("not_authed")
	case token != opt.Token:
		reply = refusal("invalid_auth")
	case method.scope != "" && !slices.Contains(opt.Scopes, method.scope):
		reply = missingScope(method.scope, opt.Scopes)
	default:
		reply = method.do(s, args)
	}
	if after, ok := reply["retry_after"].(int); ok {
		w.Header().Set("Retry-After", fmt.Sprint(after))
		wire.JSON(w, http.StatusTooManyRequests, refusal("ratelimited"))
		return
	}
	wire.JSON(w, http.StatusOK, reply)
}

func missingScope(needed string, provided []string) body {
	return body{"ok": false, "error": "missing_scope", "needed": needed, "provided": strings.Join(provided, ",")}
}

// readArguments reads a form or a JSON object. A JSON value that is not a string
// keeps its JSON text.
func readArguments(r *http.Request) (arguments, error) {
	out := arguments{}
	for k, v := range r.URL.Query() {
		out[k] = v[0]
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == "application/json" {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(body, &m); err != nil {
			return nil, err
		}
		for k, raw := range m {
			var text string
			if json.Unmarshal(raw, &text) == nil {
				out[k] = text
			} else {
				out[k] = string(raw)
			}
		}
		return out, nil
	}
	form, err := url.ParseQuery(string(body))
	for k, v := range form {
		out[k] = v[0]
	}
	return out, err
}

func (s *Workspace) authTest(arguments) body {
	return body{"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "user": "pipetidy", "team_id": "T0ACME", "user_id": "U0PIPETIDY", "bot_id": "B0PIPETIDY"}
}
