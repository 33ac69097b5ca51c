package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/edition"
)

// upkeepBench is a bench whose ops get a digest about the program at 08:00, by mail.
func upkeepBench(t *testing.T, change func(*bench)) *bench {
	return newBench(t, func(b *bench) {
		b.cfg.Ops, b.cfg.Currency.Report = []string{"revops@acme.example"}, "USD"
		b.cfg.Digests = append(b.cfg.Digests, edition.Digest{Name: "ops-daily", For: "ops", Schedule: digest.Schedule{At: digest.At{Hour: 8}}, Via: delivery.Email})
		if change != nil {
			change(b)
		}
	})
}

// upkeep are the digests about the program, as "ADDRESS: BODY" on one line each.
func (b *bench) upkeep() (out []string) {
	for i, p := range b.email.sent {
		if strings.HasPrefix(p.Key, "ops-daily|") && strings.HasSuffix(p.Key, "#0") {
			out = append(out, b.email.to[i]+": "+strings.Join(strings.Fields(string(p.Body)), " "))
		}
	}
	return out
}

// at8 makes a poll at 08:01 on a day and sends what is due.
func (b *bench) at8(day int) string {
	b.t.Helper()
	b.clock.Set(time.Date(2026, 11, day, 8, 1, 0, 0, b.cfg.Location))
	before := len(b.upkeep())
	b.Turn(b.t.Context(), &b.cfg.Sources[0])
	b.tick()
	got := b.upkeep()[before:]
	if len(got) != 1 {
		b.t.Fatalf("on %d Nov ops got %d digests: %s", day, len(got), got)
	}
	return got[0]
}

// TestOpsDaily: it goes to ops on each day, whatever can be judged, and says what is to be
// done, what was sent, what changed and whose deals are in no digest.
func TestOpsDaily(t *testing.T) {
	b := upkeepBench(t, func(b *bench) {
		b.account.users = []crm.User{{ID: "u9", Name: "Lee Long", Email: "lee@acme.example", Active: true}}
		for i := range 3 {
			d := b.deal(fmt.Sprintf("00600000000009%dAAA", i), "Lee's deal")
			d.OwnerID = "u9"
			b.account.deals = append(b.account.deals, d)
		}
	})
	says := func(got string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(got, w) {
				t.Errorf("it does not say %q: %s", w, got)
			}
		}
	}
	first := b.at8(23)
	says(first, "revops@acme.example: Pipetidy · ops · Mon 23 Nov", "Data: sales 08:01", "Sent yesterday: no digest was to arrive.", "Nobody's: 1 owner in no team: lee@acme.example (3 deals).")
	if strings.Contains(first, "would have got") || strings.Contains(first, "share of") || strings.Contains(first, "Changed") {
		t.Errorf("it claims what is not known: %s", first)
	}
	b.morning("2026-11-23")
	b.cfg.Settings = map[string]hygiene.Settings{hygiene.NoActivity: {Off: true}}
	b.restart()
	says(b.at8(24), "Sent yesterday: 2 of 2: 1 by email, 1 by slack; 0 unknown.", "Changed since Mon: sales: the rule no-activity was switched off")
	for _, s := range b.account.Streams() {
		b.account.fail[s] = fmt.Errorf("the secret has expired; make a new one: %w", crm.ErrAuth)
	}
	got := b.at8(25)
	says(got, "DO FIRST 1. sales cannot be read: the secret has expired; make a new one", "Data: sales: nothing could be read since Tue 08:01")
	if strings.Contains(got, "All well") {
		t.Errorf("all is well: %s", got)
	}
	b.minute()
	says(b.at8(26), "make a new one", "Told Wed 08:02.")
	b.at8(28) // a Saturday
}

// TestOpsDailyBeforeAnythingIsKnown: a login that is refused from the start is what ops have
// to hear of, though nothing can be judged.
func TestOpsDailyBeforeAnythingIsKnown(t *testing.T) {
	b := upkeepBench(t, func(b *bench) {
		for _, s := range append(b.account.Streams(), "describe") {
			b.account.fail[s] = fmt.Errorf("the secret is wrong: %w", crm.ErrAuth)
		}
		b.cfg.Shadow = 3
	})
	got := b.at8(23)
	if !strings.Contains(got, "the secret is wrong") || strings.Contains(got, "All well") || strings.Contains(got, "would have got") {
		t.Errorf("got %s", got)
	}
}

// TestOpsDailyOnADayOff: whoever is there looks after the program, whatever the almanac says of
// the day or the person; and with redirect it goes where everything goes, once.
func TestOpsDailyOnADayOff(t *testing.T) {
	for why, off := range map[string]func(*hygiene.Almanac){
		"freeze": frozen,
		"holiday": func(a *hygiene.Almanac) {
			a.Company.Holidays = hygiene.NewHolidays([]hygiene.DayOff{{Date: crm.NewDate(2026, 11, 26), Why: "holiday us"}})
		},
		"leave": func(a *hygiene.Almanac) {
			x := leave("revops@acme.example", "")
			x.From, x.To = crm.NewDate(2026, 11, 26), crm.NewDate(2026, 11, 27)
			a.Absences = []hygiene.Absence{x}
		},
	} {
		for _, to := range []string{"", "revops@acme.example", "one@acme.example"} {
			t.Run(why+" "+to, func(t *testing.T) {
				b := upkeepBench(t, func(b *bench) {
					b.cfg.Redirect = to
					b.almanac(off) // the daemon reads it from its first moment on
				})
				for _, day := range []int{25, 26} { // the day before, and the day itself
					got := b.at8(day)
					if marked := strings.Contains(got, "revops@acme.example would have got this by email."); marked != (to == "one@acme.example") {
						t.Errorf("%d Nov, redirected to %q: %s", day, to, got)
					}
					if to != "" && !strings.HasPrefix(got, to+": ") || strings.Contains(got, "nobody stands in") {
						t.Errorf("%d Nov, redirected to %q: %s", day, to, got)
					}
				}
			})
		}
	}
}
