package salesforce

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// gaps says that the stages of some record types are not known, and what to do about it:
// only a refusal is for a person to mend. wait is the time to the next request for them.
func gaps(list []schema.Gap, wait time.Duration) string {
	again := "Pipetidy asks again in an hour"
	if hours := int(wait.Round(time.Hour) / time.Hour); hours > 1 {
		again = "Pipetidy asks again in " + crm.Counted(hours, "hour")
	}
	var said []string
	for _, kind := range []struct {
		refused      bool
		does, remedy string
	}{
		{true, "does not tell", "give the run-as user access to them, or name a field under fields.pipeline; " + again},
		{false, "answers with a fault when it is asked", "facts about stages are unknown meanwhile; " + again + ", and nothing has to be done"},
	} {
		var names []string
		var why error
		for _, g := range list {
			if errors.Is(g.Err, crm.ErrRefused) == kind.refused {
				names, why = append(names, g.Name), g.Err
			}
		}
		if len(names) > 0 {
			said = append(said, fmt.Sprintf("Salesforce %s which stages the record types %s have (/ui-api/object-info: %s); %s", kind.does, strings.Join(names, ", "), cause(why), kind.remedy))
		}
	}
	return strings.Join(said, "; ")
}

// cause is what happened, of an error that also says where, and what to do about it alone.
func cause(err error) string {
	e, ok := errors.AsType[*rest.ExplainedError](err)
	switch {
	case !ok:
		return err.Error()
	case e.Cause != nil:
		return e.What + ": " + e.Cause.Error()
	}
	return e.What
}
