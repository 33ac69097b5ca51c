package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// morning is what the CRMs held and what was found, on one day.
type morning struct {
	date     time.Time
	Date     string `json:"date"`
	Findings []struct {
		Rule        string `json:"rule"`
		Severity    string `json:"severity"`
		Source      string `json:"source"`
		Opportunity struct {
			ID    string `json:"id"`
			Owner string `json:"owner"`
			Team  string `json:"team"`
		} `json:"opportunity"`
	} `json:"findings"`
	Deals []struct {
		ID        string  `json:"id"`
		CRM       string  `json:"crm"`
		Name      string  `json:"name"`
		Owner     string  `json:"owner"`
		Team      string  `json:"team"`
		Amount    float64 `json:"amount"`
		Commit    bool    `json:"commit"`
		CloseDate string  `json:"close_date"`
		Closed    bool    `json:"closed"`
		Twin      bool    `json:"twin"`
		Held      string  `json:"held"`
	} `json:"deals"`
}

// deal is an open deal of a team with what was found about it.
type deal struct {
	key, name, owner string
	hubspot          bool
	amount           float64
	commit           bool
	closes           time.Time
	rules            map[string]string // severity by rule
	left             bool              // its owner has left
	held             time.Time         // until when its owner wants nothing asked; zero is no wish
}

func (d *deal) worst() string {
	for _, s := range []string{"high", "medium", "low"} {
		for _, v := range d.rules {
			if v == s {
				return s
			}
		}
	}
	return ""
}

// soon reports whether the deal is in the commit and closes within seven days of today, or
// should have closed.
func (d *deal) soon(today time.Time) bool {
	return d.commit && !d.closes.IsZero() && !d.closes.After(today.AddDate(0, 0, 7))
}

// paused reports whether nothing is to be asked about the deal today.
func (d *deal) paused(today time.Time) bool { return d.held.After(today) }

func readMorning(dir string) (*morning, error) {
	b, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	if err != nil {
		return nil, err
	}
	m := &morning{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	m.date, err = time.Parse(time.DateOnly, m.Date)
	return m, err
}

// crms are the CRMs by the names that the demo's configuration gives its sources.
var crms = map[string]string{"sales": "salesforce", "partners": "hubspot"}

// deals are the team's open deals, by CRM and id. A deal that is in both CRMs is one: the
// record in HubSpot that the other names.
func (m *morning) deals(team string) map[string]*deal {
	return m.open(func(t, _ string) bool { return t == team })
}

// owned are the open deals with findings of the rep of whose address name is the first part.
func (m *morning) owned(name string) map[string]*deal {
	out := map[string]*deal{}
	for k, d := range m.open(func(_, owner string) bool { first, _, _ := strings.Cut(owner, "@"); return first == name }) {
		if len(d.rules) > 0 {
			out[k] = d
		}
	}
	return out
}

// open are the open deals of a team or an owner, with what was found about them.
func (m *morning) open(whose func(team, owner string) bool) map[string]*deal {
	out := map[string]*deal{}
	for i := range m.Deals {
		r := &m.Deals[i]
		if r.Closed || !whose(r.Team, r.Owner) {
			continue
		}
		d := &deal{key: r.CRM + " " + r.ID, name: r.Name, owner: r.Owner, hubspot: r.CRM == "hubspot", amount: r.Amount, commit: r.Commit, rules: map[string]string{}}
		d.closes, _ = time.Parse(time.DateOnly, r.CloseDate) // a deal without one closes on no day
		d.held, _ = time.Parse(time.DateOnly, r.Held)
		out[d.key] = d
	}
	for _, f := range m.Findings {
		if d := out[crms[f.Source]+" "+f.Opportunity.ID]; d != nil {
			d.rules[f.Rule] = f.Severity
			d.left = d.left || f.Rule == "owner-inactive"
		}
	}
	return out
}
