// Package rank says which of two deals a reader has to see first, and why. [Of] is pure
// and adds up points: each part of a place has a name, a bound and a sentence, so a reader
// can check why a deal stands where it stands.
//
// What is given a number today, and on which days again, is the business of package
// digest.
package rank

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Stake is what there is to rank of one deal, or of several that are one line.
type Stake struct {
	Severity hygiene.Severity // of the worst finding
	Commit   bool             // in the commit
	Urgent   bool             // in the commit, and closes within a week or should have closed
	Closes   crm.Date         // zero is unknown
	Worth    float64          // in the currency of Usual
	Priced   bool             // Worth is known; an amount in another currency is not
	Over     float64          // how many times its limit the worst value is; 0 is unknown
	Open     int              // for how many business days the deal has needed an update
	Numbered bool             // a digest gave it a number before
	Idle     int              // business days since then
}

// Usual is what deals are compared with.
type Usual struct {
	Today    crm.Date
	Currency string // in which amounts are compared
	Locale   words.Locale
	Median   float64 // of the team's deals that need an update; 0 is unknown
	First    First
}

// First is the word for what weighs most: attention.first of the configuration.
type First string

// The words. An empty word is Money.
const (
	Money First = "money"
	Dates First = "dates"
	Age   First = "age"
)

// Firsts lists the words.
func Firsts() []First { return []First{Money, Dates, Age} }

// weight is what the parts that can be weighed add at most.
type weight struct{ doubling, date, age int }

func (f First) weight() weight {
	switch f {
	case Dates:
		return weight{doubling: 10, date: 80, age: 10}
	case Age:
		return weight{doubling: 10, date: 20, age: 80}
	}
	return weight{doubling: 25, date: 20, age: 10}
}

// Place is where a deal stands: the more points, the earlier.
type Place struct {
	Points int
	Parts  []Part // that say something, in the order of the documentation
}

// Part is what one consideration adds to a place.
type Part struct {
	Name   string
	Said   string // the value in words
	Points int
}

// Of ranks a stake.
func Of(s *Stake, u *Usual) Place {
	var p Place
	for _, c := range considerations {
		points := c.points(s, u)
		p.Points += points
		if said := c.said(s, u); said != "" {
			p.Parts = append(p.Parts, Part{c.name, said, points})
		}
	}
	return p
}

// Points is Of without the words, for sorting.
func Points(s *Stake, u *Usual) int {
	sum := 0
	for _, c := range considerations {
		sum += c.points(s, u)
	}
	return sum
}

// String is the sentence that explains the place.
func (p Place) String() string {
	var said []string
	for _, part := range p.Parts {
		said = append(said, part.Said)
	}
	return strings.Join(said, "; ")
}

// Sum shows how the points come about: "severity 200 + commit 60 = 260".
func (p Place) Sum() string {
	var b strings.Builder
	for _, part := range p.Parts {
		switch {
		case part.Points == 0:
		case b.Len() == 0:
			fmt.Fprintf(&b, "%s %d", part.Name, part.Points)
		case part.Points < 0:
			fmt.Fprintf(&b, " - %s %d", part.Name, -part.Points)
		default:
			fmt.Fprintf(&b, " + %s %d", part.Name, part.Points)
		}
	}
	return fmt.Sprintf("%s = %d", &b, p.Points)
}

// Median is the middle of the amounts, 0 for none.
func Median(amounts []float64) float64 {
	if len(amounts) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(amounts))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// consideration is one part of every place. Its documentation is printed in
// docs/digests.md.
type consideration struct {
	name   string
	doc    string
	points func(*Stake, *Usual) int
	said   func(*Stake, *Usual) string
}

const (
	severityStep = 100 // from one severity to the next
	commitPoints = 60
	urgentPoints = 600 // more than everything else together, so these are first
	doublings    = 5   // in which money is bounded: 1/32 to 32 times the median
	overPoints   = 20
	overMost     = 4.0
	ageDays      = 20 // business days
	idlePoints   = 15
	idleDays     = 5 // business days
)

