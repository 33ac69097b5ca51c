package rules

import (
	"strings"
	"unicode"

	"github.com/pipetidy/pipetidy/hygiene"
)

const nextStepMissingID = hygiene.NextStepMissing

func nextStepMissing() hygiene.Rule {
	return hygiene.Rule{
		ID:       nextStepMissingID,
		Title:    "No next step",
		Severity: hygiene.Medium,
		Needs:    []string{"next_step"},
		Reads:    []string{"activities", "emails", "last_activity_at", "next_activity_at"},
		Params: []hygiene.Param{
			{Name: "age", Unit: "business days", Default: 2, Min: 0, Max: 60, Doc: "how old a deal may be without a next step"},
			{Name: "from_stage", Default: 2, Min: 1, Max: 20, Doc: "the first stage that needs one, counted among the open stages of the pipeline"},
		},
		Doc: hygiene.Doc{
			Why:    "Without a next step the deal moves only when somebody remembers it, and nobody else can pick it up.",
			Fix:    "Write who does what by when, or book the meeting.",
			Higher: "High in late stages.",
			Limit: []string{
				"A next step is text in the next-step field, or a meeting, call or dated task ahead: whoever keeps it in the calendar has one. Blanks are no text.",
				"Deals in the first stage are exempt, and so are those no older than two business days.",
				"Silent where a stage definition asks for the next step and says that it is missing: one deal, one reason.",
				"Where activities cannot be read, or the CRM knows of one that we cannot see, an empty field alone is no proof: the rule is unknown.",
				"A team that keeps its next step in a field of its own maps it as next_step.",
			},
		},
		Check: checkNextStepMissing,
	}
}

func checkNextStepMissing(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	from, source := days(p, nextStepMissingID, "from_stage")
	if v, ok := before(p, d, from); ok {
		return v
	}
	limit, source2 := days(p, nextStepMissingID, "age")
	if source == hygiene.FromDefault {
		source = source2
	}
	v := hygiene.Verdict{Value: hygiene.Say("empty"), Threshold: hygiene.Say("text-or-ahead"), ThresholdFrom: source}
	if has(d.Opportunity.NextStep) {
		v.Value, v.Reason, v.Done = hygiene.Say("filled"), hygiene.Say("next-step-filled"), hygiene.Say("has-next-step")
		return v
	}
	if on, kind, ok := p.Planned(d); ok {
		v.Reason, v.Done = booked(on, kind)
		return v
	}
	if p.Days(d, p.Calendar(d).Date(d.Opportunity.CreatedAt)) <= limit {
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("not-older", hygiene.Number(limit))
		return v
	}
	if _, unclear := nextStep(p, d); unclear != "" {
		return unknown(unclear)
	}
	if asked(p, d, "next_step") {
		return askedAlready()
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("next-step-missing")
	if p.Late(d) {
		v.Severity = hygiene.High
	}
	return v
}

// has reports whether a text says anything: more than blanks of any script.
func has(s string) bool { return strings.TrimFunc(s, blank) != "" }

// blank also covers what prints nothing though Unicode does not call it a
// space: zero-width characters, bidirectional marks, the byte order mark, NUL.
func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || r == '\u3164' || r == '\u115f' || r == '\u2800'
}
