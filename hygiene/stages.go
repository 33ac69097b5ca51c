package hygiene

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// The operator names a pipeline or a stage by its id or its label in the CRM, in
// letters of either case.

func (d *StageDefinition) defines(s *crm.Stage) bool {
	name := strings.TrimSpace(d.Name)
	return strings.EqualFold(name, s.ID) || strings.EqualFold(name, s.Label)
}

// means reports whether d is the definition of the pipeline called name.
func (d *Pipeline) means(name string) bool {
	return strings.EqualFold(strings.TrimSpace(d.Name), name)
}

// labels reports whether d calls the pipeline of s by its label.
func (d *Pipeline) labels(s *crm.Stage) bool {
	return s.Pipeline != "" && s.PipelineLabel != "" && d.means(s.PipelineLabel)
}

// stagesOf lists the stages of the pipeline with the id name, or where no pipeline has
// that id, of the pipelines with that label; and the stages of every pipeline.
func (src *Source) stagesOf(name string) []*crm.Stage {
	id := func(s *crm.Stage) string { return s.Pipeline }
	label := func(s *crm.Stage) string { return s.PipelineLabel }
	called := label
	if slices.ContainsFunc(src.Stages, func(s crm.Stage) bool { return !s.Gone && strings.EqualFold(s.Pipeline, name) }) {
		called = id
	}
	var list []*crm.Stage
	for i := range src.Stages {
		if s := &src.Stages[i]; s.Gone {
			continue
		} else if s.Pipeline == "" || name != "" && strings.EqualFold(called(s), name) {
			list = append(list, s)
		}
	}
	return list
}

// Unmatched lists what the operator's stage definitions name and the source does not
// have: "pipeline Y" or "stage X of pipeline Y", in the order of the file. It lists
// nothing for a source that lists no stages, and no pipeline for a source with stages
// of every pipeline, which does not say which pipelines there are.
func (src *Source) Unmatched() []string {
	if !src.anyStage(func(s *crm.Stage) bool { return !s.Gone }) {
		return nil
	}
	listed := !slices.ContainsFunc(src.Stages, func(s crm.Stage) bool { return s.Pipeline == "" })
	var list []string
	for i := range src.Pipelines {
		d := &src.Pipelines[i]
		has := func(s *crm.Stage) bool {
			return !s.Gone && (d.Name == everyPipeline || s.Pipeline == "" || d.means(s.Pipeline) || d.labels(s))
		}
		if listed && !src.anyStage(has) {
			list = append(list, "pipeline "+d.Name)
			continue
		}
		for j := range d.Stages {
			def := &d.Stages[j]
			if !src.anyStage(func(s *crm.Stage) bool { return has(s) && def.defines(s) }) {
				list = append(list, fmt.Sprintf("stage %s of pipeline %s", def.Name, d.Name))
			}
		}
	}
	return list
}

// called reports whether name is the id or the label of a pipeline that the source
// lists.
func (src *Source) called(name string) bool {
	return src.anyStage(func(s *crm.Stage) bool {
		return strings.EqualFold(name, s.Pipeline) || strings.EqualFold(name, s.PipelineLabel)
	})
}

func (src *Source) anyStage(is func(*crm.Stage) bool) bool {
	for i := range src.Stages {
		if is(&src.Stages[i]) {
			return true
		}
	}
	return false
}
