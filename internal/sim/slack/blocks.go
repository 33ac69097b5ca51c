package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a message. Lengths are counted in Unicode code points.
const (
	maxBlocks      = 50
	maxBlockText   = 13_200 // of all blocks together; undocumented, measured at the real service
	maxMarkdown    = 12_000 // of all markdown blocks together
	maxTableText   = 10_000
	maxUpdateText  = 4_000
	maxMetadata    = 16 << 10
	maxAttachments = 100
)

// checkMessage returns the refusal that Slack gives; nil is none.
func checkMessage(args arguments, update bool) body {
	var blocks []map[string]any
	if raw := args["blocks"]; raw != "" && json.Unmarshal([]byte(raw), &blocks) != nil {
		return refusal("invalid_blocks_format")
	}
	if strings.TrimSpace(args["text"]) == "" && len(blocks) == 0 {
		return refusal("no_text")
	}
	if update && utf8.RuneCountInString(args["text"]) > maxUpdateText {
		return refusal("msg_too_long")
	}
	if raw := args["attachments"]; raw != "" {
		var list []json.RawMessage
		if json.Unmarshal([]byte(raw), &list) != nil {
			return refusal("invalid_attachments")
		}
		if len(list) > maxAttachments {
			return refusal("too_many_attachments")
		}
	}
	if raw := args["metadata"]; raw != "" {
		var meta metadata
		if json.Unmarshal([]byte(raw), &meta) != nil || meta.Type == "" || meta.Payload == nil {
			return refusal("invalid_metadata_format")
		}
		if len(raw) > maxMetadata {
			return refusal("metadata_too_large")
		}
	}
	c := &blockChecker{ids: map[string]bool{}}
	c.message(blocks)
	switch {
	case len(c.bad) > 0:
		messages := make([]string, len(c.bad))
		for i, b := range c.bad {
			messages[i] = "[ERROR] " + b
		}
		return body{"ok": false, "error": "invalid_blocks", "errors": c.bad, "response_metadata": map[string]any{"messages": messages}}
	case c.tables > 1:
		return refusal("invalid_attachments")
	case c.total > maxBlockText:
		return refusal("msg_blocks_too_long")
	}
	return nil
}

// blockChecker walks the blocks of a message.
type blockChecker struct {
	bad      []string
	ids      map[string]bool // block_ids, and action_ids with a prefix
	total    int
	markdown int
	table    int
	tables   int
}

