package api

import (
	"slices"
	"time"
)

// CheckRequest evaluates the cache; empty fields do not filter, and all that are set hold at
// once.
type CheckRequest struct {
	Team     string `json:"team"`
	Owner    string `json:"owner"`    // email
	Rule     string `json:"rule"`     // id
	Severity string `json:"severity"` // or above
	Deal     string `json:"deal"`     // id, or address in the CRM
	// Limit is how many findings are listed at most, those of the gravest deals; 0 is all.
	// Summed up are all of them.
	Limit int `json:"limit"`
	// Unlisted asks for the sums alone.
	Unlisted bool `json:"unlisted"`
}

// Check is what `check -o json` prints.
type Check struct {
	GeneratedAt time.Time     `json:"generated_at"`
	Sources     []CheckSource `json:"sources"`
	// Summary sums up all findings that were asked for, also those that are not listed.
	Summary CheckSummary `json:"summary"`
	// Findings are deal by deal: the deals with the gravest findings first, then those with
	// the largest amounts.
	Findings []CheckFinding `json:"findings"`
	// Truncated says that the limit has cut the list, and More how many findings are not in it.
	Truncated bool `json:"truncated,omitempty"`
	More      int  `json:"more,omitempty"`
}

// CheckSummary sums up findings, by team and by rule.
type CheckSummary struct {
	CheckSum
	Teams []CheckTeam `json:"teams"` // by name; those in no team last, under ""
}

// CheckTeam sums up the findings on the deals of a team.
type CheckTeam struct {
	Team string `json:"team"`
	CheckSum
	Rules []CheckRule `json:"rules"` // most findings first
}

// CheckRule sums up the findings of a rule.
type CheckRule struct {
	Rule string `json:"rule"`
	CheckSum
}

// CheckSum counts findings, and the deals that they are on.
type CheckSum struct {
	Findings   int            `json:"findings"`
	Deals      int            `json:"deals"`
	Severities map[string]int `json:"severities"` // findings, by severity
	// Quiet are, of Severities, those that are folded or held back.
	Quiet map[string]int `json:"quiet,omitempty"`
	// Amounts sums up the deals by currency, of which none is converted. Unsummed are the
	// deals in no sum: their amount, or its currency, is not known.
	Amounts  map[string]float64 `json:"amounts"`
	Unsummed int                `json:"unsummed,omitempty"`
}

// CheckSource says how far the data of one source can be trusted.
type CheckSource struct {
	Name     string     `json:"name"`
	Type     string     `json:"type"`
	AsOf     *time.Time `json:"as_of"`
	Complete bool       `json:"complete"`
	Withheld string     `json:"withheld,omitempty"`
	// HeldBack says that a sync alone does not bring the findings back: the login
	// needs its permissions again first.
	HeldBack bool `json:"held_back,omitempty"`
	Skipped  int  `json:"skipped,omitempty"` // open deals in skipped pipelines, which are not judged
	Paused   int  `json:"paused,omitempty"`  // open deals that are parked, which are not counted
}

// CheckFinding is one finding.
type CheckFinding struct {
	Key           string           `json:"key"`
	Rule          string           `json:"rule"`
	Severity      string           `json:"severity"`
	State         string           `json:"state"` // new, open, back
	Since         time.Time        `json:"since"`
	Source        string           `json:"source"`
	Opportunity   CheckOpportunity `json:"opportunity"`
	Message       string           `json:"message"`
	Value         string           `json:"value"`
	Threshold     string           `json:"threshold"`
	ThresholdFrom string           `json:"threshold_from"`
	Fix           string           `json:"fix"`
	// Folded says that digests tell the finding in one line only: "41 of 56 open deals (73 %)".
	Folded string `json:"folded,omitempty"`
	// Held says the same of a rule that failed suddenly on many deals: digests do not tell the
	// finding until somebody has looked.
	Held string `json:"held,omitempty"`
	// OwnerOnly says that nobody but the deal's owner is told of the finding yet (rep_first, events, people),
	// and OwnerUntil until when; it is nil while the owner's list is on its way.
	OwnerOnly  bool       `json:"owner_only,omitempty"`
	OwnerUntil *time.Time `json:"owner_until,omitempty"`
}

// CheckOpportunity is the deal of a finding.
type CheckOpportunity struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	URL       string   `json:"url"`
	Owner     string   `json:"owner"` // email, else name, else id
	Team      string   `json:"team"`
	Stage     string   `json:"stage"` // label
	Amount    *float64 `json:"amount"`
	Currency  string   `json:"currency"`
	CloseDate string   `json:"close_date"`
	// Unclear names the fields, of amount, close_date, stage, owner and others, that the CRM
	// has and that could not be read: they are empty here, and are not empty there.
	Unclear []string `json:"unclear,omitempty"`
}

// IsUnclear reports whether the field could not be read.
func (o *CheckOpportunity) IsUnclear(field string) bool { return slices.Contains(o.Unclear, field) }

// Explanation is what every rule says of one deal.
type Explanation struct {
	GeneratedAt time.Time        `json:"generated_at"`
	Source      CheckSource      `json:"source"`
	Opportunity CheckOpportunity `json:"opportunity"`
	Closed      string           `json:"closed,omitempty"` // "won", "lost"
	Outcomes    map[string]int   `json:"outcomes"`         // how many rules have each, also those that are not listed
	Rules       []RuleVerdict    `json:"rules"`            // what fails first, what does not run last
	// Truncated says that the limit has cut the list, and More how many rules are not in it.
	Truncated bool   `json:"truncated,omitempty"`
	More      int    `json:"more,omitempty"`
	Parks     []Park `json:"parks,omitempty"` // that hold
	// Refused says why what the CRM asks for does not park the deal.
	Refused string `json:"park_refused,omitempty"`
	// Place is where the deal stands in the digest of its team's manager; nil where that
	// digest has nothing to ask of the deal.
	Place *DealPlace `json:"place,omitempty"`
}

// DealPlace is a place in one reader's digest.
type DealPlace struct {
	Digest    string `json:"digest"`
	Recipient string `json:"recipient"`
	Team      string `json:"team"`
	Place
}

// Outcomes are the words for outcomes, in the order in which people ask for them.
var Outcomes = []string{"fail", "paused", "unknown", "exempt", "pass", "off"}

// RuleVerdict is what one rule says of one deal.
type RuleVerdict struct {
	Rule          string `json:"rule"`
	Title         string `json:"title"`
	Outcome       string `json:"outcome"` // one of Outcomes
	Severity      string `json:"severity,omitempty"`
	Reason        string `json:"reason"`
	Value         string `json:"value,omitempty"`
	Without       string `json:"without,omitempty"` // the days off that the value does not count: "26 Nov, holiday us"
	Threshold     string `json:"threshold,omitempty"`
	ThresholdFrom string `json:"threshold_from,omitempty"`
	Fix           string `json:"fix,omitempty"`
	Folded        string `json:"folded,omitempty"` // see CheckFinding
	Held          string `json:"held,omitempty"`   // see CheckFinding
	// OwnerOnly and OwnerUntil: see CheckFinding.
	OwnerOnly  bool       `json:"owner_only,omitempty"`
	OwnerUntil *time.Time `json:"owner_until,omitempty"`
}
