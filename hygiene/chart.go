package hygiene

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// line is one pipeline: the CRM's stages, and the operator's definitions of stages.
type line struct {
	stages      map[string]spot // by native stage id
	open        int             // open active stages
	unread      bool            // which stages the pipeline has, and in which order, could not be read
	definitions []StageDefinition
}

// spot is one stage in its pipeline.
type spot struct {
	stage      *crm.Stage
	definition *StageDefinition // nil is none
	position   int              // 1-based among the open active stages, 0 for any other
	late       bool
}

// chart holds the lines by pipeline, in lower case: one line for each pipeline that
// the CRM's stages or the definitions name, and "" for all other pipelines.
type chart map[string]*line

// of returns the line of a pipeline.
func (c chart) of(pipeline string) *line {
	if l := c[strings.ToLower(pipeline)]; l != nil {
		return l
	}
	if l := c[unreadPipeline]; l != nil {
		return l
	}
	return c[""]
}

// unreadPipeline stands for all pipelines whose stages the source could not read. It is
// no name of a pipeline.
const unreadPipeline = "\x00"

// names are what people call stages, by pipeline in lower case and id: also those that
// are gone, and under the pipeline "*" those whose name is the same in every pipeline.
type names map[[2]string]string

// names gathers the names of the source's stages.
func (src *Source) names() names {
	n := make(names, len(src.Stages))
	several := map[string]bool{}
	for i := range src.Stages {
		s := &src.Stages[i]
		n[[2]string{strings.ToLower(s.Pipeline), s.ID}] = s.Label
		anywhere := [2]string{everyPipeline, s.ID}
		if other, ok := n[anywhere]; ok && other != s.Label {
			several[s.ID] = true
		}
		n[anywhere] = s.Label
	}
	for id := range several {
		delete(n, [2]string{everyPipeline, id})
	}
	return n
}

// of is the name of the stage in the pipeline, or where the pipeline never had it, the
// one name that it has in others; "" is none.
func (n names) of(pipeline, id string) string {
	for _, p := range []string{strings.ToLower(pipeline), "", everyPipeline} {
		if label := n[[2]string{p, id}]; label != "" {
			return label
		}
	}
	return ""
}

// chart lays out the source's pipelines.
func (src *Source) chart() chart {
	c := make(chart)
	names := []string{""}
	for i := range src.Stages {
		names = append(names, src.Stages[i].Pipeline)
	}
	if src.stagesUnread() {
		names = append(names, unreadPipeline)
	}
	for _, d := range src.Pipelines {
		if d.Name != everyPipeline {
			names = append(names, strings.TrimSpace(d.Name))
		}
	}
	for _, name := range names {
		key := strings.ToLower(name)
		if _, done := c[key]; !done {
			c[key] = src.line(key)
		}
	}
	return c
}

const everyPipeline = "*"

func (src *Source) line(name string) *line {
	l := &line{stages: make(map[string]spot)}
	stages := src.stagesOf(name)
	for i := range src.Pipelines {
		d := &src.Pipelines[i]
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
	// Where a pipeline has stages of its own, these make its order. The stages of
	// every pipeline have names and definitions then, and no position.
	stages, others := apart(stages)
	if name != "" && others == nil && src.stagesUnread() {
		l.unread, stages, others = true, nil, stages
	}
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

// stagesUnread reports whether the login cannot read the stages of some pipelines. These
// have names and definitions, and no place in their pipeline.
func (src *Source) stagesUnread() bool {
	return src.Info.Fields.Access(string(crm.Stages)) == crm.Hidden
}

// apart separates the stages that only the pipeline has (own) from the stages of
// every pipeline (others). A pipeline without stages of its own has the stages of
// every pipeline as its own.
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
