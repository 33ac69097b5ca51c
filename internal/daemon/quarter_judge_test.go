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
