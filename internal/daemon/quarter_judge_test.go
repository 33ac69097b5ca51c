package daemon_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
)

// numberedLine is a line of a list that asks for something, in a mail and in Slack; ◦ marks
// what only the owner is told yet.
var numberedLine = regexp.MustCompile(`^ ?\d+\.? (?:◦ )?([A-Z0-9].*)`)

// asks are the numbered lines of a message.
func (e *notice) asks() (out []string) {
	in := false
	for _, l := range e.lines {
		switch m := numberedLine.FindStringSubmatch(l); {
		case m != nil:
			out, in = append(out, m[1]), true
		case in && strings.HasPrefix(l, "   "):
			out[len(out)-1] += " " + strings.TrimSpace(l)
		default:
			in = false
		}
	}
	return out
}

// judge holds what was sent against what has to be true of every quarter.
func (q *quarter) judge() {
	q.t.Helper()
	almanac := q.cfg.Almanac.Read()
	sent := 0
	for _, d := range q.log.days {
		got := map[string]bool{}
		for i := range q.log.entries[d] {
			e := &q.log.entries[d][i]
			if e.state != string(delivery.Sent) {
				if e.state != string(delivery.Skipped) {
					q.t.Errorf("%s %s to %s: %s: %s", d, e.digest, e.name, e.state, e.why)
				}
				continue
			}
			team := q.team(e.team)
			if team == nil {
				continue // to ops, about the program
			}
			sent++
			key := e.digest + " " + e.team + " of " + e.name + " to " + e.to
			if got[key] {
				q.t.Errorf("%s: %s twice", d, key)
			}
			got[key] = true
			if e.text == "" {
				q.t.Errorf("%s: %s was sent, and mail server and Slack have no such message", d, key)
			}
			q.judgeTime(d, e, team)
			if why := q.offDay(almanac, team, e, d); why != "" {
				q.t.Errorf("%s: %s was sent although %s", d, key, why)
			}
			q.judgeStory(d, e)
			q.judgeAlone(d, e)
		}
		q.judgeWork(d)
	}
	q.judgeDays()
	for _, f := range q.failed { // what the faulty integration did is doubted for a while
		if !strings.HasPrefix(f, emptyDay.String()) || !strings.Contains(f, "amount came empty for") {
			q.t.Errorf("a sync failed: %s", f)
		}
	}
	if sent < 50 {
		q.t.Errorf("%d messages were sent in all", sent)
	}
}

func (q *quarter) team(name string) *hygiene.Team {
	for i := range q.cfg.Teams.List {
		if t := &q.cfg.Teams.List[i]; t.Name == name {
			return t
		}
	}
	return nil
}

// judgeTime: each message leaves between 08:15 and 08:45 on the clock of its team.
func (q *quarter) judgeTime(d crm.Date, e *notice, team *hygiene.Team) {
	q.t.Helper()
	zone := q.cfg.Location
	if team.Calendar != nil && team.Calendar.Location != nil {
		zone = team.Calendar.Location
	}
	at := e.at.In(zone)
	if hm := at.Format("15:04"); hm < "08:15" || hm > "08:45" || crm.DateOf(at, zone) != d {
		q.t.Errorf("%s: %s to %s left at %s", d, e.digest, e.name, at)
	}
}

// handHolidays reads the holidays of the teams that were written down by hand.
func handHolidays(t testing.TB) map[string]map[crm.Date]string {
	t.Helper()
	data, err := os.ReadFile("testdata/quarter/holidays.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[crm.Date]string{}
	line := regexp.MustCompile(`(?m)^([A-Z][A-Za-z ]*?) +(\d{4}-\d\d-\d\d) +(.+)$`)
	for _, m := range line.FindAllStringSubmatch(string(data), -1) {
		d, err := crm.ParseDate(m[2])
		if err != nil {
			t.Fatal(err)
		}
		if out[m[1]] == nil {
			out[m[1]] = map[crm.Date]string{}
		}
		out[m[1]][d] = m[3]
	}
	if len(out) != 3 {
		t.Fatalf("holidays of %d teams are written down", len(out))
	}
	return out
}

// offWhy says why nobody of a team works on a day.
func (q *quarter) offWhy(team string, d crm.Date) string {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return "it is a weekend"
	}
	if d >= crm.NewDate(2026, 12, 24) && d <= crm.NewDate(2027, 1, 2) {
		return "nothing is sent from 24 Dec to 2 Jan"
	}
	if why := q.off[team][d]; why != "" {
		return "it is " + why
	}
	return ""
}

