package salesforce

import (
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/crm"
)

// No increment tells of rows that were purged, that the login may no longer see, or that
// changed while the login did not see them. So from time to time an increment ends with
// a sweep: parts that read all rows whatever their stamp. Of opportunities a sweep reads
// the ids, and the store asks for those that it does not have; of the other streams it
// reads the rows themselves, which costs no call more. Every page of such a run says that
// the run sweeps. If the sweep turns out not to be whole, later pages no longer say so,
// and the next run sweeps again.

// dependents is how many times less often activities and contact roles are swept than
// opportunities.
const dependents = 7

// againAfter is how old, in seconds, the sweep is that held a stream when the stream is
// swept again. It costs a call for each object, and for each further 2,000 rows, at a poll.
const againAfter = 15*60 - 30

// SweepAgain is the ability of a [crm.Sweeper]. What a full read held is swept again too:
// the cache holds a stream for what a sweep mentions only.
func (s *Source) SweepAgain(_ crm.Stream, at crm.Cursor) crm.Cursor {
	c, err := cursor.Read(at)
	if err != nil || c.Run != nil {
		return at
	}
	c.Held = true
	return crm.Cursor(c.String())
}

// sweeps reports whether the run, which has just begun, sweeps.
func (r *reader) sweeps() bool {
	every := r.st.sweeps
	if r.c.Moved || len(r.c.Blind) > 0 {
		every = 1 // of the history too, which is swept for such a cause only
	}
	after := every * int64(r.s.cfg.SweepEvery/time.Second)
	if r.c.Held || len(r.c.Blind) > 0 {
		after = min(after, againAfter)
	}
	return every > 0 && r.sweepable() && r.c.Run.Began-r.c.Swept >= after
}

// sweepable reports whether the run could sweep.
func (r *reader) sweepable() bool {
	swept := false
	for i, p := range r.st.parts {
		if p.sweep && r.sights[i].object == nil {
			return false // rows that the login cannot see at the moment are not gone
		}
		swept = swept || p.sweep
	}
	return swept && !r.c.Run.Full
}

// noSweep gives up a sweep that the org does not answer. The increment before the sweep
// counts. The next sweep comes at its usual time, because an org may take minutes to
// refuse one.
func (r *reader) noSweep(cause error) error {
	r.note = fmt.Sprintf("a sweep of %s for records that are gone was not possible (%v); sync --full finds them", r.part().object, cause)
	r.c.Run.Sweep = false
	r.c.Swept = r.c.Run.Began
	r.leave()
	return nil
}