var considerations = []consideration{
	{
		"severity", "100 for each step of the severity of the worst finding: low 0, medium 100, high 200.",
		func(s *Stake, _ *Usual) int { return severityStep * max(int(s.Severity)-int(hygiene.Low), 0) },
		func(s *Stake, _ *Usual) string { return s.Severity.String() },
	},
	{
		"commit", "60 for a deal in the commit; 600 where the deal closes within seven days or should have closed, so that these deals stand first.",
		func(s *Stake, _ *Usual) int {
			switch {
			case s.Urgent:
				return urgentPoints
			case s.Commit:
				return commitPoints
			}
			return 0
		},
		func(s *Stake, _ *Usual) string {
			if s.Commit || s.Urgent {
				return "in the commit"
			}
			return ""
		},
	},
	{
		"time", "How near the close date is: all within seven days, three quarters within 14, half within 30, a quarter within 90. A date that has passed counts in full for 30 days and in the commit, half up to 90, then a quarter.",
		func(s *Stake, u *Usual) int { return u.First.weight().date * quarters(s, u) / 4 },
		closes,
	},
	{
		"money", "The amount against the team's own median, the middle of its deals with findings: so much for each doubling and less for each halving, from a 32nd to 32 times. Nothing for a deal without an amount, for an amount that is not readable, and for one in a currency that cannot be compared.",
		func(s *Stake, u *Usual) int {
			if !compared(s, u) {
				return 0
			}
			times := doublings * -1.0
			if s.Worth > 0 {
				times = min(max(math.Log2(s.Worth/u.Median), -doublings), doublings)
			}
			return int(math.Round(times * float64(u.First.weight().doubling)))
		},
		func(s *Stake, u *Usual) string {
			if !compared(s, u) {
				return ""
			}
			return u.Locale.Money(s.Worth, u.Currency) + ", " + ratio(s.Worth/u.Median) + " the team's median"
		},
	},
	{
		"over", "How far the worst value is over its limit: 10 at twice the limit, 20 at four times and beyond.",
		func(s *Stake, _ *Usual) int {
			if s.Over <= 1 || math.IsNaN(s.Over) {
				return 0
			}
			return int(math.Round(overPoints * math.Log2(min(s.Over, overMost)) / math.Log2(overMost)))
		},
		func(s *Stake, _ *Usual) string {
			switch {
			case s.Over > overMost:
				return fmt.Sprintf("more than %v × its limit", overMost)
			case s.Over > 1:
				return ratio(s.Over) + " its limit"
			}
			return ""
		},
	},
	{
		"age", "For how long the deal has needed an update: all from 20 business days on, less before.",
		func(s *Stake, u *Usual) int { return u.First.weight().age * min(max(s.Open, 0), ageDays) / ageDays },
		func(s *Stake, _ *Usual) string {
			if s.Open <= 0 {
				return ""
			}
			return "on day " + words.Number(s.Open+1)
		},
	},
	{
		"unseen", "15 for a deal that never had a number, or not in the last five business days; 3 for each business day since its last number before that.",
		func(s *Stake, _ *Usual) int {
			if !s.Numbered {
				return idlePoints
			}
			return idlePoints * min(max(s.Idle, 0), idleDays) / idleDays
		},
		func(s *Stake, _ *Usual) string {
			switch {
			case !s.Numbered:
				return "never numbered before"
			case s.Idle > 0:
				return "last numbered " + words.Count(s.Idle, "business day", "business days") + " ago"
			}
			return ""
		},
	},
}

// quarters says how near the close date is, in quarters of the whole.
func quarters(s *Stake, u *Usual) int {
	switch left := int(s.Closes - u.Today); {
	case s.Urgent:
		return 4
	case s.Closes.IsZero(), left > 90:
		return 0
	case left > 30:
		return 1
	case left > 14:
		return 2
	case left > 7:
		return 3
	case left >= -30:
		return 4
	case left >= -90:
		return 2
	}
	return 1
}

func closes(s *Stake, u *Usual) string {
	if s.Closes.IsZero() {
		return ""
	}
	switch left := int(s.Closes - u.Today); {
	case left < 0:
		return "should have closed on " + words.Day(s.Closes, u.Today)
	case left == 0:
		return "closes today"
	default:
		return "closes in " + words.Count(left, "day", "days")
	}
}

// compared reports whether the worth can be compared with the median.
func compared(s *Stake, u *Usual) bool {
	return s.Priced && u.Median > 0 && !math.IsNaN(s.Worth) && !math.IsInf(s.Worth, 0)
}

// ratio writes "3.2 ×", "12 ×".
func ratio(times float64) string {
	switch {
	case times >= 9.95:
		return words.Number(int(math.Round(min(times, 1e6)))) + " ×"
	case times < 0.1:
		return "less than 0.1 ×"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", times), ".0") + " ×"
}

// Documented is a part of every place and what it means, as docs/digests.md prints it.
type Documented struct{ Name, Doc string }

// Parts documents the parts, in the order in which a place names them.
func Parts() (out []Documented) {
	for _, c := range considerations {
		out = append(out, Documented{c.name, c.doc})
	}
	return out
}
