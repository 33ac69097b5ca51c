package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
)

const (
	defaultEvery = 15 * time.Minute
	leastEvery   = time.Minute
)

// Read fills the keys of every source and the keys of its type from one mapping.
func (s *sourceEntry) Read(v form.Value) {
	s.Budget = 0.2
	kind, name := v.Peek("type"), v.Peek("name")
	for _, t := range all.Sources() {
		if t.Name == kind {
			s.settings, s.label = t.New(), t.Label
		}
	}
	if s.settings != nil {
		v.Fill(nil, &s.sourceCommon, s.settings)
		return
	}
	// Without a known type the other keys cannot be checked. The name is noted, so
	// that mentions of the source elsewhere are no mistakes.
	s.Name, s.Type = name, crmType(kind)
	es, ok := v.Entries()
	if !ok {
		return
	}
	for _, e := range es {
		if e.Name == "type" || e.Name == "name" {
			e.Show()
		}
	}
	known := s.Type.Values()
	if kind == "" {
		v.Report("%q is missing; available: %s", "type", strings.Join(known, ", "))
		return
	}
	v.At(form.Child(v.Path, "type")).Report("source type %s is not available in this version; available: %s%s",
		form.Quote(kind), strings.Join(known, ", "), form.Suggest(kind, known))
}

// sourceName matches names that fit in file names, labels of metrics and keys.
var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)

func (b *builder) sources() {
	if b.form.Has("sources") && len(b.file.Sources) == 0 {
		b.report("sources", "names no source; add at least one")
	}
	seen := map[string]bool{}
	for i := range b.file.Sources {
		s := &b.file.Sources[i]
		path := "sources[" + strconv.Itoa(i) + "]"
		if s.Name != "" {
			switch {
			case !sourceName.MatchString(s.Name):
				b.report(path+".name", "%s cannot name a source; use up to 32 letters, digits, - and _", form.Quote(s.Name))
			case seen[s.Name]:
				b.report(path+".name", "two sources are called %s; names are unique", form.Quote(s.Name))
			}
			seen[s.Name] = true
		}
		if s.settings == nil {
			continue
		}
		b.schedule(s, path)
		b.words(s.Skip.Pipelines, path+".skip.pipelines")
		b.words(s.Commit, path+".commit")
		s.settings.Validate(s.options(), func(key, message string) { b.detail(form.Child(path, key), message) })
		b.out.Sources = append(b.out.Sources, Source{
			Name: s.Name, Type: string(s.Type), Label: s.label, Every: s.Every, Cron: s.Cron, Budget: float64(s.Budget),
			Skip: s.Skip.Pipelines, Commit: s.Commit, Connector: s.settings, place: path,
		})
	}
}

// options are the settings of every source that its type needs for its checks.
func (s *sourceEntry) options() connectors.SourceOptions {
	return connectors.SourceOptions{Name: s.Name, Budget: float64(s.Budget)}
}

// words checks a list of names: an empty list says nothing, and a name that is
// there twice is a slip.
func (b *builder) words(list []string, path string) {
	if b.form.Has(path) && len(list) == 0 {
		b.report(path, "names nothing; add a name, or remove the key")
	}
	for i, word := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case strings.TrimSpace(word) == "":
			b.report(at, "is empty; write a name")
		case slices.Contains(list[:i], word):
			b.report(at, "%s is in this list twice", form.Quote(word))
		}
	}
}

// schedule checks every and cron, which exclude each other; without both, the
// default of every holds.
func (b *builder) schedule(s *sourceEntry, path string) {
	switch hasEvery, hasCron := b.form.Has(path+".every"), b.form.Has(path+".cron"); {
	case hasEvery && hasCron:
		b.form.ReportKey(path+".cron", "every and cron exclude each other; keep one of them")
	case hasCron:
		if err := checkCron(s.Cron); err != nil {
			b.report(path+".cron", "%s", err)
		}
	case hasEvery:
		if s.Every < leastEvery {
			b.report(path+".every", "must be at least 1m, to leave calls for others")
		}
	default:
		s.Every = defaultEvery
	}
}

// checkCron reports why the daemon could not poll by the expression. The zone is
// the one of the file, so the parser's own TZ= forms are refused; some of these
// forms make the parser panic (robfig/cron issue 554).
func checkCron(expression string) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("not a cron expression; write five fields, as in \"*/15 6-20 * * 1-5\"")
		}
	}()
	trimmed := strings.TrimSpace(expression)
	switch {
	case strings.HasPrefix(trimmed, "TZ="), strings.HasPrefix(trimmed, "CRON_TZ="):
		return errors.New("cron times are in the time zone of the file; remove the zone")
	case strings.HasPrefix(trimmed, "@"):
		return errors.New("must have five fields, as in \"*/15 6-20 * * 1-5\"; for an interval use every")
	}
	schedule, err := cron.ParseStandard(trimmed)
	if err != nil {
		return fmt.Errorf("not a cron expression: %w; write five fields, as in \"*/15 6-20 * * 1-5\"", err)
	}
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return errors.New("this day never comes; check day and month")
	}
	return nil
}

// known reports whether the file has a source of that name, working or not.
func (b *builder) known(source string) bool {
	return slices.ContainsFunc(b.file.Sources, func(s sourceEntry) bool { return s.Name == source })
}

func (b *builder) sourceNames() []string {
	var names []string
	for _, s := range b.file.Sources {
		names = append(names, s.Name)
	}
	return names
}
