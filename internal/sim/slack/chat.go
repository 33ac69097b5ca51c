package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// target resolves the channel argument of a post.
func (s *Workspace) target(name string) (*Channel, string) {
	if strings.HasPrefix(name, "U") || strings.HasPrefix(name, "W") {
		return s.direct(name)
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	ch := s.channels[name]
	for _, c := range s.channels {
		if c.User == "" && "#"+c.Name == name {
			ch = c
		}
	}
	switch {
	case ch == nil, ch.Private && ch.NotMember:
		return nil, "channel_not_found"
	case ch.Archived:
		return nil, "is_archived"
	case ch.NotMember:
		return nil, "not_in_channel"
	}
	return ch, ""
}

func (s *Workspace) post(args arguments) body {
	ch, code := s.target(args["channel"])
	if code != "" {
		return refusal(code)
	}
	if bad := checkMessage(args, false); bad != nil {
		return bad
	}
	now := s.now().UnixMicro()
	s.lock.Lock()
	defer s.lock.Unlock()
	thread := args["thread_ts"]
	if thread != "" && !slices.ContainsFunc(s.messages, func(m *Message) bool {
		return m.Channel == ch.ID && m.TS == thread && m.ThreadTS == ""
	}) {
		return refusal("thread_not_found")
	}
	if s.opt.OnePerSecond {
		const second, burst = 1_000_000, 3
		free := max(s.bucket[ch.ID], now-burst*second)
		if free+second > now {
			return body{"retry_after": int((free+second-now)/second) + 1}
		}
		s.bucket[ch.ID] = free + second
	}
	s.lastTS = max(s.lastTS+1, now)
	m := &Message{Channel: ch.ID, TS: fmt.Sprintf("%d.%06d", s.lastTS/1_000_000, s.lastTS%1_000_000), ThreadTS: thread}
	if ch.User != "" {
		m.To = ch.Name
	}
	m.fill(args)
	s.messages = append(s.messages, m)
	return body{"ok": true, "channel": ch.ID, "ts": m.TS, "message": m.shown(true)}
}

// fill writes the arguments of a call into the message.
func (m *Message) fill(args arguments) {
	if r := []rune(args["text"]); len(r) > 40_000 {
		m.Text = string(r[:40_000])
	} else {
		m.Text = args["text"]
	}
	m.Blocks = json.RawMessage(args["blocks"])
	if raw := args["metadata"]; raw != "" {
		var meta metadata
		_ = json.Unmarshal([]byte(raw), &meta) // checkMessage has checked that raw is JSON
		m.Metadata = json.RawMessage(raw)
		m.Key, _ = meta.Payload["k"].(string)
	}
}

type metadata struct {
	Type    string         `json:"event_type"`
	Payload map[string]any `json:"event_payload"`
}

// shown is a message as the API returns messages.
func (m *Message) shown(metadata bool) map[string]any {
	out := map[string]any{"type": "message", "user": "U0PIPETIDY", "bot_id": "B0PIPETIDY", "ts": m.TS, "text": m.Text}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if metadata && len(m.Metadata) > 0 {
		out["metadata"] = m.Metadata
	}
	return out
}

// find returns the message with the ts given. The channel must be named by its id.
func (s *Workspace) find(channel, ts string) (*Message, string) {
	if s.channels[channel] == nil {
		return nil, "channel_not_found" // a U… id names no channel
	}
	for _, m := range s.messages {
		if m.Channel == channel && m.TS == ts {
			return m, ""
		}
	}
	return nil, "message_not_found"
}

func (s *Workspace) update(args arguments) body {
	if bad := checkMessage(args, true); bad != nil {
		return bad
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	m, code := s.find(args["channel"], args["ts"])
	if code != "" {
		return refusal(code)
	}
	m.fill(args)
	m.Edited = true
	return body{"ok": true, "channel": m.Channel, "ts": m.TS, "text": m.Text, "message": m.shown(true)}
}

func (s *Workspace) remove(args arguments) body {
	s.lock.Lock()
	defer s.lock.Unlock()
	m, code := s.find(args["channel"], args["ts"])
	if code != "" {
		return refusal(code)
	}
	s.messages = slices.DeleteFunc(s.messages, func(x *Message) bool { return x == m })
	return body{"ok": true, "channel": m.Channel, "ts": m.TS}
}

// readScope is the scope that reading a channel's messages requires.
func readScope(ch *Channel) string {
	switch {
	case ch.User != "":
		return "im:history"
	case ch.Private:
		return "groups:history"
	}
	return "channels:history"
}

// history lists the top-level messages of a channel, newest first.
func (s *Workspace) history(args arguments) body {
	return s.list(args, func(m *Message) bool { return m.ThreadTS == "" }, true)
}

// replies lists a thread, parent first.
func (s *Workspace) replies(args arguments) body {
	s.lock.Lock()
	_, code := s.find(args["channel"], args["ts"])
	s.lock.Unlock()
	if code == "message_not_found" {
		return refusal("thread_not_found")
	}
	return s.list(args, func(m *Message) bool { return m.TS == args["ts"] || m.ThreadTS == args["ts"] }, false)
}

func (s *Workspace) list(args arguments, wanted func(*Message) bool, newestFirst bool) body {
	s.lock.Lock()
	defer s.lock.Unlock()
	ch := s.channels[args["channel"]]
	if ch == nil {
		return refusal("channel_not_found")
	}
	if need := readScope(ch); !slices.Contains(s.opt.Scopes, need) {
		return missingScope(need, s.opt.Scopes)
	}
	limit, err := strconv.Atoi(args["limit"])
	if err != nil || limit <= 0 || limit > 999 {
		limit = 100
	}
	inclusive := args["inclusive"] == "true" || args["inclusive"] == "1"
	meta := args["include_all_metadata"] == "true" || args["include_all_metadata"] == "1"
	var found []map[string]any
	for _, m := range s.messages {
		at, oldest, latest := ts(m.TS), ts(args["oldest"]), ts(args["latest"])
		if m.Channel != ch.ID || !wanted(m) || at < oldest || at == oldest && !inclusive || latest > 0 && (at > latest || at == latest && !inclusive) {
			continue
		}
		found = append(found, m.shown(meta))
	}
	if newestFirst {
		slices.Reverse(found)
	}
	skip, _ := strconv.Atoi(args["cursor"])
	found = found[min(max(skip, 0), len(found)):]
	more := len(found) > limit
	next := ""
	if more {
		found, next = found[:limit], strconv.Itoa(skip+limit)
	}
	if found == nil {
		found = []map[string]any{}
	}
	return body{"ok": true, "messages": found, "has_more": more, "response_metadata": map[string]string{"next_cursor": next}}
}

// ts reads a timestamp in microseconds; 0 is none.
func ts(s string) int64 {
	sec, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return 0
	}
	micro, _ := strconv.ParseInt((frac + "000000")[:6], 10, 64)
	return n*1_000_000 + micro
}

// Fault scripts one misbehaviour of chat.postMessage: "429" (with
// a Retry-After of a minute), "500" (HTML), "fatal_error", "close" or "hang". With commit the
// message is posted all the same.
func Fault(kind string, commit bool) fault.Rule {
	f := fault.Rule{Path: "chat.postMessage", Commit: commit}
	switch kind {
	case "429":
		f.Status, f.Header, f.Body = 429, map[string]string{"Retry-After": "60"}, `{"ok":false,"error":"ratelimited"}`
	case "500":
		f.Status, f.Header, f.Body = 500, map[string]string{"Content-Type": "text/html"}, "<html><body>Server Error</body></html>"
	case "fatal_error", "internal_error", "service_unavailable", "ratelimited", "invalid_auth", "channel_not_found":
		f.Status, f.Body = 200, `{"ok":false,"error":"`+kind+`"}`
	case "503":
		f.Kind = fault.HTML503
	case "close":
		f.Kind = fault.Reset
	case "hang":
		f.Kind = fault.Hang
	default:
		panic("sim: no such Slack fault: " + kind)
	}
	return f
}
