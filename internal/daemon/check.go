package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// Check evaluates the cache and lists the open findings.
func (d *Daemon) Check(ctx context.Context, req api.CheckRequest) (*api.Check, error) {
	if req.Team != "" && !slices.ContainsFunc(d.cfg.Teams.List, func(t hygiene.Team) bool { return t.Name == req.Team }) {
		return nil, &api.Error{Message: fmt.Sprintf("no team is called %q in the configuration", req.Team), Exit: api.ExitUsage}
	}
	if err := d.evaluateAll(ctx); err != nil {
		return nil, err
	}
	if err := d.knownOwner(ctx, req.Owner); err != nil {
		return nil, err
	}
	out := &api.Check{GeneratedAt: d.now().UTC(), Sources: []api.CheckSource{}, Findings: []api.CheckFinding{}}
	shown, currency := map[string]bool{}, map[string]string{}
	for i := range d.cfg.Sources {
		cs, err := d.checkSource(ctx, &d.cfg.Sources[i])
		if err != nil {
			return nil, err
		}
		ref, err := d.reference(ctx, &d.cfg.Sources[i])
		if err != nil {
			return nil, err
		}
		currency[cs.Name] = ref.Info.Currency
		shown[cs.Name] = cs.Withheld == ""
		out.Sources = append(out.Sources, cs)
	}
	err := d.journal.Lives(ctx, d.now(), func(l hygiene.Life) error {
		if l.State != hygiene.Open || l.Held || !shown[l.Source] {
			return nil
		}
		if req.Team != "" && l.Deal.Team != req.Team || req.Owner != "" && l.Deal.OwnerEmail != d.cfg.People.Email(strings.ToLower(req.Owner)) {
			return nil
		}
		f := checkFinding(&l)
		f.Opportunity.Currency = firstOf(f.Opportunity.Currency, currency[l.Source])
		out.Findings = append(out.Findings, f)
		return nil
	})
	return out, d.stored(err)
}

// knownOwner refuses an address that is nobody's: "no findings" for a misspelt
// colleague would be a false all-clear.
func (d *Daemon) knownOwner(ctx context.Context, email string) error {
	if email == "" {
		return nil
	}
	first := d.cfg.People.Email(strings.ToLower(email))
	for i := range d.cfg.Teams.List {
		for _, m := range d.cfg.Teams.List[i].Members {
			if d.cfg.People.Email(m) == first {
				return nil
			}
		}
	}
	for i := range d.cfg.Sources {
		s, ok, err := d.journal.Snapshot(ctx, d.cfg.Sources[i].Name(), d.now())
		if err != nil {
			return d.stored(err)
		}
		if ok && slices.ContainsFunc(s.Tallies, func(t hygiene.Tally) bool { return t.OwnerEmail == first }) {
			return nil
		}
	}
	return &api.Error{Message: fmt.Sprintf("nobody with the address %q is in a team or owns an open deal", email), Exit: api.ExitUsage}
}

func (d *Daemon) checkSource(ctx context.Context, src *Source) (api.CheckSource, error) {
	v, _, err := d.verdict(ctx, src)
	if err != nil {
		return api.CheckSource{}, err
	}
	cs := trusted(src, &v)
	if v.Withheld != "" {
		return cs, nil
	}
	s, _, err := d.journal.Snapshot(ctx, src.Name(), d.now())
	cs.Skipped = skipped(&s)
	return cs, d.stored(err)
}

// trusted says how far the data of a source can be trusted.
func trusted(src *Source, v *verdict) api.CheckSource {
	return api.CheckSource{Name: src.Name(), Type: src.Type, AsOf: timePtr(v.AsOf), Complete: v.Complete, Withheld: v.Withheld, HeldBack: v.Cause == digest.HeldBack}
}

func checkFinding(l *hygiene.Life) api.CheckFinding {
	state := "open"
	if l.Back {
		state = "back"
	}
	return api.CheckFinding{
		Key: l.Hash(), Rule: l.Rule, Severity: l.Severity.String(), State: state, Since: l.Opened.UTC(), Source: l.Source,
		Opportunity: checkOpportunity(l.Record, &l.Deal), Message: l.Message, Value: l.Value, Threshold: l.Threshold,
		ThresholdFrom: l.ThresholdFrom, Fix: l.Fix,
	}
}

func checkOpportunity(id string, f *hygiene.Facts) api.CheckOpportunity {
	o := api.CheckOpportunity{
		ID: id, Name: f.Name, URL: f.URL, Team: f.Team, Stage: f.StageLabel, Currency: f.Currency, CloseDate: f.CloseDate.String(),
		Owner: firstOf(f.OwnerEmail, f.OwnerName, f.OwnerID),
	}
	if f.Amount.Known {
		v := f.Amount.Value
		o.Amount = &v
	}
	return o
}

// Explain says what every rule finds on one deal, named by its id or its URL.
func (d *Daemon) Explain(ctx context.Context, ref string) (*api.Explanation, error) {
	if strings.TrimSpace(ref) == "" {
		return nil, &api.Error{Message: "explain wants the id of an opportunity, or its address in the CRM", Exit: api.ExitUsage}
	}
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		id := strings.TrimSpace(ref)
		if r, ok := src.Source.(crm.Resolver); ok {
			if id = r.Resolve(id); id == "" {
				continue
			}
		}
		twins, _, err := d.twins(ctx, src)
		if err != nil {
			return nil, err
		}
		pass, v, err := d.pass(ctx, src, twins)
		if err != nil {
			return nil, err
		}
		out := &api.Explanation{GeneratedAt: d.now().UTC(), Rules: []api.RuleVerdict{}}
		out.Source = trusted(src, &v)
		found, err := d.cache.Deal(ctx, src.Name(), id, func(deal *hygiene.Deal) error {
			facts := pass.Facts(deal)
			out.Opportunity = checkOpportunity(strings.Clone(deal.Opportunity.ID), &facts)
			out.Opportunity.Currency = firstOf(out.Opportunity.Currency, pass.Source.Info.Currency)
			switch {
			case deal.Opportunity.Won:
				out.Closed = "won"
			case deal.Opportunity.Closed:
				out.Closed = "lost"
			}
			for _, e := range pass.Explain(deal) {
				out.Rules = append(out.Rules, explained(&e))
			}
			return nil
		})
		if err != nil {
			return nil, d.stored(err)
		}
		if found {
			return out, nil
		}
	}
	return nil, &api.Error{Message: fmt.Sprintf("no opportunity %q in the cache: it may be new (run `pipetidy sync`), deleted, or not visible to our login", ref), Exit: api.ExitFailed}
}

func explained(e *hygiene.RuleVerdict) api.RuleVerdict {
	v := api.RuleVerdict{
		Rule: e.Rule.ID, Title: e.Rule.Title, Outcome: e.Verdict.Outcome.String(), Reason: strings.Clone(e.Verdict.Reason),
		Value: strings.Clone(e.Verdict.Value), Threshold: e.Verdict.Threshold, ThresholdFrom: e.Verdict.ThresholdFrom,
	}
	switch {
	case e.Off:
		v.Outcome = "off"
	case e.Verdict.Outcome == hygiene.Fail:
		v.Severity = e.Verdict.Severity.String()
		v.Fix = firstOf(e.Verdict.Fix, e.Rule.Doc.Fix)
	}
	return v
}
