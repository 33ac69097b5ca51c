package control

import (
	"cmp"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// listing keeps the findings of the gravest deals: those with the gravest finding, then those
// with the largest amount. It holds twice as many as it lists, and never more but for one deal.
type listing struct {
	most  int  // findings; 0 is all
	none  bool // keeps nothing
	deals [][]hygiene.Life
	n     int // findings in deals
}

// add takes the findings of one deal.
func (l *listing) add(deal []hygiene.Life) {
	if l.none {
		return
	}
	l.deals = append(l.deals, deal)
	if l.n += len(deal); l.most > 0 && l.n >= 2*l.most {
		l.cut()
	}
}

// cut drops the deals that are not listed whatever comes.
func (l *listing) cut() {
	slices.SortStableFunc(l.deals, func(a, b []hygiene.Life) int {
		return cmp.Or(cmp.Compare(gravest(b), gravest(a)), cmp.Compare(amount(b), amount(a)))
	})
	if l.most == 0 {
		return
	}
	l.n = 0
	for i := range l.deals {
		if l.n >= l.most {
			clear(l.deals[i:])
			l.deals = l.deals[:i]
			return
		}
		l.n += len(l.deals[i])
	}
}

// lives are the findings that are listed, deal by deal.
func (l *listing) lives() []hygiene.Life {
	l.cut()
	out := slices.Concat(l.deals...)
	if l.most > 0 && len(out) > l.most {
		out = out[:l.most]
	}
	return out
}

func gravest(deal []hygiene.Life) (s hygiene.Severity) {
	for i := range deal {
		s = max(s, deal[i].Severity)
	}
	return s
}

func amount(deal []hygiene.Life) float64 {
	if a := deal[0].Deal.Amount; a.Known {
		return a.Value
	}
	return 0
}

// sums sums up findings by team and rule; its size grows with these, not with findings.
type sums struct {
	all   api.CheckSum
	teams map[string]*teamSums
}

type teamSums struct {
	all   api.CheckSum
	rules map[string]*api.CheckSum
}

func newSums() *sums { return &sums{all: newSum(), teams: map[string]*teamSums{}} }

func newSum() api.CheckSum {
	return api.CheckSum{Severities: map[string]int{}, Amounts: map[string]float64{}}
}

// add counts the findings of one deal of a team, whose amount is in the currency.
func (s *sums) add(team, currency string, deal []hygiene.Life, quiet func(*hygiene.Life) bool) {
	t := s.teams[team]
	if t == nil {
		t = &teamSums{all: newSum(), rules: map[string]*api.CheckSum{}}
		s.teams[team] = t
	}
	addDeal(&s.all, &deal[0].Deal, currency)
	addDeal(&t.all, &deal[0].Deal, currency)
	seen := map[string]bool{}
	for i := range deal {
		l := &deal[i]
		r := t.rules[l.Rule]
		if r == nil {
			sum := newSum()
			r = &sum
			t.rules[l.Rule] = r
		}
		if !seen[l.Rule] { // a deal counts once, however often the rule fails on it
			seen[l.Rule] = true
			addDeal(r, &l.Deal, currency)
		}
		hidden := quiet(l)
		for _, sum := range []*api.CheckSum{&s.all, &t.all, r} {
			sum.Findings++
			sum.Severities[l.Severity.String()]++
			if hidden {
				if sum.Quiet == nil {
					sum.Quiet = map[string]int{}
				}
				sum.Quiet[l.Severity.String()]++
			}
		}
	}
}

func addDeal(s *api.CheckSum, f *hygiene.Facts, currency string) {
	s.Deals++
	if !f.Summed() || currency == "" {
		s.Unsummed++
		return
	}
	s.Amounts[currency] += f.Amount.Value
}

// list is the summary: teams by name, and rules with the most findings first.
func (s *sums) list() api.CheckSummary {
	out := api.CheckSummary{CheckSum: s.all, Teams: []api.CheckTeam{}}
	for _, name := range slices.SortedFunc(maps.Keys(s.teams), func(a, b string) int {
		if (a == "") != (b == "") {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	}) {
		t := s.teams[name]
		team := api.CheckTeam{Team: name, CheckSum: t.all}
		for _, id := range slices.Sorted(maps.Keys(t.rules)) {
			team.Rules = append(team.Rules, api.CheckRule{Rule: id, CheckSum: *t.rules[id]})
		}
		slices.SortStableFunc(team.Rules, func(a, b api.CheckRule) int { return cmp.Compare(b.Findings, a.Findings) })
		out.Teams = append(out.Teams, team)
	}
	return out
}
