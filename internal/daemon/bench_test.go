package daemon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// BenchmarkEvaluate scans and judges deals with five activities each and writes what
// changed: the whole step from cache.db to journal.db. The first evaluation, which opens
// the findings, is not measured; in the measured ones nothing changes.
func BenchmarkEvaluate(b *testing.B) {
	const deals, page = 20000, 2000
	x := newBench(b, nil)
	x.account.deals = nil
	x.sync()
	ctx, now := b.Context(), x.clock.Now()
	for start := 0; start < deals; start += page {
		p := crm.Page{Stream: crm.Opportunities, Next: "n", AsOf: now, Ascending: true}
		a := crm.Page{Stream: crm.Activities, Next: "n", AsOf: now}
		for i := start; i < start+page; i++ {
			o := x.deal(fmt.Sprintf("006%012dAAA", i), fmt.Sprintf("Deal %d", i))
			if i%5 != 0 {
				o.CloseDate = crm.DateOf(now, time.UTC) + 20 // in order
			}
			p.Opportunities = append(p.Opportunities, o)
			for j := range 5 {
				a.Activities = append(a.Activities, crm.Activity{
					ID: fmt.Sprintf("00T%09d%03dAAA", i, j), Kind: crm.Call, OpportunityIDs: []string{o.ID}, OwnerID: "u1",
					At: now.AddDate(0, 0, -j-1), Done: true, CreatedAt: now.AddDate(0, 0, -j-1),
				})
			}
		}
		for _, pg := range []*crm.Page{&p, &a} {
			if _, err := x.store.CommitPage(ctx, x.store.Fence(), "sales", pg, now); err != nil {
				b.Fatal(err)
			}
		}
	}
	src := &x.cfg.Sources[0]
	if err := x.Evaluate(ctx, src); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := x.Evaluate(ctx, src); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*deals/b.Elapsed().Seconds(), "deals/s")
}
