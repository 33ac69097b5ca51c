package evaluation

import (
	"context"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/store"
)

// rulesNote begins the name of the note that keeps in the journal which rules have run
// on a source.
const rulesNote = "rules|"

// freshRules lists the rules that run on the source for the first time: their findings
// were there before the rules were. ran is the text to note after the rules have run,
// "" when the note stays as it is.
func (e *Evaluation) freshRules(ctx context.Context, src *Source) (fresh []string, ran string, err error) {
	noted, err := e.journal.Noted(ctx, rulesNote+src.Name())
	if err != nil {
		return nil, "", store.AsFileError(err)
	}
	known := strings.Fields(noted)
	var on []string
	for i := range e.cfg.Rules {
		id := e.cfg.Rules[i].ID
		if e.cfg.Settings[id].Off {
			continue
		}
		on = append(on, id)
		if !slices.Contains(known, id) {
			fresh = append(fresh, id)
		}
	}
	ran = strings.Join(on, " ")
	if ran == noted {
		ran = ""
	}
	return fresh, ran, nil
}
