package control

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/spelling"
	"github.com/pipetidy/pipetidy/store"
)

// Park parks a deal, or one rule on it, and judges its source, so that the findings are
// paused at once.
func (c *Control) Park(ctx context.Context, req api.ParkRequest) (*api.Parked, error) {
	until, err := crm.ParseDate(strings.TrimSpace(req.Until))
	if err != nil {
		return nil, api.Errorf(api.ExitUsage, "until: %w", err)
	}
	if err := c.knownRule(req.Rule); err != nil {
		return nil, err
	}
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		id := resolved(src, req.Deal)
		if id == "" {
			continue
		}
		made, instead, found, err := c.Evaluation.Park(ctx, src.Source, id, hygiene.Park{Rule: req.Rule, Until: until, Reason: req.Reason, By: req.By})
		switch {
		case !found && err == nil:
			continue
		case errors.As(err, new(*store.FileError)), errors.Is(err, context.Canceled):
			return nil, err
		case err != nil:
			return nil, api.Errorf(api.ExitUsage, "%w", err)
		}
		out := &api.Parked{Park: c.park(&made)}
		if instead != nil {
			k := c.park(instead)
			out.Instead = &k
		}
		return out, c.Evaluation.Evaluate(ctx, src.Source)
	}
	return nil, c.unknown(ctx, req.Deal)
}

// Unpark ends the parks of a deal, and judges its source.
func (c *Control) Unpark(ctx context.Context, req api.UnparkRequest) ([]api.Park, error) {
	if err := c.knownRule(req.Rule); err != nil {
		return nil, err
	}
	var other []hygiene.Park
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		id := resolved(src, req.Deal)
		if id == "" {
			continue
		}
		ended, err := c.Evaluation.Unpark(ctx, src.Source, id, req.Rule)
		if err != nil {
			return nil, err
		}
		if len(ended) == 0 {
			all, err := c.Evaluation.Parks(ctx, src.Source, false)
			if err != nil {
				return nil, err
			}
			other = append(other, slices.DeleteFunc(all, func(k hygiene.Park) bool { return k.Record != id })...)
			continue
		}
		out := []api.Park{}
		for i := range ended {
			out = append(out, c.park(&ended[i]))
		}
		return out, c.Evaluation.Evaluate(ctx, src.Source)
	}
	if len(other) > 0 {
		return nil, api.Errorf(api.ExitUsage, "%s is not parked on %s; parked: %s", req.Rule, req.Deal, other[0].Words())
	}
	if twin, err := c.twinOf(ctx, req.Deal); err != nil || twin.ID != "" {
		if err != nil {
			return nil, err
		}
		return nil, api.Errorf(api.ExitUsage, "%s is counted as %s in %s; unpark it there", req.Deal, twin.ID, twin.Source)
	}
	return nil, api.Errorf(api.ExitUsage, "no deal %q is parked; `pipetidy parked` lists those that are", req.Deal)
}

// twinOf is the deal of another source that the named one is counted as; zero is none.
func (c *Control) twinOf(ctx context.Context, ref string) (twin hygiene.Counted, err error) {
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		id := resolved(src, ref)
		if id == "" {
			continue
		}
		found, err := c.Evaluation.Judge(ctx, src.Source, id, func(pass *hygiene.Pass, _ *evaluation.Verdict, _ *hygiene.Deal) error {
			twin = pass.Twins[id]
			return nil
		})
		if found || err != nil {
			return twin, err
		}
	}
	return twin, nil
}

// Parked lists the parks that hold, by their last day; with all those that have ended too.
func (c *Control) Parked(ctx context.Context, all bool) ([]api.Park, error) {
	out := []api.Park{}
	for i := range c.cfg.Sources {
		ks, err := c.Evaluation.Parks(ctx, c.cfg.Sources[i].Source, all)
		if err != nil {
			return nil, err
		}
		for i := range ks {
			out = append(out, c.park(&ks[i]))
		}
	}
	slices.SortStableFunc(out, func(a, b api.Park) int { return strings.Compare(a.Until, b.Until) })
	return out, nil
}

// park puts a park into the words of the API.
func (c *Control) park(k *hygiene.Park) api.Park {
	out := api.Park{
		Source: k.Source, Opportunity: c.opportunity(k.Record, &k.Deal), Rule: k.Rule, From: k.From.String(), Until: k.Until.String(), Cut: string(k.Cut),
		Reason: k.Reason, By: k.By, How: string(k.How), End: string(k.End), Ended: timePtr(k.Ended),
	}
	if k.Cut != "" {
		out.Asked = k.Asked.String()
	}
	return out
}

// knownRule refuses a rule that does not exist: the deal would be asked about as before.
func (c *Control) knownRule(rule string) error {
	if rule == "" || slices.Contains(c.cfg.Rules, rule) {
		return nil
	}
	near, at := "", 4
	for _, id := range c.cfg.Rules {
		if n := spelling.Distance(rule, id); n < at {
			near, at = id, n
		}
	}
	if near != "" {
		return api.Errorf(api.ExitUsage, "no rule is called %q; did you mean %s?", rule, near)
	}
	return api.Errorf(api.ExitUsage, "no rule is called %q; `pipetidy rules` lists them", rule)
}

// resolved is the id of a deal that a person names by its id or address; "" where the source
// has no such deal.
func resolved(src *Source, ref string) string {
	id := strings.TrimSpace(ref)
	if r, ok := src.Source.Source.(crm.Resolver); ok {
		return r.Resolve(id)
	}
	return id
}
