package daemon_test

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

// leave is an absence from Tue 24 to Wed 25 Nov.
func leave(person, cover string) hygiene.Absence {
	return hygiene.Absence{Person: person, From: crm.NewDate(2026, 11, 24), To: crm.NewDate(2026, 11, 25), Cover: cover}
}

// away gives the almanac absences, and the calendars that follow from them.
func away(xs ...hygiene.Absence) func(*hygiene.Almanac) {
	return func(a *hygiene.Almanac) {
		slices.SortFunc(xs, func(x, y hygiene.Absence) int { return strings.Compare(x.Person, y.Person) })
		a.Absences = xs
		for _, x := range xs {
			a.People[x.Person] = &hygiene.Calendar{Location: a.Company.Location, Off: []hygiene.Span{{From: x.From, To: x.To, Why: hygiene.Leave}}}
		}
	}
}

// withBen adds Ben and a deal of his to the bench.
func (b *bench) withBen() {
	b.cfg.Teams.List[0].Members = []string{"ana@acme.example", "ben@acme.example"}
	b.account.users = []crm.User{{ID: "u2", Name: "Ben Brandt", Email: "ben@acme.example", Active: true}, {ID: "u3", Name: "Maria Moreno", Email: "maria@acme.example", Active: true}}
	bens := b.deal("006000000000002AAA", "Hooli pilot")
	bens.OwnerID = "u2"
	b.account.deals = append(b.account.deals, bens)
}

// reps makes the bench's digest that of the reps.
func (b *bench) reps() { b.cfg.Digests[0].Name, b.cfg.Digests[0].For = "rep-daily", "reps" }

// got is what each address was sent on a morning.
func (b *bench) got(day string) map[string]string {
	b.slack.to = nil
	bodies := b.morning(day)
	out := map[string]string{}
	for i, body := range bodies {
		out[b.slack.to[2*i]] = body
	}
	return out
}

// TestARepIsAway: nothing for her, what is urgent for who covers, and the day before and
// the day after as ever.
func TestARepIsAway(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.reps()
		b.withBen()
		wonka := b.deal("006000000000003AAA", "Wonka") // medium, and not for Ben
		wonka.CloseDate, wonka.ForecastCategory, wonka.Amount = crm.DateOf(b.clock.Now(), time.UTC)+60, "Pipeline", crm.Opportunity{}.Amount
		at := b.clock.Now().AddDate(0, 0, -3)
		b.account.acts = []crm.Activity{{ID: "00T1", OpportunityIDs: []string{wonka.ID}, Kind: crm.Call, Done: true, At: at, CreatedAt: at}}
		b.account.deals = append(b.account.deals, wonka)
		b.almanac(away(leave("ana@acme.example", "ben@acme.example")))
	})
	const heading = "For Ana, away to Wed 25 Nov"
	for _, c := range []struct {
		day  string
		away bool
	}{{"2026-11-23", false}, {"2026-11-24", true}, {"2026-11-25", true}, {"2026-11-26", false}} {
		got := b.got(c.day)
		if _, sent := got["ana@acme.example"]; sent == c.away {
			t.Errorf("%s: Ana was sent a list: %v", c.day, sent)
		}
		bens := got["ben@acme.example"]
		_, hers, covers := strings.Cut(bens, heading)
		if covers != c.away || !strings.Contains(bens, "1 deal needs an update") {
			t.Errorf("%s: Ben's list says whom he covers for: %v:\n%s", c.day, covers, bens)
		}
		if covers && (!strings.Contains(hers, "Initech expansion $40k, Commit") || strings.Contains(hers, "Wonka")) {
			t.Errorf("%s: Ana's deals in Ben's list:\n%s", c.day, hers)
		}
		if row := b.period(c.day); c.away && row != "begun: ana@acme.example: ana@acme.example is away to Wed 25 Nov" {
			t.Errorf("%s: ledger %q", c.day, row)
		}
	}
}

// TestAManagerSeesWhoIsAway: on the deals, and in the row.
func TestAManagerSeesWhoIsAway(t *testing.T) {
	for cover, says := range map[string]string{"ben@acme.example": "Ben covers", "": "you cover"} {
		b := newBench(t, func(b *bench) {
			b.withBen()
			b.almanac(away(leave("ana@acme.example", cover)))
		})
		for day, away := range map[string]bool{"2026-11-24": true, "2026-11-26": false} {
			body := b.got(day)["maria@acme.example"]
			for _, want := range []string{"Ana (away, " + says + ")", "away to Wed 25 Nov, " + says} {
				if strings.Contains(strings.Join(strings.Fields(body), " "), want) != away {
					t.Errorf("%s: says %q: want %v:\n%s", day, want, away, body)
				}
			}
		}
	}
}