// judgeWork: a day off is none but those that are written down.
func (q *quarter) judgeWork(d crm.Date) {
	q.t.Helper()
	for team := range q.off {
		works := slices.ContainsFunc(q.log.entries[d], func(e notice) bool { return e.team == team && e.digest == "manager-daily" })
		if why := q.offWhy(team, d); works != (why == "") {
			q.t.Errorf("%s: %s has a day of work: %v; by the list: %q", d, team, works, why)
		}
	}
}

// judgeAlone: what began in the days of grace is in no message to a manager.
func (q *quarter) judgeAlone(d crm.Date, e *notice) {
	q.t.Helper()
	if e.digest == "rep-daily" || e.to == "revops@acme.example" {
		return
	}
	if strings.Contains(e.text, "no longer checked") {
		q.t.Errorf("%s: %s reads that a deal is no longer checked, and no setting was changed: %s", d, e.name, e.text)
	}
	for _, line := range e.asks() {
		for name := range q.story.alone[d] {
			if strings.HasPrefix(line, name+" ") || strings.HasPrefix(line, name+",") {
				q.t.Errorf("%s: %s reads of what only the owner is told in the days of grace: %s", d, e.name, line)
			}
		}
	}
}

// judgeBrake: what the brake holds is asked of nobody until it is released, but for the
// commit; afterwards it is new once to each reader.
func (q *quarter) judgeBrake() {
	q.t.Helper()
	released, held, over, told := 0, 0, 0, map[string]int{}
	for d := emptyDay; d <= emptyDay+14; d++ {
		for i := range q.log.entries[d] {
			e := &q.log.entries[d][i]
			if e.team == "" {
				begun, ended, _ := strings.Cut(e.text, "OVER")
				if e.digest == "ops-bulletin" && strings.Contains(begun, "(amount-missing)") {
					held++
				}
				if e.digest == "ops-bulletin" && strings.Contains(ended, "(amount-missing)") {
					over++
				}
				continue
			}
			for _, line := range e.asks() {
				name := ""
				for n := range q.story.emptied {
					if strings.HasPrefix(line, n+" ") || strings.HasPrefix(line, n+",") {
						name = n
					}
				}
				if name == "" || !strings.Contains(line, "without an amount") {
					continue
				}
				if d <= releaseDay && !strings.Contains(line, ", Commit") {
					q.t.Errorf("%s: %s is asked about what is held: %s", d, e.name, line)
				}
				if d > releaseDay {
					released++
				}
				if strings.Contains(line, " New.") {
					told[e.digest+" to "+e.name+": "+name]++
				}
			}
		}
	}
	if held != 1 || over != 1 {
		q.t.Errorf("ops were told %d times that amount-missing is held, and %d times that it is over", held, over)
	}
	if released == 0 {
		q.t.Error("after the release nobody was asked for an amount")
	}
	for what, n := range told {
		if n > 1 {
			q.t.Errorf("%s was new %d times", what, n)
		}
	}
}

// offDay says why a reader is to be left alone on a day.
func (q *quarter) offDay(a *hygiene.Almanac, team *hygiene.Team, e *notice, d crm.Date) string {
	if why := q.offWhy(team.Name, d); why != "" {
		return why
	}
	for _, x := range a.Absences {
		if x.Person == e.to && d >= x.From && d <= x.To {
			return "the reader is away"
		}
	}
	if team.Name == "Kolkata" && d < crm.NewDate(2026, 10, 12) && e.to != "revops@acme.example" {
		return "the team is not live"
	}
	return ""
}

// judgeStory holds a message against what happened once.
func (q *quarter) judgeStory(d crm.Date, e *notice) {
	q.t.Helper()
	s := q.story
	for _, line := range e.asks() {
		if s.parked != "" && d > s.since && d < s.until && strings.HasPrefix(line, s.parked) {
			q.t.Errorf("%s: %s is asked about a deal that is parked: %s", d, e.name, line)
		}
		for name, on := range s.closed {
			if d > on || d == on && e.digest != "rep-daily" {
				if strings.HasPrefix(line, name+" ") || strings.HasPrefix(line, name+",") {
					q.t.Errorf("%s: %s is asked about a deal that was closed on %s: %s", d, e.name, on, line)
				}
			}
		}
	}
}

