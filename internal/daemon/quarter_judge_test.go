package daemon_test

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
)

// numberedLine is a line of a list that asks for something.
var numberedLine = regexp.MustCompile(`^ ?\d+\. (.*)`)

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
				q.t.Errorf("%s: %s was sent, and the mail server has no such mail", d, key)
			}
			q.judgeTime(d, e, team)
			if why := offDay(almanac, team, e, d); why != "" {
				q.t.Errorf("%s: %s was sent although %s", d, key, why)
			}
			q.judgeStory(d, e)
		}
	}
	q.judgeDays()
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

// offDay says why a reader is to be left alone on a day.
func offDay(a *hygiene.Almanac, team *hygiene.Team, e *notice, d crm.Date) string {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return "it is a weekend"
	}
	if d >= crm.NewDate(2026, 12, 24) && d <= crm.NewDate(2027, 1, 2) {
		return "nothing is sent from 24 Dec to 2 Jan"
	}
	holidays := map[string][]crm.Date{
		"New York": {crm.NewDate(2026, 11, 26), crm.NewDate(2026, 11, 11)},
		"Berlin":   {crm.NewDate(2026, 12, 25)},
		"Kolkata":  {crm.NewDate(2026, 10, 2), crm.NewDate(2026, 10, 20), crm.NewDate(2026, 11, 9)},
	}
	if slices.Contains(holidays[team.Name], d) {
		return "it is a holiday of " + team.Name
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
	last := q.log.days[len(q.log.days)-1]
	if last >= wakeDay {
		kim := q.log.of(wakeDay, "rep-daily", "kim") + q.log.of(wakeDay, "manager-daily", "tom")
		if s.parked == "" || strings.Count(kim, "Woke up today: parked 12 days for “budget in November”.") != 2 {
			q.t.Errorf("%s: %s woke up, and Kim and Tom were sent: %s", wakeDay, s.parked, kim)
		}
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
		if e.state != string(delivery.Sent) || e.digest == "escalations" {
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
