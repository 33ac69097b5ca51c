package config

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/hygiene"
)

// standardFields are the fields of an opportunity that a stage definition can
// require in every CRM.
var standardFields = []string{
	"account", "account_id", "amount", "close_date", "contact", "contacts", "forecast_category", "lead_source", "name", "next_step", "owner", "owner_id", "probability", "products", "type",
}

// stageEntries are the stages of a pipeline in the order of the file.
type stageEntries []stageEntry

// Takes says how the stages of a pipeline are written.
func (stageEntries) Takes() string { return "keys" }

func (s *stageEntries) Read(v form.Value) {
	es, ok := v.Entries()
	if !ok {
		return
	}
	for _, e := range es {
		e.Show()
		stage := stageEntry{name: e.Name}
		e.Into(&stage)
		*s = append(*s, stage)
	}
}

// maxDays is how many business days a deal may stay in a stage: 21 or 21bd.
type maxDays struct {
	n       int
	refused bool // what is written has been reported
}

// Takes says how the days in a stage are written.
func (maxDays) Takes() string { return "business days: `21`, `21bd`" }

// Scalar marks the type as one that takes one word.
func (m *maxDays) Scalar() {}

func (m *maxDays) Read(v form.Value) {
	f, suffix, ok := measured(v)
	switch {
	case !ok || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32:
		v.Report("must be a whole number of business days, as in 21bd")
		m.refused = true
	case suffix == "d":
		v.Report("counts business days, and %s is calendar days; write how many business days, as in 21bd", v.Literal())
		m.refused = true
	default:
		m.n = int(f)
	}
}

func (b *builder) pipelines() {
	b.out.Pipelines = map[string][]hygiene.Pipeline{}
	seen := map[[2]string]bool{}
	for i := range b.file.Pipelines {
		p := &b.file.Pipelines[i]
		path := "pipelines[" + strconv.Itoa(i) + "]"
		if !b.form.Has(path + ".name") {
			p.Name = "*"
		}
		if p.Source != "" && !b.known(p.Source) {
			b.report(path+".source", "no source is called %s%s", form.Quote(p.Source), form.Suggest(p.Source, b.sourceNames()))
		}
		if id := [2]string{p.Source, p.Name}; seen[id] {
			b.report(path, "pipeline %s of source %s is defined twice; put the stages into one definition", form.Quote(p.Name), form.Quote(p.Source))
		} else {
			seen[id] = true
		}
		if b.form.Has(path+".stages") && len(p.Stages) == 0 {
			b.report(path+".stages", "names no stage; define one, or remove the key")
		}
		out := hygiene.Pipeline{Name: p.Name}
		for order, s := range p.Stages {
			def := b.stage(p, s, order, path+".stages."+s.name)
			if p.From != nil {
				def.From = p.From.Date
			}
			out.Stages = append(out.Stages, def)
		}
		b.out.Pipelines[p.Source] = append(b.out.Pipelines[p.Source], out)
	}
}

func (b *builder) stage(p *pipelineEntry, s stageEntry, order int, path string) hygiene.StageDefinition {
	const aYear = 260 // business days
	if strings.TrimSpace(s.name) == "" {
		b.form.ReportKey(path, "must be the name of a stage")
	}
	if b.form.Has(path+".max_days") && !s.MaxDays.refused && (s.MaxDays.n < 1 || s.MaxDays.n > aYear) {
		b.report(path+".max_days", "must be 1 to %d business days; without max_days the default holds", aYear)
	}
	b.criteria(p, s.Exit, path+".exit")
	b.criteria(p, s.Entry, path+".entry")
	return hygiene.StageDefinition{
		Name: s.name, MaxDays: s.MaxDays.n, Entry: s.Entry, Exit: s.Exit, Late: s.Late, Order: order,
	}
}

// criteria checks that the source of the pipeline can have each of the fields.
func (b *builder) criteria(p *pipelineEntry, fields []string, path string) {
	known := slices.Clone(standardFields)
	judged := false
	for _, s := range b.file.Sources {
		if s.Name == p.Source && s.settings != nil {
			known, judged = append(known, s.settings.Mapped()...), true
		}
	}
	for i, f := range fields {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case slices.Contains(fields[:i], f):
			b.report(at, "%s is in this list twice", form.Quote(f))
		case judged && !slices.Contains(known, f):
			b.report(at, "%s is no standard field; map it under fields of source %s%s",
				form.Quote(f), form.Quote(p.Source), form.Suggest(f, known))
		}
	}
}
