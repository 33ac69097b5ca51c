package daemon_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// almanac gives the bench days off, which a test changes as it goes.
func (b *bench) almanac(change func(*hygiene.Almanac)) {
	loc := b.cfg.Location
	a := &hygiene.Almanac{Company: &hygiene.Calendar{Location: loc}, Teams: map[string]*hygiene.Calendar{"West": {Location: loc}}, People: map[string]*hygiene.Calendar{}}
	change(a)
	b.cfg.Almanac = func() *hygiene.Almanac { return a }
}

// thanksgiving is a holiday of the team on Thu 26 Nov.
func thanksgiving(a *hygiene.Almanac) {
	a.Teams["West"].Holidays = hygiene.NewHolidays([]hygiene.DayOff{{Date: crm.NewDate(2026, 11, 26), Why: "holiday us"}})
}

// frozen is a freeze of the company from Thu 26 to Mon 30 Nov.
func frozen(a *hygiene.Almanac) {
	a.Freezes = []hygiene.Span{{From: crm.NewDate(2026, 11, 26), To: crm.NewDate(2026, 11, 30), Why: "freeze"}}
	a.Company.Off, a.Teams["West"].Off = a.Freezes, a.Freezes
}

// morning lets a day's digest go out, and returns what was sent: the first part of each.
func (b *bench) morning(day string) (bodies []string) {
	b.t.Helper()
	d, err := crm.ParseDate(day)
	if err != nil {
		b.t.Fatal(err)
	}
	b.clock.Set(d.In(b.cfg.Location).Add(8*time.Hour + 31*time.Minute))
	before := len(b.slack.sent)
	b.sync()
	b.tick()
	for _, p := range b.slack.sent[before:] {
		if strings.HasSuffix(p.Key, "#0") {
			bodies = append(bodies, string(p.Body))
		}
	}
	return bodies
}

// period is "state: reason" of the row of the ledger.
func (b *bench) period(day string) string {
	b.t.Helper()
	ps, err := b.store.Periods(b.t.Context(), 1)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range ps {
		if p.Date.String() == day {
			return p.State + ": " + p.Reason
		}
	}
	return ""
}

// TestNoDigestOnAHoliday: the day before and the day after have one, and the ledger, status
// and a command say why that day has none.
func TestNoDigestOnAHoliday(t *testing.T) {
	b := newBench(t, func(b *bench) { b.almanac(thanksgiving) })
	if n := len(b.morning("2026-11-25")); n != 1 {
		t.Fatalf("the day before: %d digests", n)
	}
	status := func() api.DigestState {
		t.Helper()
		st, err := b.Status(t.Context())
		if err != nil || len(st.Digests) != 1 {
			t.Fatalf("status: %v, %+v", err, st)
		}
		return st.Digests[0]
	}
	const rest = "not on 26 Nov: holiday us"
	friday := time.Date(2026, 11, 27, 8, 30, 0, 0, b.cfg.Location)
	if s := status(); s.Rest != rest || !s.Next.Equal(friday) {
		t.Errorf("status the day before: got %+v", s)
	}
	b.account.deals = append(b.account.deals, b.deal("006000000000002AAA", "Hooli pilot"))
	if n := len(b.morning("2026-11-26")); n != 0 {
		t.Errorf("on the holiday: %d digests", n)
	}
	if got := b.period("2026-11-26"); got != "skipped: no day of work on 26 Nov (holiday us)" {
		t.Errorf("ledger: got %q", got)
	}
	if s := status(); s.Rest != rest || !s.Next.Equal(friday) {
		t.Errorf("status on the holiday: got %+v", s)
	}
	_, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "", false)
	var refusal *api.Error
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "holiday us") {
		t.Errorf("sending by hand: got %v", err)
	}
	if rs, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "me@acme.example", false); err != nil || len(rs) != 1 {
		t.Errorf("--to: got %v, %v", rs, err)
	}
	after := b.morning("2026-11-27")
	if len(after) != 1 || !strings.Contains(after[0], "1 new") || strings.Contains(after[0], "was not sent") || strings.Contains(after[0], "high only") {
		t.Errorf("the day after: got %v", after)
	}
	if s := status(); s.Rest != "" {
		t.Errorf("status the day after: got %+v", s)
	}
}

// TestHolidaysOfSomeReaders: one is off, and the other works.
func TestHolidaysOfSomeReaders(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.cfg.Digests[0].Name, b.cfg.Digests[0].For = "rep-daily", "reps"
		b.cfg.Teams.List[0].Members = []string{"ana@acme.example", "ben@acme.example"}
		b.account.users = []crm.User{{ID: "u2", Name: "Ben Brandt", Email: "ben@acme.example", Active: true}}
		bens := b.deal("006000000000002AAA", "Hooli pilot")
		bens.OwnerID = "u2"
		b.account.deals = append(b.account.deals, bens)
		b.almanac(func(a *hygiene.Almanac) {
			thanksgiving(a)
			a.People["ben@acme.example"] = &hygiene.Calendar{Location: b.cfg.Location}
		})
	})
	for day, want := range map[string][]string{"2026-11-25": {"ana@acme.example", "ben@acme.example"}, "2026-11-26": {"ben@acme.example"}} {
		b.slack.to = nil
		b.morning(day)
		slices.Sort(b.slack.to)
		if got := slices.Compact(b.slack.to); !slices.Equal(got, want) {
			t.Errorf("%s: sent to %v, want %v", day, got, want)
		}
	}
	if got := b.period("2026-11-26"); got != "begun: ana@acme.example: no day of work on 26 Nov (holiday us)" {
		t.Errorf("ledger: got %q", got)
	}
}

