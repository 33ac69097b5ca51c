package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

func testSavedDeliveries(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	ctx := t.Context()
	save := func(d delivery.Delivery, follow *delivery.Delivery) {
		t.Helper()
		if err := e.SaveDelivery(ctx, e.Fence(), d, follow); err != nil {
			t.Fatal(err)
		}
	}
	d := Delivery("d1", delivery.Rendered)
	save(d, nil)
	got, ok, err := e.Delivery(ctx, "d1")
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	diff(t, "rendered", got, d)
	if _, ok, _ := e.Reader(ctx, "daily", "West", "m@x.org"); ok {
		t.Error("a reader who was sent nothing has a baseline")
	}
	d.State, d.Parts[0].State, d.Parts[0].Receipt = delivery.Sent, delivery.Sent, delivery.Receipt{Channel: "C1", ID: "17.3", At: Noon.Add(time.Second)}
	save(d, nil)
	if string(d.Parts[0].Body) != "hello" {
		t.Error("the caller's body was taken away")
	}
	got, _, _ = e.Delivery(ctx, "d1")
	if p := got.Parts[0]; p.Body != nil || p.Hash != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" || p.Receipt.ID != "17.3" {
		t.Errorf("settled part: %+v", p)
	}
	r, ok, err := e.Reader(ctx, "daily", "West", "m@x.org")
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	want := digest.Reader{Digest: "daily", Team: "West", Recipient: "m@x.org", AsOf: Noon, SentAt: Noon.Add(time.Second), Period: "2026-11-21", Told: []byte("told")}
	diff(t, "baseline", r, want)
	if got.Told != nil {
		t.Error("the settled delivery keeps what it told")
	}
	save(got, nil) // settled once more: what it told is with the reader alone
	r, _, _ = e.Reader(ctx, "daily", "West", "m@x.org")
	diff(t, "baseline, settled twice", r, want)

	test := Delivery("d2", delivery.Sent)
	test.Test, test.AsOf = true, Noon.Add(time.Hour)
	save(test, nil)
	late := Delivery("d0", delivery.Sent)
	late.AsOf = Noon.Add(-time.Hour)
	save(late, nil)
	r, _, _ = e.Reader(ctx, "daily", "West", "m@x.org")
	diff(t, "baseline after a test and a late one", r, want)

	d.State = delivery.Retry
	if err := e.SaveDelivery(ctx, e.Fence(), d, nil); !errors.Is(err, store.ErrSent) {
		t.Errorf("a sent delivery was made %v again", d.State)
	}
	failed, follow := Delivery("d3", delivery.Failed), Delivery("d3e", delivery.Planned)
	save(failed, &follow)
	follow.State = delivery.Sending
	save(follow, nil)
	again := Delivery("d3e", delivery.Planned)
	save(failed, &again) // repeated after a crash
	if got, _, _ := e.Delivery(ctx, "d3e"); got.State != delivery.Sending {
		t.Errorf("the follower is %s", got.State)
	}
}

