package main

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// fromBefore heads the lists of deals from before the start, which are counted apart and have
// a share of the numbers of their own.
var fromBefore = regexp.MustCompile(`(?i)from before the start`)

// beaten checks that no deal of medium severity has a number on the page while a high one of
// the same reader waits. The exceptions are those that docs/digests.md names: the medium one is
// in the commit, its owner has left, or it came with an import, which has a number on the day it
// came; or the high one is from before the start.
func beaten(who string, needs map[string]*deal, listed func(*deal) bool, p *page, today time.Time) (wrong []string) {
	apart := func(d *deal) bool {
		return slices.ContainsFunc(p.groups, func(g group) bool {
			return fromBefore.MatchString(g.title) && slices.ContainsFunc(g.lines, func(l string) bool { return named(needs, l) == d })
		})
	}
	bulk := func(d *deal) bool {
		return slices.ContainsFunc(p.groups, func(g group) bool {
			return sharedNumber.MatchString(g.title) && slices.ContainsFunc(g.lines, func(l string) bool { return named(needs, l) == d })
		})
	}
	var waits *deal
	for _, d := range needs {
		if d.worst() == "high" && !listed(d) && !d.soon(today) && !apart(d) && (waits == nil || d.amount > waits.amount) {
			waits = d
		}
	}
	if waits == nil {
		return nil
	}
	for _, d := range needs {
		if listed(d) && d.worst() != "high" && !d.commit && !d.left && !bulk(d) {
			wrong = append(wrong, fmt.Sprintf("%s: %s has a number and is not high, and %s ($%.0fk), which is, waits", who, d.name, waits.name, waits.amount/1000))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// sharedNumber ends the title of a list of deals that have one number.
var sharedNumber = regexp.MustCompile(`(?i)number \d+ above`)
