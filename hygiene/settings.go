package hygiene

import (
	"fmt"
)

// Where a threshold came from, as findings and explain say it.
const (
	FromDefault    = "default"
	FromSettings   = "configuration"
	FromDefinition = "stage definition"
)

// Param returns the value of a rule's parameter and where the value came from:
// FromDefault or FromSettings. It panics for a rule or parameter that does not exist,
// which is a programmer's mistake.
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

// Runs reports whether the rule is part of the pass and switched on.
func (p *Pass) Runs(rule string) bool {
	i, ok := p.index.rules[rule]
	return ok && !p.Rules[i].Off(p.Settings[rule])
}
