package hygiene

import (
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Skipped are pipelines whose deals are neither judged nor counted: by id in lower
// case, what people call them.
type Skipped map[string]string

// Skip finds the pipelines that the operator names by id or label, in letters of
// either case, among the source's.
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

// Of returns what people call the skipped pipeline that o is in, "" when it is not
// in one.
func (s Skipped) Of(o *crm.Opportunity) string {
	if len(s) == 0 || o.Pipeline == "" {
		return ""
	}
	return s[strings.ToLower(o.Pipeline)]
}
