package hubspot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Prober = (*Source)(nil)

// Probe tries one thing after another that the credentials may do.
func (s *Source) Probe(ctx context.Context) ([]crm.Probe, error) {
	p, err := s.survey.account(ctx)
	if err != nil {
		return nil, err
	}
	said := slices.DeleteFunc([]string{"portal " + p.ID, p.Zone.String(), p.Currency}, func(s string) bool { return s == "" })
	out := []crm.Probe{{What: "the portal", OK: true, Said: strings.Join(said, ", ")}}
	try := func(what string, read func() (string, error)) {
		p := crm.Probe{What: what}
		if p.Said, err = read(); err != nil {
			p.Said = strings.TrimPrefix(err.Error(), s.where+": ")
		}
		p.OK = err == nil
		out = append(out, p)
	}
	try("the properties of deals", func() (string, error) { return s.probeProperties(ctx) })
	try("the pipelines of deals", func() (string, error) {
		list, _, _, err := s.survey.stages(ctx, nil)
		return crm.Counted(len(list), "stage"), err
	})
	for _, object := range append([]string{"deals", "owners", "contacts"}, portal.Activities...) {
		try(object, func() (string, error) { return "may be read", s.api.Try(ctx, object) })
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	try("the daily API limit", func() (string, error) {
		if u := s.Usage(); u.Limit > 0 {
			return fmt.Sprintf("%d of %s of the portal are used today; this source may use %.0f%% of them", u.Used, crm.Counted(u.Limit, "call"), s.cfg.Budget*100), nil
		}
		return "HubSpot does not tell the limit to OAuth apps, so api_budget cannot be kept; this source stops at the portal's own limit", nil
	})
	return out, nil
}

// probeProperties says which fields the portal does not have.
func (s *Source) probeProperties(ctx context.Context) (string, error) {
	m, err := s.survey.properties(ctx)
	if err != nil {
		return "", err
	}
	if gone := m.Missing(); len(gone) > 0 {
		return fields(len(m.Access())-len(gone)) + "; missing: " + strings.Join(gone, ", "), nil
	}
	return fields(len(m.Access())), nil
}

// fields says how many fields are there.
func fields(n int) string { return crm.Counted(n, "field") + crm.Plural(n, " is there", " are there") }
