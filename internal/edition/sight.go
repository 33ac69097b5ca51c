package edition

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/evaluation"
)

// about names a field of the deals of a source as readers do.
func about(field string, src *evaluation.Source) string {
	return fmt.Sprintf("%s on %s deals", hygiene.Words(field), src.Label)
}

// unchecked says what could not be judged on a source, in the readers' words: fields
// that nobody mapped, or that our login cannot read.
func unchecked(src *evaluation.Source, pass *hygiene.Pass) []string {
	var out []string
	for _, u := range pass.Unjudged() {
		why := "field not mapped"
		if u.Access == crm.Hidden {
			why = "our login cannot read it"
		}
		s := about(u.Field, src) + " (" + why + ")"
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// checked says what is judged on a source, in the same words: the fields that rules need
// and that can be read. A field that no rule asks for any more is not checked again.
func checked(src *evaluation.Source, pass *hygiene.Pass) []string {
	var out []string
	for i := range pass.Rules {
		r := &pass.Rules[i]
		if !pass.Runs(r.ID) {
			continue
		}
		fields := r.Needs
		if r.Wants != nil {
			fields = slices.Concat(fields, r.Wants(pass))
		}
		for _, f := range fields {
			if s := about(f, src); pass.Readable(f) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// checked is what could be checked on all sources.
func (f *facts) checked() (out []string) {
	for _, label := range slices.Sorted(maps.Keys(f.sighted)) {
		out = append(out, f.sighted[label]...)
	}
	return out
}

// changed says what changed after since in what the deals of the sources that are shown are
// judged by.
func (r *Run) changed(ctx context.Context, since time.Time) ([]digest.Change, error) {
	var out []digest.Change
	for _, src := range r.e.evaluation.Sources() {
		if !r.facts.shown[src.Name()] {
			continue
		}
		changes, err := r.e.evaluation.Changes(ctx, src, since)
		if err != nil || len(changes) == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		pass, _, err := r.e.evaluation.Pass(ctx, src)
		if err != nil {
			return nil, err
		}
		for i := range changes {
			out = append(out, inWords(src, pass, changes, i)...)
		}
	}
	return out, nil
}

// inWords says a change as a digest does. A rule whose fields are seen otherwise since the
// same evaluation changed by that alone, as far as anybody can tell.
func inWords(src *evaluation.Source, pass *hygiene.Pass, changes []evaluation.Change, i int) []digest.Change {
	c := &changes[i]
	out := digest.Change{Source: src.Name()}
	switch c.Kind {
	case "sight":
		return seenOtherwise(src, pass, c)
	case "rule":
		at := slices.IndexFunc(pass.Rules, func(r hygiene.Rule) bool { return r.ID == c.Of })
		if at >= 0 && slices.ContainsFunc(changes, func(s evaluation.Change) bool {
			return s.Kind == "sight" && s.At.Equal(c.At) && slices.Contains(pass.Rules[at].Fields(pass), s.Of)
		}) {
			return nil
		}
		out.Rule, out.Text = c.Of, "the rule "+c.Of+" was changed"
		if at < 0 || !pass.Runs(c.Of) {
			out.Text = "the rule " + c.Of + " was switched off"
		}
	case "severity":
		out.Rule, out.Text = c.Of, "the severity of the rule "+c.Of+" was changed"
	case "definitions":
		out.Pipeline, out.Text = c.Of, "the stage definitions were changed"
	case "stages":
		out.Pipeline, out.Text = c.Of, "the stages were changed in the CRM"
		forecast := out // the category of a deal may be that of its stage
		forecast.Of = digest.InCommit
		return []digest.Change{out, forecast}
	case "commit":
		out.Of, out.Text = digest.InCommit, "other forecast categories count as commit, or another field has the category"
	case "amount":
		out.Of, out.Text = digest.Amount, "the amounts are another field's, or can be read otherwise"
	case "skip":
		out.Pipeline, out.Text = c.Of, "a pipeline is skipped that was not, or the other way round"
	case "calendar":
		out.Owner, out.Text = c.Of, "the working days or the time zone were changed"
		if c.Of != "" {
			out.Text = "the days off or the time zone of an owner were changed"
		}
	case "team":
		out.Text = "the working days or the time zone were changed"
	case "clock":
		out.Text = "the time zone of the CRM's account was changed"
	default:
		return nil
	}
	return []digest.Change{out}
}

// seenOtherwise is a change of sight for each of the rules that read the field.
func seenOtherwise(src *evaluation.Source, pass *hygiene.Pass, c *evaluation.Change) (out []digest.Change) {
	text := about(c.Of, src) + " can be read now"
	switch c.Access {
	case crm.Hidden:
		text = about(c.Of, src) + " cannot be read any more"
	case crm.Unmapped:
		text = about(c.Of, src) + " no longer mapped"
	}
	for i := range pass.Rules {
		r := &pass.Rules[i]
		if pass.Runs(r.ID) && slices.Contains(r.Fields(pass), c.Of) {
			out = append(out, digest.Change{Source: src.Name(), Rule: r.ID, Text: text})
		}
	}
	return out
}
