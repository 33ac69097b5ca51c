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
	// KeepDeliveries is how long deliveries and the ledger of their periods are kept:
	// a year can be looked up, and a month more.
	KeepDeliveries = 400 * 24 * time.Hour
	// KeepParks is how long a park that has ended is kept: for so long it counts among the
	// days for which an owner may park the deal.
	KeepParks = 400 * 24 * time.Hour
	// KeepGone is how long the observed changes of an opportunity that is gone are kept: a
	// CRM's recycle bin keeps the opportunity for 15 to 90 days, and a mistake shows sooner.
	KeepGone = 30 * 24 * time.Hour
	// KeepSnapshots is how long every snapshot is kept. Of older snapshots the last of
	// each day is kept, and those that a reader's last digest was composed from: the
	// next digest counts from exactly that snapshot.
	KeepSnapshots = 48 * time.Hour
)

// Ended reports whether a finding ended more than KeepEnded ago, so that it is dropped.
func Ended(l *hygiene.Life, now time.Time) bool {
	return l.State != hygiene.Open && !l.Ended.IsZero() && now.Sub(l.Ended) > KeepEnded
}

// Unparked reports whether a park ended more than KeepParks ago, so that it is dropped.
func Unparked(k *hygiene.Park, now time.Time) bool {
	return !k.Holds() && now.Sub(k.Ended) > KeepParks
}

// Taken says when a snapshot was taken.
type Taken struct {
	Day crm.Date
	At  time.Time
}

// Superseded returns the indexes of the snapshots of a source that are to be dropped.
// all is sorted, oldest first. pins returns the times that the readers' next digests
// count from, and is called only when there is a snapshot to drop.
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
