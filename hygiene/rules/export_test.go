package rules

import "github.com/pipetidy/pipetidy/hygiene"

// Coming are rules that are tested and not yet in the catalogue.
func Coming() []hygiene.Rule {
	return []hygiene.Rule{ownerMissing(), closeDateMissing(), closeDatePushed(), nextStepStale(), neverTouched(), noFutureActivity(), noContact(), stageSkipped()}
}
