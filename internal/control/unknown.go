package control

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/spelling"
	"github.com/pipetidy/pipetidy/store"
)

// How near a deal is to what somebody typed: its name is that, but for the case of letters;
// or its name, or its id, with a letter or two that differ; or its name begins so.
const (
	sameName  = 0
	beginning = 3
	farther   = 4
)

// mostMeant is how many deals are named that may have been meant.
const mostMeant = 5

// unknown is the error of a deal that the cache does not have, with those that were probably
// meant. Of several, each is told with its owner and its source: one has to be named by its id.
func (c *Control) unknown(ctx context.Context, ref string) error {
	ref = strings.TrimSpace(ref)
	at, n := farther, 0
	var meant []string
	for i := range c.cfg.Sources {
		source := c.cfg.Sources[i].Name()
		users, err := c.Evaluation.Reference(ctx, source)
		if err != nil {
			return err
		}
		_, _, err = c.cache.Scan(ctx, source, "", 0, func(d *hygiene.Deal) error {
			o := &d.Opportunity
			far := nearness(ref, o.Name, o.ID)
			if far >= farther || far > at {
				return nil
			}
			if far < at {
				at, n, meant = far, 0, nil
			}
			owner := strings.Clone(o.OwnerID)
			if u := users.Users[o.OwnerID]; u != nil {
				owner = cmp.Or(u.Email, u.Name, owner)
			}
			if n++; n <= mostMeant {
				meant = append(meant, fmt.Sprintf("%s (%s, of %s, in %s)", o.ID, o.Name, cmp.Or(owner, "nobody"), source))
			}
			return nil
		})
		if err != nil {
			return store.AsFileError(err)
		}
	}
	var near string
	if n > mostMeant {
		meant = append(meant, "…")
	}
	switch {
	case n > 1:
		near = "; " + crm.Counted(n, "deal") + " may be meant, so name one by its id: " + strings.Join(meant, ", ")
	case n == 1:
		near = "; did you mean " + meant[0] + "?"
	}
	return &api.Error{Message: fmt.Sprintf("no opportunity %q in the cache: it may be new (run `pipetidy sync`), deleted, or not visible to our login%s", ref, near), Exit: api.ExitFailed}
}

// nearness says how near a deal is to ref, farther or more where it cannot be meant.
func nearness(ref, name, id string) int {
	far := farther
	for _, s := range []string{name, id} {
		if len(ref) > 3 && len(s)-len(ref) < beginning && len(ref)-len(s) < beginning {
			far = min(far, spelling.Distance(strings.ToLower(ref), strings.ToLower(s)))
		}
	}
	switch {
	case strings.EqualFold(name, ref):
		return sameName
	case far < beginning:
		return max(far, sameName+1)
	case len(ref) > 3 && len(name) > len(ref) && strings.EqualFold(name[:len(ref)], ref):
		return beginning
	}
	return farther
}
