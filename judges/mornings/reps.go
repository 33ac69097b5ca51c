package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	repNeeds = regexp.MustCompile(`(\d[\d,]*) deals? needs? an update`)
	repMore  = regexp.MustCompile(`(\d[\d,]*) more[^:]*? shown on other days`)
	repDue   = regexp.MustCompile(`(\d[\d,]*) more(?:, [^ ]+,)? (?:is|are) in the commit and close`)
	repBulk  = regexp.MustCompile(`^Number \d+ above: (\d[\d,]*)$`)
)

// judgeReps checks that each rep's list of the day counts the rep's deals with findings, and
// that what it lists and what it leaves for other days are these, the high ones first.
func judgeReps(dir string) (wrong []string, err error) {
	m, err := readMorning(dir)
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]bool{}
	for _, f := range m.Findings {
		name, _, _ := strings.Cut(f.Opportunity.Owner, "@")
		if found[name] == nil {
			found[name] = map[string]bool{}
		}
		found[name][f.Source+" "+f.Opportunity.ID] = true
	}
	lists, err := filepath.Glob(filepath.Join(dir, "rep-daily-*.txt"))
	if err != nil {
		return nil, err
	}
	for _, path := range lists {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "rep-daily-"), ".txt")
		p, err := readPage(path)
		if err != nil {
			return nil, err
		}
		need, more, listed := 0, 0, len(p.items)
		for _, g := range p.groups {
			if m := repBulk.FindStringSubmatch(g.title); m != nil {
				listed += number(m[1]) - 1 // deals of one import share a number
			}
		}
		if m := repNeeds.FindStringSubmatch(p.top); m != nil {
			need = number(m[1])
		}
		if m := repMore.FindStringSubmatch(p.top); m != nil {
			more = number(m[1])
		}
		if m := repDue.FindStringSubmatch(p.top); m != nil {
			more += number(m[1])
		}
		theirs := m.owned(name)
		at := map[*deal]bool{}
		for _, line := range p.items {
			if d := named(theirs, line); d != nil {
				at[d] = true
			}
		}
		wrong = append(wrong, beaten(m.Date+" "+name, theirs, func(d *deal) bool { return at[d] }, p, m.date)...)
		if need != len(found[name]) {
			wrong = append(wrong, fmt.Sprintf("%s %s: the list counts %d that need an update, and %d have findings", m.Date, name, need, len(found[name])))
		}
		if need > 0 && listed+more != need {
			wrong = append(wrong, fmt.Sprintf("%s %s: %d listed and %d more are not %d", m.Date, name, listed, more, need))
		}
	}
	return wrong, nil
}
