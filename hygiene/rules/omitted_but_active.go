package rules

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

const omittedButActiveID = "omitted-but-active"

func omittedButActive() hygiene.Rule {
	return hygiene.Rule{
		ID:       omittedButActiveID,
		Title:    "Left out of the forecast",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"forecast_category"},
		Doc: hygiene.Doc{
			Why: "A deal in a late stage whose forecast category leaves it out is in no sum, and nobody misses it before it is won.",
			Fix: "Should the forecast see it? Correct the forecast category.",
			Limit: []string{
				"Left out is a forecast category called Omitted, Omit or Not forecasted, in any case of letters. A category that a team has given another name is not known as one.",
				"A late stage is one that its definition calls late, else one of the last third of the open stages. Deals that are left out on purpose are parked for this rule.",
				"Unknown in a stage that the CRM does not list or that is not among the active ones of its pipeline.",
			},
		},
		Check: checkOmittedButActive,
	}
}

// leftOut are the names of forecast categories whose deals are in no sum: Omitted of
// Salesforce, OMIT ("Not forecasted") of HubSpot.
var leftOut = []string{"omitted", "omit", "not forecasted"}

func checkOmittedButActive(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	forecast := p.Forecast(d)
	v := hygiene.Verdict{
		Value: hygiene.Say("text", hygiene.Text(forecast)), Threshold: hygiene.Say("a-forecast-category"), ThresholdFrom: hygiene.FromDefault,
		Reason: hygiene.Say("forecast-is", hygiene.Text(forecast)),
	}
	if !has(forecast) {
		v.Value, v.Reason = hygiene.Say("empty"), hygiene.Say("no-forecast")
		return v
	}
	if !slices.Contains(leftOut, strings.ToLower(strings.TrimSpace(forecast))) {
		v.Done = hygiene.Say("has-forecast", hygiene.Text(forecast))
		return v
	}
	switch place, _ := p.Position(d); {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d))
	case place == 0:
		return unknown(inactive(p, d))
	case !p.Late(d):
		return exempt(hygiene.Say("stage-not-late", hygiene.Text(p.StageLabel(d))))
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("omitted-but-active", hygiene.Part(inStage(p, d)), hygiene.Text(forecast))
	return v
}
