package evaluation

import (
	"cmp"
	"context"
	"fmt"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// pressing says which teams have more deals of severity high than their manager can be
// shown in a business week, and which rule makes most of them. The deals of a team are
// counted over all sources; the source with most of them says it.
func (e *Evaluation) pressing(ctx context.Context, src *Source, s *hygiene.Snapshot) ([]notice, error) {
	type sum struct {
		deals, here, most int
		rules             map[string]int
	}
	teams := map[string]*sum{}
	for _, other := range e.Sources() {
		snap, ok := *s, true
		if other.Name() != src.Name() {
			var err error
			if snap, ok, err = e.journal.Snapshot(ctx, other.Name(), e.cfg.Now()); err != nil {
				return nil, store.AsFileError(err)
			}
		}
		if !ok {
			continue
		}
		for _, u := range snap.Urgent {
			t := teams[u.Team]
			if t == nil {
				t = &sum{rules: map[string]int{}}
				teams[u.Team] = t
			}
			t.deals += u.Deals
			if other.Name() == src.Name() {
				t.here = u.Deals
			} else {
				t.most = max(t.most, u.Deals)
			}
			for rule, n := range u.Rules {
				t.rules[rule] += n
			}
		}
	}
	var out []notice
	shown := cmp.Or(e.cfg.Numbered, numbered)
	for i := range e.cfg.Teams.List {
		team := &e.cfg.Teams.List[i]
		t := teams[team.Key()]
		if t == nil || t.deals <= shown*workWeek || t.here < t.most {
			continue
		}
		worst := ""
		for i := range e.cfg.Rules { // in catalogue order, so that equal counts name the same rule each time
			if id := e.cfg.Rules[i].ID; t.rules[id] > t.rules[worst] {
				worst = id
			}
		}
		out = append(out, notice{
			Cause: "pressing " + team.Key(),
			Text: fmt.Sprintf("%s: team %s has %s with a finding of severity high, and its manager is shown %d in five business days; %s makes most of them (%d): raise its limit, or lower its severity, under rules",
				src.Name(), plain.Text(team.Name), words.Count(t.deals, "deal", "deals"), shown*workWeek, worst, t.rules[worst]),
		})
	}
	return out, nil
}

const (
	// numbered is how many deals a manager's digest numbers on a day, where the
	// configuration does not say it.
	numbered = 6
	// workWeek is in how many business days a manager should have seen every deal with a
	// finding of severity high.
	workWeek = 5
)
