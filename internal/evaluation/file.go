package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/internal/doctor"
	"github.com/pipetidy/pipetidy/store"
)

// fileNote is the name of the note that keeps which mistakes of the file were logged.
const fileNote = "notices of the file"

// Mistakes compares the configuration with what the cache knows of the sources.
func (e *Evaluation) Mistakes(ctx context.Context) ([]doctor.Mistake, error) {
	known, err := e.known(ctx)
	if err != nil {
		return nil, err
	}
	f := doctor.File{Teams: e.cfg.Teams.List, People: e.cfg.People, Declared: e.cfg.Declared, Currency: e.cfg.Exchange.Report, Rates: e.cfg.Exchange.Rates}
	left, err := e.Unnamed(ctx)
	if err != nil {
		return nil, err
	}
	var old []doctor.Source
	for _, name := range left {
		ref, err := e.cache.Reference(ctx, name)
		if err != nil {
			return nil, store.AsFileError(err)
		}
		old = append(old, doctor.Source{Name: name, Info: ref.Info})
	}
	out := append(doctor.Compare(&f, known), doctor.Unnamed(old, known)...)
	if a := e.cfg.Almanac(); a != nil {
		for _, t := range a.Troubles {
			out = append(out, doctor.Mistake{Place: "days off", Text: t.Text})
		}
	}
	return out, nil
}

