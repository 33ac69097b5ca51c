package salesforce

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// replicated answers /updated and /deleted: the ids of records that changed between
// two minutes, records in the recycle bin included.
func (s *catalog) replicated(w http.ResponseWriter, r *http.Request, o *soql.Object, deleted bool) error {
	opt, now := s.Options(), s.rec.Now()
	days := 30
	if deleted {
		days = 15
	}
	from, to, err := replicationWindow(r.URL.Query(), now, days)
	if err != nil {
		return err
	}
	covered := to
	if behind := now.Add(-opt.ReplicationLag).Truncate(time.Minute); covered.After(behind) {
		covered = behind
	}
	ids, gone := s.changedBetween(o, from, to, opt.OnlyOwners)
	out := map[string]any{"latestDateCovered": covered.UTC().Format(soql.RESTTime)}
	if deleted {
		out["deletedRecords"], out["earliestDateAvailable"] = gone, now.AddDate(0, 0, -days).UTC().Truncate(time.Minute).Format(soql.RESTTime)
	} else {
		out["ids"] = ids
	}
	wire.JSON(w, http.StatusOK, out)
	return nil
}

// replicationWindow reads start and end, without their seconds.
func replicationWindow(args url.Values, now time.Time, days int) (from, to time.Time, err error) {
	refused := func(message string) error {
		return fail(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "%s", message)
	}
	for _, edge := range []struct {
		name string
		at   *time.Time
	}{{"start", &from}, {"end", &to}} {
		if *edge.at, err = soql.ParseDateTime(args.Get(edge.name)); err != nil {
			return from, to, refused(edge.name + " is no date and time")
		}
		*edge.at = edge.at.UTC().Truncate(time.Minute)
	}
	switch {
	case to.Sub(from) < time.Minute:
		return from, to, refused("startDate must be at least one minute greater than endDate")
	case from.Before(now.AddDate(0, 0, -days)):
		return from, to, refused("startDate before org replication enabled date, or too far in the past")
	}
	return from, to, nil
}

type deletedRecord struct {
	ID   string `json:"id"`
	Date string `json:"deletedDate"`
}

func (s *catalog) changedBetween(o *soql.Object, from, to time.Time, owners []string) (ids []string, gone []deletedRecord) {
	s.rec.Lock()
	defer s.rec.Unlock()
	ids, gone = []string{}, []deletedRecord{}
	within := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	for r, v := range s.rec.Found(o, owners, true) {
		stamp, _ := s.rec.Value(o, v, "SystemModstamp").(time.Time)
		switch {
		case v["IsDeleted"] == true && within(r.DeletedAt):
			gone = append(gone, deletedRecord{r.ID, r.DeletedAt.UTC().Truncate(time.Second).Format(soql.RESTTime)})
		case v["IsDeleted"] != true && within(stamp):
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids, gone
}
