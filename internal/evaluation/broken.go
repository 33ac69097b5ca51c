package evaluation

import (
	"context"
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/hygiene"
)

// brokenCause begins the causes of notices of rules that panicked.
const brokenCause = "broken "

// broken says which rules panicked in the evaluation. What the panic said may hold what
// somebody wrote in the CRM, so it is cut short; where it happened is in the log.
func broken(src *Source, pass *hygiene.Pass) []notice {
	var out []notice
	for _, b := range pass.Broken() {
		out = append(out, notice{Cause: brokenCause + b.Rule, Text: fmt.Sprintf(
			"%s: the rule %s failed on deal %s (%s), and is unknown on such deals; all other rules are judged. This is a fault of Pipetidy: report it with the lines of the log, and switch the rule off until then (rules: {%s: off})",
			src.Name(), b.Rule, plain.Clip(b.Deal, 40), plain.Clip(b.Panic, 120), b.Rule)})
	}
	return out
}

// logFaults reports where rules panicked, each rule once: the log is for whoever mends it.
func (e *Evaluation) logFaults(src *Source, pass *hygiene.Pass) {
	for _, b := range pass.Broken() {
		if at := src.Name() + "|" + b.Rule; !e.faults[at] {
			if e.faults == nil {
				e.faults = map[string]bool{}
			}
			e.faults[at] = true
			e.cfg.Observe(Event{Kind: Fault, Source: src.Name(), Rule: b.Rule, Deal: b.Deal, Text: plain.Clip(b.Panic, 500), Stack: b.Stack})
		}
	}
}

// Broken says by cause which rules failed on the source in its last evaluation.
func (e *Evaluation) Broken(ctx context.Context, src *Source) (map[string]string, error) {
	ns, err := e.noted(ctx, src)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, n := range ns {
		if strings.HasPrefix(n.Cause, brokenCause) {
			out[n.Cause] = n.Text
		}
	}
	return out, nil
}