// TestNoLimitRunsOverLeave: the owner's days off are no business days of the deal.
func TestNoLimitRunsOverLeave(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.almanac(away(leave("ana@acme.example", "")))
		at := b.clock.Now()
		d := b.deal("006000000000003AAA", "Wonka")
		d.CloseDate = crm.DateOf(at, time.UTC) + 60
		b.account.deals = []crm.Opportunity{d}
		b.account.acts = []crm.Activity{{ID: "00T1", OpportunityIDs: []string{d.ID}, Kind: crm.Call, Done: true, At: at, CreatedAt: at}}
	})
	// 14 business days after Mon 23 Nov are Fri 11 Dec, and two more for the leave.
	for day, found := range map[string]bool{"2026-12-15": false, "2026-12-16": true} {
		b.morning(day)
		if got := slices.Contains(b.lives(), "no-activity open"); got != found {
			t.Errorf("%s: no-activity is found: %v, want %v (%v)", day, got, found, b.lives())
		}
	}
}

// TestAManagerIsAway: the deputy reads the digest, else who covers, else those who run the
// program. Nothing is dropped without a word.
func TestAManagerIsAway(t *testing.T) {
	const maria, tom, ops = "maria@acme.example", "tom@acme.example", "revops@acme.example"
	for _, c := range []struct {
		name         string
		deputy       string
		ops          []string
		away         []hygiene.Absence
		to, says     string
		skipped      string
		afterwardsTo string
	}{
		{"a deputy", tom, nil, []hygiene.Absence{leave(maria, "")}, tom, "For Maria, away to Wed 25 Nov.", "", maria},
		{"who covers", "", nil, []hygiene.Absence{leave(maria, tom)}, tom, "For Maria, away to Wed 25 Nov.", "", maria},
		{"the deputy is away, and somebody covers", "zoe@acme.example", nil, []hygiene.Absence{leave(maria, tom), leave("zoe@acme.example", "")}, tom, "For Maria, away to Wed 25 Nov.", "", maria},
		{"the deputy has left the company, and somebody covers", "zoe@acme.example", nil, []hygiene.Absence{leave(maria, tom)}, tom, "For Maria, away to Wed 25 Nov.", "", maria},
		{"who covers has left the company", "", []string{ops}, []hygiene.Absence{leave(maria, "zoe@acme.example")}, ops, "nobody stands in: name a deputy", "", maria},
		{"both are away", tom, []string{ops}, []hygiene.Absence{leave(maria, ""), leave(tom, "")}, ops, "maria@acme.example is away to Wed 25 Nov, and nobody stands in: name a deputy", "", maria},
		{"both are away, and nobody runs the program", tom, nil, []hygiene.Absence{leave(maria, ""), leave(tom, "")}, "", "", "skipped: maria@acme.example is away to Wed 25 Nov, and nobody stands in", maria},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, func(b *bench) {
				b.withBen()
				b.cfg.Teams.List[0].Deputy, b.cfg.Ops = c.deputy, c.ops
				if strings.Contains(c.name, "left") {
					b.account.users = append(b.account.users, crm.User{ID: "u4", Name: "Zoe Zahn", Email: "zoe@acme.example"})
				}
				b.almanac(away(c.away...))
			})
			if got := b.got("2026-11-23"); got[maria] == "" || len(got) != 1 {
				t.Errorf("the day before: sent %v", got)
			}
			got := b.got("2026-11-24")
			if c.to != "" && (len(got) != 1 || !strings.Contains(strings.Join(strings.Fields(got[c.to]), " "), c.says)) {
				t.Errorf("away: sent %v, want to %s: %s", got, c.to, c.says)
			}
			if c.skipped != "" && (len(got) != 0 || !strings.HasPrefix(b.period("2026-11-24"), c.skipped)) {
				t.Errorf("away: sent %v, ledger %q", got, b.period("2026-11-24"))
			}
			got = b.got("2026-11-26")
			if body := got[c.afterwardsTo]; len(got) != 1 || strings.Contains(body, "away") {
				t.Errorf("the day after: sent %v", got)
			} else if c.to != ops && !strings.Contains(body, "fixed since Mon") && !strings.Contains(body, "nothing") {
				t.Errorf("the manager's numbers count from her own last digest:\n%s", body)
			}
		})
	}
}

// TestADeputyGoesOn: what the deputy reads is the team's digest, with the news since the
// manager's last one; it says so on the first day and not again, and the manager reads on from
// her own last one.
func TestADeputyGoesOn(t *testing.T) {
	const maria, tom = "maria@acme.example", "tom@acme.example"
	b := newBench(t, func(b *bench) {
		b.withBen()
		b.cfg.Teams.List[0].Deputy = tom
		b.almanac(away(leave(maria, "")))
	})
	fixed := func(i int) { b.account.deals[i].CloseDate += 60 }
	for _, c := range []struct {
		day, to string
		change  func()
		says    []string
		not     string
	}{
		{"2026-11-23", maria, nil, []string{"This is your first digest about your team.", "2 need an update"}, "goes on"},
		{"2026-11-24", tom, func() { fixed(0) }, []string{"For Maria, away to Wed 25 Nov.", "This is Maria's digest about the team, and goes on from the one before.", "since Mon"}, "first digest"},
		{"2026-11-25", tom, func() { fixed(1) }, []string{"For Maria, away to Wed 25 Nov.", "since Tue"}, "This is"},
		{"2026-11-26", maria, nil, []string{"since Mon"}, "This is"},
	} {
		if c.change != nil {
			c.change()
		}
		got := b.got(c.day)
		body := strings.Join(strings.Fields(got[c.to]), " ")
		if len(got) != 1 || strings.Contains(body, c.not) {
			t.Errorf("%s: sent %v", c.day, got)
		}
		for _, want := range c.says {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %s is not told %q:\n%s", c.day, c.to, want, got[c.to])
			}
		}
	}
}