// Unnamed lists the sources of the cache that the configuration does not name. They are
// neither judged nor counted.
func (e *Evaluation) Unnamed(ctx context.Context) ([]string, error) {
	states, err := e.cache.Streams(ctx)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	var out []string
	for i := range states {
		if name := states[i].Source; !e.Names(name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// Names reports whether the configuration has a source of that name.
func (e *Evaluation) Names(source string) bool {
	return slices.ContainsFunc(e.cfg.Sources, func(s Source) bool { return s.Name() == source })
}

// known is what the cache knows of each source, in the order of the configuration.
func (e *Evaluation) known(ctx context.Context) ([]doctor.Source, error) {
	states, err := e.cache.Streams(ctx)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	var out []doctor.Source
	for _, src := range e.Sources() {
		ref, err := e.cache.Reference(ctx, src.Name())
		if err != nil {
			return nil, store.AsFileError(err)
		}
		ref.Info.Why = src.reasons(&ref.Info)
		s := doctor.Source{Name: src.Name(), Info: ref.Info, Users: ref.Users, Logins: src.Logins}
		for i := range states {
			if st := &states[i]; st.Source == src.Name() && st.Stream == crm.Users {
				s.AllUsers = st.Complete && st.Held == "" && st.Short == "" && !st.Untold && ref.Info.Why[string(crm.Users)] == ""
			}
		}
		if s.AllUsers {
			if s.AllUsers, err = e.seesOwners(ctx, src); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// remapped lists the fields that the configuration in hand reads from another field of the
// account than the last sync did, sorted; none for an account that was never read.
func (src *Source) remapped(info *crm.Info) []string {
	m, ok := src.Source.(crm.Mapper)
	if !ok || info.Type == "" {
		return nil
	}
	now := m.Mapping()
	all := maps.Clone(now)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, info.Mapped)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(f string) bool { return now[f] == info.Mapped[f] })
}

// reasons are those for which fields are hidden, without those that blame a mapping which is
// no longer that of the configuration.
func (src *Source) reasons(info *crm.Info) map[string]string {
	out := maps.Clone(info.Why)
	for _, f := range src.remapped(info) {
		if doctor.OfFile(f, out[f]) {
			delete(out, f)
		}
	}
	return out
}

// pending says which fields the next sync reads from elsewhere, "" is none.
func (src *Source) pending(info *crm.Info) string {
	fields := src.remapped(info)
	if len(fields) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: what the file says under fields of %s is another than the last sync read; `pipetidy sync` reads it", src.Name(), words.List(fields))
}

// Compared is a configuration against what the cache knows of the CRMs.
type Compared struct {
	Mistakes []string
	Pending  []string // what cannot be told before the next sync
}

// Compare compares the configuration of this evaluation with the CRMs, for a person who
// asks: what a sync has not read yet is pending, not right.
func (e *Evaluation) Compare(ctx context.Context) (*Compared, error) {
	out := &Compared{}
	add := func(texts ...string) {
		for _, t := range texts {
			if !slices.Contains(out.Mistakes, t) {
				out.Mistakes = append(out.Mistakes, t)
			}
		}
	}
	strangers, err := e.Strangers(ctx)
	if err != nil {
		return nil, err
	}
	add(strangers...)
	for _, src := range e.Sources() {
		of, err := e.OfFile(ctx, src)
		if err != nil {
			return nil, err
		}
		add(of...)
		v, ref, err := e.verdict(ctx, src)
		if err != nil {
			return nil, err
		}
		_, met, err := e.met(ctx, src)
		if err != nil {
			return nil, err
		}
		switch pending := src.pending(&ref.Info); {
		case !v.Complete:
			out.Pending = append(out.Pending, src.Name()+" has not been read completely; run `pipetidy sync`")
		case pending != "":
			out.Pending = append(out.Pending, pending)
		case !met:
			out.Pending = append(out.Pending, src.Name()+" has not been judged yet, so its pipelines and forecast categories are not known; run `pipetidy sync`")
		}
	}
	return out, nil
}

// With is an evaluation on the same files by another configuration, to compare the two. It
// must not evaluate.
func (e *Evaluation) With(cfg Config) *Evaluation {
	cfg.Now, cfg.Observe = e.cfg.Now, func(Event) {}
	return New(cfg, e.cache, e.journal, e.fence)
}

// seesOwners reports whether the last evaluation met no owner whom the login does not
// see: where one is hidden, others are too.
func (e *Evaluation) seesOwners(ctx context.Context, src *Source) (bool, error) {
	s, ok, err := e.journal.Snapshot(ctx, src.Name(), e.cfg.Now())
	if err != nil || !ok {
		return false, store.AsFileError(err)
	}
	for i := range s.Tallies {
		if t := &s.Tallies[i]; t.OwnerID != "" && t.OwnerName == "" && t.OwnerEmail == "" {
			return false, nil
		}
	}
	return true, nil
}

// duplicate says why a source is not judged that reads the account of an earlier one.
func (e *Evaluation) duplicate(ctx context.Context, src *Source, own crm.Info) (string, error) {
	if own.Account == "" {
		return "", nil
	}
	var list []doctor.Source
	for i, s := range e.Sources() {
		if s.Name() == src.Name() {
			if first := doctor.Twin(append(list, doctor.Source{Info: own}), i); first != "" {
				return fmt.Sprintf("it reads the same account as the source %s, so its deals would count twice; remove one of the two sources", first), nil
			}
			return "", nil
		}
		ref, err := e.cache.Reference(ctx, s.Name())
		if err != nil {
			return "", store.AsFileError(err)
		}
		list = append(list, doctor.Source{Name: s.Name(), Info: ref.Info})
	}
	return "", nil
}

// noteFile reports the mistakes of the file that are new to Observe.
func (e *Evaluation) noteFile(ctx context.Context) error {
	ms, err := e.Mistakes(ctx)
	if err != nil {
		return err
	}
	old, err := e.journal.Noted(ctx, fileNote)
	if err != nil {
		return store.AsFileError(err)
	}
	var before, now []string
	if old != "" {
		if err := json.Unmarshal([]byte(old), &before); err != nil {
			return fmt.Errorf("read notices of the file: %w", err)
		}
	}
	for i := range ms {
		now = append(now, ms[i].Text)
		if !slices.Contains(before, ms[i].Text) {
			e.cfg.Observe(Event{Kind: Notice, Source: ms[i].Source, Text: ms[i].Text})
		}
	}
	if slices.Equal(before, now) {
		return nil
	}
	b, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("note notices of the file: %w", err)
	}
	return store.AsFileError(e.journal.Note(ctx, e.fence, fileNote, string(b)))
}
