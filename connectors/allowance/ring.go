package allowance

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// quarters is the number of slots in an hour of a calendar day: the midnight of
// every time zone falls on a quarter of an hour.
const quarters = 4

// ring counts the calls of the last 24 hours in slots. The calls of a slot are
// forgotten a day later.
type ring struct {
	perHour int64
	slots   []int64
	newest  int64 // number of the newest slot, counted from the epoch
}

func newRing(perHour int64) ring { return ring{perHour: perHour, slots: make([]int64, 24*perHour)} }

func (r *ring) seconds() int64 { return 3600 / r.perHour }

// first is the number of the oldest slot that the ring holds.
func (r *ring) first() int64 { return max(r.newest-r.size()+1, 0) }

func (r *ring) size() int64 { return int64(len(r.slots)) }

// at is the count of a slot that the ring holds.
func (r *ring) at(slot int64) *int64 { return &r.slots[slot%r.size()] }

// roll empties the slots older than a day. A clock that is set back empties none.
func (r *ring) roll(now time.Time) {
	slot := now.Unix() / r.seconds()
	for i := max(r.newest+1, slot-r.size()+1); i <= slot; i++ {
		*r.at(i) = 0
	}
	r.newest = max(r.newest, slot)
}

func (r *ring) add(calls int64) { *r.at(r.newest) += calls }

// since is the number of calls from the time then on, as far as the ring goes back.
func (r *ring) since(then time.Time) (n int64) {
	for slot := max(then.Unix()/r.seconds(), r.first()); slot <= r.newest; slot++ {
		n += *r.at(slot)
	}
	return n
}

// oldest is the time at which the oldest slot with calls began.
func (r *ring) oldest() (began time.Time, ok bool) {
	for slot := r.first(); slot <= r.newest; slot++ {
		if *r.at(slot) > 0 {
			return time.Unix(slot*r.seconds(), 0).UTC(), true
		}
	}
	return time.Time{}, false
}

// hours returns the hours with calls, for a later process to resume.
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

// resume takes over the hours of an earlier process. In which quarter of an hour a
// call was made is not kept, so all calls of an hour count in its first quarter:
// calls from before a midnight within the hour then do not burden the new day.
func (r *ring) resume(spent []crm.Spent) {
	for _, s := range spent {
		if slot := s.Hour * r.perHour; slot > r.newest-r.size() && slot <= r.newest && s.Calls > 0 {
			*r.at(slot) += s.Calls
		}
	}
}
