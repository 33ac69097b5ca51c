package edition

import (
	"context"
	"slices"

	"github.com/pipetidy/pipetidy/digest"
)

// Place is where a deal stands in one reader's digest.
type Place struct {
	Digest, Recipient string
	digest.Reasoned
}

// Place says where the deal stands in the digest that the manager of the team would get
// now. ok is false where the team's manager gets none, or that digest has nothing to ask
// of the deal. One digest is looked at: the first of the configuration that is about the
// whole team.
func (r *Run) Place(ctx context.Context, team, source, record string) (p Place, ok bool, err error) {
	if judged, err := r.anyJudged(ctx); err != nil || !judged {
		return Place{}, false, err
	}
	for i := range r.e.cfg.Digests {
		dg := &r.e.cfg.Digests[i]
		for _, to := range r.e.readersOf(dg, team) {
			if to.own || to.program {
				continue
			}
			in, err := r.input(ctx, dg.Name, to.Team, to.Email)
			if err != nil {
				return Place{}, false, err
			}
			why := digest.Why(in)
			at := slices.IndexFunc(why, func(w digest.Reasoned) bool { return slices.Contains(w.Deals, [2]string{source, record}) })
			if at < 0 {
				return Place{}, false, nil
			}
			return Place{Digest: dg.Name, Recipient: to.Email, Reasoned: why[at]}, true, nil
		}
	}
	return Place{}, false, nil
}
