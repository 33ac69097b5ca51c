package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// Explain returns what every rule says of one deal; ref is the deal's id or its address
// in the CRM.
func (c *Control) Explain(ctx context.Context, ref string) (*api.Explanation, error) {
	if strings.TrimSpace(ref) == "" {
		return nil, &api.Error{Message: "explain requires the id of an opportunity, or its address in the CRM", Exit: api.ExitUsage}
	}
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		id := resolved(src, ref)
		if id == "" {
			continue
		}
		team, fails := "", false
		out := &api.Explanation{GeneratedAt: c.cfg.Now().UTC(), Rules: []api.RuleVerdict{}}
		folds, err := c.Evaluation.Folds(ctx, src.Source)
		if err != nil {
			return nil, err
		}
		began, err := c.began(ctx, src.Name(), id, folds)
		if err != nil {
			return nil, err
		}
		found, err := c.Evaluation.Judge(ctx, src.Source, id, func(pass *hygiene.Pass, v *evaluation.Verdict, deal *hygiene.Deal) error {
			out.Source = trusted(src, v)
			facts := pass.Facts(deal)
			team = strings.Clone(facts.Team)
			out.Opportunity = c.opportunity(strings.Clone(deal.Opportunity.ID), &facts)
			out.Opportunity.Currency = pass.Source.Info.CurrencyOf(out.Opportunity.Currency)
			switch {
			case deal.Opportunity.Won:
				out.Closed = "won"
			case deal.Opportunity.Closed:
				out.Closed = "lost"
			}
			parks, refused := pass.Parks(deal)
			out.Refused = refused
			for i := range parks {
				if parks[i].Holds() {
					out.Parks = append(out.Parks, c.park(&parks[i]))
				}
			}
			for _, e := range pass.Explain(deal) {
				v := explained(&e)
				if e.Verdict.Outcome == hygiene.Fail {
					fails = fails || !e.Off
					v.Folded, v.Held = foldedWords(folds, e.Rule.ID, &facts, began(e.Rule.ID))
				}
				out.Rules = append(out.Rules, v)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if found && fails && out.Closed == "" {
			if err := c.alone(ctx, src.Name(), out); err != nil {
				return nil, err
			}
			out.Place, err = c.place(ctx, team, src.Name(), out.Opportunity.ID)
		}
		if found || err != nil {
			return out, err
		}
	}
	return nil, c.unknown(ctx, ref)
}

// sumUp counts the outcomes, puts what fails first, and keeps at most limit rules; 0 keeps all.
func sumUp(e *api.Explanation, limit int) {
	e.Outcomes = map[string]int{}
	for i := range e.Rules {
		e.Outcomes[e.Rules[i].Outcome]++
	}
	slices.SortStableFunc(e.Rules, func(x, y api.RuleVerdict) int {
		return cmp.Compare(slices.Index(api.Outcomes, x.Outcome), slices.Index(api.Outcomes, y.Outcome))
	})
	if limit > 0 && len(e.Rules) > limit {
		e.Truncated, e.More = true, len(e.Rules)-limit
		e.Rules = e.Rules[:limit]
	}
}

// alone says of the rules that fail on a deal which findings are its owner's alone.
func (c *Control) alone(ctx context.Context, source string, e *api.Explanation) error {
	var lives []hygiene.Life
	err := c.journal.Lives(ctx, c.cfg.Now(), func(l hygiene.Life) error {
		if l.Source == source && l.Record == e.Opportunity.ID && l.State == hygiene.Open && !l.Held && !l.Paused {
			lives = append(lives, l)
		}
		return nil
	})
	if err != nil {
		return store.AsFileError(err)
	}
	found := make([]api.CheckFinding, len(lives))
	if err := c.audience(ctx, lives, found); err != nil {
		return err
	}
	for i := range found {
		for j := range e.Rules {
			if v := &e.Rules[j]; found[i].OwnerOnly && v.Rule == lives[i].Rule && v.Outcome == hygiene.Fail.String() {
				v.OwnerOnly, v.OwnerUntil = true, found[i].OwnerUntil
			}
		}
	}
	return nil
}

// place says where a deal with findings stands in the digest of its team's manager, nil
// where that digest does not list the deal.
func (c *Control) place(ctx context.Context, team, source, id string) (*api.DealPlace, error) {
	p, ok, err := c.Edition.Run().Place(ctx, team, source, id)
	if err != nil || !ok {
		return nil, err
	}
	return &api.DealPlace{Digest: p.Digest, Recipient: p.Recipient, Team: c.cfg.Teams.Name(team), Place: placed(&p.Reasoned)}, nil
}

// began tells when the finding of a rule on the deal began; where no brake makes a
// difference, nobody asks the journal. What is not a finding yet begins now.
func (c *Control) began(ctx context.Context, source, id string, folds []evaluation.Fold) (func(rule string) time.Time, error) {
	at := map[string]time.Time{}
	if slices.ContainsFunc(folds, func(f evaluation.Fold) bool { return f.Brake && f.Active() }) {
		err := c.journal.Lives(ctx, c.cfg.Now(), func(l hygiene.Life) error {
			if l.Source == source && l.Record == id && l.State == hygiene.Open {
				at[l.Rule] = l.Opened
			}
			return nil
		})
		if err != nil {
			return nil, store.AsFileError(err)
		}
	}
	return func(rule string) time.Time {
		if t, ok := at[rule]; ok {
			return t
		}
		return c.cfg.Now()
	}, nil
}

// explained puts the verdict of one rule into the words of the API.
func explained(e *hygiene.RuleVerdict) api.RuleVerdict {
	v := api.RuleVerdict{
		Rule: e.Rule.ID, Title: e.Rule.Title, Outcome: e.Verdict.Outcome.String(), Reason: e.Reason,
		Value: e.Value, Threshold: e.Threshold, ThresholdFrom: e.Verdict.ThresholdFrom,
	}
	v.Without = daysOff(e.Without)
	switch {
	case e.Off:
		v.Outcome = "off"
	case e.Park != nil:
		v.Reason = "parked " + strings.Clone(e.Park.Words()) + "; otherwise: " + v.Reason
	case e.Verdict.Outcome == hygiene.Fail:
		v.Severity = e.Verdict.Severity.String()
		v.Fix = cmp.Or(e.Fix, e.Rule.Doc.Fix)
	}
	return v
}

// mostDaysOff bounds how many days off are named.
const mostDaysOff = 5

// daysOff names days off: "26 Nov, holiday us; 30 Nov to 4 Dec, away".
func daysOff(spans []hygiene.Span) string {
	var out []string
	for i, s := range spans {
		if i == mostDaysOff {
			out = append(out, fmt.Sprintf("and %d more", len(spans)-i))
			break
		}
		days := s.From.Short()
		if s.To > s.From {
			days += " to " + s.To.Short()
		}
		out = append(out, days+", "+s.Why)
	}
	return strings.Join(out, "; ")
}
