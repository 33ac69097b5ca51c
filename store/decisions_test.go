package store

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestBearable(t *testing.T) {
	for _, c := range []struct {
		stream      crm.Stream
		total, want int
	}{
		{crm.Opportunities, 0, 0}, {crm.Opportunities, 1, 0}, {crm.Opportunities, 2, 1}, {crm.Opportunities, 8, 4}, {crm.Opportunities, 10, 5},
		{crm.Opportunities, 50, 5}, {crm.Opportunities, 100, 10}, {crm.Contacts, 1000, 100}, {crm.Stages, 5, 2}, {crm.Users, 100, 50},
	} {
		if got := Bearable(c.stream, c.total); got != c.want {
			t.Errorf("%s: of %d records a run may miss %d, want %d", c.stream, c.total, got, c.want)
		}
	}
}

// A source keeps what is not older than an instant of its own day, in whatever zone that day
// is: of what the source leaves out, nothing counts as missed.
func TestOldActivityInEveryZone(t *testing.T) {
	for hours := -12; hours <= 14; hours++ {
		for hour := range 24 {
			from := noon.Add(time.Duration(hour) * time.Hour)
			day := crm.DateOf(from, time.FixedZone("", hours*60*60))
			if a := (crm.Activity{Kind: crm.Call, Done: true, At: from.Add(-time.Minute)}); !OldActivity(&a, day) {
				t.Errorf("kept from %v, which is %v at UTC%+d: a call a minute before is not old", from, day, hours)
			}
			if a := (crm.Activity{Kind: crm.Call, Done: true, At: from.Add(72 * time.Hour)}); OldActivity(&a, day) {
				t.Errorf("kept from %v, which is %v at UTC%+d: a call three days after is old", from, day, hours)
			}
		}
	}
}

// The kinds of activities are told apart by the ids that each CRM gives.
func TestSort(t *testing.T) {
	for _, c := range []struct {
		stream   crm.Stream
		id, want string
	}{
		{crm.Activities, "calls:17", "calls"}, {crm.Activities, "notes:17", "notes"}, {crm.Activities, "00T000000000001AAA", "00T"},
		{crm.Activities, "00U000000000001", "00U"}, {crm.Activities, "a", ""}, {crm.Activities, "", ""}, {crm.Opportunities, "006000000000001AAA", ""},
	} {
		if got := Sort(c.stream, c.id); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.stream, c.id, got, c.want)
		}
	}
}

func TestHeldBackNamesWhatIsMissed(t *testing.T) {
	for _, c := range []struct {
		stream     crm.Stream
		sort, want string
	}{
		{crm.Opportunities, "", "3 of 4 open deals are no longer"}, {crm.Contacts, "", "3 of 4 links to contacts are"},
		{crm.Users, "", "3 of 4 users are"}, {crm.Activities, "", "3 of 4 activities are"},
		{crm.Activities, "calls", "3 of 4 records of the object calls are"}, {crm.Activities, "00T", "3 of 4 records of the object Task are"},
		{crm.Activities, "00U", "3 of 4 records of the object Event are"},
	} {
		got := HeldBack("sf", c.stream, c.sort, 3, 4)
		if !strings.HasPrefix(got, c.want) || !strings.Contains(got, "pipetidy sync --full --source sf") {
			t.Errorf("%s: got %q, want %q and what to do", c.stream, got, c.want)
		}
	}
}

