package evaluation

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// Effect is what a configuration would do to the findings of a source, by the data that the
// cache holds. Findings that are parked, or that cannot be judged, are in no number.
type Effect struct {
	Source   string
	AsOf     time.Time    // of the data
	Unjudged string       // why nothing can be told of the source; no other field is set then
	Deals    int          // open deals that are judged
	Flagged  Step         // of these, those with a finding
	Rules    []RuleEffect // whose findings differ in number or in severity, the largest difference first
	Teams    []TeamEffect // whose numbers differ, by name; deals of nobody's team last
}

// TeamEffect is what becomes of the numbers of one team, as its digests count them: what is
// folded or paused is in none.
type TeamEffect struct {
	Team       string // name; "" is the deals of nobody's team, which no digest lists
	Deals      Step   // open deals
	NeedUpdate Step   // of these
	Commit     Step   // deals of the commit
}

func (t *TeamEffect) differs() bool {
	return t.Deals.Before != t.Deals.After || t.NeedUpdate.Before != t.NeedUpdate.After || t.Commit.Before != t.Commit.After
}

// Step is a number by the last evaluation, and by the configuration.
type Step struct{ Before, After int }

// RuleEffect is what becomes of the findings of one rule.
type RuleEffect struct {
	Rule     string
	Off      bool // the configuration switches the rule off
	Findings Step
	High     Step // of the findings
}

func (r *RuleEffect) size() int {
	return abs(r.Findings.After-r.Findings.Before) + abs(r.High.After-r.High.Before)
}

func abs(n int) int { return max(n, -n) }

// Effect judges what the cache holds by the configuration of this evaluation and compares it
// with what the last evaluation found, by whatever configuration that was. It writes nothing.
// Its memory grows with the rules, not with the deals.
func (e *Evaluation) Effect(ctx context.Context) ([]Effect, error) {
	out := make([]Effect, len(e.cfg.Sources))
	rules := make([]map[string]*RuleEffect, len(e.cfg.Sources))
	for i, src := range e.Sources() {
		rules[i] = map[string]*RuleEffect{}
		if err := e.after(ctx, src, &out[i], rules[i]); err != nil {
			return nil, err
		}
	}
	if err := e.before(ctx, out, rules); err != nil {
		return nil, err
	}
	for i := range out {
		x := &out[i]
		if x.Unjudged != "" {
			*x = Effect{Source: x.Source, Unjudged: x.Unjudged}
			continue
		}
		for _, r := range rules[i] {
			if r.size() > 0 {
				r.Off = e.off(r.Rule)
				x.Rules = append(x.Rules, *r)
			}
		}
		slices.SortFunc(x.Rules, func(a, b RuleEffect) int {
			return cmp.Or(cmp.Compare(b.size(), a.size()), strings.Compare(a.Rule, b.Rule))
		})
	}
	return out, nil
}

// after judges the open deals of a source.
func (e *Evaluation) after(ctx context.Context, src *Source, x *Effect, rules map[string]*RuleEffect) error {
	x.Source = src.Name()
	twins, err := e.twins(ctx, src)
	if err != nil {
		return err
	}
	pass, v, err := e.pass(ctx, src, twins.counted)
	if err != nil {
		return err
	}
	last, judged, err := e.journal.Snapshot(ctx, src.Name(), e.cfg.Now())
	if err != nil {
		return store.AsFileError(err)
	}
	x.AsOf = v.AsOf
	switch pending := src.pending(&pass.Source.Info); {
	case v.Withheld != "":
		x.Unjudged = src.Name() + ": " + v.Withheld
	case pending != "":
		x.Unjudged = pending
	case !judged:
		x.Unjudged = src.Name() + " has not been judged yet; run `pipetidy sync`"
	}
	if x.Unjudged != "" {
		return nil
	}
	tallies, err := e.tallies(ctx, src, pass)
	if err != nil {
		return err
	}
	beside := e.besides(src, twins)
	for more, after := true, ""; more; {
		_, after, more, err = beside.scan(ctx, after, func(d *hygiene.Deal) hygiene.Result {
			r := pass.Evaluate(d)
			tallies.Add(&r)
			if r.Twin || r.Skipped || r.ClosedAs != 0 {
				return hygiene.Result{}
			}
			x.Deals++
			if len(r.Failed) > 0 {
				x.Flagged.After++
			}
			for i := range r.Failed {
				f := &r.Failed[i]
				ruleOf(rules, f.Rule).add(f, func(s *Step) { s.After++ })
			}
			return hygiene.Result{}
		})
		if err != nil {
			return err
		}
	}
	x.Teams = teamEffects(last.Tallies, tallies.List(), &e.cfg.Teams)
	return nil
}

