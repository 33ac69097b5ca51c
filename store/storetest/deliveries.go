package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
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
	want := digest.Reader{Digest: "daily", Team: "West", Recipient: "m@x.org", AsOf: Noon, SentAt: Noon.Add(time.Second), Period: "2026-11-21"}
	diff(t, "baseline", r, want)

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