func testRecoverMakesSendingUnknown(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	ctx := t.Context()
	half := Delivery("half", delivery.Sending)
	half.Parts = append(half.Parts, delivery.Part{Key: "k2", Body: []byte("b"), State: delivery.Rendered})
	for _, d := range []delivery.Delivery{half, Delivery("planned", delivery.Planned), Delivery("sent", delivery.Sent)} {
		if err := e.SaveDelivery(ctx, e.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int{1, 0} {
		if n, err := e.Recover(ctx, e.Fence(), Noon.Add(time.Hour)); n != want || err != nil {
			t.Errorf("recovery %d: %d, %v", i, n, err)
		}
	}
	got, _, _ := e.Delivery(ctx, "half")
	if got.State != delivery.Unknown || got.Parts[0].State != delivery.Unknown || got.Parts[1].State != delivery.Rendered || string(got.Parts[0].Body) != "hello" || got.Reason == "" {
		t.Errorf("got %+v", got)
	}
	for _, c := range []struct {
		states []delivery.State
		want   int
	}{{nil, 3}, {[]delivery.State{delivery.Unknown}, 1}, {[]delivery.State{delivery.Planned, delivery.Unknown}, 2}, {[]delivery.State{delivery.Sent, delivery.Planned}, 2}} {
		if ds, err := e.Deliveries(ctx, c.states...); len(ds) != c.want || err != nil {
			t.Errorf("%v: %d, %v", c.states, len(ds), err)
		}
	}
}

func testWhatWentElsewhereIsNotTheReadersLast(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	d := delivery.Delivery{ID: "d", Digest: "manager-daily", Team: "West", Recipient: "maria@acme.example", To: "revops@acme.example", State: delivery.Sent, AsOf: Noon, Changed: Noon}
	if err := e.SaveDelivery(t.Context(), e.Fence(), d, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := e.Reader(t.Context(), d.Digest, d.Team, d.Recipient); ok || err != nil {
		t.Errorf("a redirected delivery became the reader's baseline: %v %v", ok, err)
	}
	d.ID, d.To = "e", ""
	if err := e.SaveDelivery(t.Context(), e.Fence(), d, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := e.Reader(t.Context(), d.Digest, d.Team, d.Recipient); !ok || err != nil {
		t.Errorf("a delivery to the reader did not: %v %v", ok, err)
	}
}

// of is a delivery of a digest and a date.
func of(name string, d crm.Date, st delivery.State) delivery.Delivery {
	x := Delivery(delivery.Key(name, d.String(), 1, "West", "m@x.org", delivery.Slack, "0a1b2c3d"), st)
	x.Digest, x.Period = name, d.String()
	return x
}

func deliveredSince(t testing.TB, e store.Engine, from crm.Date) string {
	t.Helper()
	ds, err := e.DeliveriesSince(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range ds {
		out = append(out, ds[i].Digest+" "+ds[i].Period)
	}
	return strings.Join(out, ", ")
}

// Digests whose names begin alike, and IDs that are of no digest, are kept apart.
func testDeliveriesSince(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	day := crm.DateOf(Noon, time.UTC)
	if got := deliveredSince(t, e, 0); got != "" {
		t.Errorf("of nothing: %s", got)
	}
	trial := of("daily", day+1, delivery.Sent)
	trial.Period += " test 08:00:00.000"
	trial.ID = delivery.Key("daily", trial.Period, 1, "West", "m@x.org", delivery.Slack, "0a1b2c3d")
	for _, d := range []delivery.Delivery{
		of("daily", day-9, delivery.Sent), of("daily", day, delivery.Planned), of("daily", day+1, delivery.Failed), trial, of("daily-2", day-1, delivery.Sent),
		of("daily-2", day+1, delivery.Sent), of("dail", day-1, delivery.Sent), of("weekly", day+1, delivery.Unknown), Delivery("daily", delivery.Sent), Delivery("zz", delivery.Sent),
	} {
		if err := e.SaveDelivery(t.Context(), e.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
	}
	for from, want := range map[crm.Date]string{
		day:     "daily-2 2026-11-22, daily 2026-11-21, daily 2026-11-22 test 08:00:00.000, daily 2026-11-22, weekly 2026-11-22",
		day + 1: "daily-2 2026-11-22, daily 2026-11-22 test 08:00:00.000, daily 2026-11-22, weekly 2026-11-22",
		day + 2: "",
	} {
		if got := deliveredSince(t, e, from); got != want {
			t.Errorf("since %s: got %s, want %s", from, got, want)
		}
	}
}

// What a person has to decide about stays, however old it is.
func testOldDeliveriesAreDropped(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	last := crm.DateOf(Noon.Add(-store.KeepDeliveries), time.UTC)
	for _, d := range []delivery.Delivery{
		of("daily", last-1, delivery.Sent), of("daily", last-4, delivery.Failed), of("daily", last, delivery.Sent), of("weekly", last-2, delivery.Unknown),
		of("weekly", last-3, delivery.Expired), Delivery("daily", delivery.Sent),
	} {
		p := digest.Period{Digest: d.Digest, Team: "West", Edition: 1, State: "begun"}
		p.Date, _ = crm.ParseDate(d.Period)
		if _, err := e.BeginPeriod(t.Context(), e.Fence(), p, nil); err != nil {
			t.Fatal(err)
		}
		if err := e.SaveDelivery(t.Context(), e.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.FinishGeneration(t.Context(), e.Fence(), 1, hygiene.Snapshot{Source: "sf", At: Noon}); err != nil {
		t.Fatal(err)
	}
	if got, want := deliveredSince(t, e, 0), fmt.Sprintf("daily %s, weekly %s", last, last-2); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok, err := e.Delivery(t.Context(), "daily"); !ok || err != nil {
		t.Errorf("a delivery of no digest was dropped: %v", err)
	}
	ps, err := e.Periods(t.Context(), 0)
	if err != nil || len(ps) != 2 {
		t.Fatalf("%+v, %v", ps, err)
	}
	for _, p := range ps {
		if p.Date < last {
			t.Errorf("the ledger still has %s", p.Date)
		}
	}
}
