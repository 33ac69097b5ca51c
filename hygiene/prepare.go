package hygiene

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// index is what Prepare makes of a Pass, once for all deals. It is only read
// afterwards.
type index struct {
	calendar Calendar         // the company's
	teams    map[string]*Team // by member's first address
	lines    map[string]*line // by pipeline, lower case
	rules    map[string]int   // place in Pass.Rules by id
	blocked  []string         // by place in Pass.Rules: why the rule cannot be judged here, "" when it can
	unjudged []Unjudged
	skipped  Skipped
}

// line is one pipeline: the CRM's stages and the operator's definitions of them.
type line struct {
	stages      map[string]spot // by native stage id
	open        int             // open active stages
	definitions []StageDefinition
}

// spot is one stage in its pipeline.
type spot struct {
	stage      *crm.Stage
	definition *StageDefinition // nil is none
	position   int              // 1-based among the open active stages, 0 for any other
	late       bool
}

// Unjudged is a field that a rule needs and that cannot be read from this
// source: said once, to those who can map the field or grant access.
type Unjudged struct {
	Rule   string
	Field  string
	Access crm.Access // Hidden or Unmapped
	// Partly is set when the rest of the rule is judged without the field.
	Partly bool
}

// Prepare indexes the pass. It is called once, before Evaluate or Explain, and
// after it nothing of the pass may change. Errors are mistakes of the program
// or of the configuration that loading it should have found.
func (p *Pass) Prepare() error {
	var errs []error
	if p.Now.IsZero() {
		errs = append(errs, errors.New("pass has no time: set Now"))
	}
	if p.Company == nil {
		errs = append(errs, errors.New("pass has no time zone: set Company"))
	}
	x := &index{
		calendar: Calendar{Location: p.Company},
		teams:    make(map[string]*Team),
		lines:    make(map[string]*line),
		rules:    make(map[string]int, len(p.Rules)),
		blocked:  make([]string, len(p.Rules)),
		skipped:  Skip(p.Skip, p.Source.Stages),
	}
	p.index, p.view = x, view{}
	if p.Teams != nil {
		for i := range p.Teams.List {
			t := &p.Teams.List[i]
			for _, m := range t.Members {
				m = p.People.Email(m)
				if _, taken := x.teams[m]; !taken { // as Teams.Of: the first team wins
					x.teams[m] = t
				}
			}
		}
	}
	p.layOut()
	for i := range p.Rules {
		r := &p.Rules[i]
		if _, twice := x.rules[r.ID]; twice || r.ID == "" || r.Check == nil {
			errs = append(errs, fmt.Errorf("rule %q: listed twice, or without a check", r.ID))
			continue
		}
		x.rules[r.ID] = i
		if p.Settings[r.ID].Off {
			continue
		}
		x.blocked[i] = p.readable(r)
	}
	return errors.Join(errs...)
}

// readable notes which fields of r cannot be read, and returns why the rule as
// a whole cannot be judged, or "".
func (p *Pass) readable(r *Rule) (why string) {
	for _, f := range r.Needs {
		if a := p.Source.Info.Fields.Access(f); a != crm.Readable && !p.sameGap(f) {
			p.index.unjudged = append(p.index.unjudged, Unjudged{Rule: r.ID, Field: f, Access: a})
			if why == "" {
				why = Unread(f, a)
			}
		}
	}
	if r.Wants == nil {
		return why
	}
	for _, f := range r.Wants(p) {
		if a := p.Source.Info.Fields.Access(f); a != crm.Readable && !p.sameGap(f) {
			p.index.unjudged = append(p.index.unjudged, Unjudged{Rule: r.ID, Field: f, Access: a, Partly: true})
		}
	}
	return why
}

// sameGap reports whether f is missing with something else that is said already:
// without activities there are no emails among them.
func (p *Pass) sameGap(f string) bool { return f == "emails" && !p.Readable("activities") }

// Unjudged lists the fields that rules of this pass need and cannot read, in
// catalogue order. Rules that are off ask for nothing.
func (p *Pass) Unjudged() []Unjudged { return slices.Clone(p.index.unjudged) }

// layOut builds the lines: one for each pipeline that the CRM's stages or the
// definitions name, and "" for all others.
func (p *Pass) layOut() {
	names := []string{""}
	for i := range p.Source.Stages {
		names = append(names, p.Source.Stages[i].Pipeline)
	}
	for _, d := range p.Source.Pipelines {
		if d.Name != everyPipeline {
			names = append(names, strings.TrimSpace(d.Name))
		}
	}
	for _, name := range names {
		key := strings.ToLower(name)
		if _, done := p.index.lines[key]; !done {
			p.index.lines[key] = p.line(key)
		}
	}
}

const everyPipeline = "*"

func (p *Pass) line(name string) *line {
	l := &line{stages: make(map[string]spot)}
	stages := p.stagesOf(name)
	for i := range p.Source.Pipelines {
		d := &p.Source.Pipelines[i]
		if d.Name == everyPipeline || d.means(name) || slices.ContainsFunc(stages, d.labels) {
			l.definitions = slices.Clone(d.Stages)
			slices.SortStableFunc(l.definitions, func(a, b StageDefinition) int { return a.Order - b.Order })
			break
		}
	}
	slices.SortStableFunc(stages, func(a, b *crm.Stage) int {
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		return strings.Compare(a.ID, b.ID)
	})
	// Where a pipeline has stages of its own, those make its order. What holds for
	// every pipeline then only says what other stages are called.
	stages, others := apart(stages)
	for _, s := range stages {
		if s.Active && !s.Closed {
			l.open++
		}
	}
	position, late, marked := 0, false, slices.ContainsFunc(l.definitions, func(d StageDefinition) bool { return d.Late })
	for _, s := range stages {
		at := spot{stage: s, definition: l.define(s)}
		late = late || (at.definition != nil && at.definition.Late)
		if s.Active && !s.Closed {
			position++
			at.position = position
			at.late = late || (!marked && position > 1 && position > l.open-2)
		}
		if _, taken := l.stages[s.ID]; !taken {
			l.stages[s.ID] = at
		}
	}
	for _, s := range others {
		if _, taken := l.stages[s.ID]; !taken {
			l.stages[s.ID] = spot{stage: s, definition: l.define(s)}
		}
	}
	return l
}

// apart parts the stages that a pipeline has for itself from those of every
// pipeline; where it has none for itself, those are its own.
func apart(stages []*crm.Stage) (own, others []*crm.Stage) {
	for _, s := range stages {
		if s.Pipeline != "" {
			own = append(own, s)
		} else {
			others = append(others, s)
		}
	}
	if len(own) == 0 {
		return others, nil
	}
	return own, others
}

// define finds the operator's definition of s, by native id or by label.
func (l *line) define(s *crm.Stage) *StageDefinition {
	for i := range l.definitions {
		if l.definitions[i].defines(s) {
			return &l.definitions[i]
		}
	}
	return nil
}
