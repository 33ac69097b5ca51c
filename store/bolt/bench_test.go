package bolt

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store/storetest"
)

// benchOpportunity has about 570 bytes, like opportunities with the fields that companies
// use.
func benchOpportunity(n int) crm.Opportunity {
	o := storetest.Opportunity(n)
	o.Name = fmt.Sprintf("Customer %d - Expansion of the platform in the western region", n)
	o.Pipeline, o.Currency, o.AccountID = "0125e000000TZ0iAAG", "EUR", "0015e00000AbCdEAAX"
	o.OwnerID = fmt.Sprintf("005%015d", n%300)
	o.NextStep = "Send the revised proposal with the security annex to procurement and book the call with legal"
	o.ForecastCategory, o.Closed = "Best Case", false
	o.CreatedAt, o.StageSince, o.LastActivityAt = storetest.Noon.AddDate(0, -3, 0), storetest.Noon.AddDate(0, -1, 0), storetest.Noon.AddDate(0, 0, -9)
	for _, name := range []string{"decision_criteria", "economic_buyer", "champion"} {
		o.Custom = append(o.Custom, crm.Custom{Name: name, Value: "a sentence or two that somebody wrote about the " + name, Type: crm.Text})
	}
	return o
}

func benchActivity(n int) crm.Activity {
	return crm.Activity{
		ID: fmt.Sprintf("00T%015d", n), Kind: crm.Call, OpportunityIDs: []string{storetest.ID(n / 5)}, OwnerID: fmt.Sprintf("005%015d", n%300),
		At: storetest.Noon.Add(-time.Duration(n%90) * 24 * time.Hour), Done: true, Direction: crm.Out, Outcome: "Connected", CreatedAt: storetest.Noon,
	}
}

const benchPage = 2000

func BenchmarkCommitPageAscending(b *testing.B) {
	o := testOptions()
	o.NoSync = false // the time of the disk belongs to the figure
	s, err := Open(b.TempDir(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	storetest.Register(b, s, "sf")
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		p := opportunityPage(n)
		b.StartTimer()
		storetest.Commit(b, s, p)
	}
	b.ReportMetric(float64(b.N*benchPage)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(s.Stats().CacheBytes)/float64(b.N*benchPage), "filebytes/record")
}

func BenchmarkCommitPageUnchanged(b *testing.B) {
	s := newStore(b)
	p := opportunityPage(0)
	storetest.Commit(b, s, p)
	for b.Loop() {
		storetest.Commit(b, s, p)
	}
	b.ReportMetric(float64(b.N*benchPage)/b.Elapsed().Seconds(), "records/s")
}

func opportunityPage(n int) crm.Page {
	p := crm.Page{Stream: crm.Opportunities, Ascending: true, More: true, Next: "c"}
	for i := range benchPage {
		p.Opportunities = append(p.Opportunities, benchOpportunity(n*benchPage+i))
	}
	return p
}

// BenchmarkScan scans 100,000 open deals with 5 activities each, with PIPETIDY_LONG a
// million; the file is in memory.
func BenchmarkScan(b *testing.B) {
	deals := 100_000
	if os.Getenv("PIPETIDY_LONG") != "" {
		deals = 1_000_000
	}
	s := newStore(b)
	for n := range deals / benchPage {
		storetest.Commit(b, s, opportunityPage(n))
		p := crm.Page{Stream: crm.Activities, Ascending: true, More: true}
		for i := range 5 * benchPage {
			p.Activities = append(p.Activities, benchActivity(n*5*benchPage+i))
		}
		storetest.Commit(b, s, p)
	}
	b.ReportAllocs()
	for b.Loop() {
		n, as := 0, 0
		_, _, err := s.Scan(b.Context(), "sf", "", 0, func(d *hygiene.Deal) error {
			n++
			as += len(d.Activities)
			return nil
		})
		if err != nil || n != deals || as != 5*deals {
			b.Fatal(n, as, err)
		}
	}
	b.ReportMetric(float64(b.N*deals)/b.Elapsed().Seconds(), "deals/s")
	b.ReportMetric(float64(s.Stats().CacheBytes)/float64(deals), "filebytes/deal")
}
