package hygiene

import (
	"cmp"
	"slices"
)

// Rate is how many open deals of one pipeline break a rule, at one evaluation.
type Rate struct {
	Pipeline string // native id, "" where the CRM has none
	Rule     string
	// Judged are the deals on which the rule passed or failed. Where the rule failed and
	// the finding waits for another one of the deal (see Inhibited), the deal is judged and
	// counts as failed: what is missing on it is missing, and the rate must not move when
	// somebody switches the other rule off.
	Judged  int
	Failed  int // of Judged
	Young   int // of Failed, those that a new deal or the calendar explains, see Jump
	Unknown int // deals that the rule could not judge, in no other number
}

// Share is the part of the judged deals on which the rule failed; 0 where none was judged.
func (r *Rate) Share() float64 {
	if r.Judged == 0 {
		return 0
	}
	return float64(r.Failed) / float64(r.Judged)
}

// Urgent counts a team's open deals in one source that have a finding of severity high
// which no fold hides.
type Urgent struct {
	Team  string // key, "" is none
	Deals int
	Rules map[string]int // rule id → deals on which it is of severity high
}

// rates counts outcomes by pipeline and rule while deals stream by.
type rates map[[2]string]*Rate

// add counts a deal; young says that it was created within FoldWindow.
func (m rates) add(r *Result, young bool) {
	at := func(rule string) *Rate {
		key := [2]string{r.Facts.Pipeline, rule}
		if m[key] == nil {
			m[key] = &Rate{Pipeline: key[0], Rule: rule}
		}
		return m[key]
	}
	for rule, o := range r.Outcomes {
		switch {
		case o == Passed:
			at(rule).Judged++
		case o == Fail, slices.Contains(r.Waiting, rule):
			at(rule).Judged++
			at(rule).Failed++
			if young || r.justOver(rule) {
				at(rule).Young++
			}
		case o == Unknown:
			at(rule).Unknown++
		}
	}
}

// justOver reports whether the deal passed the limit of the rule within FoldWindow.
func (r *Result) justOver(rule string) bool {
	for i := range r.Failed {
		if f := &r.Failed[i]; f.Rule == rule && f.Limit > 0 {
			measured := r.Voice.Measured(&f.Says)
			return measured > 0 && measured <= f.Limit+FoldWindow
		}
	}
	return false
}

// list returns the rates by pipeline and rule.
func (m rates) list() []Rate {
	var out []Rate
	for _, r := range m {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Rate) int { return cmp.Or(cmp.Compare(a.Pipeline, b.Pipeline), cmp.Compare(a.Rule, b.Rule)) })
	return out
}
