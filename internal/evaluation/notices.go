package evaluation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/doctor"
	"github.com/pipetidy/pipetidy/store"
)

// noticesNote begins the name of the note that keeps a source's notices in the journal.
const noticesNote = "notices|"

// noTeam is the cause of the notice that people are in no team.
const noTeam = "no-team"

// notice is something that ops should know. Its cause stays the same while the numbers
// in its text change, so each cause is logged once.
type notice struct {
	Cause string `json:"cause"`
	Text  string `json:"text"`
	File  bool   `json:"file,omitempty"` // about the configuration, so sync says it too
}

// notices lists what an evaluation met that is no finding of a deal and that only ops
// can put right.
func notices(src *Source, s *hygiene.Snapshot, strays map[string]int, odd *oddities, twice []string) []notice {
	var out []notice
	add := func(cause, format string, args ...any) {
		out = append(out, notice{Cause: cause, Text: src.Name() + ": " + fmt.Sprintf(format, args...)})
	}
	deals, unowned, unseen := 0, -odd.unowned, 0
	var owners, hidden []string
	for i := range s.Tallies {
		switch t := &s.Tallies[i]; {
		case t.OwnerID == "":
			unowned += t.Deals
		case t.Team == "" && t.OwnerName == "" && t.OwnerEmail == "":
			unseen += t.Deals
			hidden = append(hidden, plain.Text(t.OwnerID))
		case t.Team == "":
			deals += t.Deals
			owners = append(owners, plain.Text(cmp.Or(t.OwnerEmail, t.OwnerName)))
		}
	}
	if deals > 0 {
		add(noTeam, "%s to people in no team, so no digest lists them: %s; add them under teams", counted(deals, "belongs", "belong"), some(owners))
	}
	if unseen > 0 {
		add("no-user", "%s to users that the login does not see, so no digest lists them: %s; let the login see all users (Salesforce: View All Users; HubSpot: the scope crm.objects.owners.read)", counted(unseen, "belongs", "belong"), some(hidden))
	}
	if unowned > 0 {
		add("no-owner", "%s no owner; those that had one are in the digest of that person's team, the others in none: assign them in the CRM", counted(unowned, "has", "have"))
	}
	for _, label := range slices.Sorted(maps.Keys(strays)) {
		add("stage "+label, "%s in stage %q, which the CRM does not list; rules about stages are unknown for them", counted(strays[label], "is", "are"), plain.Text(label))
	}
	if n := Skipped(s); n > 0 && len(s.Tallies) == 0 {
		add("skip all", "no open deal is judged: skip.pipelines covers all (%d)", n)
	}
	for i, id := range twice {
		if i == shown {
			add("twice more", "%s a deal that another deal names as well: all are counted", words.Count(len(twice)-shown, "more deal names", "more deals name"))
			break
		}
		add("twice "+id, "%s: both are counted; correct fields.%s on one of them", id, crm.SameAs)
	}
	return out
}

// unmatched lists what the configuration says of pipelines, stages and forecast categories
// that the CRM does not have, nor any of the deals that were met in the last evaluation.
func unmatched(src *Source, pass *hygiene.Pass, met *hygiene.Seen) []notice {
	var out []notice
	add := func(cause, format string, args ...any) {
		out = append(out, notice{cause, src.Name() + ": " + fmt.Sprintf(format, args...), true})
	}
	for _, what := range append(pass.Source.Unmatched(), met.UnmatchedPipelines(pass)...) {
		add("unmatched "+what, "your configuration defines %s, which the CRM does not list; correct its name under pipelines%s", what, meant(pass, what))
	}
	for _, name := range met.UnmatchedSkips(pass) {
		add("skip "+name, "skip.pipelines names %q, but the CRM lists no such pipeline and no open deal is in such a pipeline, so the name skips nothing; correct the name%s", name, meant(pass, name))
	}
	if src.Commit != nil { // the default is no mistake of the operator's
		names, have := met.UnmatchedCommit(pass)
		for _, name := range names {
			add("commit "+name, "commit names %q, but no stage and no open deal has that forecast category, so it adds nothing to the commit; those in use are %s", name, plain.Text(strings.Join(have, ", ")))
		}
	}
	return out
}

