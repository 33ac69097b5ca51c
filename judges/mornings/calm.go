package main

import (
	"slices"
	"strings"
	"time"
)

// calm checks what the page says about the deals whose owners want nothing asked until a day:
// it counts each, asks about none, and says of one that woke up today why it was quiet.
func (c *court) calm(deals map[string]*deal, today time.Time, p *page) {
	paused := map[string]*deal{}
	c.paused = 0
	for k, d := range deals {
		if d.paused(today) {
			paused[k] = d
			if c.asked[k] {
				c.paused++
			}
		}
	}
	n, _ := p.find(`(\d[\d,]*) paused, not counted`)
	if n = max(n, 0); n != len(paused) {
		c.fault("%d deals are to be quiet, and the page counts %d paused", len(paused), n)
	}
	lines := p.lines()
	for _, line := range lines {
		if d := named(paused, line); d != nil {
			c.fault("%s is to be quiet until %s, and the page asks about it", d.name, d.held.Format(time.DateOnly))
		}
	}
	for _, d := range paused {
		if d.commit && !strings.Contains(p.top, d.name+" is paused to ") {
			c.fault("%s is in the commit and paused, and the page does not say so", d.name)
		}
	}
	for k, d := range deals {
		woken := func(line string) bool {
			return named(map[string]*deal{k: d}, line) != nil && strings.Contains(line, "Woke up today: parked ")
		}
		if d.held.Equal(today) && len(d.rules) > 0 && !slices.ContainsFunc(lines, woken) {
			c.fault("%s wakes up today, and the page does not say so", d.name)
		}
	}
}

// lines are those that ask about a deal each: with a number, and below the line of dashes.
func (p *page) lines() []string {
	lines := slices.Clone(p.items)
	for _, g := range p.groups {
		lines = append(lines, g.lines...)
	}
	return lines
}
