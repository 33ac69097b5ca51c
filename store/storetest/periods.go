package storetest

import (
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

func testPeriodsBeginOnce(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	ctx := t.Context()
	p := digest.Period{Digest: "daily", Team: "West", Date: crm.NewDate(2026, 11, 21), Zone: "UTC", State: "begun", Begun: Noon, Edition: 1}
	sent := Delivery("d1", delivery.Sent)
	if err := e.SaveDelivery(ctx, e.Fence(), sent, nil); err != nil {
		t.Fatal(err)
	}
	begin := func(p digest.Period, want bool, ds ...delivery.Delivery) {
		t.Helper()
		if begun, err := e.BeginPeriod(ctx, e.Fence(), p, ds); begun != want || err != nil {
			t.Errorf("edition %d: begun %v, %v", p.Edition, begun, err)
		}
	}
	begin(p, true, Delivery("d1", delivery.Planned), Delivery("d2", delivery.Planned))
	begin(p, false, Delivery("d3", delivery.Planned))
	p2 := p
	p2.Edition = 2
	begin(p2, true, Delivery("d4", delivery.Planned))
	begin(p, false)
	yesterday := p
	yesterday.Date--
	yesterday.Team = "East"
	begin(yesterday, true)
	got, ok, err := e.Period(ctx, "daily", "West", p.Date)
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	diff(t, "row", got, p2)
	rows, err := e.Periods(ctx, p.Date-1)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "newest first", rows, []digest.Period{p2, yesterday})
	if rows, _ = e.Periods(ctx, p.Date); len(rows) != 1 {
		t.Errorf("from today: %d rows", len(rows))
	}
	all, err := e.Deliveries(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, d := range all {
		have = append(have, d.ID+" "+string(d.State))
	}
	diff(t, "deliveries", have, []string{"d1 sent", "d2 planned", "d4 planned"})
}
