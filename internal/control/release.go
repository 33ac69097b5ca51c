package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/evaluation"
)

// Release ends the folds and brakes of a rule: what it finds is told deal by deal again.
func (c *Control) Release(ctx context.Context, req api.ReleaseRequest) ([]api.Released, error) {
	if req.Source != "" && !c.Evaluation.Names(req.Source) {
		return nil, api.Errorf(api.ExitUsage, "no source is called %q; look under sources in the configuration", req.Source)
	}
	out := []api.Released{}
	var have []string
	for i := range c.cfg.Sources {
		src := c.cfg.Sources[i].Source
		if req.Source != "" && src.Name() != req.Source {
			continue
		}
		released, before, err := c.Evaluation.Release(ctx, src, req.Rule, req.Pipeline)
		if err != nil {
			return nil, err
		}
		for i, f := range append(released, before...) {
			out = append(out, api.Released{Source: src.Name(), Pipeline: f.Label, Rule: f.Rule, Failed: f.Rate.Failed, Judged: f.Rate.Judged, Before: i >= len(released)})
		}
		folds, err := c.Evaluation.Folds(ctx, src)
		if err != nil {
			return nil, err
		}
		have = append(have, folded(src, folds)...)
	}
	if len(out) > 0 {
		return out, nil
	}
	where := ""
	if req.Pipeline != "" {
		where += fmt.Sprintf(" in a pipeline %q", req.Pipeline)
	}
	if req.Source != "" {
		where += " on " + req.Source
	}
	if len(have) == 0 {
		return nil, api.Errorf(api.ExitUsage, "the rule %s is neither folded nor held back%s, so there is nothing to release; no rule is", req.Rule, where)
	}
	return nil, api.Errorf(api.ExitUsage, "the rule %s is neither folded nor held back%s, so there is nothing to release; what is: %s", req.Rule, where, strings.Join(have, ", "))
}

// folded names the rules that are folded or held on a source, and where.
func folded(src *evaluation.Source, folds []evaluation.Fold) []string {
	var out []string
	for i := range folds {
		f := &folds[i]
		if !f.Active() {
			continue
		}
		s := f.Rule
		if f.Label != "" {
			s += " in " + f.Label
		}
		out = append(out, s+" of "+src.Name())
	}
	return out
}

// foldedWords are the figures of the fold, or of the brake, that hides a finding of the rule
// on the deal from the digests, "" where none does. The finding began at opened.
func foldedWords(folds []evaluation.Fold, rule string, deal *hygiene.Facts, opened time.Time) (folded, held string) {
	for i := range folds {
		f := &folds[i]
		switch {
		case f.Rule != rule || !f.HidesFinding(deal, opened):
		case f.Brake:
			return "", fmt.Sprintf("%s, %d before", f.Words(), f.Usual)
		default:
			return f.Words(), ""
		}
	}
	return "", ""
}
