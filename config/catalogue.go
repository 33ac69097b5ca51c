package config

import (
	"slices"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
)

// catalogued finds a rule by its ID.
func catalogued(id string) (*hygiene.Rule, bool) {
	all := rules.All()
	i := slices.IndexFunc(all, func(r hygiene.Rule) bool { return r.ID == id })
	if i < 0 {
		return nil, false
	}
	return &all[i], true
}

func ruleIDs() []string {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	return ids
}
