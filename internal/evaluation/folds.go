package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// foldsNote begins the name of the note that keeps in the journal which rules are folded on
// a source.
const foldsNote = "folds|"

// folds are those that were decided at the end of the last evaluation of the source.
func (e *Evaluation) folds(ctx context.Context, src *Source) (hygiene.Folds, error) {
	s, err := e.journal.Noted(ctx, foldsNote+src.Name())
	if err != nil || s == "" {
		return nil, store.AsFileError(err)
	}
	var fs hygiene.Folds
	if err := json.Unmarshal([]byte(s), &fs); err != nil {
		return nil, fmt.Errorf("read which rules are folded: %w", err)
	}
	return fs, nil
}

// noteFolds keeps the folds.
func (e *Evaluation) noteFolds(ctx context.Context, src *Source, fs hygiene.Folds) error {
	b, err := json.Marshal(fs)
	if err != nil {
		return fmt.Errorf("note which rules are folded: %w", err)
	}
	return store.AsFileError(e.journal.Note(ctx, e.fence, foldsNote+src.Name(), string(b)))
}

// refold decides after an evaluation, whose snapshot is s, which rules are folded or held
// from now on; since says from which day on a rule has been judged as it is now. A release
// that came while the deals were judged is part of what is decided from.
func (e *Evaluation) refold(ctx context.Context, src *Source, s *hygiene.Snapshot, since func(rule string) crm.Date) (now hygiene.Folds, brakes []hygiene.Brake, changed bool, err error) {
	was, err := e.folds(ctx, src)
	if err != nil {
		return nil, nil, false, err
	}
	days, err := e.rates(ctx, src, s)
	if err != nil {
		return nil, nil, false, err
	}
	at := e.cfg.Now()
	brakes = hygiene.Brakes(days, e.cfg.Rules, e.cfg.Settings, since)
	now = hygiene.Refold(was, days, e.cfg.Rules, e.cfg.Settings, at).Brake(brakes, days, since, s.At) // what this evaluation found began at its start
	if slices.Equal(was, now) {
		return now, brakes, false, nil
	}
	return now, brakes, true, e.noteFolds(ctx, src, now)
}

// told lists by record and rule the findings that began before a brake on their rule, and so
// are told; nil where no brake holds. It walks over the journal, which is as much as the
// evaluation that asks does.
func (e *Evaluation) told(ctx context.Context, src *Source, fs hygiene.Folds) (map[[2]string]bool, error) {
	if !slices.ContainsFunc(fs, func(f hygiene.Fold) bool { return f.Brake && f.Active() }) {
		return nil, nil
	}
	out := map[[2]string]bool{}
	err := e.journal.Lives(ctx, e.cfg.Now(), func(l hygiene.Life) error {
		if l.Source != src.Name() || l.State != hygiene.Open {
			return nil
		}
		if f := fs.Of(l.Deal.Pipeline, l.Rule); f != nil && f.Brake && l.Opened.Before(f.Since) {
			out[[2]string{strings.Clone(l.Record), l.Rule}] = true
		}
		return nil
	})
	return out, store.AsFileError(err)
}

// rates are the rates of the last days, from the last snapshot of each.
func (e *Evaluation) rates(ctx context.Context, src *Source, s *hygiene.Snapshot) ([]hygiene.DayRates, error) {
	days := []hygiene.DayRates{{Day: s.Day, Rates: s.Rates}}
	for day := s.Day - 1; day > s.Day-hygiene.FoldHistory; {
		end := (day + 1).In(e.cfg.Location).Add(-time.Nanosecond)
		old, ok, err := e.journal.Snapshot(ctx, src.Name(), end)
		if err != nil {
			return nil, store.AsFileError(err)
		}
		if !ok || old.Day <= s.Day-hygiene.FoldHistory {
			break
		}
		if old.Day < s.Day {
			days = append(days, hygiene.DayRates{Day: old.Day, Rates: old.Rates})
		}
		day = min(day, old.Day) - 1
	}
	slices.Reverse(days)
	return days, nil
}

// Fold is a rule that is folded in one pipeline of a source, or was, with the rate of the
// last evaluation.
type Fold struct {
	hygiene.Fold
	Title string // of the rule
	// Label is the pipeline's, "" where the CRM has no pipelines.
	Label string
	Rate  hygiene.Rate
}

// Folds lists the folds of a source, those that have ended lately too.
func (e *Evaluation) Folds(ctx context.Context, src *Source) ([]Fold, error) {
	fs, err := e.folds(ctx, src)
	if err != nil || len(fs) == 0 {
		return nil, err
	}
	s, _, err := e.journal.Snapshot(ctx, src.Name(), e.cfg.Now())
	if err != nil {
		return nil, store.AsFileError(err)
	}
	ref, err := e.Reference(ctx, src.Name())
	if err != nil {
		return nil, err
	}
	return e.described(fs, &s, &ref), nil
}