// TestAHolidayDoesNotHideWhatWasMissed: the digest of the day before it did not arrive.
func TestAHolidayDoesNotHideWhatWasMissed(t *testing.T) {
	b := newBench(t, func(b *bench) { b.almanac(thanksgiving); b.cfg.Digests[0].Else = "" })
	b.morning("2026-11-24")
	after := b.morning("2026-11-27") // asleep on both days
	if got := b.period("2026-11-26"); !strings.HasPrefix(got, "skipped: ") {
		t.Errorf("the holiday: ledger %q", got)
	}
	if len(after) != 1 || !strings.Contains(after[0], "The digest of 25 Nov was not sent") {
		t.Errorf("got %v, ledger %q", after, b.period("2026-11-25"))
	}
}

// TestFreeze: nothing goes out in it; the first digest after it is about what is high, and
// says so; the next one is as ever.
func TestFreeze(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.almanac(frozen)
		low := b.deal("006000000000002AAA", "Wonka")
		low.CloseDate, low.ForecastCategory, low.Amount = crm.DateOf(b.clock.Now(), time.UTC)+60, "Pipeline", crm.Opportunity{}.Amount
		b.account.deals = append(b.account.deals, low)
		at := b.clock.Now().AddDate(0, 0, -3)
		b.account.acts = []crm.Activity{{ID: "00T1", OpportunityIDs: []string{low.ID}, Kind: crm.Call, Done: true, At: at, CreatedAt: at}}
	})
	const said = "First digest since 25 Nov: high only, and what is due in the commit."
	before := b.morning("2026-11-25")
	if len(before) != 1 || strings.Contains(before[0], said) || !strings.Contains(before[0], "2. Wonka") {
		t.Fatalf("the day before: got %v", before)
	}
	for _, day := range []string{"2026-11-26", "2026-11-27", "2026-11-30"} {
		if n := len(b.morning(day)); n != 0 || !strings.HasSuffix(b.period(day), "(freeze)") {
			t.Errorf("%s: %d digests, ledger %q", day, n, b.period(day))
		}
	}
	after := b.morning("2026-12-01")
	if len(after) != 1 || !strings.Contains(after[0], said) || !strings.Contains(after[0], "1. Initech expansion") || strings.Contains(after[0], "2. Wonka") || !strings.Contains(after[0], "1 more is with the owner") {
		t.Errorf("the first after it: got %v", after)
	}
	next := b.morning("2026-12-02")
	if len(next) != 1 || strings.Contains(next[0], "high only") || !strings.Contains(next[0], "Wonka") {
		t.Errorf("the second after it: got %v", next)
	}
}

// TestAFreezeIsOverOnce: who had nothing to read on the first day after a freeze reads what
// begins later as on any day; where the digest is weekly, its first day is later.
func TestAFreezeIsOverOnce(t *testing.T) {
	for days, want := range map[string]map[string]string{
		"weekdays":  {"2026-12-01": "", "2026-12-02": "1. Wonka"},
		"wednesday": {"2026-12-01": "", "2026-12-02": "high only"},
	} {
		b := newBench(t, func(b *bench) { b.almanac(frozen) })
		b.morning("2026-11-24")
		b.account.deals[0].CloseDate, b.account.deals[0].ForecastCategory = crm.NewDate(2027, 2, 10), "Pipeline"
		at := b.clock.Now()
		b.account.acts = []crm.Activity{{ID: "00T1", OpportunityIDs: []string{"006000000000001AAA", "006000000000002AAA"}, Kind: crm.Call, Done: true, At: at, CreatedAt: at}}
		b.morning("2026-11-25")
		var err error
		if b.cfg.Digests[0].Schedule.Days, err = digest.ParseDays(days); err != nil {
			t.Fatal(err)
		}
		b.restart()
		for _, day := range []string{"2026-12-01", "2026-12-02"} {
			if day == "2026-12-02" {
				wonka := b.deal("006000000000002AAA", "Wonka")
				wonka.CloseDate, wonka.ForecastCategory, wonka.Amount = crm.NewDate(2027, 2, 10), "Pipeline", crm.Opportunity{}.Amount
				b.account.deals = append(b.account.deals, wonka)
			}
			got := strings.Join(b.morning(day), "")
			if says := want[day]; !strings.Contains(got, says) || says == "" && got != "" || says == "1. Wonka" && strings.Contains(got, "high only") {
				t.Errorf("%s, %s: want %q, got:\n%s", days, day, says, got)
			}
		}
	}
}

// TestFirstDaysCountDaysOfWork: a holiday is none of the days in which only those who run
// the program get messages.
func TestFirstDaysCountDaysOfWork(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.almanac(thanksgiving)
		b.cfg.Shadow, b.cfg.Ops = 4, []string{"revops@acme.example"}
	})
	for _, c := range []struct{ day, to string }{
		{"2026-11-23", "revops@acme.example"}, {"2026-11-24", "revops@acme.example"}, {"2026-11-25", "revops@acme.example"},
		{"2026-11-26", ""}, {"2026-11-27", "revops@acme.example"}, {"2026-11-30", "maria@acme.example"},
	} {
		b.slack.to = nil
		b.morning(c.day)
		if got := strings.Join(slices.Compact(b.slack.to), " "); got != c.to {
			t.Errorf("%s: sent to %q, want %q", c.day, got, c.to)
		}
	}
}
