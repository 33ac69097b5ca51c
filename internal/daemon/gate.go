package daemon

import (
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// freshFor is how old a source's data may be before its findings are withheld.
const freshFor = 24 * time.Hour

// verdict is whether a source may be judged, and why not.
type verdict struct {
	AsOf     time.Time // the oldest of its streams; zero while incomplete
	Complete bool      // each stream has ended a run once
	Withheld string    // why its findings are withheld; "" when they are shown
	Error    string    // the first error of its last runs
}

// gate decides whether rules may run on a source: only when each of its streams
// has been read to its end once, and recently enough. An incomplete cache would
// find a deal silent whose calls simply have not arrived yet.
func gate(now time.Time, streams []crm.Stream, states []StreamState) verdict {
	v := verdict{Complete: true}
	for _, s := range streams {
		st := find(states, s)
		if st != nil && st.Error != "" && v.Error == "" {
			v.Error = st.Error
		}
		if st == nil || !st.Complete {
			v.Complete = false
			if v.Withheld == "" {
				v.Withheld = "warming up: " + progress(s, st)
			}
			continue
		}
		if v.AsOf.IsZero() || st.AsOf.Before(v.AsOf) {
			v.AsOf = st.AsOf
		}
	}
	if !v.Complete {
		v.AsOf = time.Time{}
		return v
	}
	if age := ago(now, v.AsOf); age > freshFor {
		v.Withheld = fmt.Sprintf("data is %d hours old, findings withheld", int(age.Hours()))
	}
	return v
}

func find(states []StreamState, s crm.Stream) *StreamState {
	for i := range states {
		if states[i].Stream == s {
			return &states[i]
		}
	}
	return nil
}

func progress(s crm.Stream, st *StreamState) string {
	switch {
	case st == nil || st.Done == 0 && st.Records == 0:
		return fmt.Sprintf("%s not read yet", s)
	case st.Total > 0:
		return fmt.Sprintf("%s %d of %d read", s, st.Done, st.Total)
	}
	return fmt.Sprintf("%s partly read", s)
}
