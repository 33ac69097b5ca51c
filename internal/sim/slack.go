package sim

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

	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// SlackOptions are the switches of the Slack side; see [Slack.Set].
type SlackOptions struct {
	Token  string
	Scopes []string
	// OnePerSecond allows one message a second and channel, with a burst of
	// three, as the real service does.
	OnePerSecond bool
	// Clock gives the times of messages; nil is the company's clock.
	Clock func() time.Time
}

// Channel is a channel, private group or direct message.
type Channel struct {
	ID, Name  string
	User      string // of a direct message: the other side's user id
	Private   bool
	Archived  bool
	NotMember bool
}

// SlackMessage is a message as it stands in a channel.
type SlackMessage struct {
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

// SlackPerson is somebody who has an account in the workspace.
type SlackPerson struct {
	ID          string // as another system calls the person: at least 15 characters
	Email, Name string
	Zone        string
	Active      bool
}

// slackCompany is whose workspace it is.
type slackCompany interface {
	Now() time.Time
	People() []SlackPerson
}

// Slack is the company's Slack workspace. It refuses what the real one refuses:
// see slack_blocks.go for the limits of a message. Its ts are unique and
// strictly increasing; a user id as channel means the direct message; an update
// wants the D… id; a reply wants the ts of a parent.
type Slack struct {
	fault.Script
	c slackCompany

	lock     sync.Mutex
	opt      SlackOptions
	channels map[string]*Channel
	messages []*SlackMessage
	lastTS   int64            // microseconds
	bucket   map[string]int64 // per channel: when the last allowance is used up
}

func newSlack(c slackCompany) *Slack {
	s := &Slack{c: c, channels: map[string]*Channel{}, bucket: map[string]int64{}, opt: SlackOptions{Token: "xoxb-sim-token",
		Scopes: []string{"chat:write", "users:read", "users:read.email", "im:write", "im:history", "channels:history", "groups:history"}}}
	s.channels["C0WESTPIPE"] = &Channel{ID: "C0WESTPIPE", Name: "west-pipeline"}
	s.channels["C0EASTPIPE"] = &Channel{ID: "C0EASTPIPE", Name: "east-pipeline"}
	return s
}

// Set changes the switches.
func (s *Slack) Set(change func(*SlackOptions)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	change(&s.opt)
}

// AddChannel adds or replaces a channel.
func (s *Slack) AddChannel(ch Channel) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.channels[ch.ID] = &ch
}

// Messages lists all messages in order of posting, replies included.
func (s *Slack) Messages() []SlackMessage {
	s.lock.Lock()
	defer s.lock.Unlock()
	var out []SlackMessage
	for _, m := range s.messages {
		out = append(out, *m)
	}
	return out
}

// WithKey lists the messages whose metadata carries the key k.
func (s *Slack) WithKey(k string) []SlackMessage {
	return slices.DeleteFunc(s.Messages(), func(m SlackMessage) bool { return m.Key != k })
}

// arguments of a call, from a form or a JSON body.
type arguments map[string]string

// slackReply is the body of an answer.
type slackReply map[string]any

func slackError(code string) slackReply { return slackReply{"ok": false, "error": code} }

// ServeHTTP answers one Web API call; the method is the last part of the path.
func (s *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Serve(w, r, fault.Call{At: s.now(), Method: r.Method, Path: r.URL.Path}, http.HandlerFunc(s.answer))
}

func (s *Slack) now() time.Time {
	s.lock.Lock()
	clock := s.opt.Clock
	s.lock.Unlock()
	if clock != nil {
		return clock()
	}
	return s.c.Now()
}

type slackMethod struct {
	scope string
	do    func(*Slack, arguments) slackReply
}

