package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestGrantedRightAfterTheFirstReading: what the login may see, or no longer sees, from right
// after the first reading on is noticed by the first count of it, read, and said by status
// for a day.
func TestGrantedRightAfterTheFirstReading(t *testing.T) {
	t.Parallel()
	says := func(x *orgBench, words string) bool {
		t.Helper()
		st, err := x.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(strings.Join(st.Notices, "\n"), words)
	}
	t.Run("users", func(t *testing.T) {
		x := newOrgBench(t, 40)
		users := x.company.IDs("User")
		for _, id := range users[1:] {
			x.company.HideRecord(id)
		}
		x.polled()
		for _, id := range users {
			x.company.ShowRecord(id)
		}
		x.quarters(rotation)
		if n := x.streams()[crm.Users].Records; n != len(users) {
			t.Errorf("%d of %d users", n, len(users))
		}
		if !says(x, "rows of User where it saw 1, and few of them were changed since; all are read again") {
			t.Error("status does not say it")
		}
		x.later(25 * time.Hour)
		x.polled()
		if says(x, "rows of User where it saw") {
			t.Error("status says it a day later")
		}
	})
	for _, granted := range []bool{true, false} {
		t.Run(map[bool]string{true: "activities", false: "activities, withdrawn"}[granted], func(t *testing.T) {
			x := newOrgBench(t, 40)
			ids := x.activityIDs()
			change := func(show bool) {
				for _, id := range ids[:len(ids)*4/5] {
					if show {
						x.company.ShowRecord(id)
					} else {
						x.company.HideRecord(id)
					}
				}
			}
			change(!granted)
			x.polled()
			change(granted)
			x.quarters(rotation)
			if granted {
				x.sees("granted")
			} else if st, err := x.Status(t.Context()); err != nil || st.Sources[0].Withheld == "" {
				t.Errorf("findings rest on activities that the login does not see: %v", err)
			}
			if !says(x, "rows of Task where it saw ") {
				t.Error("status does not say it")
			}
		})
	}
}
