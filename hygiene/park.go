package hygiene

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Park says that nobody is asked about a deal until a day, for a reason that somebody gave:
// the buyer decides in January. While a park holds, what its rules find is paused: neither
// shown nor counted, neither fixed nor new when the park ends. A park silences advice,
// never money: the deal stays in the commit, in doubt.
//
// The days of a park are days of the owner's calendar.
type Park struct {
	Source string
	Record string
	// Rule is the one rule that is parked, "" is the whole deal.
	Rule string
	// At is when the park was made; with Source, Record and Rule it names the park.
	At time.Time
	// From is the first day, and Until the day on whose morning the park ends by itself.
	From, Until crm.Date
	// Asked is the end that was asked for in the CRM: later than Until where the park was
	// cut at a limit of [Parking], zero for a command.
	Asked  crm.Date
	Cut    Limit  // at which limit the park was cut, "" is none
	Reason string // in the words of whoever parked, "" is none given
	By     string // who parked
	How    Way
	Owner  string // the deal's owner when it was parked
	// End says why the park holds no longer, and Ended since when; "" and zero while it holds.
	End   Ending
	Ended time.Time
	// Away is set while the deal is out of sight: it may come back before the park ends.
	Away bool
	Deal Facts // of the last evaluation
}

// Way is how a deal was parked.
type Way string

// The ways. The command is for those who run Pipetidy and for managers; a field and a task
// of the CRM are the owner's, and have limits.
const (
	ByCommand Way = "command"
	ByField   Way = "field"
	ByTask    Way = "task"
)

// Ending is why a park holds no longer.
type Ending string

// The endings. After each but EndReplaced the findings of the deal are shown again, unless it
// is closed.
const (
	EndOver      Ending = "over"          // its last day came
	EndClosed    Ending = "closed"        // the deal was closed
	EndOwner     Ending = "owner changed" // the deal is somebody else's
	EndTakenBack Ending = "taken back"    // the field was emptied, or the task was closed
	EndReplaced  Ending = "replaced"      // by another park
	EndUnparked  Ending = "unparked"      // by a command
	EndOff       Ending = "not judged"    // the deal's pipeline is skipped, or it is counted as a deal of another source
)

// Limit is why a park ends before the day that was asked for.
type Limit string

// The limits, see [Parking].
const (
	CutOnce Limit = "once"
	CutMost Limit = "most"
)

// Holds reports whether the park has not ended.
func (k *Park) Holds() bool { return k.End == "" }

// Whole reports whether the park is one of the whole deal.
func (k *Park) Whole() bool { return k.Rule == "" }

// Days is for how many days the park holds, or held, in cal.
func (k *Park) Days(cal *Calendar) int {
	until := k.Until
	if !k.Holds() {
		until = min(until, cal.Date(k.Ended))
	}
	return max(0, int(until-k.From))
}

// Same reports whether the two are one park, at whichever time.
func (k *Park) Same(l *Park) bool {
	return k.Source == l.Source && k.Record == l.Record && k.Rule == l.Rule && k.At.Equal(l.At)
}

// Compare orders parks as the store does: by source, record, time and rule.
func (k *Park) Compare(l *Park) int {
	return cmp.Or(cmp.Compare(k.Source, l.Source), cmp.Compare(k.Record, l.Record), k.At.Compare(l.At), cmp.Compare(k.Rule, l.Rule))
}

// Parking is what the owner of a deal may do about it in the CRM; beyond it the manager
// decides, by the command.
type Parking struct {
	Once int // days of one park
	Most int // days of all parks of a deal
	// Subject begins the subject of an open task that parks its deal, where no field of the
	// CRM is mapped for that; "" is that no task does.
	Subject string
}

// The limits that hold where the configuration does not say it.
const (
	ParkOnce    = 30
	ParkMost    = 90
	ParkSubject = "On hold"
)

// The configured fields by which the owner of a deal parks it.
const (
	HoldUntil  = "on_hold_until"
	HoldReason = "on_hold_reason"
)

// maxReason bounds the reason of a park in bytes: it is a clause of a line.
const maxReason = 200

// ParkReason is the reason as it is kept: on one line, and no longer than a line can have.
func ParkReason(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if len(s) <= maxReason {
		return s
	}
	cut := s[:maxReason]
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.ToValidUTF8(cut, "") + " …"
}

// parked says which parks of a deal hold: one of the whole deal, or some of single rules.
type parked struct {
	whole *Park
	rules []*Park
}

// by returns the park that pauses the rule, nil is none.
func (h *parked) by(rule string) *Park {
	if h.whole != nil {
		return h.whole
	}
	if i := slices.IndexFunc(h.rules, func(k *Park) bool { return k.Rule == rule }); i >= 0 {
		return h.rules[i]
	}
	return nil
}

func newParked(parks []Park) (h parked) {
	for i := range parks {
		switch k := &parks[i]; {
		case !k.Holds():
		case k.Whole():
			h.whole = k
		default:
			h.rules = append(h.rules, k)
		}
	}
	return h
}
