package evaluation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// yardstickNote begins the name of the note that keeps in the journal what a source was
// last judged by. An earlier version noted the ids of the rules alone, hence the name.
const yardstickNote = "rules|"

// keepChanges is how long it is known when a part of a yardstick changed. No digest counts
// from so long ago.
const keepChanges = 60 * 24 * time.Hour

// judgedBy is what a source was judged by, and when parts of that changed.
type judgedBy struct {
	Parts   hygiene.Yardstick    `json:"parts"`
	Changed map[string]time.Time `json:"changed,omitempty"`
}

// judgedBy reads what the source was judged by in the evaluation before. Where that is not
// known, or only which rules ran, is is taken for it in all else.
func (e *Evaluation) judgedBy(ctx context.Context, src *Source, is hygiene.Yardstick) (was judgedBy, err error) {
	noted, err := e.journal.Noted(ctx, yardstickNote+src.Name())
	switch {
	case err != nil:
		return was, store.AsFileError(err)
	case noted == "":
		return judgedBy{Parts: is}, nil
	case !strings.HasPrefix(noted, "{"):
		return judgedBy{Parts: is.Ran(strings.Fields(noted))}, nil
	}
	if err := json.Unmarshal([]byte(noted), &was); err != nil {
		return was, fmt.Errorf("read what %s was judged by: %w", src.Name(), err)
	}
	return was, nil
}

// noteJudgedBy notes what the source is judged by since the evaluation at.
func (e *Evaluation) noteJudgedBy(ctx context.Context, src *Source, was judgedBy, is hygiene.Yardstick, at time.Time) error {
	b, err := json.Marshal(judgedBy{Parts: is, Changed: was.changes(is, at)})
	if err != nil {
		return fmt.Errorf("note what %s is judged by: %w", src.Name(), err)
	}
	name := yardstickNote + src.Name()
	if noted, err := e.journal.Noted(ctx, name); err != nil || noted == string(b) {
		return store.AsFileError(err)
	}
	return store.AsFileError(e.journal.Note(ctx, e.fence, name, string(b)))
}

// changes are the times at which parts changed, with those that differ in an evaluation at
// that time, which judged by is.
func (was *judgedBy) changes(is hygiene.Yardstick, at time.Time) map[string]time.Time {
	changed := map[string]time.Time{}
	for part, t := range was.Changed {
		if at.Sub(t) < keepChanges {
			changed[part] = t
		}
	}
	for _, part := range is.Changed(was.Parts) {
		changed[part] = at.UTC()
	}
	return changed
}

// judgedSince says for a rule which is the first day on which it has been judged as it is
// now: a part that all rules share, or that is of a pipeline, counts for each of them. The
// calendars of single people do not: absences come and go, and move few deals.
func (e *Evaluation) judgedSince(changed map[string]time.Time) func(rule string) crm.Date {
	return func(rule string) crm.Date {
		var last time.Time
		for part, at := range changed {
			if hygiene.PartOfRule(part, rule) && at.After(last) {
				last = at
			}
		}
		if last.IsZero() {
			return 0
		}
		return crm.DateOf(last, e.cfg.Location)
	}
}

// Change is a part of what a source is judged by that is another one since an evaluation.
type Change struct {
	// Kind and Of name the part: "sight" of a field, "rule" (its check, its parameters or
	// what it can read) or "severity" of a rule, "definitions", "stages" or "skip" of a
	// pipeline, "calendar" of a person ("" is the company) or "team", "commit", "amount", "clock".
	Kind, Of string
	At       time.Time
	// Access is how the login now sees the field of a change of sight.
	Access crm.Access
}

// Changes lists what changed after since in what the source is judged by, oldest first.
// Nothing changed in a source that has never been judged otherwise than at first.
func (e *Evaluation) Changes(ctx context.Context, src *Source, since time.Time) ([]Change, error) {
	now, err := e.judgedBy(ctx, src, nil)
	if err != nil {
		return nil, err
	}
	var out []Change
	for part, at := range now.Changed {
		if !at.After(since) {
			continue
		}
		kind, of, _ := strings.Cut(part, " ")
		c := Change{Kind: kind, Of: of, At: at}
		if kind == "sight" {
			c.Access = cmp.Or(crm.Access(now.Parts[part]), crm.Readable)
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Of, b.Of))
	})
	return out, nil
}
