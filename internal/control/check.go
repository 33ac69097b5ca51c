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
	"github.com/pipetidy/pipetidy/internal/spelling"
	"github.com/pipetidy/pipetidy/store"
)

// Check evaluates every source, sums up the open findings that are asked for, and lists those
// of the gravest deals. Its memory grows with what is listed, not with what is found.
func (c *Control) Check(ctx context.Context, req api.CheckRequest) (*api.Check, error) {
	asked, err := c.filter(&req)
	if err != nil {
		return nil, err
	}
	if err := c.Evaluation.All(ctx); err != nil {
		return nil, err
	}
	if err := c.knownOwner(ctx, req.Owner); err != nil {
		return nil, err
	}
	if req.Deal != "" {
		if asked.source, asked.record, err = c.find(ctx, req.Deal); err != nil {
			return nil, err
		}
	}
	out := &api.Check{GeneratedAt: c.cfg.Now().UTC(), Sources: []api.CheckSource{}, Findings: []api.CheckFinding{}}
	shown, passes, folds := map[string]bool{}, map[string]*hygiene.Pass{}, map[string][]evaluation.Fold{}
	runs := req.Rule == ""
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
		runs = runs || passes[cs.Name].Runs(req.Rule)
		shown[cs.Name] = cs.Withheld == ""
		out.Sources = append(out.Sources, cs)
	}
	if !runs { // no findings would be a false all-clear
		return nil, api.Errorf(api.ExitUsage, "the rule %s is not switched on; write rules: {%s: on} in the configuration", req.Rule, req.Rule)
	}
	sums, found := newSums(), listing{most: req.Limit, none: req.Unlisted}
	code := func(l *hygiene.Life) string { return passes[l.Source].Source.Info.CurrencyOf(l.Deal.Currency) }
	var deal []hygiene.Life // the findings of one deal, which come one after another
	end := func() {
		if len(deal) > 0 {
			sums.add(c.cfg.Teams.Name(deal[0].Deal.Team), code(&deal[0]), deal, func(l *hygiene.Life) bool {
				folded, held := foldedWords(folds[l.Source], l.Rule, &l.Deal, l.Opened)
				return folded != "" || held != ""
			})
			found.add(deal)
		}
		deal = nil
	}
	err = c.journal.Lives(ctx, c.cfg.Now(), func(l hygiene.Life) error {
		if l.State != hygiene.Open || l.Held || l.Paused || !shown[l.Source] || !asked.is(&l) {
			return nil
		}
		if len(deal) > 0 && (deal[0].Source != l.Source || deal[0].Record != l.Record) {
			end()
		}
		deal = append(deal, l)
		return nil
	})
	if err != nil {
		return nil, store.AsFileError(err)
	}
	end()
	lives := found.lives()
	for i := range lives {
		l := &lives[i]
		passes[l.Source].Tell(l)
		f := c.finding(l)
		f.Folded, f.Held = foldedWords(folds[l.Source], l.Rule, &l.Deal, l.Opened)
		f.Opportunity.Currency = code(l)
		out.Findings = append(out.Findings, f)
	}
	out.Summary = sums.list()
	if more := out.Summary.Findings - len(lives); more > 0 && !req.Unlisted {
		out.Truncated, out.More = true, more
	}
	return out, c.audience(ctx, lives, out.Findings)
}

// filter says which findings are asked for.
type filter struct {
	team, owner, rule string
	floor             hygiene.Severity
	source, record    string
}

// filter reads a request. A word that is not known is refused: "no findings" for a misspelt
// one would be a false all-clear.
func (c *Control) filter(req *api.CheckRequest) (f filter, err error) {
	if err := c.knownRule(req.Rule); err != nil {
		return f, err
	}
	if req.Severity != "" {
		if f.floor, err = hygiene.ParseSeverity(req.Severity); err != nil {
			return f, api.Errorf(api.ExitUsage, "%w", err)
		}
	}
	if req.Limit < 0 {
		return f, api.Errorf(api.ExitUsage, "the limit must be a number of findings, or 0 for all, not %d", req.Limit)
	}
	f.rule = req.Rule
	if req.Owner != "" {
		f.owner = c.cfg.People.Email(strings.ToLower(req.Owner))
	}
	if req.Team == "" {
		return f, nil
	}
	var names []string
	for i := range c.cfg.Teams.List {
		t := &c.cfg.Teams.List[i]
		if t.Name == req.Team {
			f.team = t.Key()
			return f, nil
		}
		names = append(names, t.Name)
	}
	return f, api.Errorf(api.ExitUsage, "no team is called %q%s; look under teams in the configuration", req.Team, nearest(req.Team, names))
}

// is reports whether the finding is asked for.
func (f *filter) is(l *hygiene.Life) bool {
	return (f.team == "" || l.Deal.Team == f.team) && (f.owner == "" || l.Deal.OwnerEmail == f.owner) && (f.rule == "" || l.Rule == f.rule) &&
		l.Severity >= f.floor && (f.record == "" || l.Record == f.record && l.Source == f.source)
}

// nearest ends a sentence about an unknown word with the known one that was probably meant.
func nearest(word string, known []string) string {
	best, at := "", len(word)
	for _, k := range known {
		if n := spelling.Distance(strings.ToLower(word), strings.ToLower(k)); n <= max(2, len(k)/4) && n < at {
			best, at = k, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// find is the source and the id of a deal that a person names by its id or address.
func (c *Control) find(ctx context.Context, ref string) (source, id string, err error) {
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		id := resolved(src, ref)
		if id == "" {
			continue
		}
		found, err := c.Evaluation.Judge(ctx, src.Source, id, func(_ *hygiene.Pass, _ *evaluation.Verdict, d *hygiene.Deal) error {
			id = strings.Clone(d.Opportunity.ID)
			return nil
		})
		if found || err != nil {
			return src.Name(), id, err
		}
	}
	return "", "", c.unknown(ctx, ref)
}

// knownOwner refuses an address that belongs to nobody: "no findings" for a misspelt
// address would be a false all-clear.
func (c *Control) knownOwner(ctx context.Context, email string) error {
	if email == "" {
		return nil
	}
	first := c.cfg.People.Email(strings.ToLower(email))
	var known []string
	for i := range c.cfg.Teams.List {
		for _, m := range c.cfg.Teams.List[i].Members {
			if c.cfg.People.Email(m) == first {
				return nil
			}
			known = append(known, m)
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
		for i := range s.Tallies {
			known = append(known, s.Tallies[i].OwnerEmail)
		}
	}
	return api.Errorf(api.ExitUsage, "nobody with the address %q is in a team or owns an open deal%s; correct the address", email, nearest(email, known))
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