func slackMethods() map[string]slackMethod {
	return map[string]slackMethod{
		"auth.test":             {"", (*Slack).authTest},
		"users.lookupByEmail":   {"users:read.email", (*Slack).lookup},
		"conversations.open":    {"im:write", (*Slack).openDM},
		"conversations.history": {"", (*Slack).history},
		"conversations.replies": {"", (*Slack).replies},
		"chat.postMessage":      {"chat:write", (*Slack).post},
		"chat.update":           {"chat:write", (*Slack).update},
		"chat.delete":           {"chat:write", (*Slack).remove},
	}
}

func (s *Slack) answer(w http.ResponseWriter, r *http.Request) {
	args, err := readArguments(r)
	if err != nil {
		wire.JSON(w, http.StatusOK, slackError("invalid_form_data"))
		return
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	method, known := slackMethods()[name]
	s.lock.Lock()
	opt := s.opt
	s.lock.Unlock()
	token := args["token"]
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = t
	}
	w.Header().Set("X-Oauth-Scopes", strings.Join(opt.Scopes, ","))
	var reply slackReply
	switch {
	case !known:
		reply = slackError("unknown_method")
	case token == "":
		reply = slackError("not_authed")
	case token != opt.Token:
		reply = slackError("invalid_auth")
	case method.scope != "" && !slices.Contains(opt.Scopes, method.scope):
		reply = missingScope(method.scope, opt.Scopes)
	default:
		reply = method.do(s, args)
	}
	if after, ok := reply["retry_after"].(int); ok {
		w.Header().Set("Retry-After", fmt.Sprint(after))
		wire.JSON(w, http.StatusTooManyRequests, slackError("ratelimited"))
		return
	}
	wire.JSON(w, http.StatusOK, reply)
}

func missingScope(needed string, provided []string) slackReply {
	return slackReply{"ok": false, "error": "missing_scope", "needed": needed, "provided": strings.Join(provided, ",")}
}

// readArguments takes a form or a JSON object; values of the latter that are no
// strings keep their JSON text.
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

func (s *Slack) authTest(arguments) slackReply {
	return slackReply{"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "user": "pipetidy", "team_id": "T0ACME", "user_id": "U0PIPETIDY", "bot_id": "B0PIPETIDY"}
}

// SlackUser is the user id of an address, "" for a stranger.
func (s *Slack) SlackUser(email string) string {
	if p := s.person(email); p != nil {
		return p.userID()
	}
	return ""
}

func (s *Slack) person(email string) *SlackPerson {
	for _, p := range s.c.People() {
		if strings.EqualFold(p.Email, email) {
			return &p
		}
	}
	return nil
}

func (p *SlackPerson) userID() string { return "U" + strings.ToUpper(p.ID[3:15]) }

func (s *Slack) lookup(args arguments) slackReply {
	p := s.person(args["email"])
	if p == nil {
		return slackError("users_not_found")
	}
	_, offset := s.now().In(clock.Location(p.Zone)).Zone()
	return slackReply{"ok": true, "user": map[string]any{"id": p.userID(), "team_id": "T0ACME", "name": strings.SplitN(args["email"], "@", 2)[0], "real_name": p.Name,
		"deleted": !p.Active, "tz": p.Zone, "tz_offset": offset, "is_bot": false, "profile": map[string]any{"email": p.Email, "real_name": p.Name}}}
}

// direct finds or opens the direct message with a user.
func (s *Slack) direct(user string) (*Channel, string) {
	email := ""
	for _, p := range s.c.People() {
		if p.userID() == user {
			email = p.Email
			if !p.Active {
				return nil, "user_disabled"
			}
		}
	}
	if email == "" {
		return nil, "user_not_found"
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	id := "D" + user[1:]
	if s.channels[id] == nil {
		s.channels[id] = &Channel{ID: id, User: user, Name: email, Private: true}
	}
	return s.channels[id], ""
}

func (s *Slack) openDM(args arguments) slackReply {
	if args["users"] == "" {
		return slackError("users_list_not_supplied")
	}
	ch, code := s.direct(args["users"])
	if code != "" {
		return slackError(code)
	}
	return slackReply{"ok": true, "no_op": false, "already_open": false, "channel": map[string]any{"id": ch.ID}}
}
