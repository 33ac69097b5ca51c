package bolt

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

func life(source, record, rule string) hygiene.Life {
	return hygiene.Life{
		Finding: hygiene.Finding{Key: hygiene.Key{Source: source, Kind: crm.KindOpportunity, Record: record, Rule: rule}, Severity: hygiene.High, Message: "m"},
		State:   hygiene.Open, Opened: noon, First: noon, Generation: 1,
	}
}

// apply writes lives and returns the records of those that were stored in the slice.
func apply(t *testing.T, s *Store, source, from, through string, write ...hygiene.Life) string {
	t.Helper()
	var had []string
	err := s.ApplySlice(t.Context(), s.Fence(), source, from, through, func(stored []hygiene.Life) []hygiene.Life {
		for _, l := range stored {
			had = append(had, l.Record+"/"+l.Rule)
		}
		return write
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(had, " ")
}

func TestSlicesOfFindings(t *testing.T) {
	s := newStore(t)
	apply(t, s, "sf", "", "", life("sf", "10", "a"), life("sf", "9", "b"), life("sf", "9", "a"), life("sf", "x", "a"), life("sf", "xy", "a"))
	apply(t, s, "sfx", "", "", life("sfx", "1", "a"))
	for _, c := range []struct{ from, through, want string }{
		{"", "", "9/a 9/b 10/a x/a xy/a"},
		{"", "9", "9/a 9/b"},
		{"9", "10", "10/a"},
		{"9", "", "10/a x/a xy/a"},
		{"10", "x", "x/a"},
		{"x", "xy", "xy/a"},
		{"xy", "", ""},
		{"2", "5", ""},
	} {
		if got := apply(t, s, "sf", c.from, c.through); got != c.want {
			t.Errorf("(%s, %s]: got %q, want %q", c.from, c.through, got, c.want)
		}
	}
	// What diff does not return stays; what lies outside is refused.
	err := s.ApplySlice(t.Context(), s.Fence(), "sf", "9", "x", func([]hygiene.Life) []hygiene.Life {
		return []hygiene.Life{life("sf", "10", "new"), life("sf", "9", "new")}
	})
	if err == nil {
		t.Error("a finding outside the slice was accepted")
	}
	l := life("sf", "10", "a")
	l.State, l.Ended = hygiene.Fixed, noon
	apply(t, s, "sf", "9", "10", l)
	for _, c := range []struct {
		since time.Time
		want  string
	}{{noon.Add(-time.Second), "sf9 sf9 sf10 sfx sfxy sfx1"}, {noon, "sf9 sf9 sfx sfxy sfx1"}} {
		var got []string
		err := s.Lives(t.Context(), c.since, func(l hygiene.Life) error {
			got = append(got, l.Source+l.Record)
			return nil
		})
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("since %v: got %v, %v", c.since, got, err)
		}
	}
}

func TestGenerationsAreNumberedAcrossOpenings(t *testing.T) {
	dir := t.TempDir()
	for want := uint64(1); want <= 3; want++ {
		s, err := Open(dir, testOptions())
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.BeginGeneration(t.Context(), s.Fence())
		if got != want || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := openStore(t, dir)
	if err := s.FinishGeneration(t.Context(), s.Fence(), 3, hygiene.Snapshot{Source: "sf", At: noon}); err != nil {
		t.Fatal(err)
	}
	if err := s.FinishGeneration(t.Context(), s.Fence(), 2, hygiene.Snapshot{Source: "sf", At: noon}); err == nil {
		t.Error("an older generation became current")
	}
}

func TestSnapshotsOverTime(t *testing.T) {
	s := newStore(t)
	gen := uint64(0)
	take := func(source string, at time.Time) {
		t.Helper()
		gen++
		snap := hygiene.Snapshot{Source: source, Day: crm.DateOf(at, time.UTC), At: at, Generation: gen, Tallies: []hygiene.Tally{{OwnerID: "u", Deals: int(gen)}}}
		if err := s.FinishGeneration(t.Context(), s.Fence(), gen, snap); err != nil {
			t.Fatal(err)
		}
	}
	at := func(h time.Duration) uint64 {
		t.Helper()
		snap, ok, err := s.Snapshot(t.Context(), "sf", noon.Add(h*time.Hour))
		if err != nil || ok != (snap.Generation != 0) {
			t.Fatal(err)
		}
		return snap.Generation
	}
	take("a", noon.Add(-50*time.Hour))
	for h := range time.Duration(6) {
		take("sf", noon.Add(h*time.Hour)) // generations 2 to 7
	}
	take("z", noon)
	if got := fmt.Sprint(at(-1), at(0), at(3), at(5), at(500)); got != "0 2 5 7 7" {
		t.Errorf("same day: got %s", got)
	}
	d := delivery.Delivery{ID: "d", Digest: "daily", Team: "w", Recipient: "r@x", State: delivery.Sent, AsOf: noon.Add(2*time.Hour + time.Minute), Changed: noon.Add(2*time.Hour + 2*time.Minute)}
	if err := s.SaveDelivery(t.Context(), s.Fence(), d, nil); err != nil {
		t.Fatal(err)
	}
	take("sf", noon.Add(72*time.Hour)) // generation 9
	// Of the first day the last one is left, and the one that the reader knows.
	if got := fmt.Sprint(at(0), at(1), at(2), at(3), at(5), at(72)); got != "0 0 4 4 7 9" {
		t.Errorf("three days later: got %s", got)
	}
}

func TestOldEndsAreDropped(t *testing.T) {
	s := newStore(t)
	old, recent := life("sf", "1", "a"), life("sf", "2", "a")
	old.State, old.Ended = hygiene.Fixed, noon.Add(-store.KeepEnded-time.Hour)
	recent.State, recent.Ended = hygiene.Fixed, noon.Add(-store.KeepEnded+time.Hour)
	apply(t, s, "sf", "", "", old, recent, life("sf", "3", "a"))
	if err := s.FinishGeneration(t.Context(), s.Fence(), 1, hygiene.Snapshot{Source: "sf", At: noon}); err != nil {
		t.Fatal(err)
	}
	if got := apply(t, s, "sf", "", ""); got != "2/a 3/a" {
		t.Errorf("got %s", got)
	}
}

func aDelivery(id string, st delivery.State) delivery.Delivery {
	return delivery.Delivery{
		ID: id, Digest: "daily", Team: "West", Recipient: "m@x.org", Channel: delivery.Slack, Else: delivery.Email, Period: "2026-11-21", Edition: 1,
		State: st, AsOf: noon, Changed: noon.Add(time.Minute), Parts: []delivery.Part{{Key: "k", Body: []byte("hello"), State: st}},
	}
}

func TestPeriodsBeginOnce(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	p := digest.Period{Digest: "daily", Team: "West", Date: crm.NewDate(2026, 11, 21), Zone: "UTC", State: "begun", Begun: noon, Edition: 1}
	sent := aDelivery("d1", delivery.Sent)
	if err := s.SaveDelivery(ctx, s.Fence(), sent, nil); err != nil {
		t.Fatal(err)
	}
	begin := func(p digest.Period, want bool, ds ...delivery.Delivery) {
		t.Helper()
		if begun, err := s.BeginPeriod(ctx, s.Fence(), p, ds); begun != want || err != nil {
			t.Errorf("edition %d: begun %v, %v", p.Edition, begun, err)
		}
	}
	begin(p, true, aDelivery("d1", delivery.Planned), aDelivery("d2", delivery.Planned))
	begin(p, false, aDelivery("d3", delivery.Planned))
	p2 := p
	p2.Edition = 2
	begin(p2, true, aDelivery("d4", delivery.Planned))
	begin(p, false)
	yesterday := p
	yesterday.Date--
	yesterday.Team = "East"
	begin(yesterday, true)
	got, ok, err := s.Period(ctx, "daily", "West", p.Date)
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	diff(t, "row", got, p2)
	rows, err := s.Periods(ctx, p.Date-1)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "newest first", rows, []digest.Period{p2, yesterday})
	if rows, _ = s.Periods(ctx, p.Date); len(rows) != 1 {
		t.Errorf("from today: %d rows", len(rows))
	}
	all, err := s.Deliveries(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, d := range all {
		have = append(have, d.ID+" "+string(d.State))
	}
	diff(t, "deliveries", have, []string{"d1 sent", "d2 planned", "d4 planned"})
}

func TestSavedDeliveries(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	save := func(d delivery.Delivery, follow *delivery.Delivery) {
		t.Helper()
		if err := s.SaveDelivery(ctx, s.Fence(), d, follow); err != nil {
			t.Fatal(err)
		}
	}
	d := aDelivery("d1", delivery.Rendered)
	save(d, nil)
	got, ok, err := s.Delivery(ctx, "d1")
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	diff(t, "rendered", got, d)
	if _, ok, _ := s.Reader(ctx, "daily", "West", "m@x.org"); ok {
		t.Error("a reader who was sent nothing has a baseline")
	}
	d.State, d.Parts[0].State, d.Parts[0].Receipt = delivery.Sent, delivery.Sent, delivery.Receipt{Channel: "C1", ID: "17.3", At: noon.Add(time.Second)}
	save(d, nil)
	if string(d.Parts[0].Body) != "hello" {
		t.Error("the caller's body was taken away")
	}
	got, _, _ = s.Delivery(ctx, "d1")
	if p := got.Parts[0]; p.Body != nil || p.Hash != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" || p.Receipt.ID != "17.3" {
		t.Errorf("settled part: %+v", p)
	}
	r, ok, err := s.Reader(ctx, "daily", "West", "m@x.org")
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	want := digest.Reader{Digest: "daily", Team: "West", Recipient: "m@x.org", AsOf: noon, SentAt: noon.Add(time.Second), Period: "2026-11-21"}
	diff(t, "baseline", r, want)

	test := aDelivery("d2", delivery.Sent)
	test.Test, test.AsOf = true, noon.Add(time.Hour)
	save(test, nil)
	late := aDelivery("d0", delivery.Sent)
	late.AsOf = noon.Add(-time.Hour)
	save(late, nil)
	r, _, _ = s.Reader(ctx, "daily", "West", "m@x.org")
	diff(t, "baseline after a test and a late one", r, want)

	d.State = delivery.Retry
	if err := s.SaveDelivery(ctx, s.Fence(), d, nil); !errors.Is(err, store.ErrSent) {
		t.Errorf("a sent delivery was made %v again", d.State)
	}
	failed, follow := aDelivery("d3", delivery.Failed), aDelivery("d3e", delivery.Planned)
	save(failed, &follow)
	follow.State = delivery.Sending
	save(follow, nil)
	again := aDelivery("d3e", delivery.Planned)
	save(failed, &again) // repeated after a crash
	if got, _, _ := s.Delivery(ctx, "d3e"); got.State != delivery.Sending {
		t.Errorf("the follower is %s", got.State)
	}
}

func TestRecoverMakesSendingUnknown(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	half := aDelivery("half", delivery.Sending)
	half.Parts = append(half.Parts, delivery.Part{Key: "k2", Body: []byte("b"), State: delivery.Rendered})
	for _, d := range []delivery.Delivery{half, aDelivery("planned", delivery.Planned), aDelivery("sent", delivery.Sent)} {
		if err := s.SaveDelivery(ctx, s.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int{1, 0} {
		if n, err := s.Recover(ctx, s.Fence(), noon.Add(time.Hour)); n != want || err != nil {
			t.Errorf("recovery %d: %d, %v", i, n, err)
		}
	}
	got, _, _ := s.Delivery(ctx, "half")
	if got.State != delivery.Unknown || got.Parts[0].State != delivery.Unknown || got.Parts[1].State != delivery.Rendered || string(got.Parts[0].Body) != "hello" || got.Reason == "" {
		t.Errorf("got %+v", got)
	}
	for _, c := range []struct {
		states []delivery.State
		want   int
	}{{nil, 3}, {[]delivery.State{delivery.Unknown}, 1}, {[]delivery.State{delivery.Planned, delivery.Unknown}, 2}, {[]delivery.State{delivery.Sent, delivery.Planned}, 2}} {
		if ds, err := s.Deliveries(ctx, c.states...); len(ds) != c.want || err != nil {
			t.Errorf("%v: %d, %v", c.states, len(ds), err)
		}
	}
}

func TestNotes(t *testing.T) {
	s := newStore(t)
	for _, v := range []string{"yes", "no", ""} {
		if err := s.Note(t.Context(), s.Fence(), "paused", v); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Noted(t.Context(), "paused"); got != v || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}
