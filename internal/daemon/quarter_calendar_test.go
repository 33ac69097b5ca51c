package daemon_test

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// notice is one message to one reader, or why there was none.
type notice struct {
	at                 time.Time
	digest, team, name string
	to                 string
	channel            delivery.Channel
	state, why         string
	subject, text      string // one line
	lines              []string
}

// chronicle is what became of each day.
type chronicle struct {
	days    []crm.Date
	told    map[crm.Date][]string
	entries map[crm.Date][]notice
	rows    map[crm.Date][]digest.Period // digests that a team, or some of its readers, were not to get
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
	var got *arrivals
	for i := range ds {
		d := &ds[i]
		if q.known[d.ID] || !d.State.Settled() {
			continue
		}
		q.known[d.ID] = true
		e := notice{at: d.Changed, digest: d.Digest, team: d.Team, name: d.Recipient, to: d.Address(), channel: d.Channel, state: string(d.State), why: d.Reason}
		if d.State == delivery.Sent && len(d.Parts) > 0 {
			if got == nil {
				a := q.arrivals()
				got = &a
			}
			e.subject, e.lines = got.read(d)
			e.text = strings.Join(strings.Fields(strings.Join(e.lines, " ")), " ")
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

// ledger notes what the journal says of a day.
func (q *quarter) ledger(d crm.Date) {
	q.t.Helper()
	ps, err := q.store.Periods(q.t.Context(), d)
	if err != nil {
		q.t.Fatal(err)
	}
	if q.log.rows == nil {
		q.log.rows = map[crm.Date][]digest.Period{}
	}
	q.log.days = append(q.log.days, d)
	for _, p := range ps {
		if p.Date == d && (p.State != "begun" || p.Reason != "") {
			q.log.rows[d] = append(q.log.rows[d], p)
		}
	}
	slices.SortFunc(q.log.rows[d], func(x, y digest.Period) int { return cmp.Compare(x.Digest, y.Digest) })
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
	var out []string
	for _, r := range remarks {
		if s := strings.TrimSpace(r.FindString(e.text)); s != "" && !slices.ContainsFunc(out, func(o string) bool { return strings.Contains(o, s) }) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		out = append(out, e.subject)
	}
	return strings.Join(out, " ")
}

// ofReader begins the reason of one reader among those of a team.
var ofReader = regexp.MustCompile(`(?:^|; )([a-z]+@acme\.example): `)

// The digests of the company, as people call them.
var calledOf = map[string]string{
	"rep-daily": "list", "manager-daily": "team digest", "escalations": "escalations", "ops-daily": "digest about the program", "ops-bulletin": "message that cannot wait",
}

// text is the calendar, for people: by day and team, who got what, and who got nothing and why.
func (q *quarter) text() []byte {
	var b bytes.Buffer
	b.WriteString("A quarter of three teams: who got what, when on their clocks, and why others got nothing.\n" +
		"Lists go by Slack, digests by e-mail. What is said after a name is taken out of the message.\n")
	for _, d := range q.log.days {
		_, _ = fmt.Fprintf(&b, "\n%s\n", d.In(time.UTC).Format("Mon 2 January 2006"))
		for _, s := range q.log.told[d] {
			wrapped(&b, "  * "+s+".")
		}
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			if len(q.log.entries[d]) == 0 {
				b.WriteString("  A weekend: nobody got anything.\n")
				continue
			}
		}
		for _, team := range []string{"Kolkata", "Berlin", "New York", ""} {
			q.teamDay(&b, d, team)
		}
	}
	return b.Bytes()
}

// teamDay is what became of a team on a day; "" is about the program.
func (q *quarter) teamDay(b *bytes.Buffer, d crm.Date, team string) {
	zone := q.cfg.Location
	if t := q.team(team); t != nil && t.Calendar != nil && t.Calendar.Location != nil {
		zone = t.Calendar.Location
	}
	var lines, order []string
	silent := map[string][]string{}
	nothing := func(why, whom string) {
		if silent[why] == nil {
			order = append(order, why)
		}
		silent[why] = append(silent[why], whom)
	}
	es := slices.DeleteFunc(slices.Clone(q.log.entries[d]), func(e notice) bool { return e.team != team })
	slices.SortStableFunc(es, func(x, y notice) int { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.name, y.name)) })
	for i := range es {
		e := &es[i]
		what := calledOf[e.digest] + " of " + q.named(e.name)
		if e.state != string(delivery.Sent) {
			nothing(q.plain(e.why), what)
			continue
		}
		if e.to != e.name {
			what += ", which " + q.named(e.to) + " got"
		}
		lines = append(lines, fmt.Sprintf("    %s %s: %s", e.at.In(zone).Format("15:04"), what, e.said()))
	}
	for _, p := range q.log.rows[d] {
		if p.Team != team {
			continue
		}
		each := ofReader.FindAllStringSubmatchIndex(p.Reason, -1)
		for i, m := range each {
			end := len(p.Reason)
			if i+1 < len(each) {
				end = each[i+1][0]
			}
			nothing(q.plain(p.Reason[m[1]:end]), calledOf[p.Digest]+" of "+q.named(p.Reason[m[2]:m[3]]))
		}
		if len(each) == 0 {
			nothing(q.plain(p.Reason), calledOf[p.Digest])
		}
	}
	if len(lines)+len(order) == 0 {
		return
	}
	b.WriteString("  " + cmp.Or(team, "Those who run the program") + "\n")
	for _, l := range lines {
		wrapped(b, l)
	}
	for _, why := range order {
		wrapped(b, "    No "+strings.Join(silent[why], ", no ")+": "+why+".")
	}
}

func (q *quarter) named(address string) string { return cmp.Or(q.names[address], address) }

// plain is a reason for people: with names instead of addresses.
func (q *quarter) plain(why string) string {
	why = regexp.MustCompile(`[a-z]+@acme\.example`).ReplaceAllStringFunc(why, q.named)
	return strings.ReplaceAll(strings.ReplaceAll(why, "nothing to say: ", ""), "(holiday ", "(a holiday of ")
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
