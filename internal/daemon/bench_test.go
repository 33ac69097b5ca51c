package daemon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// BenchmarkEvaluateTwins evaluates one source beside another with as many closed deals as
// it has open ones: without the field, with the field and one pair in fifty, and with a
// twin for each deal. The figure to look at is the ratio of the three.
func BenchmarkEvaluateTwins(b *testing.B) {
	for name, every := range map[string]int{"none": 0, "of one in fifty": 50, "of all": 1} {
		b.Run(name, func(b *testing.B) {
			x, second := twoCRMs(b)
			x.account.deals, second.deals = nil, nil
			if every == 0 {
				delete(x.account.fields, crm.SameAs)
			}
			for i := range x.cfg.Sources {
				if err := x.Sync(b.Context(), &x.cfg.Sources[i], false, nil); err != nil {
					b.Fatal(err)
				}
			}
			const deals, page = 10000, 2000
			now := x.clock.Now()
			for start := 0; start < deals; start += page {
				own := crm.Page{Stream: crm.Opportunities, Next: "n", AsOf: now, Ascending: true}
				other, calls := own, crm.Page{Stream: crm.Activities, Next: "n", AsOf: now}
				for i := start; i < start+page; i++ {
					twin := ""
					if every > 0 && i%every == 0 {
						twin = fmt.Sprint(1_000_000 + i)
					}
					own.Opportunities = append(own.Opportunities, x.named(fmt.Sprintf("006%012dAAA", i), "Wayne", twin))
					o := x.named(fmt.Sprint(1_000_000+i), "Wayne", "")
					o.Closed = every != 1
					other.Opportunities = append(other.Opportunities, o)
					for j := range 5 {
						calls.Activities = append(calls.Activities, crm.Activity{
							ID: fmt.Sprint(i*5 + j), Kind: crm.Call, OpportunityIDs: []string{o.ID}, At: now.AddDate(0, 0, -j-1), Done: true,
						})
					}
				}
				for source, pages := range map[string][]*crm.Page{"sales": {&own}, "partners": {&other, &calls}} {
					for _, p := range pages {
						if _, err := x.store.CommitPage(b.Context(), x.store.Fence(), source, p, now); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := x.Evaluate(b.Context(), &x.cfg.Sources[0]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*deals/b.Elapsed().Seconds(), "deals/s")
		})
	}
}

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

// BenchmarkMorning plans, composes and sends the digests of 200 managers, on a journal
// without a past and on one with the digests of 260 days. The two should take the same
// time.
func BenchmarkMorning(b *testing.B) {
	const teams = 200
	for _, days := range []int{0, 260} {
		b.Run(fmt.Sprintf("days=%d", days), func(b *testing.B) {
			x := newBench(b, func(x *bench) {
				for i := range teams - 1 {
					other := x.cfg.Teams.List[0]
					other.Name, other.Manager, other.Members = fmt.Sprint("Team ", i), fmt.Sprintf("m%d@acme.example", i), []string{fmt.Sprintf("r%d@acme.example", i)}
					x.cfg.Teams.List = append(x.cfg.Teams.List, other)
				}
			})
			x.sync()
			ctx, now := b.Context(), x.clock.Now()
			today := crm.DateOf(now, x.cfg.Location)
			for back := days; back > 0; back-- {
				date := today - crm.Date(back)
				var ds []delivery.Delivery
				for i := range x.cfg.Teams.List {
					t := &x.cfg.Teams.List[i]
					ds = append(ds, delivery.Delivery{
						ID:     delivery.Key("manager-daily", date.String(), 1, t.Name, t.Manager, delivery.Slack, x.store.Installation()),
						Digest: "manager-daily", Period: date.String(), Edition: 1, Team: t.Name, Recipient: t.Manager, Channel: delivery.Slack, State: delivery.Sent,
						Created: now.AddDate(0, 0, -back), Changed: now.AddDate(0, 0, -back), AsOf: now.AddDate(0, 0, -back),
					})
				}
				p := digest.Period{Digest: "manager-daily", Team: fmt.Sprint("Team ", 0), Date: date, State: "begun", Edition: 1}
				if _, err := x.store.BeginPeriod(ctx, x.store.Fence(), p, ds); err != nil {
					b.Fatal(err)
				}
			}
			x.clock.Set(now.Add(31 * time.Minute))
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				x.clock.Set(x.clock.Now().AddDate(0, 0, 1))
				x.sync()
				b.StartTimer()
				if err := x.Round(ctx); err != nil {
					b.Fatal(err)
				}
			}
			if len(x.slack.sent) < teams {
				b.Fatalf("%d parts were sent: the benchmark measures nothing", len(x.slack.sent))
			}
		})
	}
}
