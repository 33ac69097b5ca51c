package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/text"
)

// What one message may hold. Slack's own limits are 50 blocks, 3,000 characters
// in a section and, undocumented, somewhat more than 12,000 characters in all
// blocks together (slackapi/bolt-js 2509).
const (
	maxBlocks  = 40
	maxChars   = 10000
	maxSection = 2900
	maxHeader  = 140
	maxText    = 3800
	tableWidth = 72
)

// EventType names our messages in their metadata.
const EventType = "pipetidy_digest"

type object struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji,omitempty"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

type block struct {
	Type     string   `json:"type"`
	Text     *object  `json:"text,omitempty"`
	Elements []object `json:"elements,omitempty"`
}

func (b *block) chars() int {
	n := 0
	if b.Text != nil {
		n += runes(b.Text.Text)
	}
	for _, e := range b.Elements {
		n += runes(e.Text)
	}
	return n
}

// message is a post without its channel.
type message struct {
	Text        string   `json:"text"`
	Blocks      []block  `json:"blocks"`
	UnfurlLinks bool     `json:"unfurl_links"`
	UnfurlMedia bool     `json:"unfurl_media"`
	Metadata    metadata `json:"metadata"`
}

// metadata can be read by every member of the workspace, so it holds an opaque key
// and nothing else.
type metadata struct {
	EventType string            `json:"event_type"`
	Payload   map[string]string `json:"event_payload"`
}

// Render writes the digest as the parent message and its replies.
func (n *Notifier) Render(_ context.Context, d *digest.Digest, to *delivery.Delivery) ([]delivery.Part, error) {
	list := messages(d, to.Test)
	parts := make([]delivery.Part, 0, len(list))
	for i, m := range list {
		m.Metadata = metadata{EventType, map[string]string{"k": delivery.NewPart(to.ID, i, nil).Key}}
		body, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("slack: write message: %w", err)
		}
		parts = append(parts, delivery.NewPart(to.ID, i, body))
	}
	return parts, nil
}

// messages writes the parent message first, then the replies.
func messages(d *digest.Digest, test bool) []message {
	title := d.Subject
	if test {
		title = "Test: " + title
	}
	var ps []piece
	for i := range d.Sections {
		ps = append(ps, pieces(&d.Sections[i], i == 0, test)...)
	}
	out := pack(ps)
	if len(out) == 0 {
		out = []message{{}}
	}
	out[0].Text = escape(plain.Clip(title, 300)) + "\n" + out[0].Text
	ps = nil
	for i := range d.Overflow {
		ps = append(ps, pieces(&d.Overflow[i], false, false)...)
	}
	out = append(out, pack(ps)...)
	for i := range out {
		out[i].Text = shorten(out[i].Text, maxText)
	}
	return out
}

// piece is a block, and its words for the message's text.
type piece struct {
	block block
	text  string
}

// pack fills each message with as many pieces as one message may hold.
func pack(ps []piece) []message {
	var out []message
	blocks, chars := 0, 0
	for _, p := range ps {
		n := p.block.chars()
		if len(out) == 0 || blocks+1 > maxBlocks || chars+n > maxChars {
			out = append(out, message{})
			blocks, chars = 0, 0
		}
		m := &out[len(out)-1]
		m.Blocks = append(m.Blocks, p.block)
		m.Text += p.text + "\n"
		blocks, chars = blocks+1, chars+n
	}
	return out
}

// pieces writes a section of the digest. The first section heads the message.
func pieces(s *digest.Section, first, test bool) []piece {
	var out []piece
	title := plain.Clip(s.Title, maxHeader)
	switch {
	case first && title != "":
		if test {
			title = "Test: " + title
		}
		no := false
		out = append(out, piece{block{Type: "header", Text: &object{Type: "plain_text", Text: fit(title, maxHeader), Emoji: &no}}, escape(title)})
		for _, l := range s.Lines {
			out = append(out, small(l))
		}
		return append(out, table(s.Table)...)
	case first && test:
		out = append(out, words("*Test*"))
	case title != "" && s.Table == nil:
		out = append(out, words("*"+escape(title)+"*"))
	}
	out = append(out, lines(s.Lines)...)
	rows := table(s.Table)
	if len(rows) > 0 && title != "" {
		rows[0] = words("*" + escape(title) + "*\n" + rows[0].text)
	}
	return append(out, rows...)
}

// fit escapes s in at most limit characters.
func fit(s string, limit int) string {
	for n := limit; ; n = n * 3 / 4 {
		if out := escape(plain.Clip(s, n)); runes(out) <= limit {
			return out
		}
	}
}

// lines writes each numbered line as a block of its own, which Slack sets apart and
// does not fold. Notes are written small, and all other lines share blocks.
func lines(ls []digest.Line) []piece {
	var out []piece
	var run []string
	flush := func() {
		if len(run) > 0 {
			out = append(out, words(strings.Join(run, "\n")))
			run = nil
		}
	}
	size := 0
	for _, l := range ls {
		if len(l) > 0 && l[0].Role == digest.Note {
			flush()
			out = append(out, small(l))
			continue
		}
		text := line(l, maxSection)
		numbered := len(l) > 0 && l[0].Role == digest.Index && strings.ContainsAny(l[0].Text[:1], "0123456789")
		if n := runes(text) + 1; numbered || size+n > maxSection {
			flush()
			size = 0
		}
		run = append(run, text)
		size += runes(text) + 1
		if numbered {
			flush()
			size = 0
		}
	}
	flush()
	return out
}

func words(mrkdwn string) piece {
	// With verbatim, Slack does not look for links and names in the text.
	return piece{block{Type: "section", Text: &object{Type: "mrkdwn", Text: mrkdwn, Verbatim: true}}, mrkdwn}
}

func small(l digest.Line) piece {
	text := line(l, maxSection)
	return piece{block{Type: "context", Elements: []object{{Type: "mrkdwn", Text: text, Verbatim: true}}}, text}
}

// table writes rows in code blocks, where columns stand under each other.
func table(t *digest.Table) []piece {
	if t == nil || len(t.Rows) == 0 {
		return nil
	}
	var out []piece
	rows := strings.SplitAfter(strings.TrimSuffix(text.Aligned(t, tableWidth, true), "\n"), "\n")
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, words("```"+strings.TrimSuffix(b.String(), "\n")+"```"))
			b.Reset()
		}
	}
	size := 0
	for _, r := range rows {
		text := escapeRow(r)
		if size+runes(text) > maxSection-200 {
			flush()
			size = 0
		}
		b.WriteString(text)
		size += runes(text)
	}
	flush()
	return out
}

// escapeRow keeps the spaces that make the columns.
func escapeRow(s string) string {
	return plain.Isolate(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "ˋ").Replace(s))
}

// shorten cuts mrkdwn text at the end of a line, so that no link is cut in two.
func shorten(s string, limit int) string {
	s = strings.TrimSpace(s)
	if runes(s) <= limit {
		return s
	}
	s = string([]rune(s)[:limit])
	if i := strings.LastIndexByte(s, '\n'); i > 0 {
		s = s[:i]
	}
	return s + "\n…"
}
