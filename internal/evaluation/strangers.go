package evaluation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// settled is how long after the last change of a deal its twin is to be known to the other
// source: an integration makes the one from the other, and search indexes lag.
const settled = time.Hour

// Strangers says, in a sentence for each source, which open deals name a deal of another
// source (crm.SameAs) that no source has: such a deal is counted twice. A deal that is not
// known to be absent is not among them, as while the other source is incomplete. Closed deals
// are counted nowhere, and their twins may be older than what is kept.
func (e *Evaluation) Strangers(ctx context.Context) ([]string, error) {
	if len(e.cfg.Sources) < 2 {
		return nil, nil
	}
	var out []string
	for i := range e.cfg.Sources {
		src := &e.cfg.Sources[i]
		deals, err := e.strangers(ctx, src)
		if err != nil {
			return nil, err
		}
		if len(deals) == 0 {
			continue
		}
		out = append(out, fmt.Sprintf("%s: fields.%s of %s no deal of another source, and a deal that is there under another id is counted twice: %s; correct the values in the CRM, or clear them",
			src.Name(), crm.SameAs, counted(len(deals), "names", "name"), some(deals)))
	}
	return out, nil
}

// naming is a deal that names another.
type naming struct {
	id, value string
	changed   time.Time
	to        []deal // what the value may mean, by source
}

// strangers are the open deals of a source that name no deal of another.
func (e *Evaluation) strangers(ctx context.Context, from *Source) ([]string, error) {
	ref, err := e.Reference(ctx, from.Name())
	if err != nil || ref.Info.Fields.Access(crm.SameAs) != crm.Readable {
		return nil, err
	}
	skipped := hygiene.Skip(from.Skip, ref.Stages)
	var names []naming
	ask := map[string][]string{} // source → ids
	err = e.cache.Named(ctx, from.Name(), crm.SameAs, func(o *crm.Opportunity) error {
		c, _ := o.Get(crm.SameAs)
		value := strings.Clone(strings.TrimSpace(c.Value))
		if value == "" || o.Closed || skipped.Of(o) != "" {
			return nil
		}
		n := naming{strings.Clone(o.ID), value, o.ModifiedAt, e.mayMean(from, value)}
		for _, d := range n.to {
			ask[d.source] = append(ask[d.source], d.id)
		}
		names = append(names, n)
		return nil
	})
	if err != nil {
		return nil, store.AsFileError(err)
	}
	absent, known := map[deal]bool{}, map[string]time.Time{}
	for source, ids := range ask {
		if known[source], err = e.knownUntil(ctx, source); err != nil {
			return nil, err
		}
		states, err := e.cache.Absent(ctx, source, ids)
		if err != nil {
			return nil, store.AsFileError(err)
		}
		for id, s := range states {
			absent[deal{source, id}] = s == hygiene.Gone
		}
	}
	var out []string
	for _, n := range names {
		if !slices.ContainsFunc(n.to, func(d deal) bool { return !absent[d] || n.changed.Add(settled).After(known[d.source]) }) {
			out = append(out, fmt.Sprintf("%s names %q", n.id, plain.Text(n.value)))
		}
	}
	return out, nil
}

// knownUntil is the time until which the deals of a source are known, zero while they are not.
func (e *Evaluation) knownUntil(ctx context.Context, source string) (time.Time, error) {
	i := slices.IndexFunc(e.cfg.Sources, func(s Source) bool { return s.Name() == source })
	v, _, err := e.verdict(ctx, &e.cfg.Sources[i])
	if err != nil || v.Withheld != "" {
		return time.Time{}, err
	}
	return v.AsOf, nil
}
