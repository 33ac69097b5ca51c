package daemon_test

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// notice is one message to one reader, or why there was none.
type notice struct {
	at                 time.Time
	digest, team, name string
	to                 string
	state, why         string
	subject, text      string // one line
	lines              []string
}

// chronicle is what became of each day.
type chronicle struct {
	days    []crm.Date
	told    map[crm.Date][]string
	entries map[crm.Date][]notice
	rows    map[crm.Date][]string
}

func (c *chronicle) tell(d crm.Date, what string) {
	if c.told == nil {
		c.told = map[crm.Date][]string{}
	}
	c.told[d] = append(c.told[d], what)
}

// sent notes the deliveries that came to their end since the last time.
func (q *quarter) sent() {
	q.t.Helper()
	ds, err := q.store.Deliveries(q.t.Context())
	if err != nil {
		q.t.Fatal(err)
	}
	var letters map[string]*mail.Letter
	for i := range ds {
		d := &ds[i]
		if q.known[d.ID] || !d.State.Settled() {
			continue
		}
		q.known[d.ID] = true
		e := notice{at: d.Changed, digest: d.Digest, team: d.Team, name: d.Recipient, to: d.Address(), state: string(d.State), why: d.Reason}
		if d.State == delivery.Sent && len(d.Parts) > 0 {
			if letters == nil {
				letters = q.letters()
			}
			if l := letters["<"+email.MessageID(d.Parts[0].Key, "acme.example")+">"]; l != nil {
				e.subject, e.text, e.lines = l.Subject, strings.Join(strings.Fields(l.Text), " "), strings.Split(l.Text, "\n")
			}
		}
		day, err := crm.ParseDate(d.Period[:min(10, len(d.Period))])
		if err != nil { // a message to ops has no period
			day = crm.DateOf(d.Changed, q.cfg.Location)
		}
		if q.log.entries == nil {
			q.log.entries = map[crm.Date][]notice{}
		}
		q.log.entries[day] = append(q.log.entries[day], e)
	}
}

// letters are the latest mails, by Message-ID.
func (q *quarter) letters() map[string]*mail.Letter {
	q.t.Helper()
	out := map[string]*mail.Letter{}
	all := q.servers.Mail.Messages()
	for _, m := range all[max(0, len(all)-40):] {
		l, err := mail.ParseLetter(m.Data)
		if err != nil {
			q.t.Fatal(err)
		}
		out[l.Header.Get("Message-ID")] = l
	}
	return out
}

// ledger notes what the journal says of a day.
func (q *quarter) ledger(d crm.Date) {
	q.t.Helper()
	ps, err := q.store.Periods(q.t.Context(), d)
	if err != nil {
		q.t.Fatal(err)
	}
	if q.log.rows == nil {
		q.log.rows = map[crm.Date][]string{}
	}
	q.log.days = append(q.log.days, d)
	for _, p := range ps {
		if p.Date == d && (p.State != "begun" || p.Reason != "") {
			q.log.rows[d] = append(q.log.rows[d], fmt.Sprintf("%s %s: %s: %s", p.Digest, p.Team, p.State, p.Reason))
		}
	}
	slices.Sort(q.log.rows[d])
}

// sentence is the rest of a sentence: an amount may have a point in it.
const sentence = `(?:[^.]|\.\d)*\.`

// remarks are what a reader of the calendar looks for in a message.
var remarks = []*regexp.Regexp{
	regexp.MustCompile(`\d+ (?:deals? )?needs? an update` + sentence),
	regexp.MustCompile(`First digest ` + sentence),
	regexp.MustCompile(`This is your first ` + sentence),
	regexp.MustCompile(`Woke up ` + sentence),
	regexp.MustCompile(`\S+ \S+ \S+ is paused ` + sentence),
	regexp.MustCompile(`\d+ (?:is |are )?paused[^.]*\.`),
	regexp.MustCompile(`For \w+, away to \w+ \d+ \w+`),
	regexp.MustCompile(`\w+ \(away, [^)]*\)`),
	regexp.MustCompile(`\d+ deals[^.]*, created on ` + sentence),
	regexp.MustCompile(`\d+ deals[^.]*, owner [^.]* deactivated\.`),
	regexp.MustCompile(`FIXED[^:]*: ` + sentence),
	regexp.MustCompile(`WON[^:]*: ` + sentence),
	regexp.MustCompile(`MOVED[^:]*: ` + sentence),
	regexp.MustCompile(`(?:ESCALATED|STILL OPEN|SETTLED)[^:]*\d+\. ` + sentence),
	regexp.MustCompile(`Vera Lindqvist hears ` + sentence),
	regexp.MustCompile(`[^.]*moved to other teams` + sentence),
	regexp.MustCompile(`[^.]*from other teams` + sentence),
	regexp.MustCompile(`◦ = your manager does not see` + sentence),
}

func (e *notice) said() string {
	if e.text == "" {
		return e.why
	}
	var out []string
	for _, r := range remarks {
		if s := strings.TrimSpace(r.FindString(e.text)); s != "" && !slices.ContainsFunc(out, func(o string) bool { return strings.Contains(o, s) }) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		out = append(out, e.subject)
	}
	return strings.Join(out, " | ")
}

// text is the calendar, for people.
func (c *chronicle) text() []byte {
	var b bytes.Buffer
	for _, d := range c.days {
		_, _ = fmt.Fprintf(&b, "\n%s %s\n", d.Weekday().String()[:3], d)
		for _, s := range c.told[d] {
			wrapped(&b, "  * "+s)
		}
		es := c.entries[d]
		slices.SortStableFunc(es, func(x, y notice) int { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.name, y.name)) })
		for i := range es {
			e := &es[i]
			who := nick(e.name)
			if e.to != e.name {
				who += " (to " + nick(e.to) + ")"
			}
			wrapped(&b, fmt.Sprintf("  %s %-8s %-13s %-12s %s: %s", e.at.UTC().Format("15:04Z"), cmp.Or(e.team, "-"), e.digest, who, e.state, e.said()))
		}
		for _, r := range c.rows[d] {
			wrapped(&b, "  - "+r)
		}
		if len(es)+len(c.rows[d]) == 0 {
			b.WriteString("  nothing\n")
		}
	}
	return b.Bytes()
}

// wrapped writes a line, wrapped at 140 columns.
func wrapped(b *bytes.Buffer, line string) {
	const width = 140
	for len(line) > width {
		at := strings.LastIndex(line[:width], " ")
		if at < 20 {
			break
		}
		b.WriteString(line[:at] + "\n")
		line = "        " + line[at+1:]
	}
	b.WriteString(line + "\n")
}

// letters are the messages themselves, one after the other.
func (c *chronicle) letters() []byte {
	var b bytes.Buffer
	for _, d := range c.days {
		for i := range c.entries[d] {
			if e := &c.entries[d][i]; e.text != "" {
				_, _ = fmt.Fprintf(&b, "=== %s %s to %s\n%s\n\n%s\n", d, e.digest, e.to, e.subject, strings.Join(e.lines, "\n"))
			}
		}
	}
	return b.Bytes()
}
