package hygiene

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// RepFirst says which findings are at first for the owners of their deals alone, and for how
// long. The zero value is none.
type RepFirst struct {
	For        time.Duration // of business hours, from when the owner's list arrived
	Severities []Severity
	Day        Hours // the business hours of a day

	// In the first days of a change, and of a new rep, it is what begins in them, whatever
	// its severity.
	Changes []Change
	Starts  map[string]crm.Date // first day of a rep, by first address
	Grace   int                 // business days, for what begins while a rep is new
}

// On reports whether any finding is its owner's first.
func (r *RepFirst) On() bool {
	return r.hours() || len(r.Changes) > 0 || len(r.Starts) > 0 && r.Grace > 0
}

func (r *RepFirst) hours() bool { return r.For > 0 && len(r.Severities) > 0 }

// Hearing is who has heard of a finding, and who is about to.
type Hearing struct {
	Owner    string    // first address
	Calendar *Calendar // of the owner
	Team     string    // name of the team whose deal it is
	Place    *Calendar // of the team
	Told     time.Time // when the owner's list with it arrived; zero is never
	Coming   bool      // the owner's first list since it began is on its way
	Seen     bool      // a digest about the team has told it
	Lead     bool      // the owner is the team's manager
	Quarter  crm.Date  // the last day of the quarter to which the commit is summed; zero is unknown
}

// Audience is for whom a finding is. The zero value is everybody.
type Audience struct {
	Owner bool      // it is its owner's alone now
	Until time.Time // until when it is, or was; zero while the list with it is on its way
	// First says that its owner hears of it first, and that nobody else has heard of it yet.
	First bool
	// Also says that it would be its owner's alone if its deal were not in the commit.
	Also bool
}

// Audience decides for whom a finding is at now. Whatever tells findings to others than
// those who run the program asks here.
//
// A finding of these severities is its owner's alone from when it began until the business
// hours have passed since the list with it arrived (whoever goes on leave then is not waited
// for, because nobody would hear of it meanwhile), and one that began in the first days of a
// change or of a rep until the days of grace are over. Nobody hears first who gets no list:
// then it is everybody's. So is what is in the commit that closes by the quarter, what was
// there before the start or began by a setting, because it is nobody's news, and what was
// told to the team once: silence would say that it is fixed.
func (r *RepFirst) Audience(l *Life, h *Hearing, now time.Time) (a Audience) {
	if !r.On() || l.Backlog || h.Seen || h.Lead || h.Calendar == nil {
		return a
	}
	grace := r.grace(l, h)
	soon := r.hours() && slices.Contains(r.Severities, l.Severity)
	heard := !h.Told.IsZero() && !h.Told.Before(l.Opened)
	lasts := now.Before(grace)
	switch {
	case heard:
		a.Until = grace
		if soon {
			hours := h.Calendar.WithoutLeave().After(h.Told, r.For, r.Day)
			if hours.IsZero() && grace.IsZero() {
				return Audience{}
			}
			if hours.After(grace) {
				a.Until = hours
			}
		}
		lasts = now.Before(a.Until)
	case !h.Coming:
		return Audience{}
	case soon:
		lasts = true
	}
	commit, sure := l.Deal.Committed(h.Quarter)
	if h.Quarter.IsZero() {
		commit = l.Deal.Commit || l.Deal.IsUnclear("forecast_category")
	}
	first := soon || !grace.IsZero()
	if !first || commit || !sure {
		return Audience{Also: first && lasts}
	}
	a.First, a.Owner = true, lasts
	return a
}