// tallies count by the folds and brakes that hold now.
func (e *Evaluation) tallies(ctx context.Context, src *Source, pass *hygiene.Pass) (*hygiene.Tallies, error) {
	folds, err := e.folds(ctx, src)
	if err != nil {
		return nil, err
	}
	t := hygiene.NewTallies(pass, folds)
	t.Told, err = e.told(ctx, src, folds)
	return t, err
}

// teamEffects compares the sums of the teams. A team that the configuration does not name
// any more has its deals in nobody's team, or in another.
func teamEffects(was, is []hygiene.Tally, teams *hygiene.Teams) (out []TeamEffect) {
	byKey := map[string]*TeamEffect{}
	count := func(ts []hygiene.Tally, of func(*Step) *int) {
		for i := range ts {
			t := &ts[i]
			x := byKey[t.Team]
			if x == nil {
				x = &TeamEffect{Team: teams.Name(t.Team)}
				byKey[t.Team] = x
			}
			*of(&x.Deals) += t.Deals
			*of(&x.NeedUpdate) += t.NeedUpdate
			*of(&x.Commit) += t.CommitDeals
		}
	}
	count(was, func(s *Step) *int { return &s.Before })
	count(is, func(s *Step) *int { return &s.After })
	for _, x := range byKey {
		if x.differs() {
			out = append(out, *x)
		}
	}
	slices.SortFunc(out, func(a, b TeamEffect) int {
		if (a.Team == "") != (b.Team == "") {
			return cmp.Compare(len(b.Team), len(a.Team))
		}
		return strings.Compare(a.Team, b.Team)
	})
	return out
}

// before counts the findings of the last evaluation.
func (e *Evaluation) before(ctx context.Context, out []Effect, rules []map[string]*RuleEffect) error {
	var source, record string // of the last finding: they come by source and deal
	return store.AsFileError(e.journal.Lives(ctx, e.cfg.Now(), func(l hygiene.Life) error {
		i := slices.IndexFunc(out, func(x Effect) bool { return x.Source == l.Source })
		if i < 0 || l.State != hygiene.Open || l.Held || l.Paused {
			return nil
		}
		ruleOf(rules[i], l.Rule).add(&l.Finding, func(s *Step) { s.Before++ })
		if l.Source != source || l.Record != record {
			source, record = l.Source, l.Record
			out[i].Flagged.Before++
		}
		return nil
	}))
}

func ruleOf(rules map[string]*RuleEffect, id string) *RuleEffect {
	if rules[id] == nil {
		rules[id] = &RuleEffect{Rule: id}
	}
	return rules[id]
}

func (r *RuleEffect) add(f *hygiene.Finding, count func(*Step)) {
	count(&r.Findings)
	if f.Severity == hygiene.High {
		count(&r.High)
	}
}

// off reports whether a rule does not run, or is in the catalogue no longer.
func (e *Evaluation) off(rule string) bool {
	i := slices.IndexFunc(e.cfg.Rules, func(r hygiene.Rule) bool { return r.ID == rule })
	return i < 0 || e.cfg.Rules[i].Off(e.cfg.Settings[rule])
}
