package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
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
			out = append(out, doctor.Mistake{Place: "days off", Text: t})
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
		s := doctor.Source{Name: src.Name(), Info: ref.Info, Users: ref.Users, Logins: src.Logins}
		for i := range states {
			if st := &states[i]; st.Source == src.Name() && st.Stream == crm.Users {
				s.AllUsers = st.Complete && st.Held == "" && ref.Info.Why[string(crm.Users)] == ""
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
