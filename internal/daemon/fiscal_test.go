package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// The commit is summed to the end of the company's own quarter: what the configuration
// says, else what the accounts say. Where two accounts differ, the calendar's quarters are
// taken, and status says so once.
func TestTheCommitIsSummedToTheEndOfTheCompanysQuarter(t *testing.T) {
	const differ = "the fiscal year starts differently: of sales in February, of partners in July"
	for _, c := range []struct {
		name                  string
		said, sales, partners time.Month
		want                  string
		deals                 int // of three in the commit: of 10 December, 15 January and 10 February
		notice                bool
	}{
		{"nobody says it", 0, 0, 0, "2026-12-31", 1, false},
		{"the org says it", 0, time.February, 0, "2027-01-31", 2, false},
		{"both say the same", 0, time.February, time.February, "2027-01-31", 2, false},
		{"the year differs: nobody knows whose", 0, time.February, time.July, "2026-12-31", 1, true},
		{"the configuration settles it", time.March, time.February, time.July, "2026-11-30", 0, false},
		{"the configuration says it alone", time.February, 0, 0, "2027-01-31", 2, false},
		{"of a year that starts in another quarter's first month", time.October, time.February, 0, "2026-12-31", 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, second := twoCRMs(t)
			b.cfg.Fiscal, b.account.fiscal, second.fiscal = c.said, c.sales, c.partners
			b.account.deals = nil
			for i, day := range []crm.Date{crm.NewDate(2026, 12, 10), crm.NewDate(2027, 1, 15), crm.NewDate(2027, 2, 10)} {
				o := b.deal([]string{"006000000000001AAA", "006000000000002AAA", "006000000000003AAA"}[i], "Deal")
				o.CloseDate, o.Amount = day, crm.Num(1000)
				b.account.deals = append(b.account.deals, o)
			}
			if err := b.store.Close(); err != nil {
				t.Fatal(err)
			}
			b.open()
			for range 2 { // of the first evaluation, the second account is not known
				b.judged()
			}
			if err := b.Evaluate(t.Context(), &b.cfg.Sources[0]); err != nil {
				t.Fatal(err)
			}
			s, ok, err := b.store.Snapshot(t.Context(), "sales", b.clock.Now())
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			n, sum := 0, 0.0
			for _, tally := range s.Tallies {
				n, sum = n+tally.CommitDeals, sum+tally.Commit[""]
			}
			if s.Quarter.String() != c.want || n != c.deals || sum != float64(1000*c.deals) {
				t.Errorf("to %s: %d deals of %.0f, want to %s: %d", s.Quarter, n, sum, c.want, c.deals)
			}
			st, err := b.Status(t.Context())
			if n := strings.Count(strings.Join(st.Notices, "\n"), differ); err != nil || n != map[bool]int{true: 1}[c.notice] {
				t.Errorf("said %d times in %q, %v", n, st.Notices, err)
			}
		})
	}
}
