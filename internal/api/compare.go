package api

import "time"

// CompareRequest asks what a configuration file says that the CRMs do not have, or, with
// Effect, what it would do to the findings. File is an absolute path.
type CompareRequest struct {
	File   string `json:"file"`
	Effect bool   `json:"effect,omitempty"`
}

// Comparison is the answer.
type Comparison struct {
	Mistakes []string `json:"mistakes"`
	Pending  []string `json:"pending"` // what cannot be told before the next sync
	// Effects are by source, only of those where it can be told; the reasons of others are
	// pending.
	Effects []Effect `json:"effects,omitempty"`
}

// Effect is what a file would do to the findings of a source, by the data in the cache.
type Effect struct {
	Source  string       `json:"source"`
	AsOf    *time.Time   `json:"as_of"`   // of the data
	Deals   int          `json:"deals"`   // open deals that are judged
	Flagged Step         `json:"flagged"` // of these, those with a finding
	Rules   []RuleEffect `json:"rules"`   // whose findings differ, the largest difference first
	Teams   []TeamEffect `json:"teams"`   // whose numbers differ, by name
}

// Step is a number by the last evaluation, and by the file.
type Step struct {
	Before int `json:"before"`
	After  int `json:"after"`
}

// RuleEffect is what becomes of the findings of one rule.
type RuleEffect struct {
	Rule     string `json:"rule"`
	Off      bool   `json:"off,omitempty"` // the file switches the rule off
	Findings Step   `json:"findings"`
	High     Step   `json:"high"` // of the findings
}

// TeamEffect is what becomes of the numbers of one team, as its digests count them.
type TeamEffect struct {
	Team       string `json:"team"` // "" is the deals of nobody's team, which no digest lists
	Deals      Step   `json:"deals"`
	NeedUpdate Step   `json:"need_update"` // of the deals
	Commit     Step   `json:"commit"`      // deals of the commit
}
