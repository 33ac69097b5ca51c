package evaluation

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// snapshots is a journal that has nothing but these, oldest first.
type snapshots struct {
	Journal
	all []hygiene.Snapshot
}

func (j *snapshots) Snapshot(_ context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error) {
	for _, x := range j.all {
		if x.Source == source && !x.At.After(t) {
			s, ok = x, true
		}
	}
	return s, ok, nil
}

// accountSource is a source of which only the name is asked.
type accountSource struct{ crm.Source }

func (accountSource) Name() string { return "sales" }

// The rate of a day is that of its last evaluation, in the company's zone. Days on which
// nothing ran are left out, and so is what is older than a decision looks.
func TestRatesOfTheLastDays(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	snap := func(day crm.Date, hour, failed int) hygiene.Snapshot {
		return hygiene.Snapshot{Source: "sales", Day: day, At: day.In(zone).Add(time.Duration(hour) * time.Hour), Rates: []hygiene.Rate{{Rule: "a", Judged: 100, Failed: failed}}}
	}
	today := crm.NewDate(2026, 11, 24)
	now := snap(today, 8, 50)
	j := &snapshots{all: []hygiene.Snapshot{
		snap(today-hygiene.FoldHistory, 9, 1), snap(today-hygiene.FoldHistory+1, 9, 2), // one too old, one just not
		snap(today-5, 1, 3), snap(today-5, 23, 4), // 23:00 there is the next day in UTC
		snap(today-1, 9, 5), snap(today, 1, 6), now,
	}}
	e := New(Config{Location: zone}, nil, j, 0)
	days, err := e.rates(t.Context(), &Source{Source: accountSource{}}, &now)
	if err != nil {
		t.Fatal(err)
	}
	got := map[crm.Date]int{}
	for _, d := range days {
		got[d.Day] = d.Rates[0].Failed
	}
	want := map[crm.Date]int{today - hygiene.FoldHistory + 1: 2, today - 5: 4, today - 1: 5, today: 50}
	if diff := cmp.Diff(want, got); diff != "" || len(days) != len(want) || days[0].Day > days[1].Day {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