func (c *blockChecker) wrong(at, format string, args ...any) {
	c.bad = append(c.bad, fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

func (c *blockChecker) message(blocks []map[string]any) {
	if len(blocks) > maxBlocks {
		c.wrong("/blocks", "no more than %d items allowed", maxBlocks)
	}
	for i, b := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		if id := c.limited(b, "block_id", at, 0, 255); id != "" {
			if c.ids[id] {
				c.wrong(at+"/block_id", "block_id %s already exists", id)
			}
			c.ids[id] = true
		}
		c.block(b, at)
	}
}

func (c *blockChecker) block(b map[string]any, at string) {
	switch kind, _ := b["type"].(string); kind {
	case "section":
		c.section(b, at)
	case "header":
		c.text(b["text"], at+"/text", 150, true)
	case "divider":
	case "context":
		for i, e := range c.items(b, "elements", at, 1, 10) {
			c.element(e, fmt.Sprintf("%s/elements/%d", at, i))
		}
	case "actions":
		for i, e := range c.items(b, "elements", at, 1, 25) {
			c.element(e, fmt.Sprintf("%s/elements/%d", at, i))
		}
	case "image":
		c.image(b, at)
	case "rich_text":
		c.items(b, "elements", at, 0, 1000)
		c.total += richLength(b)
	case "markdown":
		n := utf8.RuneCountInString(c.limited(b, "text", at, 1, maxMarkdown))
		if c.markdown += n; c.markdown > maxMarkdown {
			c.wrong(at+"/text", "must be less than %d characters in all markdown blocks", maxMarkdown+1)
		}
		c.total += n
	case "table":
		c.tableBlock(b, at)
	default:
		c.wrong(at+"/type", "unsupported type: %s", kind)
	}
}

func (c *blockChecker) section(b map[string]any, at string) {
	if b["text"] == nil && b["fields"] == nil {
		c.wrong(at, "missing required field: text")
	}
	if b["text"] != nil {
		c.text(b["text"], at+"/text", 3000, false)
	}
	if b["fields"] != nil {
		for i, f := range c.items(b, "fields", at, 1, 10) {
			c.text(f, fmt.Sprintf("%s/fields/%d", at, i), 2000, false)
		}
	}
	if a, ok := b["accessory"].(map[string]any); ok {
		c.element(a, at+"/accessory")
	}
}

// element checks a block element or a text object.
func (c *blockChecker) element(v any, at string) {
	e, _ := v.(map[string]any)
	switch kind, _ := e["type"].(string); kind {
	case "mrkdwn", "plain_text":
		c.text(e, at, 3000, false)
	case "image":
		c.image(e, at)
	case "button":
		c.text(e["text"], at+"/text", 75, true)
		c.limited(e, "value", at, 0, 2000)
		c.limited(e, "url", at, 0, 3000)
		c.action(e, at)
	case "overflow":
		for i, o := range c.items(e, "options", at, 1, 5) {
			opt, _ := o.(map[string]any)
			c.text(opt["text"], fmt.Sprintf("%s/options/%d/text", at, i), 75, false)
			c.limited(opt, "value", fmt.Sprintf("%s/options/%d", at, i), 1, 150)
		}
		c.action(e, at)
	default:
		c.wrong(at+"/type", "unsupported type: %s", kind)
	}
}

func (c *blockChecker) action(e map[string]any, at string) {
	if id := c.limited(e, "action_id", at, 0, 255); id != "" {
		if c.ids["action "+id] {
			c.wrong(at+"/action_id", "action_id %s already exists", id)
		}
		c.ids["action "+id] = true
	}
	if confirm, ok := e["confirm"].(map[string]any); ok {
		c.text(confirm["title"], at+"/confirm/title", 100, true)
		c.text(confirm["text"], at+"/confirm/text", 300, false)
	}
}

func (c *blockChecker) image(b map[string]any, at string) {
	c.limited(b, "image_url", at, 1, 3000)
	c.limited(b, "alt_text", at, 1, 2000)
}

// text checks a text object.
func (c *blockChecker) text(v any, at string, limit int, plain bool) {
	t, ok := v.(map[string]any)
	if !ok {
		c.wrong(at, "missing required field")
		return
	}
	if kind := t["type"]; kind != "plain_text" && (plain || kind != "mrkdwn") {
		c.wrong(at+"/type", "unsupported type: %v", kind)
	}
	c.total += utf8.RuneCountInString(c.limited(t, "text", at, 1, limit))
}

// limited checks the length of a string and returns the string.
func (c *blockChecker) limited(b map[string]any, name, at string, least, most int) string {
	s, isText := b[name].(string)
	n := utf8.RuneCountInString(s)
	switch {
	case b[name] != nil && !isText:
		c.wrong(at+"/"+name, "must be a string")
	case n < least:
		c.wrong(at+"/"+name, "must be more than %d characters", least-1)
	case n > most:
		c.wrong(at+"/"+name, "must be less than %d characters", most+1)
	}
	return s
}

func (c *blockChecker) items(b map[string]any, name, at string, least, most int) []any {
	list, ok := b[name].([]any)
	switch {
	case !ok, len(list) < least:
		c.wrong(at+"/"+name, "no fewer than %d items allowed", least)
	case len(list) > most:
		c.wrong(at+"/"+name, "no more than %d items allowed", most)
	}
	return list
}

func (c *blockChecker) tableBlock(b map[string]any, at string) {
	c.tables++
	for i, r := range c.items(b, "rows", at, 1, 100) {
		cells, _ := r.([]any)
		if len(cells) > 20 {
			c.wrong(fmt.Sprintf("%s/rows/%d", at, i), "no more than 20 items allowed")
		}
		for j, v := range cells {
			cell, _ := v.(map[string]any)
			where := fmt.Sprintf("%s/rows/%d/%d", at, i, j)
			switch kind, _ := cell["type"].(string); kind {
			case "raw_text":
				c.table += utf8.RuneCountInString(c.limited(cell, "text", where, 1, maxTableText))
			case "rich_text":
				c.table += richLength(cell)
			case "raw_number":
			default:
				c.wrong(where+"/type", "unsupported type: %s", kind)
			}
		}
	}
	if c.table > maxTableText {
		c.wrong(at, "must be less than %d characters in all cells", maxTableText+1)
	}
	c.total += c.table
}

// richLength counts the text anywhere within a rich text.
func richLength(v any) int {
	n := 0
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			if s, ok := y.(string); ok && k == "text" {
				n += utf8.RuneCountInString(s)
			} else {
				n += richLength(y)
			}
		}
	case []any:
		for _, y := range x {
			n += richLength(y)
		}
	}
	return n
}
