package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
)

const goodToken = "xoxb-1234-good-secret"

// fake is as much of Slack as the tests need: one user, direct messages with
// metadata, history, scopes, the documented limits, and scripted faults.
type fake struct {
	*httptest.Server
	mu      sync.Mutex
	tokens  map[string]bool
	scopes  map[string]bool
	calls   map[string]int
	posts   []post
	clock   int
	deleted bool
	// fault runs before each call and returns true when it has answered the call.
	fault func(method string, w http.ResponseWriter) bool
	// after runs when a post is stored and returns true when the answer gets lost.
	after func() bool
}

type post struct {
	Channel  string `json:"channel"`
	Thread   string `json:"thread_ts"`
	TS       string `json:"ts"`
	Text     string `json:"text"`
	Blocks   json.RawMessage
	Metadata struct {
		EventType string            `json:"event_type"`
		Payload   map[string]string `json:"event_payload"`
	} `json:"metadata"`
	UnfurlLinks *bool `json:"unfurl_links"`
}

func newFake(t *testing.T) *fake {
	f := &fake{tokens: map[string]bool{goodToken: true}, calls: map[string]int{}, scopes: map[string]bool{"im:history": true}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) notifier(t *testing.T) *Notifier {
	t.Helper()
	n, err := New(Config{URL: f.URL + "/api/", Token: connectortest.Secret(t, goodToken), PerSecond: -1})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	f.calls[method]++
	if f.fault != nil && f.fault(method, w) {
		return
	}
	if !f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
		no(w, "invalid_auth")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	args, _ := url.ParseQuery(string(body))
	isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	switch method {
	case "users.lookupByEmail":
		switch {
		case isJSON:
			no(w, "invalid_arguments") // this method takes no JSON
		case args.Get("email") == "revops@acme.example":
			yes(w, map[string]any{"user": map[string]any{"id": "U2"}})
		case args.Get("email") != "maria@acme.example":
			no(w, "users_not_found")
		default:
			yes(w, map[string]any{"user": map[string]any{"id": "U1", "deleted": f.deleted}})
		}
	case "conversations.open":
		var who struct{ Users string }
		if err := json.Unmarshal(body, &who); err != nil || who.Users == "" {
			no(w, "user_not_found")
			return
		}
		yes(w, map[string]any{"channel": map[string]any{"id": "D" + strings.TrimPrefix(who.Users, "U")}})
	case "chat.postMessage":
		var p post
		if err := json.Unmarshal(body, &p); err != nil {
			no(w, "invalid_json")
			return
		}
		f.post(w, p)
	case "conversations.history", "conversations.replies":
		f.history(w, args)
	default:
		no(w, "unknown_method")
	}
}

func (f *fake) post(w http.ResponseWriter, p post) {
	if code := check(p); code != "" {
		no(w, code)
		return
	}
	if p.Thread != "" && !f.has(p.Thread) {
		no(w, "cannot_reply_to_message")
		return
	}
	f.clock++
	p.TS = fmt.Sprintf("%d.%06d", time.Now().Unix(), f.clock)
	f.posts = append(f.posts, p)
	if f.after != nil && f.after() {
		panic(http.ErrAbortHandler) // the connection ends here
	}
	yes(w, map[string]any{"channel": p.Channel, "ts": p.TS})
}

func (f *fake) has(ts string) bool {
	for _, p := range f.posts {
		if p.TS == ts {
			return true
		}
	}
	return false
}

func (f *fake) history(w http.ResponseWriter, args url.Values) {
	if !f.scopes["im:history"] {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok":false,"error":"missing_scope","needed":"im:history"}`)
		return
	}
	var all []map[string]any
	for _, p := range f.posts {
		if p.Channel != args.Get("channel") || p.Thread != args.Get("ts") && p.TS != args.Get("ts") || p.TS < args.Get("oldest") {
			continue
		}
		m := map[string]any{"ts": p.TS, "text": p.Text}
		if args.Get("include_all_metadata") == "true" {
			m["metadata"] = p.Metadata
		}
		all = append(all, m)
	}
	// One message a page, so that the pages are followed.
	var i int
	if _, err := fmt.Sscan(args.Get("cursor"), &i); err != nil || i >= len(all) {
		i = 0
	}
	out := map[string]any{"messages": all[min(i, len(all)):min(i+1, len(all))], "has_more": i+1 < len(all)}
	if i+1 < len(all) {
		out["response_metadata"] = map[string]any{"next_cursor": fmt.Sprint(i + 1)}
	}
	yes(w, out)
}

// check enforces the limits that Slack documents, and the limit of all blocks together,
// which Slack does not document.
func check(p post) string {
	if p.Text == "" {
		return "no_text"
	}
	if p.Blocks == nil {
		return ""
	}
	var bs []block
	if json.Unmarshal(p.Blocks, &bs) != nil || len(bs) == 0 || len(bs) > 50 {
		return "invalid_blocks"
	}
	total := 0
	for _, b := range bs {
		total += b.chars()
		n := 0
		if b.Text != nil {
			n = runes(b.Text.Text)
		}
		switch b.Type {
		case "section":
			if n < 1 || n > 3000 || b.Text.Type != "mrkdwn" {
				return "invalid_blocks"
			}
		case "header":
			if n < 1 || n > 150 || b.Text.Type != "plain_text" {
				return "invalid_blocks"
			}
		case "context":
			if len(b.Elements) < 1 || len(b.Elements) > 10 {
				return "invalid_blocks"
			}
		default:
			return "invalid_blocks"
		}
	}
	if total > 11000 {
		return "msg_blocks_too_long"
	}
	return ""
}

func (f *fake) arrived(key string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, p := range f.posts {
		if p.Metadata.Payload["k"] == key {
			n++
		}
	}
	return n
}

func yes(w http.ResponseWriter, v map[string]any) {
	v["ok"] = true
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func no(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"ok":false,"error":%q}`, code)
}
