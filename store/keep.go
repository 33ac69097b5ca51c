package store

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const (
	// KeepEnded is how long a finding that has ended is kept: long enough for a
	// quarter's review and the one before.
	KeepEnded = 180 * 24 * time.Hour
	// KeepSnapshots is how long every snapshot is kept. Later there is one for each
	// day left, and those that a reader's last digest was composed from: the next
	// digest says what changed since exactly then.
	KeepSnapshots = 48 * time.Hour
)

// Ended reports whether a finding ended so long ago that it is kept no longer.
func Ended(l *hygiene.Life, now time.Time) bool {
	return l.State != hygiene.Open && !l.Ended.IsZero() && now.Sub(l.Ended) > KeepEnded
}

// Taken is when a snapshot was taken.
type Taken struct {
	Day crm.Date
	At  time.Time
}

// Superseded returns which of the snapshots of a source, oldest first, are kept no
// longer. Pins are the times that the readers' next digests look back to; it is
// called only when something may go.
func Superseded(all []Taken, now time.Time, pins func() ([]time.Time, error)) (drop []int, err error) {
	var back []time.Time
	for i := range all {
		if i+1 == len(all) || all[i].Day != all[i+1].Day || now.Sub(all[i].At) <= KeepSnapshots {
			continue
		}
		if back == nil {
			if back, err = pins(); err != nil {
				return nil, err
			}
		}
		used := slices.ContainsFunc(back, func(p time.Time) bool { return !p.Before(all[i].At) && p.Before(all[i+1].At) })
		if !used {
			drop = append(drop, i)
		}
	}
	return drop, nil
}
