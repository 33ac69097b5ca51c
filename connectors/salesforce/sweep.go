package salesforce

import (
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Rows that were purged, and rows that the login may no longer see, are told by
// no increment. So from time to time an increment ends with parts that ask for
// nothing but the ids of all that is there: a sweep. All pages of such a run say
// so from the first one on. When the sweep turns out not to be whole they stop
// saying so, and the next run sweeps again.

// dependents says how much rarer what belongs to opportunities is swept.
const dependents = 7

// sweeps reports whether the run, which has just begun, is to sweep.
func (r *reader) sweeps() bool {
	run := r.c.Run
	every := r.s.cfg.SweepEvery
	if r.name != crm.Opportunities {
		every *= dependents
	}
	return r.sweepable() && run.Began-r.c.Swept >= int64(every/time.Second)
}

// sweepable reports whether the run could sweep.
func (r *reader) sweepable() bool {
	swept := false
	for i, p := range r.st.parts {
		if p.sweep && r.sights[i].object == nil {
			return false // what cannot be seen at the moment is not gone
		}
		swept = swept || p.sweep
	}
	return swept && !r.c.Run.Full
}

// noSweep gives up a sweep that cannot be read. What was read before it stands,
// and it is not tried again before its time: an org that refuses takes minutes.
func (r *reader) noSweep(cause error) error {
	r.note = fmt.Sprintf("what is gone without a trace cannot be looked for in %s (%v); sync --full does", r.part().object, cause)
	r.c.Run.Sweep = false
	r.c.Swept = r.c.Run.Began
	r.leave()
	return nil
}
