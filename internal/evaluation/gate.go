package evaluation

import (
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/store"
)

// freshFor is how old a source's data may be before its findings are withheld.
const freshFor = 24 * time.Hour

// Verdict is whether a source may be judged, and why not.
type Verdict struct {
	AsOf     time.Time    // the oldest of the streams that deals are judged by; zero while incomplete
	Newest   time.Time    // the newest of them; zero while incomplete
	Complete bool         // each stream has ended a run once
	Withheld string       // why its findings are withheld; "" when they are shown
	Cause    digest.Cause // what kind of reason that is; zero when they are shown
	Error    string       // the first error of its last runs
	Held     []string     // what its sweeps held back and what to do, for ops
}

// gate decides whether rules may run on a source: only when each of its streams
// has been read to its end once, and recently enough. An incomplete cache would
// find a deal silent whose calls simply have not arrived yet, and one whose login
// lost a permission would judge deals by what it could still see of them.
func gate(now time.Time, streams []crm.Stream, states []store.StreamState) Verdict {
	v, held, foreign := Verdict{Complete: true}, "", false
	var oldest time.Time // names included, which a source may read less often
	for _, s := range streams {
		st := find(states, s)
		if st != nil && st.Error != "" && v.Error == "" {
			v.Error = st.Error
		}
		foreign = foreign || st != nil && st.Foreign
		if st != nil && st.Held != "" {
			v.Held = append(v.Held, st.Held)
			if held == "" && s.OfDeals() {
				held = happened(st.Held)
			}
		}
		if st != nil && st.Short != "" {
			v.Held = append(v.Held, st.Short)
			if held == "" { // of people too: deals of owners who were not read are nobody's
				held = happened(st.Short)
			}
		}
		if st == nil || !st.Complete {
			v.Complete = false
			if v.Withheld == "" {
				v.Withheld, v.Cause = "warming up: "+progress(s, st), digest.WarmingUp
			}
			continue
		}
		if oldest.IsZero() || st.AsOf.Before(oldest) {
			oldest = st.AsOf
		}
		if names := s == crm.Users || s == crm.Stages; !names {
			if v.AsOf.IsZero() || st.AsOf.Before(v.AsOf) {
				v.AsOf = st.AsOf
			}
			if st.AsOf.After(v.Newest) {
				v.Newest = st.AsOf
			}
		}
	}
	if foreign {
		v.Withheld, v.Cause = anotherAccount, digest.Elsewhere
	}
	if !v.Complete {
		v.AsOf, v.Newest = time.Time{}, time.Time{}
		return v
	}
	if foreign {
		return v
	}
	if held != "" {
		v.Withheld, v.Cause = held, digest.HeldBack
		return v
	}
	if age := ago(now, oldest); age > freshFor {
		v.Withheld, v.Cause = fmt.Sprintf("data is %d hours old", int(age.Hours())), digest.Stale
	}
	return v
}

// anotherAccount says why a source is not judged whose credentials lead elsewhere. Its
// records are not deleted, and none is read.
const anotherAccount = "the credentials lead to another account than the one that the cache was filled from; correct them, or give the new account a source of another name"

// happened is the first sentence of what a stream says is held back.
func happened(held string) string {
	what, _, _ := strings.Cut(held, ". ")
	return what
}

func find(states []store.StreamState, s crm.Stream) *store.StreamState {
	for i := range states {
		if states[i].Stream == s {
			return &states[i]
		}
	}
	return nil
}

// progress says in words how far a stream has been read.
func progress(s crm.Stream, st *store.StreamState) string {
	switch {
	case st == nil || st.Done == 0 && st.Records == 0:
		return fmt.Sprintf("%s not read yet", s)
	case st.Total > 0:
		return fmt.Sprintf("%s %d of %d read", s, st.Done, st.Total)
	}
	return fmt.Sprintf("%s partly read", s)
}

// ago is the age of t at now, never negative.
func ago(now, t time.Time) time.Duration {
	if t.IsZero() || !t.Before(now) {
		return 0
	}
	return now.Sub(t)
}
