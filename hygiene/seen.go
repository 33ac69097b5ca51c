package hygiene

import (
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Seen gathers the pipelines and forecast categories of open deals in an evaluation.
// The names in the configuration are compared with them too, because a source may
// list fewer than its deals have. The zero value is empty.
type Seen struct {
	Pipelines map[string]bool `json:"pipelines,omitempty"` // ids of the pipelines of all deals, in lower case
	Forecasts map[string]bool `json:"forecasts,omitempty"` // forecast categories
	unclear   bool            // the category of some deal could not be read
}

// Add notes the pipeline and the category of a deal, if the deal is open; skipped deals too.
func (s *Seen) Add(r *Result) {
	if r.ClosedAs != 0 {
		return
	}
	if s.Pipelines == nil {
		s.Pipelines, s.Forecasts = map[string]bool{}, map[string]bool{}
	}
	s.Pipelines[strings.ToLower(r.Facts.Pipeline)] = true
	if r.Facts.Forecast != "" {
		s.Forecasts[r.Facts.Forecast] = true
	}
	s.unclear = s.unclear || r.Facts.IsUnclear("forecast_category")
}

// mostForecasts is how many categories a snapshot lists: whoever writes anything into that
// field has no list of categories.
const mostForecasts = 60

// Categories lists the forecast categories of the open deals, nil where some deal's could not
// be read, and where there are too many to be a list.
func (s *Seen) Categories() []string {
	if s.unclear || len(s.Forecasts) > mostForecasts {
		return nil
	}
	return slices.Sorted(maps.Keys(s.Forecasts))
}

// UnmatchedSkips lists the names in p.Skip in which no deal is and that are
// no pipeline of the source's list. A source may list fewer pipelines than its deals
// are in.
func (s *Seen) UnmatchedSkips(p *Pass) []string {
	return slices.DeleteFunc(slices.Clone(p.Skip), func(name string) bool {
		name = strings.TrimSpace(name)
		return s.Pipelines[strings.ToLower(name)] || p.Source.called(name)
	})
}

// UnmatchedPipelines lists the pipelines that the operator defines and that neither the
// source's list nor an open deal has. It is for a source that lists stages of every
// pipeline too, of which [Source.Unmatched] cannot say which pipelines there are; it
// lists nothing for a source that names no pipeline at all.
func (s *Seen) UnmatchedPipelines(p *Pass) (list []string) {
	named := p.Source.anyStage(func(st *crm.Stage) bool { return st.Pipeline != "" })
	everywhere := p.Source.anyStage(func(st *crm.Stage) bool { return st.Pipeline == "" })
	if !named || !everywhere {
		return nil
	}
	for i := range p.Source.Pipelines {
		name := strings.TrimSpace(p.Source.Pipelines[i].Name)
		if name != everyPipeline && !p.Source.called(name) && !s.Pipelines[strings.ToLower(name)] {
			list = append(list, "pipeline "+name)
		}
	}
	return list
}

// UnmatchedCommit lists the names in p.Commit that are the forecast category of no
// stage of the source and of no deal seen; and all categories that there are. It lists
// nothing for a source without categories, which may be hidden from the login.
func (s *Seen) UnmatchedCommit(p *Pass) (unmatched, categories []string) {
	all := map[string]bool{}
	maps.Copy(all, s.Forecasts)
	for i := range p.Source.Stages {
		if f := category(p.Source.Stages[i].Forecast); f != "" && !p.Source.Stages[i].Gone {
			all[f] = true
		}
	}
	categories = slices.Sorted(maps.Keys(all))
	if len(categories) == 0 {
		return nil, nil
	}
	for _, name := range p.Commit {
		if !slices.ContainsFunc(categories, func(c string) bool { return sameCategory(name, c) }) {
			unmatched = append(unmatched, name)
		}
	}
	return unmatched, categories
}

// sameCategory reports whether the operator's name means a forecast category as
// [Pass.Forecast] gives it.
func sameCategory(name, forecast string) bool {
	return strings.EqualFold(category(strings.TrimSpace(name)), forecast)
}