// TestWhoHasLeftCoversForNobody: the manager covers then, and reads so.
func TestWhoHasLeftCoversForNobody(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.withBen()
		b.account.users[0].Active = false
		b.almanac(away(leave("ana@acme.example", "ben@acme.example")))
	})
	if body := b.got("2026-11-24")["maria@acme.example"]; !strings.Contains(strings.Join(strings.Fields(body), " "), "Ana (away, you cover)") || strings.Contains(body, "Ben covers") || strings.Contains(body, "Ask Ben") {
		t.Errorf("Maria reads\n%s", body)
	}
}

// TestWhatWasPlannedStays: a digest that was planned and rendered says after a kill what it
// said before, whatever the list of absences says since.
func TestWhatWasPlannedStays(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.withBen()
		b.cfg.Teams.List[0].Deputy, b.cfg.Digests[0].Else = "tom@acme.example", ""
		b.almanac(away(leave("maria@acme.example", ""), leave("ana@acme.example", "ben@acme.example")))
	})
	b.slack.script = func(int, delivery.Part) error { return &delivery.RetryError{Err: errors.New("not reachable")} }
	b.morning("2026-11-24")
	ds, err := b.store.Deliveries(t.Context())
	if err != nil || len(ds) != 1 || ds[0].Recipient != "tom@acme.example" || len(ds[0].Parts) == 0 {
		t.Fatalf("planned: %+v, %v", ds, err)
	}
	body := string(ds[0].Parts[0].Body)
	b.almanac(func(*hygiene.Almanac) {}) // everybody is back
	b.slack.script = nil
	for range 3 {
		b.restart()
	}
	b.clock.Set(b.clock.Now().Add(10 * time.Minute))
	b.tick()
	if len(b.slack.sent) != 2 || b.slack.to[0] != "tom@acme.example" || string(b.slack.sent[0].Body) != body || !strings.Contains(body, "For Maria, away to Wed 25 Nov.") {
		t.Errorf("sent to %v:\n%s", b.slack.to, body)
	}
	if n := len(b.morning("2026-11-24")); n != 0 {
		t.Errorf("%d more digests of the day", n)
	}
}

// TestLeaveThatIsNotedLaterFixesNothing: a row that is added to the list of absences, or
// taken out, ends and begins findings, and nobody is thanked or asked as for news.
func TestLeaveThatIsNotedLaterFixesNothing(t *testing.T) {
	var now *hygiene.Almanac
	var with, without *hygiene.Almanac
	b := newBench(t, func(b *bench) {
		b.almanac(away(leave("ana@acme.example", "")))
		with = b.cfg.Almanac()
		b.almanac(away())
		without = b.cfg.Almanac()
		b.cfg.Almanac = func() *hygiene.Almanac { return now }
		at := b.clock.Now()
		d := b.deal("006000000000003AAA", "Wonka")
		d.CloseDate = crm.DateOf(at, time.UTC) + 60
		b.account.deals = append(b.account.deals, d)
		b.account.acts = []crm.Activity{{ID: "00T1", OpportunityIDs: []string{d.ID}, Kind: crm.Call, Done: true, At: at, CreatedAt: at}}
	})
	now = without
	if got := b.morning("2026-12-14"); len(got) != 1 || !strings.Contains(got[0], "2 need an update") {
		t.Fatalf("the first digest: %v", got)
	}
	now = with
	got := b.morning("2026-12-15")
	if !slices.Contains(b.lives(), "no-activity off") || slices.Contains(b.lives(), "no-activity fixed") {
		t.Errorf("leave is noted: %v", b.lives())
	}
	if len(got) != 1 || !strings.Contains(got[0], "judged otherwise than Mon") || strings.Contains(got[0], "FIXED") || strings.Contains(got[0], "1 fixed") {
		t.Errorf("leave is noted: %v", got)
	}
	now = without
	got = b.morning("2026-12-16")
	if !slices.Contains(b.lives(), "no-activity open") || len(got) != 1 || !strings.Contains(got[0], "0 new, 2 from before") && !strings.Contains(got[0], "2 need an update: 0\nnew, 2 from before") {
		t.Errorf("leave is taken out: %v, %v", b.lives(), got)
	}
}
