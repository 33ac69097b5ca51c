package allowance

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// quarters are the slots of an hour where days begin at midnights: at one quarter
// of an hour each zone's day begins.
const quarters = 4

// ring counts the calls of the last 24 hours by slots, so that those of a slot are
// forgotten a day later.
type ring struct {
	perHour int64
	slots   []int64
	newest  int64 // slots since the epoch of the newest entry
}

func newRing(perHour int64) ring { return ring{perHour: perHour, slots: make([]int64, 24*perHour)} }

func (r *ring) seconds() int64 { return 3600 / r.perHour }

// first is the oldest slot that the ring holds.
func (r *ring) first() int64 { return max(r.newest-r.size()+1, 0) }

func (r *ring) size() int64 { return int64(len(r.slots)) }

// at is the count of a slot that the ring holds.
func (r *ring) at(slot int64) *int64 { return &r.slots[slot%r.size()] }

// roll empties the slots that have passed. A clock that is set back empties none.
func (r *ring) roll(now time.Time) {
	slot := now.Unix() / r.seconds()
	for i := max(r.newest+1, slot-r.size()+1); i <= slot; i++ {
		*r.at(i) = 0
	}
	r.newest = max(r.newest, slot)
}

func (r *ring) add(calls int64) { *r.at(r.newest) += calls }

// since is how many calls were made since then, as far as the ring goes back.
func (r *ring) since(then time.Time) (n int64) {
	for slot := max(then.Unix()/r.seconds(), r.first()); slot <= r.newest; slot++ {
		n += *r.at(slot)
	}
	return n
}

// oldest is when the oldest slot with calls in it began.
func (r *ring) oldest() (began time.Time, ok bool) {
	for slot := r.first(); slot <= r.newest; slot++ {
		if *r.at(slot) > 0 {
			return time.Unix(slot*r.seconds(), 0).UTC(), true
		}
	}
	return time.Time{}, false
}

// hours are the hours with calls in them, for a later process to resume.
func (r *ring) hours() (spent []crm.Spent) {
	for slot := r.first(); slot <= r.newest; slot++ {
		n, hour := *r.at(slot), slot/r.perHour
		switch last := len(spent) - 1; {
		case n == 0:
		case last >= 0 && spent[last].Hour == hour:
			spent[last].Calls += n
		default:
			spent = append(spent, crm.Spent{Hour: hour, Calls: n})
		}
	}
	return spent
}

// resume takes up the hours of an earlier process. Which part of an hour the
// calls fell into is lost; they count as its beginning, so that those before a
// midnight within the hour do not burden the new day.
func (r *ring) resume(spent []crm.Spent) {
	for _, s := range spent {
		if slot := s.Hour * r.perHour; slot > r.newest-r.size() && slot <= r.newest && s.Calls > 0 {
			*r.at(slot) += s.Calls
		}
	}
}
