package salesforce

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// retention says which rows of a part are too old to be kept. A backfill does not read
// old rows. An increment reads all stamped rows and tells the old ones as deleted,
// because a deal that was closed with an old date must not stay open in the cache.
type retention struct {
	months func(Config) int
	fields []string // the fields that beyond requires
	// within returns conditions that a kept row meets. A query has the first condition
	// whose fields the login can filter by.
	within func(crm.Date) []soql.Condition
	beyond func(*row.Row, crm.Date) bool // reports whether a row is too old
}

// Closed deals, done tasks and meetings are kept by their dates. Open deals and open
// tasks are kept whatever the date.
var (
	keptDeals = &retention{
		months: func(c Config) int { return int(c.Keep.Closed) },
		fields: []string{"IsClosed", "CloseDate"},
		within: func(d crm.Date) []soql.Condition {
			return []soql.Condition{soql.Either{soql.Is("IsClosed", "=", soql.Truth(false)), soql.Is("CloseDate", ">=", soql.Day(d))}}
		},
		beyond: func(r *row.Row, d crm.Date) bool {
			closed := r.Date("CloseDate")
			return r.Flag("IsClosed") && !closed.IsZero() && closed < d
		},
	}
	keptTasks = &retention{
		months: func(c Config) int { return int(c.Keep.Activities) },
		fields: []string{"IsClosed", "ActivityDate", "CreatedDate"},
		within: func(d crm.Date) []soql.Condition {
			return []soql.Condition{soql.Either{
				soql.Is("IsClosed", "=", soql.Truth(false)), soql.Is("ActivityDate", ">=", soql.Day(d)),
				soql.All{soql.Is("ActivityDate", "=", soql.Null{}), soql.Is("CreatedDate", ">=", midnight(d))},
			}}
		},
		beyond: func(r *row.Row, d crm.Date) bool {
			if !r.Flag("IsClosed") || !r.Has("ActivityDate") {
				return false
			}
			at := r.Date("ActivityDate")
			if at.IsZero() {
				at = r.Date("CreatedDate")
			}
			return !at.IsZero() && at < d
		},
	}
	keptEvents = &retention{
		months: func(c Config) int { return int(c.Keep.Activities) },
		fields: []string{"EndDateTime", "ActivityDate"},
		within: func(d crm.Date) []soql.Condition {
			return []soql.Condition{soql.Is("EndDateTime", ">=", midnight(d)), soql.Is("ActivityDate", ">=", soql.Day(d))}
		},
		beyond: func(r *row.Row, d crm.Date) bool {
			at := r.Date("EndDateTime")
			if at.IsZero() {
				at = r.Date("ActivityDate")
			}
			return !at.IsZero() && at < d
		},
	}
)

func midnight(d crm.Date) soql.Moment { return soql.Moment(d.In(time.UTC).Unix()) }

// keepFrom is the day from which rows of the stream are kept, in a run that begins at
// now on the server's clock; zero keeps everything.
func (st stream) keepFrom(cfg Config, now int64) crm.Date {
	for _, p := range st.parts {
		if p.keep != nil && p.keep.months(cfg) > 0 {
			return monthsBefore(time.Unix(now, 0).UTC(), p.keep.months(cfg))
		}
	}
	return 0
}

// monthsBefore is the same day of an earlier month, or that month's last day if the
// month is shorter. A later t never gives an earlier day.
func monthsBefore(t time.Time, months int) crm.Date {
	first := time.Date(t.Year(), t.Month()-time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return crm.NewDate(first.Year(), first.Month(), min(t.Day(), last))
}

// kept returns the condition of rows that are kept from the day d on.
func (v sight) kept(p part, d crm.Date) soql.All {
	if p.keep == nil || d.IsZero() {
		return nil
	}
	can := v.filterable(p.keep.within(d))
	if len(can) == 0 {
		return nil
	}
	if other := v.mapping.twin(); other != "" && v.object.Filterable(other) {
		return soql.All{soql.Either{can[0], soql.Is(other, "!=", soql.Null{})}}
	}
	return can[:1]
}

// beyond reports whether a row is too old to be kept. A deal that names its twin in
// another source is kept whatever its date: without it, a copy that is still open there
// would look like a deal that nobody works on.
func (c *reading) beyond(r *row.Row) bool {
	other := c.mapping.twin()
	return c.part.keep != nil && c.part.keep.beyond(r, c.kept) && (other == "" || r.Text(other) == "")
}
