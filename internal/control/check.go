package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// Check evaluates every source and lists the open findings.
func (c *Control) Check(ctx context.Context, req api.CheckRequest) (*api.Check, error) {
	team := req.Team
	for i := range c.cfg.Teams.List {
		if c.cfg.Teams.List[i].Name == req.Team {
			team = c.cfg.Teams.List[i].Key()
		}
	}
	if req.Team != "" && !slices.ContainsFunc(c.cfg.Teams.List, func(t hygiene.Team) bool { return t.Name == req.Team }) {
		return nil, api.Errorf(api.ExitUsage, "no team is called %q; look under teams in the configuration", req.Team)
	}
	if err := c.Evaluation.All(ctx); err != nil {
		return nil, err
	}
	if err := c.knownOwner(ctx, req.Owner); err != nil {
		return nil, err
	}
	out := &api.Check{GeneratedAt: c.cfg.Now().UTC(), Sources: []api.CheckSource{}, Findings: []api.CheckFinding{}}
	shown, passes, folds := map[string]bool{}, map[string]*hygiene.Pass{}, map[string][]evaluation.Fold{}
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		cs, err := c.checkSource(ctx, src)
		if err != nil {
			return nil, err
		}
		if passes[cs.Name], _, err = c.Evaluation.Pass(ctx, src.Source); err != nil {
			return nil, err
		}
		if folds[cs.Name], err = c.Evaluation.Folds(ctx, src.Source); err != nil {
			return nil, err
		}
		shown[cs.Name] = cs.Withheld == ""
		out.Sources = append(out.Sources, cs)
	}
	var lives []hygiene.Life
	err := c.journal.Lives(ctx, c.cfg.Now(), func(l hygiene.Life) error {
		if l.State != hygiene.Open || l.Held || l.Paused || !shown[l.Source] {
			return nil
		}
		if team != "" && l.Deal.Team != team || req.Owner != "" && l.Deal.OwnerEmail != c.cfg.People.Email(strings.ToLower(req.Owner)) {
			return nil
		}
		passes[l.Source].Tell(&l)
		f := c.finding(&l)
		f.Folded, f.Held = foldedWords(folds[l.Source], l.Rule, &l.Deal, l.Opened)
		f.Opportunity.Currency = passes[l.Source].Source.Info.CurrencyOf(f.Opportunity.Currency)
		out.Findings, lives = append(out.Findings, f), append(lives, l)
		return nil
	})
	if err != nil {
		return nil, store.AsFileError(err)
	}
	return out, c.audience(ctx, lives, out.Findings)
}

// knownOwner refuses an address that belongs to nobody: "no findings" for a misspelt
// address would be a false all-clear.
func (c *Control) knownOwner(ctx context.Context, email string) error {
	if email == "" {
		return nil
	}
	first := c.cfg.People.Email(strings.ToLower(email))
	for i := range c.cfg.Teams.List {
		for _, m := range c.cfg.Teams.List[i].Members {
			if c.cfg.People.Email(m) == first {
				return nil
			}
		}
	}
	for i := range c.cfg.Sources {
		s, ok, err := c.journal.Snapshot(ctx, c.cfg.Sources[i].Name(), c.cfg.Now())
		if err != nil {
			return store.AsFileError(err)
		}
		if ok && slices.ContainsFunc(s.Tallies, func(t hygiene.Tally) bool { return t.OwnerEmail == first }) {
			return nil
		}
	}
	return &api.Error{Message: fmt.Sprintf("nobody with the address %q is in a team or owns an open deal; correct the address", email), Exit: api.ExitUsage}
}

// checkSource is trusted with the number of deals that are not judged.
func (c *Control) checkSource(ctx context.Context, src *Source) (api.CheckSource, error) {
	v, err := c.Evaluation.Verdict(ctx, src.Source)
	if err != nil {
		return api.CheckSource{}, err
	}
	cs := trusted(src, &v)
	if v.Withheld != "" {
		return cs, nil
	}
	s, _, err := c.journal.Snapshot(ctx, src.Name(), c.cfg.Now())
	cs.Skipped, cs.Paused = evaluation.Skipped(&s), paused(&s)
	return cs, store.AsFileError(err)
}

// paused counts the deals that are parked.
func paused(s *hygiene.Snapshot) (n int) {
	for i := range s.Tallies {
		n += s.Tallies[i].Paused
	}
	return n
}

// trusted says how far the data of a source can be trusted.
func trusted(src *Source, v *evaluation.Verdict) api.CheckSource {
	return api.CheckSource{Name: src.Name(), Type: src.Type, AsOf: timePtr(v.AsOf), Complete: v.Complete, Withheld: v.Withheld, HeldBack: v.Cause == digest.HeldBack}
}

// finding puts an open finding into the words of the API.
func (c *Control) finding(l *hygiene.Life) api.CheckFinding {
	state := "open"
	if l.Back {
		state = "back"
	}
	return api.CheckFinding{
		Key: l.Hash(), Rule: l.Rule, Severity: l.Severity.String(), State: state, Since: l.Opened.UTC(), Source: l.Source,
		Opportunity: c.opportunity(l.Record, &l.Deal), Message: l.Message, Value: l.Value, Threshold: l.Threshold,
		ThresholdFrom: l.ThresholdFrom, Fix: l.Fix,
	}
}

// opportunity puts the deal of a finding into the words of the API.
func (c *Control) opportunity(id string, f *hygiene.Facts) api.CheckOpportunity {
	o := api.CheckOpportunity{
		ID: id, Name: f.Name, URL: f.URL, Team: c.cfg.Teams.Name(f.Team), Stage: f.StageLabel, Currency: f.Currency, CloseDate: f.CloseDate.String(),
		Owner: cmp.Or(f.OwnerEmail, f.OwnerName, f.OwnerID), Unclear: strings.Fields(f.Unclear),
	}
	if f.Amount.Known {
		v := f.Amount.Value
		o.Amount = &v
	}
	return o
}
