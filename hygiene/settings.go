package hygiene

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Where a threshold came from, as findings and explain say it.
const (
	FromDefault    = "default"
	FromSettings   = "configuration"
	FromDefinition = "stage definition"
)

// Param returns the value of a rule's parameter and where it came from:
// FromDefault or FromSettings. A rule or parameter that does not exist is a
// programmer's mistake and panics.
func (p *Pass) Param(rule, name string) (value float64, from string) {
	if v, ok := p.Settings[rule].Params[name]; ok {
		return v, FromSettings
	}
	if i, ok := p.index.rules[rule]; ok {
		for j := range p.Rules[i].Params {
			if p.Rules[i].Params[j].Name == name {
				return p.Rules[i].Params[j].Default, FromDefault
			}
		}
	}
	panic(fmt.Sprintf("hygiene: rule %q has no parameter %q", rule, name))
}

// CheckSettings returns what is wrong with the operator's settings for r:
// parameters it does not have, values outside their range. Each error names the
// parameter and says what to write instead.
func (r Rule) CheckSettings(s Settings) []error {
	var errs []error
	names := make([]string, 0, len(s.Params))
	for name := range s.Params {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		i := slices.IndexFunc(r.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			errs = append(errs, r.unknown(name))
			continue
		}
		if err := r.Params[i].check(s.Params[name]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", r.ID, name, err))
		}
	}
	if s.Severity > High {
		errs = append(errs, fmt.Errorf("%s: severity %d: want %s", r.ID, s.Severity, strings.Join(severityNames[1:], ", ")))
	}
	return errs
}

func (p *Param) check(v float64) error {
	switch {
	case math.IsNaN(v) || v < p.Min || v > p.Max:
		return fmt.Errorf("%v is out of range: want %v to %v%s", v, p.Min, p.Max, unit(p.Unit))
	case v != math.Trunc(v) && (p.Unit != "" || p.Default == math.Trunc(p.Default)):
		return fmt.Errorf("%v is not a whole number: want %v to %v%s", v, p.Min, p.Max, unit(p.Unit))
	}
	return nil
}

func unit(u string) string {
	if u == "" {
		return ""
	}
	return " " + u
}

func (r Rule) unknown(name string) error {
	if len(r.Params) == 0 {
		return fmt.Errorf("%s has no parameter %q, and no other: remove it", r.ID, name)
	}
	known := make([]string, len(r.Params))
	nearest, best := "", len(name)/2+1
	for i, p := range r.Params {
		known[i] = p.Name
		if n := distance(name, p.Name); n < best || (n == best && nearest == "") {
			nearest, best = p.Name, n
		}
	}
	if nearest != "" {
		return fmt.Errorf("%s has no parameter %q: did you mean %q?", r.ID, name, nearest)
	}
	return fmt.Errorf("%s has no parameter %q: it has %s", r.ID, name, strings.Join(known, ", "))
}

// distance is the number of letters to insert, drop or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = min(before, row[j], row[j+1]) + 1
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// Runs reports whether the rule is part of the pass and switched on.
func (p *Pass) Runs(rule string) bool {
	_, ok := p.index.rules[rule]
	return ok && !p.Settings[rule].Off
}