// described are the folds with what people call them, and their rates.
func (e *Evaluation) described(fs hygiene.Folds, s *hygiene.Snapshot, ref *hygiene.Source) []Fold {
	var out []Fold
	for i := range fs {
		f := Fold{Fold: fs[i], Label: fs[i].Pipeline, Rate: hygiene.Rate{Pipeline: fs[i].Pipeline, Rule: fs[i].Rule}}
		for j := range ref.Stages {
			if st := &ref.Stages[j]; st.Pipeline == f.Pipeline && st.PipelineLabel != "" {
				f.Label = st.PipelineLabel
				break
			}
		}
		for j := range e.cfg.Rules {
			if e.cfg.Rules[j].ID == f.Rule {
				f.Title = e.cfg.Rules[j].Title
			}
		}
		for _, r := range s.Rates {
			if r.Pipeline == f.Pipeline && r.Rule == f.Rule {
				f.Rate = r
			}
		}
		out = append(out, f)
	}
	return out
}

// Release ends the folds of a rule, in the pipeline with that id or label, or in all with
// "". It returns the folds that it ended, and those that a person had ended before: to
// release a rule twice is no mistake.
func (e *Evaluation) Release(ctx context.Context, src *Source, rule, pipeline string) (released, before []Fold, err error) {
	e.evaluating.Lock() // an evaluation decides from the folds and writes them
	defer e.evaluating.Unlock()
	all, err := e.Folds(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	fs := make(hygiene.Folds, len(all))
	for i := range all {
		f := &all[i]
		if f.Rule == rule && (pipeline == "" || pipeline == f.Pipeline || strings.EqualFold(pipeline, f.Label)) {
			switch {
			case f.Active():
				f.Until, f.Released = e.cfg.Now(), true
				released = append(released, *f)
			case f.Released:
				before = append(before, *f)
			}
		}
		fs[i] = f.Fold
	}
	if len(released) == 0 {
		return nil, before, nil
	}
	if err := e.noteFolds(ctx, src, fs); err != nil {
		return nil, nil, err
	}
	ns, err := e.noted(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	ns = slices.DeleteFunc(ns, func(n notice) bool {
		return slices.ContainsFunc(released, func(f Fold) bool { return n.Cause == f.cause() })
	})
	return released, before, e.noteNotices(ctx, src, ns)
}

// cause is that of the notice about the fold.
func (f *Fold) cause() string { return "fold " + f.Rule + "|" + f.Pipeline }

// foldNotices say which rules are folded, and what those who run Pipetidy can do about it.
func foldNotices(src *Source, fs []Fold) []notice {
	var out []notice
	for i := range fs {
		f := &fs[i]
		if !f.Active() {
			continue
		}
		if f.Brake {
			out = append(out, notice{Cause: f.cause(), Text: src.Name() + ": " + f.HeldWords()})
			continue
		}
		out = append(out, notice{
			Cause: f.cause(),
			Text: fmt.Sprintf("%s: %s (%s) on %s: a habit there rather than news, so the digests tell it in one line, except on commit deals; raise its limit or switch it off under rules, or let `pipetidy release %s` tell it deal by deal again",
				src.Name(), f.Clause(), f.Rule, f.Words(), f.Rule),
		})
	}
	return out
}

// HeldWords say of a brake what is held, and what can be done about it.
func (f *Fold) HeldWords() string {
	return fmt.Sprintf("%s (%s) on %s, where it used to be %d: such a jump is rather an import or an integration than people's work, so digests hold it back, except on commit deals, until the CRM is put right or `pipetidy release %s` lets it through",
		f.Clause(), f.Rule, f.Words(), f.Usual, f.Rule)
}

// jumpNotices tell of rules that fail suddenly on many deals and are told all the same.
func jumpNotices(src *Source, rules []hygiene.Rule, brakes []hygiene.Brake) []notice {
	var out []notice
	for i := range brakes {
		b := &brakes[i]
		if !b.Told {
			continue
		}
		f := Fold{Fold: hygiene.Fold{Rule: b.Rule}}
		for j := range rules {
			if rules[j].ID == b.Rule {
				f.Title = rules[j].Title
			}
		}
		out = append(out, notice{
			Cause: "jump " + b.Rule,
			Text: fmt.Sprintf("%s: %s (%s) on %s, where it used to be %d: the digests tell it, because this rule is never held back; look whether an import or an integration wrote these deals",
				src.Name(), f.Clause(), b.Rule, words.Count(b.Failed, "open deal", "open deals"), b.Usual()),
		})
	}
	return out
}

// Words are the figures of the fold: "410 of 560 open deals in New Business (73 %)".
func (f *Fold) Words() string {
	in := ""
	if f.Label != "" {
		in = " in " + plain.Text(f.Label)
	}
	return fmt.Sprintf("%d of %d open deals%s (%.0f %%)", f.Rate.Failed, f.Rate.Judged, in, 100*f.Rate.Share())
}

// Clause is the title of the rule in the middle of a sentence.
func (f *Fold) Clause() string {
	if f.Title == "" {
		return f.Rule
	}
	return strings.ToLower(f.Title[:1]) + f.Title[1:]
}
