package daemon_test

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// arrivals are the latest messages that mail server and Slack have taken, by what finds them.
type arrivals struct {
	mails map[string]*mail.Letter       // by Message-ID
	posts map[string][]sim.SlackMessage // by key of the part
}

func (q *quarter) arrivals() arrivals {
	q.t.Helper()
	out := arrivals{mails: map[string]*mail.Letter{}, posts: map[string][]sim.SlackMessage{}}
	all := q.servers.Mail.Messages()
	for _, m := range all[max(0, len(all)-40):] {
		l, err := mail.ParseLetter(m.Data)
		if err != nil {
			q.t.Fatal(err)
		}
		out.mails[l.Header.Get("Message-ID")] = l
	}
	posts := q.company.Slack().Messages()
	for i := range posts[max(0, len(posts)-200):] {
		m := posts[max(0, len(posts)-200)+i]
		out.posts[m.Key] = append(out.posts[m.Key], m)
	}
	return out
}

// read is what the reader of a delivery sees: a title, and the lines.
func (a arrivals) read(d *delivery.Delivery) (subject string, lines []string) {
	for i := range d.Parts {
		key := d.Parts[i].Key
		if d.Channel == delivery.Email {
			if l := a.mails["<"+email.MessageID(key, "acme.example")+">"]; l != nil {
				return l.Subject, strings.Split(l.Text, "\n")
			}
			continue
		}
		for _, m := range a.posts[key] {
			if subject == "" {
				subject, _, _ = strings.Cut(shown(m.Text), "\n")
			}
			lines = append(lines, blockLines(m.Blocks)...)
		}
	}
	return subject, lines
}

// blockLines are the words of Slack's blocks, as a reader sees them.
func blockLines(raw json.RawMessage) (out []string) {
	type words struct{ Text string }
	var blocks []struct {
		Text     *words
		Elements []words
	}
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	for _, b := range blocks {
		if b.Text != nil {
			out = append(out, strings.Split(shown(b.Text.Text), "\n")...)
		}
		for _, e := range b.Elements {
			out = append(out, strings.Split(shown(e.Text), "\n")...)
		}
	}
	return out
}

var (
	slackLink = regexp.MustCompile(`<[^<>|]*\|([^<>]*)>`)
	slackBold = regexp.MustCompile(`(^|[\s(])\*([^*\n]+)\*`)
)

// shown is mrkdwn without its marks.
func shown(mrkdwn string) string {
	s := slackLink.ReplaceAllString(strings.ReplaceAll(mrkdwn, "```", ""), "$1")
	s = slackBold.ReplaceAllString(s, "$1$2")
	return strings.NewReplacer("\u2060", "", "\u200b", "", "\u2066", "", "\u2069", "").Replace(html.UnescapeString(s))
}
