package control

import (
	"context"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/evaluation"
)

// Compare says what a configuration file says that the CRMs do not have, or what the file
// would do to the findings, by the file as it is now: a daemon may have been started with
// another.
func (c *Control) Compare(ctx context.Context, req api.CompareRequest) (*api.Comparison, error) {
	e, err := c.cfg.Judging(req.File)
	if err != nil {
		return nil, api.Errorf(api.ExitConfig, "%w", err)
	}
	if req.Effect {
		return effects(ctx, e)
	}
	found, err := e.Compare(ctx)
	if err != nil {
		return nil, err
	}
	return &api.Comparison{Mistakes: found.Mistakes, Pending: found.Pending}, nil
}

func effects(ctx context.Context, e *evaluation.Evaluation) (*api.Comparison, error) {
	all, err := e.Effect(ctx)
	if err != nil {
		return nil, err
	}
	out := &api.Comparison{}
	for i := range all {
		x := &all[i]
		if x.Unjudged != "" {
			out.Pending = append(out.Pending, x.Unjudged)
			continue
		}
		to := api.Effect{Source: x.Source, AsOf: timePtr(x.AsOf), Deals: x.Deals, Flagged: api.Step(x.Flagged)}
		for _, r := range x.Rules {
			to.Rules = append(to.Rules, api.RuleEffect{Rule: r.Rule, Off: r.Off, Findings: api.Step(r.Findings), High: api.Step(r.High)})
		}
		for _, t := range x.Teams {
			to.Teams = append(to.Teams, api.TeamEffect{Team: t.Team, Deals: api.Step(t.Deals), NeedUpdate: api.Step(t.NeedUpdate), Commit: api.Step(t.Commit)})
		}
		out.Effects = append(out.Effects, to)
	}
	return out, nil
}
