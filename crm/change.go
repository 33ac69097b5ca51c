package crm

import (
	"sort"
	"strconv"
	"time"
)

// Tracked lists the fields whose changes are kept, in the order in which they are
// written.
var Tracked = []Field{FieldStage, FieldCloseDate, FieldAmount, FieldNextStep, FieldOwner, FieldForecastCategory}

// FieldValue writes the tracked field f of o as a Change does. Empty is "". A close date
// is YYYY-MM-DD, or RFC 3339 in UTC where the CRM keeps an instant; see [CloseDay].
func FieldValue(o *Opportunity, f Field) string {
	switch f {
	case FieldStage:
		return o.Stage
	case FieldCloseDate:
		if !o.ClosesAt.IsZero() {
			return o.ClosesAt.UTC().Format(time.RFC3339)
		}
		return o.CloseDate.String()
	case FieldAmount:
		if !o.Amount.Known {
			return ""
		}
		return strconv.FormatFloat(o.Amount.Value, 'f', -1, 64)
	case FieldNextStep:
		return o.NextStep
	case FieldOwner:
		return o.OwnerID
	case FieldForecastCategory:
		return o.ForecastCategory
	}
	return ""
}

// CloseDay reads what a Change of the close date holds: a date, or the day in loc of an
// instant. Zero is no date.
func CloseDay(value string, loc *time.Location) Date {
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return DateOf(at, loc)
	}
	d, _ := ParseDate(value)
	return d
}

// Fold orders the changes of one opportunity by time, fills in Old from the change
// before, and drops restatements: changes whose New is the value that the field already
// had. There are many, because a history row of a CRM holds all values of its time, and
// our own comparison sees changes that the history has told already. The result aliases
// the slice given.
func Fold(cs []Change) []Change {
	sort.SliceStable(cs, func(i, j int) bool {
		if !cs[i].At.Equal(cs[j].At) {
			return cs[i].At.Before(cs[j].At)
		}
		if cs[i].Observed != cs[j].Observed {
			return !cs[i].Observed // what the CRM says comes before what we saw
		}
		return cs[i].ID < cs[j].ID
	})
	type state struct {
		value string
		known bool
	}
	last := make(map[Field]state, len(Tracked))
	out := cs[:0]
	for _, c := range cs {
		before := last[c.Field]
		if before.known && before.value == c.New {
			continue
		}
		if before.known {
			c.Old, c.OldKnown = before.value, true
		}
		last[c.Field] = state{c.New, true}
		out = append(out, c)
	}
	return out
}
