package hygiene

import (
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Skipped are the pipelines whose deals are neither judged nor counted: id in lower
// case → name in the configuration.
type Skipped map[string]string

// Skip finds the pipelines that the operator names by id or label, in letters of
// either case, among the pipelines of the source's stages.
func Skip(names []string, stages []crm.Stage) Skipped {
	out := Skipped{}
	for _, n := range names {
		if n = strings.TrimSpace(n); n == "" {
			continue
		}
		out[strings.ToLower(n)] = n // deals may name a pipeline that lists no stages
		for i := range stages {
			if s := &stages[i]; s.Pipeline != "" && (strings.EqualFold(n, s.Pipeline) || strings.EqualFold(n, s.PipelineLabel)) {
				out[strings.ToLower(s.Pipeline)] = n
			}
		}
	}
	return out
}

// Of returns the name of the skipped pipeline that o is in, "" when o is in no skipped
// pipeline.
func (s Skipped) Of(o *crm.Opportunity) string {
	if len(s) == 0 || o.Pipeline == "" {
		return ""
	}
	return s[strings.ToLower(o.Pipeline)]
}
