package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/slack"
)

// workspace is a served Slack workspace with a plain HTTP client.
type workspace struct {
	t   *testing.T
	c   *sim.Company
	s   *slack.Workspace
	url string
}

func serveSlack(t *testing.T) *workspace {
	t.Helper()
	c := sim.New(sim.Options{Deals: 20})
	srv := httptest.NewServer(c.Slack())
	t.Cleanup(srv.Close)
	return &workspace{t, c, c.Slack(), srv.URL + "/api/"}
}

func (w *workspace) call(method string, args map[string]any) map[string]any {
	w.t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		w.t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodPost, w.url+method, strings.NewReader(string(body)))
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer xoxb-sim-token")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		w.t.Fatalf("%s: status %d: %v", method, resp.StatusCode, err)
	}
	out["status"] = resp.StatusCode
	return out
}

func section(text string) map[string]any {
	return map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text}}
}

func repeat(n int, b map[string]any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = b
	}
	return out
}

func tableOf(rows, cells int, text string) map[string]any {
	var all []any
	for range rows {
		all = append(all, repeat(cells, map[string]any{"type": "raw_text", "text": text}))
	}
	return map[string]any{"type": "table", "rows": all}
}

// A message within each limit is accepted, and a message beyond the limit is refused.
func TestSlackLimits(t *testing.T) {
	w := serveSlack(t)
	x := func(n int) string { return strings.Repeat("é", n) } // code points, not bytes
	header := func(n int) map[string]any {
		return map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": x(n)}}
	}
	fields := func(n, size int) map[string]any {
		return map[string]any{"type": "section", "fields": repeat(n, map[string]any{"type": "mrkdwn", "text": x(size)})}
	}
	context := func(n int) map[string]any {
		return map[string]any{"type": "context", "elements": repeat(n, map[string]any{"type": "mrkdwn", "text": "x"})}
	}
	button := func(text, value, link int) map[string]any {
		return map[string]any{"type": "actions", "elements": []any{map[string]any{"type": "button", "text": map[string]any{"type": "plain_text", "text": x(text)}, "value": x(value), "url": x(link)}}}
	}
	markdown := func(n int) map[string]any { return map[string]any{"type": "markdown", "text": x(n)} }
	id := func(s string) map[string]any { b := section("x"); b["block_id"] = s; return b }
	for _, tt := range []struct {
		name     string
		fit, not []any
		code     string
		pointer  string
	}{
		{"blocks", repeat(50, section("x")), repeat(51, section("x")), "invalid_blocks", "/blocks"},
		{"section", []any{section(x(3000))}, []any{section("x"), section(x(3001))}, "invalid_blocks", "/blocks/1/text/text"},
		{"empty section", []any{section("x")}, []any{section("")}, "invalid_blocks", "/blocks/0/text/text"},
		{"header", []any{header(150)}, []any{header(151)}, "invalid_blocks", "/blocks/0/text/text"},
		{"fields", []any{fields(6, 2000)}, []any{fields(1, 2001)}, "invalid_blocks", "/blocks/0/fields/0/text"},
		{"number of fields", []any{fields(10, 1)}, []any{fields(11, 1)}, "invalid_blocks", "/blocks/0/fields"},
		{"context", []any{context(10)}, []any{context(11)}, "invalid_blocks", "/blocks/0/elements"},
		{"button", []any{button(75, 2000, 3000)}, []any{button(76, 1, 1)}, "invalid_blocks", "/blocks/0/elements/0/text/text"},
		{"button value", []any{button(1, 2000, 1)}, []any{button(1, 2001, 1)}, "invalid_blocks", "/blocks/0/elements/0/value"},
		{"button url", []any{button(1, 1, 3000)}, []any{button(1, 1, 3001)}, "invalid_blocks", "/blocks/0/elements/0/url"},
		{"block_id", []any{id(x(255))}, []any{id(x(256))}, "invalid_blocks", "/blocks/0/block_id"},
		{"same block_id", []any{id("a"), id("b")}, []any{id("a"), id("a")}, "invalid_blocks", "/blocks/1/block_id"},
		{"markdown", []any{markdown(6000), markdown(6000)}, []any{markdown(6000), markdown(6001)}, "invalid_blocks", "/blocks/1/text"},
		{"whole message", repeat(4, section(x(3000))), append(repeat(4, section(x(3000))), section(x(1201))), "msg_blocks_too_long", ""},
		{"table rows", []any{tableOf(100, 2, "x")}, []any{tableOf(101, 2, "x")}, "invalid_blocks", "/blocks/0/rows"},
		{"table cells", []any{tableOf(2, 20, "x")}, []any{tableOf(2, 21, "x")}, "invalid_blocks", "/blocks/0/rows/0"},
		{"table text", []any{tableOf(10, 10, x(100))}, []any{tableOf(10, 10, x(101))}, "invalid_blocks", "/blocks/0"},
		{"empty cell", []any{tableOf(1, 1, " ")}, []any{tableOf(1, 1, "")}, "invalid_blocks", "/blocks/0/rows/0/0/text"},
		{"one table", []any{tableOf(1, 1, "x")}, []any{tableOf(1, 1, "x"), tableOf(1, 1, "x")}, "invalid_attachments", ""},
		{"known types", []any{map[string]any{"type": "divider"}}, []any{map[string]any{"type": "marquee"}}, "invalid_blocks", "/blocks/0/type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			if got := w.call("chat.postMessage", map[string]any{"channel": "C0WESTPIPE", "text": "x", "blocks": tt.fit}); got["ok"] != true {
				t.Errorf("within the limit: got %v", got)
			}
			got := w.call("chat.postMessage", map[string]any{"channel": "C0WESTPIPE", "text": "x", "blocks": tt.not})
			if got["error"] != tt.code || tt.pointer != "" && !strings.Contains(fmt.Sprint(got["response_metadata"]), "[json-pointer:"+tt.pointer+"]") {
				t.Errorf("beyond the limit: got %v, want %s at %s", got, tt.code, tt.pointer)
			}
		})
	}
	w.t = t
	for name, tt := range map[string]struct {
		args map[string]any
		code string
	}{
		"no text":         {map[string]any{"channel": "C0WESTPIPE"}, "no_text"},
		"no channel":      {map[string]any{"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"},
		"no such user":    {map[string]any{"channel": "U0NOBODY", "text": "x"}, "user_not_found"},
		"no such parent":  {map[string]any{"channel": "C0WESTPIPE", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"},
		"metadata format": {map[string]any{"channel": "C0WESTPIPE", "text": "x", "metadata": map[string]any{"event_type": "x"}}, "invalid_metadata_format"},
		"blocks format":   {map[string]any{"channel": "C0WESTPIPE", "text": "x", "blocks": "{"}, "invalid_blocks_format"},
	} {
		if got := w.call("chat.postMessage", tt.args); got["error"] != tt.code {
			t.Errorf("%s: got %v, want %s", name, got, tt.code)
		}
	}
}

func TestSlackChannels(t *testing.T) {
	w := serveSlack(t)
	w.s.AddChannel(slack.Channel{ID: "C0OLD", Name: "old", Archived: true})
	w.s.AddChannel(slack.Channel{ID: "G0SECRET", Name: "secret", Private: true, NotMember: true})
	w.s.AddChannel(slack.Channel{ID: "C0OTHER", Name: "other", NotMember: true})
	for ch, code := range map[string]string{"C0OLD": "is_archived", "G0SECRET": "channel_not_found", "C0OTHER": "not_in_channel"} {
		if got := w.call("chat.postMessage", map[string]any{"channel": ch, "text": "x"}); got["error"] != code {
			t.Errorf("%s: got %v, want %s", ch, got, code)
		}
	}
	if err := w.c.Deactivate("ivo@acme.example"); err != nil {
		t.Fatal(err)
	}
	if got := w.call("conversations.open", map[string]any{"users": w.s.SlackUser("ivo@acme.example")}); got["error"] != "user_disabled" {
		t.Errorf("deactivated user: got %v", got)
	}
	if got := w.call("users.lookupByEmail", map[string]any{"email": "stranger@acme.example"}); got["error"] != "users_not_found" {
		t.Errorf("stranger: got %v", got)
	}
	w.s.Set(func(o *slack.Options) { o.Scopes = []string{"chat:write"} })
	if got := w.call("conversations.history", map[string]any{"channel": "C0WESTPIPE"}); got["error"] != "missing_scope" || got["needed"] != "channels:history" || got["provided"] != "chat:write" {
		t.Errorf("scope: got %v", got)
	}
	w.s.Set(func(o *slack.Options) { o.Token = "xoxb-other" })
	if got := w.call("auth.test", nil); got["error"] != "invalid_auth" {
		t.Errorf("token: got %v", got)
	}
}

// An independent client, slack-go, posts, replies, updates and reads.
func TestSlackWithSlackGo(t *testing.T) {
	w := serveSlack(t)
	api := slackgo.New("xoxb-sim-token", slackgo.OptionAPIURL(w.url))
	if _, err := slackgo.New("wrong", slackgo.OptionAPIURL(w.url)).AuthTest(); err == nil || err.Error() != "invalid_auth" {
		t.Errorf("wrong token: got %v", err)
	}
	user, err := api.GetUserByEmail("maria@acme.example")
	if err != nil || user.TZ != "America/Los_Angeles" || user.TZOffset != -8*3600 || user.Deleted {
		t.Fatalf("lookup: got %+v, %v", user, err)
	}
	meta := slackgo.SlackMetadata{EventType: "crm_digest", EventPayload: map[string]any{"k": "key-1"}}
	channel, ts, err := api.PostMessage(user.ID, slackgo.MsgOptionText("hello", false), slackgo.MsgOptionMetadata(meta),
		slackgo.MsgOptionBlocks(slackgo.NewSectionBlock(slackgo.NewTextBlockObject("mrkdwn", "hello", false, false), nil, nil)))
	if err != nil || !strings.HasPrefix(channel, "D") {
		t.Fatalf("post: got %s, %v", channel, err)
	}
	opened, _, _, err := api.OpenConversation(&slackgo.OpenConversationParameters{Users: []string{user.ID}})
	if err != nil || opened.ID != channel {
		t.Errorf("open: got %v, %v, want %s", opened, err, channel)
	}
	_, reply, err := api.PostMessage(channel, slackgo.MsgOptionText("more", false), slackgo.MsgOptionTS(ts))
	if err != nil || reply <= ts {
		t.Errorf("reply: got %s after %s, %v", reply, ts, err)
	}
	if _, _, err := api.PostMessage(channel, slackgo.MsgOptionText("deeper", false), slackgo.MsgOptionTS(reply)); err == nil || err.Error() != "thread_not_found" {
		t.Errorf("a reply as parent: got %v", err)
	}
	if _, _, _, err := api.UpdateMessage(user.ID, ts, slackgo.MsgOptionText("x", false)); err == nil || err.Error() != "channel_not_found" {
		t.Errorf("update with a user id: got %v", err)
	}
	if _, _, _, err := api.UpdateMessage(channel, ts, slackgo.MsgOptionText(strings.Repeat("x", 4001), false)); err == nil || err.Error() != "msg_too_long" {
		t.Errorf("long update: got %v", err)
	}
	h, err := api.GetConversationHistory(&slackgo.GetConversationHistoryParameters{ChannelID: channel, IncludeAllMetadata: true, Oldest: "0"})
	if err != nil || len(h.Messages) != 1 || h.Messages[0].Metadata.EventPayload["k"] != "key-1" {
		t.Errorf("history: got %+v, %v", h, err)
	}
	h, err = api.GetConversationHistory(&slackgo.GetConversationHistoryParameters{ChannelID: channel, Oldest: ts})
	if err != nil || len(h.Messages) != 0 {
		t.Errorf("history after the message: got %+v, %v", h, err)
	}
	thread, _, _, err := api.GetConversationReplies(&slackgo.GetConversationRepliesParameters{ChannelID: channel, Timestamp: ts})
	if err != nil || len(thread) != 2 || thread[0].Timestamp != ts {
		t.Errorf("replies: got %+v, %v", thread, err)
	}
	got := w.s.WithKey("key-1")
	if len(got) != 1 || got[0].To != "maria@acme.example" || got[0].Text != "hello" {
		t.Errorf("messages with the key: got %+v", got)
	}
	if _, _, err := api.DeleteMessage(channel, ts); err != nil || len(w.s.WithKey("key-1")) != 0 {
		t.Errorf("delete: %v", err)
	}
}

func TestSlackRate(t *testing.T) {
	w := serveSlack(t)
	now := sim.DefaultStart()
	w.s.Set(func(o *slack.Options) { o.OnePerSecond, o.Clock = true, func() time.Time { return now } })
	post := func() any {
		return w.call("chat.postMessage", map[string]any{"channel": "C0WESTPIPE", "text": "x"})["status"]
	}
	for range 3 {
		if got := post(); got != 200 {
			t.Fatalf("burst: got %v", got)
		}
	}
	if got := post(); got != 429 {
		t.Errorf("fourth within a second: got %v", got)
	}
	now = now.Add(time.Second)
	if got := post(); got != 200 {
		t.Errorf("a second later: got %v", got)
	}
	seen := map[string]bool{}
	last := ""
	for _, m := range w.s.Messages() {
		if seen[m.TS] || m.TS <= last {
			t.Errorf("ts %s after %s", m.TS, last)
		}
		seen[m.TS], last = true, m.TS
	}
}

func TestSlackFaults(t *testing.T) {
	w := serveSlack(t)
	for _, commit := range []bool{false, true} {
		for _, kind := range []string{"429", "500", "fatal_error", "close", "hang"} {
			t.Run(fmt.Sprintf("%s commit=%v", kind, commit), func(t *testing.T) {
				before := len(w.s.Messages())
				w.s.Fault(slack.Fault(kind, commit))
				ctx, cancel := context.WithCancel(t.Context())
				if kind == "hang" {
					ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
				}
				defer cancel()
				form := url.Values{"token": {"xoxb-sim-token"}, "channel": {"C0WESTPIPE"}, "text": {"x"}}
				req, _ := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"chat.postMessage", strings.NewReader(form.Encode()))
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				resp, err := http.DefaultClient.Do(req)
				switch kind {
				case "429":
					if err != nil || resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "60" {
						t.Errorf("got %v, %v", resp, err)
					}
				case "500":
					if err != nil || resp.StatusCode != 500 || resp.Header.Get("Content-Type") != "text/html" {
						t.Errorf("got %v, %v", resp, err)
					}
				case "fatal_error":
					if err != nil || resp.StatusCode != 200 {
						t.Errorf("got %v, %v", resp, err)
					}
				case "close":
					if err == nil {
						t.Errorf("got %v", resp)
					}
				case "hang":
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v", err)
					}
				}
				if resp != nil {
					_ = resp.Body.Close()
				}
				want := before
				if commit {
					want++
				}
				if got := len(w.s.Messages()); got != want {
					t.Errorf("got %d messages, want %d", got, want)
				}
			})
		}
	}
}