func TestReturned(t *testing.T) {
	old := crm.Opportunity{ID: "1", CreatedAt: noon.AddDate(0, 0, -2)}
	for _, c := range []struct {
		name           string
		page           crm.Page
		change         func(*crm.Opportunity)
		gone, complete bool
		want           bool
	}{
		{"made long before it became visible", crm.Page{}, nil, false, true, true},
		{"the first run is under way", crm.Page{}, nil, true, false, false},
		{"recalled already", crm.Page{Recalled: true}, nil, true, true, false},
		{"read alone", crm.Page{Recalled: true, Alone: true}, nil, true, true, true},
		{"closed", crm.Page{}, func(o *crm.Opportunity) { o.Closed = true }, true, true, false},
		{"deleted by the same page", crm.Page{Deleted: []string{"1"}}, nil, true, true, false},
		{"made since", crm.Page{}, func(o *crm.Opportunity) { o.CreatedAt = noon.Add(-aDay) }, false, true, false},
		{"made since, but deleted before", crm.Page{}, func(o *crm.Opportunity) { o.CreatedAt = noon }, true, true, true},
		{"without a time of creation", crm.Page{}, func(o *crm.Opportunity) { o.CreatedAt = time.Time{} }, false, true, false},
	} {
		o := old
		if c.change != nil {
			c.change(&o)
		}
		if got := Returned(&c.page, &o, c.gone, c.complete, noon); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestHeadcountKnowsNoneOnlyOfOpenDealsThatWereThere(t *testing.T) {
	readable := &crm.Info{Fields: crm.Fields{"contacts": crm.Readable}}
	read := &StreamState{Complete: true, AsOf: noon}
	there := crm.Opportunity{CreatedAt: noon}
	later := crm.Opportunity{CreatedAt: noon.Add(time.Second)}
	closed := crm.Opportunity{Closed: true}
	for _, c := range []struct {
		name   string
		info   *crm.Info
		stream *StreamState
		deal   crm.Opportunity
		n      int
		want   crm.Number
	}{
		{"some", readable, read, later, 2, crm.Num(2)},
		{"none", readable, read, there, 0, crm.Num(0)},
		{"none, untold", readable, read, there, 0, crm.Number{}},
		{"some, untold", readable, read, there, 1, crm.Num(1)},
		{"none of a later deal", readable, read, later, 0, crm.Number{}},
		{"none of a closed deal", readable, read, closed, 0, crm.Number{}},
		{"some of a closed deal", readable, read, closed, 1, crm.Num(1)},
		{"not read to the end", readable, &StreamState{}, there, 2, crm.Number{}},
		{"hidden", &crm.Info{Fields: crm.Fields{"contacts": crm.Hidden}}, read, there, 2, crm.Number{}},
	} {
		o := c.deal
		NewHeadcount(c.info, c.stream).Put(&o, c.n, !strings.Contains(c.name, "untold"))
		if o.Contacts != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, o.Contacts, c.want)
		}
	}
}

func TestAccept(t *testing.T) {
	have := crm.Info{Type: "salesforce", Account: "00D1"}
	for _, c := range []struct {
		have, info, want crm.Info
		refused          bool
	}{
		{crm.Info{}, have, have, false},
		{have, have, have, false},
		{have, crm.Info{Type: "salesforce"}, have, false},
		{have, crm.Info{Type: "salesforce", Account: "00D2"}, have, true},
		{have, crm.Info{Type: "hubspot", Account: "00D1"}, have, true},
	} {
		got, err := Accept("sf", c.have, c.info)
		if got.Account != c.want.Account || got.Type != c.want.Type || errors.Is(err, crm.ErrAccount) != c.refused {
			t.Errorf("%+v over %+v: got %+v, %v", c.info, c.have, got, err)
		}
	}
}

func TestBaselineIsOfWhatReachedTheReader(t *testing.T) {
	sent := delivery.Delivery{Digest: "daily", Team: "West", Recipient: "m@x.org", State: delivery.Sent, AsOf: noon, Changed: noon.Add(time.Hour), Period: "p"}
	r, ok := Baseline(&sent)
	if !ok || !r.AsOf.Equal(noon) || !r.SentAt.Equal(sent.Changed) || r.Recipient != sent.Recipient {
		t.Errorf("got %+v, %v", r, ok)
	}
	first := noon.Add(time.Minute)
	sent.Parts = []delivery.Part{{Receipt: delivery.Receipt{At: first}}, {Receipt: delivery.Receipt{At: noon.Add(time.Hour)}}}
	if r, _ := Baseline(&sent); !r.SentAt.Equal(first) {
		t.Errorf("sent at %v, want when the first part arrived, %v", r.SentAt, first)
	}
	for what, change := range map[string]func(d *delivery.Delivery){
		"a test":          func(d *delivery.Delivery) { d.Test = true },
		"one sent to ops": func(d *delivery.Delivery) { d.To = "ops@x.org" },
		"one in doubt":    func(d *delivery.Delivery) { d.State = delivery.Unknown },
		"one planned":     func(d *delivery.Delivery) { d.State = delivery.Planned },
	} {
		d := sent
		change(&d)
		if _, ok := Baseline(&d); ok {
			t.Errorf("%s became a baseline", what)
		}
	}
}