// meant asks for the pipeline or stage of the CRM that a name which it does not have is near
// to: "pipeline Y", "stage X of pipeline Y", or the name of a pipeline alone.
func meant(pass *hygiene.Pass, what string) string {
	name, stage := strings.CutPrefix(what, "stage ")
	if stage {
		name, _, _ = strings.Cut(name, " of pipeline ")
	} else {
		name = strings.TrimPrefix(name, "pipeline ")
	}
	var known []string
	for i := range pass.Source.Stages {
		st := &pass.Source.Stages[i]
		switch {
		case st.Gone: // what the CRM does not have was not meant
		case stage:
			known = append(known, cmp.Or(st.Label, st.ID))
		case cmp.Or(st.PipelineLabel, st.Pipeline) != "":
			known = append(known, cmp.Or(st.PipelineLabel, st.Pipeline))
		}
	}
	if near := doctor.Near(name, known); near != "" && !strings.EqualFold(near, name) {
		return fmt.Sprintf(" (did you mean %s?)", plain.Text(near))
	}
	return ""
}

// counted is a number of open deals with the verb that goes with it.
func counted(n int, verb, verbs string) string {
	return words.Count(n, "open deal "+verb, "open deals "+verbs)
}

// shown is how many of many are named.
const shown = 5

// some lists the first few names, and says how many there are besides.
func some(names []string) string {
	slices.Sort(names)
	if n := len(names) - shown; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), n)
	}
	return strings.Join(names, ", ")
}

// Skipped counts the open deals that are in skipped pipelines.
func Skipped(s *hygiene.Snapshot) (n int) {
	for _, deals := range s.Skipped {
		n += deals
	}
	return n
}

// heldCause begins the causes of notices of what sweeps held back.
const heldCause = "held "

// heldBack says what the sweeps of the source held back.
func heldBack(src *Source, v *Verdict) []notice {
	var out []notice
	for i, text := range v.Held {
		out = append(out, notice{Cause: fmt.Sprint(heldCause, i), Text: src.Name() + ": " + text})
	}
	return out
}

// noteHeld notes what sweeps held back on a source that may not be judged. The other
// notices stay as the last evaluation left them.
func (e *Evaluation) noteHeld(ctx context.Context, src *Source, v *Verdict) error {
	before, err := e.noted(ctx, src)
	if err != nil {
		return err
	}
	now := heldBack(src, v)
	for _, n := range before {
		if !strings.HasPrefix(n.Cause, heldCause) {
			now = append(now, n)
		}
	}
	return e.noteNotices(ctx, src, now)
}

// noteNotices keeps the notices for status, and reports those whose cause is new to
// Observe.
func (e *Evaluation) noteNotices(ctx context.Context, src *Source, now []notice) error {
	before, err := e.noted(ctx, src)
	if err != nil {
		return err
	}
	if slices.Equal(before, now) {
		return nil
	}
	for _, n := range now {
		if !slices.ContainsFunc(before, func(o notice) bool { return o.Cause == n.Cause }) {
			e.cfg.Observe(Event{Kind: Notice, Source: src.Name(), Text: n.Text})
		}
	}
	b, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("note notices: %w", err)
	}
	return store.AsFileError(e.journal.Note(ctx, e.fence, noticesNote+src.Name(), string(b)))
}

// noted returns the notices of the last evaluation.
func (e *Evaluation) noted(ctx context.Context, src *Source) (ns []notice, err error) {
	s, err := e.journal.Noted(ctx, noticesNote+src.Name())
	if err != nil || s == "" {
		return nil, store.AsFileError(err)
	}
	if err := json.Unmarshal([]byte(s), &ns); err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	return ns, nil
}

// Remarks says what those who run Pipetidy should know after a sync: what was held
// back on the source and what cannot be judged.
func (e *Evaluation) Remarks(ctx context.Context, src *Source) ([]string, error) {
	pass, v, err := e.pass(ctx, src, nil)
	if err != nil || !v.Complete {
		return nil, err
	}
	said, err := e.fiscalNotice(ctx, src)
	return slices.Concat(v.Held, unread(src, pass), said), err
}

