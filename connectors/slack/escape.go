package slack

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// escape writes s so that Slack shows it as it is. Three characters are escaped,
// which is all that Slack knows: without "<" no data can mention anybody or make
// a link. mrkdwn has no escape for its formatting characters, so those that could
// format become their look-alikes.
func escape(s string) string {
	s = emoji.ReplaceAllStringFunc(plain.Text(s), func(m string) string {
		if m[0] != ':' {
			return m
		}
		return strings.ReplaceAll(m, ":", "꞉")
	})
	rs := []rune(s)
	var b strings.Builder
	for i, r := range rs {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '*':
			b.WriteRune('∗')
		case '~':
			b.WriteRune('∼')
		case '`':
			b.WriteRune('ˋ')
		case '_':
			// Inside a word (Decision_Criteria__c) an underscore does not format.
			if inWord(rs, i, -1) && inWord(rs, i, 1) {
				b.WriteRune('_')
			} else {
				b.WriteRune('ˍ')
			}
		default:
			b.WriteRune(r)
		}
	}
	return plain.Isolate(b.String())
}

// emoji is a name between colons, ":tada:" or ":+1::skin-tone-2:". The minutes of a time
// ("of 08:00: all") are none, and keep their colons.
var emoji = regexp.MustCompile(`\b\d{1,2}:\d{2}:|:[\p{L}\p{N}_'+-]+:`)

// inWord reports whether a letter or digit stands at the end of the run of
// underscores around i in direction step.
func inWord(rs []rune, i, step int) bool {
	for i += step; i >= 0 && i < len(rs) && rs[i] == '_'; i += step {
	}
	return i >= 0 && i < len(rs) && (unicode.IsLetter(rs[i]) || unicode.IsDigit(rs[i]))
}

// label is escape for the text of a link, which ends at "|" too.
func label(s string) string { return strings.ReplaceAll(escape(s), "|", "ǀ") }

// maxLink is the longest address that is made a link of.
const maxLink = 1500

// span writes one span in mrkdwn.
func span(s digest.Span, limit int) string {
	text := s.Text
	if s.Role == digest.Where {
		text = "list in thread"
	}
	text = cut(text, limit)
	out := escape(text)
	if u := s.URL; plain.Web(u) && len(u) <= maxLink && strings.TrimSpace(text) != "" {
		out = "<" + strings.ReplaceAll(u, "&", "&amp;") + "|" + label(text) + ">"
	}
	if s.Bold && strings.TrimSpace(out) != "" {
		out = bold(out)
	}
	return out
}

// bold keeps the stars at the words: Slack does not see "* x *" as bold.
func bold(s string) string {
	core := strings.TrimSpace(s)
	i := strings.Index(s, core)
	return s[:i] + "*" + core + "*" + s[i+len(core):]
}

// cut shortens s to limit runes, spaces at its ends kept.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit-1]) + "…"
}

// line writes a line in at most limit characters: where it is longer, its spans
// are cut until it fits.
func line(l digest.Line, limit int) string {
	out := ""
	for _, most := range []int{plain.Max, 600, 200, 100, 50, 20, 8} {
		var b strings.Builder
		for _, s := range l {
			b.WriteString(span(s, most))
		}
		if out = b.String(); runes(out) <= limit {
			return out
		}
	}
	return cut(plain.Clip(out, limit/6), limit) // cannot happen with the digests we compose
}

func runes(s string) int { return len([]rune(s)) }