// of are the messages of a kind that one reader was sent on a day, as one text.
func (c *chronicle) of(d crm.Date, digest, to string) string {
	var out []string
	for i := range c.entries[d] {
		if e := &c.entries[d][i]; e.digest == digest && e.to == to+"@acme.example" {
			out = append(out, e.text)
		}
	}
	return strings.Join(out, " ")
}

// judgeDays holds certain days against what had to be said on them.
func (q *quarter) judgeDays() {
	q.t.Helper()
	s := q.story
	for d, names := range s.urgent {
		if d == thawDay {
			continue
		}
		if ben := q.log.of(d, "rep-daily", "ben"); d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
			for name := range names {
				if !strings.Contains(ben, "For Cleo, away to Fri 23 Oct") || !strings.Contains(ben, name) {
					q.t.Errorf("%s: Ben's list has no %s, which cannot wait: %s", d, name, ben)
				}
			}
		}
	}
	fresh := map[string]int{}
	for d := awayFrom; d <= awayTo; d++ {
		for i := range q.log.entries[d] {
			for _, l := range q.log.entries[d][i].lines {
				if name, _, ok := strings.Cut(l, " $"); ok && strings.HasPrefix(l, "• ") && strings.Contains(l, " New.") && q.log.entries[d][i].to == "ben@acme.example" {
					fresh[name]++
				}
			}
		}
	}
	for name, n := range fresh {
		if n > 1 {
			q.t.Errorf("%s was new to Ben on %d days", name, n)
		}
	}
	last := q.log.days[len(q.log.days)-1]
	if last >= wakeDay {
		both := q.log.of(wakeDay, "rep-daily", "finn") + q.log.of(wakeDay, "manager-daily", "priya")
		if s.parked == "" || strings.Count(both, "Woke up today: parked 12 days for “budget in November”.") != 2 {
			q.t.Errorf("%s: %s woke up, and Finn and Priya were sent: %s", wakeDay, s.parked, both)
		}
	}
	if last >= releaseDay+10 {
		q.judgeBrake()
	}
	if last >= thawDay {
		q.judgeImport()
		q.judgeThaw()
	}
}

// judgeImport: the 120 deals are one line for whoever reads of all of them.
func (q *quarter) judgeImport() {
	q.t.Helper()
	told := 0
	for d := importDay; d <= importDay+8; d++ {
		for i := range q.log.entries[d] {
			e := &q.log.entries[d][i]
			lines := slices.DeleteFunc(e.asks(), func(l string) bool {
				return !strings.HasPrefix(l, "List ") && !strings.Contains(l, "created on 10 Nov")
			})
			if len(lines) > 1 {
				q.t.Errorf("%s: %s reads of the import in %d lines: %q", d, e.name, len(lines), lines)
			}
			if len(lines) == 1 && strings.HasPrefix(lines[0], "120 deals") {
				told++
			}
		}
	}
	if told < 4 {
		q.t.Errorf("the import was told %d times", told)
	}
}

// judgeThaw: the first day after the freeze asks for nothing that can wait.
func (q *quarter) judgeThaw() {
	q.t.Helper()
	for i := range q.log.entries[thawDay] {
		e := &q.log.entries[thawDay][i]
		if e.state != string(delivery.Sent) || e.digest == "escalations" || e.team == "" {
			continue
		}
		if !strings.Contains(e.text, "First digest since") {
			q.t.Errorf("%s: %s is not told that this is the first digest after the freeze: %s", thawDay, e.name, e.text)
		}
		for _, line := range e.asks() {
			if !q.story.names(thawDay, line) {
				q.t.Errorf("%s: %s is asked about what can wait: %s", thawDay, e.name, line)
			}
		}
	}
	for i := range q.log.entries[thawDay+1] {
		if e := &q.log.entries[thawDay+1][i]; strings.Contains(e.text, "high only") {
			q.t.Errorf("%s: %s is told a second time that only what is high is asked for", thawDay+1, e.name)
		}
	}
}

// names reports whether a line is about what cannot wait.
func (s *story) names(d crm.Date, line string) bool {
	for name := range s.urgent[d] {
		if strings.HasPrefix(line, name) {
			return true
		}
	}
	return strings.Contains(line, "deactivated")
}