// OfFile says what the configuration names and the CRMs do not have: of the source, and
// of all sources together.
func (e *Evaluation) OfFile(ctx context.Context, src *Source) ([]string, error) {
	pass, v, err := e.pass(ctx, src, nil)
	if err != nil {
		return nil, err
	}
	out, err := e.ofFile(ctx, src, pass, &v)
	if err != nil {
		return nil, err
	}
	ms, err := e.Mistakes(ctx)
	for i := range ms {
		out = append(out, ms[i].Text)
	}
	return out, err
}

// Notices says what is wrong with a source, for status: the error of its last sync,
// what cannot be judged, and what its last evaluation met.
func (e *Evaluation) Notices(ctx context.Context, src *Source) ([]string, error) {
	pass, v, err := e.pass(ctx, src, nil)
	if err != nil {
		return nil, err
	}
	var out []string
	if v.Error != "" {
		out = append(out, src.Name()+": "+v.Error)
	}
	if !v.Complete {
		return out, nil
	}
	out = append(out, unread(src, pass)...)
	said, err := e.fiscalNotice(ctx, src)
	if err != nil {
		return nil, err
	}
	out = append(out, said...)
	of, err := e.ofFile(ctx, src, pass, &v)
	if err != nil {
		return nil, err
	}
	out = append(out, of...)
	if pending := src.pending(&pass.Source.Info); pending != "" {
		out = append(out, pending)
	}
	ns, err := e.noted(ctx, src)
	for _, n := range ns {
		if !n.File { // those are compared anew: the file may be another than that of the last evaluation
			out = append(out, n.Text)
		}
	}
	return out, err
}

// Standing says what of the notices of a source can wait for a day: not its error, nor what is
// held, nor what is wrong in the configuration; nor who is in no team.
func (e *Evaluation) Standing(ctx context.Context, src *Source) ([]string, error) {
	pass, v, err := e.pass(ctx, src, nil)
	if err != nil || !v.Complete {
		return nil, err
	}
	said, err := e.fiscalNotice(ctx, src)
	if err != nil {
		return nil, err
	}
	out := slices.Concat(unread(src, pass), said)
	ns, err := e.noted(ctx, src)
	for _, n := range ns {
		if !n.File && n.Cause != noTeam && !strings.HasPrefix(n.Cause, heldCause) {
			out = append(out, n.Text)
		}
	}
	return out, err
}

// ofFile says what the configuration in hand says of the source and the CRM does not have,
// by what the cache knows of the CRM and what the last evaluation met there.
func (e *Evaluation) ofFile(ctx context.Context, src *Source, pass *hygiene.Pass, v *Verdict) ([]string, error) {
	met, ok, err := e.met(ctx, src)
	if err != nil || !ok || !v.Complete {
		return nil, err
	}
	var out []string
	for _, n := range unmatched(src, pass, &met) {
		out = append(out, n.Text)
	}
	return out, nil
}

// metNote begins the name of the note that keeps which pipelines and forecast categories
// the last evaluation met. mostMet is how many of each: a field with free text that is
// mapped as the category would have as many as there are deals.
const (
	metNote = "met|"
	mostMet = 1000
)

// met is what the last evaluation met; ok is false where none has noted it.
func (e *Evaluation) met(ctx context.Context, src *Source) (met hygiene.Seen, ok bool, err error) {
	s, err := e.journal.Noted(ctx, metNote+src.Name())
	if err != nil || s == "" {
		return met, false, store.AsFileError(err)
	}
	if err := json.Unmarshal([]byte(s), &met); err != nil {
		return met, false, fmt.Errorf("read what was met: %w", err)
	}
	return met, true, nil
}

// noteMet keeps what an evaluation met.
func (e *Evaluation) noteMet(ctx context.Context, src *Source, met *hygiene.Seen) error {
	if len(met.Pipelines) > mostMet || len(met.Forecasts) > mostMet {
		return store.AsFileError(e.journal.Note(ctx, e.fence, metNote+src.Name(), ""))
	}
	b, err := json.Marshal(met)
	if err != nil {
		return fmt.Errorf("note what was met: %w", err)
	}
	name := metNote + src.Name()
	if noted, err := e.journal.Noted(ctx, name); err != nil || noted == string(b) {
		return store.AsFileError(err)
	}
	return store.AsFileError(e.journal.Note(ctx, e.fence, name, string(b)))
}