func TestInterrupted(t *testing.T) {
	quiet := delivery.Delivery{State: delivery.Retry, Parts: []delivery.Part{{State: delivery.Sent}, {State: delivery.Rendered}}}
	if before := quiet.State; Interrupted(&quiet, noon) || quiet.State != before || quiet.Reason != "" {
		t.Errorf("nothing was being sent, got %+v", quiet)
	}
	part := delivery.Delivery{State: delivery.Retry, Parts: []delivery.Part{{State: delivery.Sent}, {State: delivery.Sending}}}
	if !Interrupted(&part, noon) || part.State != delivery.Unknown || part.Parts[0].State != delivery.Sent || part.Parts[1].State != delivery.Unknown || !part.Changed.Equal(noon) {
		t.Errorf("a part was being sent, got %+v", part)
	}
}

func TestSuperseded(t *testing.T) {
	at := func(h int) Taken {
		when := noon.Add(time.Duration(h) * time.Hour)
		return Taken{crm.DateOf(when, time.UTC), when}
	}
	all := []Taken{at(0), at(1), at(2), at(24), at(25), at(70), at(71), at(72)}
	asked := 0
	pins := func() ([]time.Time, error) { asked++; return []time.Time{noon.Add(90 * time.Minute)}, nil }
	drop, err := Superseded(all, noon.Add(72*time.Hour), pins)
	// A reader's last digest was composed from at(1); at(24) is 48 hours old.
	if want := []int{0}; err != nil || !slices.Equal(drop, want) {
		t.Errorf("got %v, %v, want %v", drop, err, want)
	}
	if drop, err = Superseded(all, noon.Add(48*time.Hour), pins); err != nil || len(drop) != 0 || asked != 1 {
		t.Errorf("nothing is old: got %v, %v, readers asked %d times", drop, err, asked)
	}
	refused := errors.New("damaged")
	if _, err := Superseded(all, noon.Add(100*time.Hour), func() ([]time.Time, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

func TestEnded(t *testing.T) {
	l := hygiene.Life{State: hygiene.Fixed, Ended: noon.Add(-KeepEnded - time.Second)}
	if !Ended(&l, noon) {
		t.Error("a finding that ended long ago is kept")
	}
	if l.Ended = noon.Add(-KeepEnded); Ended(&l, noon) {
		t.Error("a finding is dropped early")
	}
	if l = (hygiene.Life{State: hygiene.Open, Ended: noon.Add(-2 * KeepEnded)}); Ended(&l, noon) {
		t.Error("an open finding is dropped")
	}
}

// TestObservedUnclear: a value that could not be read is no change, neither when it comes
// nor when it goes.
func TestObservedUnclear(t *testing.T) {
	known := crm.Opportunity{ID: "1", Amount: crm.Num(10), CloseDate: crm.NewDate(2026, time.December, 1)}
	odd := crm.Opportunity{ID: "1", Unclear: []string{"amount", "close_date"}}
	empty := crm.Opportunity{ID: "1"}
	timed, moved := known, known // the same day, and the next, of which the instant became known
	timed.ClosesAt, moved.ClosesAt = noon, noon
	moved.CloseDate++
	later := timed
	later.ClosesAt = noon.Add(time.Minute)
	seen, unseen, touched, other := known, empty, known, known // by a login that may not see all, without and with a new stamp
	seen.ModifiedAt, unseen.ModifiedAt, touched.ModifiedAt, other.ModifiedAt = noon, noon, noon.Add(time.Hour), noon
	other.Amount = crm.Num(20)
	for name, c := range map[string]struct {
		was, is crm.Opportunity
		want    int
	}{
		"comes": {known, odd, 0}, "goes": {odd, known, 0}, "empty": {known, empty, 2},
		"the instant becomes known": {known, timed, 0}, "and the date moves": {known, moved, 1}, "the instant moves": {timed, later, 1},
		"comes into sight": {unseen, seen, 0}, "is out of sight": {seen, unseen, 0}, "is filled in": {unseen, touched, 2}, "another value without a stamp": {seen, other, 1},
	} {
		if got := Observed(&c.was, &c.is, noon); len(got) != c.want {
			t.Errorf("%s: %d changes, want %d: %v", name, len(got), c.want, got)
		}
	}
}
