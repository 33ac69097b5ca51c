package daemon_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/edition"
)

// escalating is a bench whose deals go on to Otto after three business days: Maria reports to
// him in the CRM.
func escalating(t *testing.T, change func(*bench)) *bench {
	t.Helper()
	return newBench(t, func(b *bench) {
		b.account.users = []crm.User{
			{ID: "u7", Name: "Maria Moreno", Email: "maria@acme.example", Active: true, ManagerID: "u9"},
			{ID: "u9", Name: "Otto Berg", Email: "otto@acme.example", Active: true},
		}
		first := &b.cfg.Digests[0]
		above := *first
		above.Name, above.For = "escalations", "escalations"
		b.cfg.Digests = append(b.cfg.Digests, above)
		b.cfg.Escalations = []edition.Escalation{{When: hygiene.High, Commit: true, After: 3}}
		soon := b.deal("006A", "Globex")
		b.account.deals = []crm.Opportunity{soon}
		if change != nil {
			change(b)
		}
	})
}

// mornings plays the mornings of November from one day on, and says who got what: by day, the
// lines of each reader's message that speak of somebody above.
func (b *bench) mornings(from, to int, each func(day int)) []string {
	b.t.Helper()
	var out []string
	for day := from; day <= to; day++ {
		b.clock.Set(time.Date(2026, 11, day, 8, 31, 0, 0, b.cfg.Location))
		if each != nil {
			each(day)
		}
		before := len(b.slack.sent)
		b.sync()
		b.tick()
		for i, p := range b.slack.sent[before:] {
			for line := range strings.Lines(string(p.Body)) {
				for _, w := range []string{"hears on Mon 30 Nov", "hears tomorrow", "hears on Fri 27 Nov", "hears today of", "has heard of", "(for eva", "or who", "ESCALATED", "STILL OPEN", "SETTLED", "would have got this"} {
					if strings.Contains(strings.Join(strings.Fields(line), " "), w) {
						out = append(out, fmt.Sprintf("%d %s: %s", day, strings.TrimSuffix(b.slack.to[before+i], "@acme.example"), w))
					}
				}
			}
		}
	}
	return out
}

// A commit deal that stays high on the manager's list goes on after the days of the
// configuration: the manager reads of it a business day ahead, whoever is above reads it once,
// then only when something becomes of it.
func TestADealGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench)
		each   func(*bench, int)
		want   []string
	}{
		"it stays": {nil, nil, []string{
			"25 maria: hears tomorrow", "26 maria: hears today of", "26 otto: ESCALATED",
		}},
		"it is won after that": {nil, func(b *bench, day int) {
			if day == 27 {
				b.account.deals[0].Closed, b.account.deals[0].Won = true, true
			}
		}, []string{"25 maria: hears tomorrow", "26 maria: hears today of", "26 otto: ESCALATED", "27 otto: SETTLED"}},
		"it is settled in time": {nil, func(b *bench, day int) {
			if day == 26 {
				b.account.deals[0].Closed = true
			}
		}, []string{"25 maria: hears tomorrow"}},
		"it is in no commit": {func(b *bench) { b.account.deals[0].ForecastCategory = "Pipeline" }, nil, nil},
		"it goes to an address": {func(b *bench) { b.cfg.Escalations[0].To = "vp@acme.example" }, nil, []string{
			"25 maria: hears tomorrow", "26 maria: hears today of", "26 vp: ESCALATED",
		}},
		"a team is above": {func(b *bench) {
			b.cfg.Teams.List[0].Parent = "Sales"
			b.cfg.Teams.List = append(b.cfg.Teams.List, hygiene.Team{Name: "Sales", Manager: "eva@acme.example", Calendar: b.cfg.Teams.List[0].Calendar})
			b.cfg.Declared = append(b.cfg.Declared, "eva@acme.example")
		}, nil, []string{
			"25 maria: hears tomorrow", "26 maria: hears today of", "26 eva: ESCALATED",
		}},
		"a team is above, and its deputy stands in": {func(b *bench) {
			b.cfg.Teams.List[0].Parent = "Sales"
			b.cfg.Teams.List = append(b.cfg.Teams.List, hygiene.Team{Name: "Sales", Manager: "eva@acme.example", Deputy: "dan@acme.example", Calendar: b.cfg.Teams.List[0].Calendar})
			b.cfg.Declared = append(b.cfg.Declared, "eva@acme.example", "dan@acme.example")
			x := leave("eva@acme.example", "")
			x.To += 2 // Fri 27 Nov
			b.almanac(away(x))
		}, nil, []string{
			"25 maria: (for eva", "25 maria: hears tomorrow", "26 dan: ESCALATED", "26 maria: (for eva", "26 maria: hears today of", "30 eva: ESCALATED",
		}},
		"the manager is above herself": {func(b *bench) { b.cfg.Escalations[0].To = "maria@acme.example" }, nil, nil},
		"nobody is above":              {func(b *bench) { b.account.users = nil }, nil, nil},
		"over a weekend": {func(b *bench) { b.cfg.Escalations[0].After = 5 }, nil, []string{
			"27 maria: hears on Mon 30 Nov", "30 maria: hears today of", "30 otto: ESCALATED",
		}},
		"over a holiday of the team": {func(b *bench) { b.almanac(thanksgiving) }, nil, []string{
			"25 maria: hears on Fri 27 Nov", "27 maria: hears today of", "27 otto: ESCALATED",
		}},
		"whoever is above has the day off": {func(b *bench) {
			b.almanac(away(hygiene.Absence{Person: "otto@acme.example", From: crm.NewDate(2026, 11, 26), To: crm.NewDate(2026, 11, 27)}))
		}, nil, []string{
			"25 maria: hears on Mon 30 Nov", "26 maria: hears on Mon 30 Nov", "27 maria: hears on Mon 30 Nov", "30 maria: hears today of", "30 otto: ESCALATED",
		}},
		"the manager is away on the day": {func(b *bench) {
			b.cfg.Teams.List[0].Deputy = "tom@acme.example"
			b.almanac(away(hygiene.Absence{Person: "maria@acme.example", From: crm.NewDate(2026, 11, 26), To: crm.NewDate(2026, 11, 26)}))
		}, nil, []string{
			"25 maria: hears tomorrow", "26 tom: hears today of", "26 otto: ESCALATED", "27 maria: has heard of",
		}},
		"everything is redirected": {func(b *bench) { b.cfg.Redirect = "revops@acme.example" }, nil, []string{
			"23 revops: would have got this", "24 revops: would have got this", "25 revops: would have got this", "26 revops: would have got this",
			"27 revops: would have got this", "30 revops: would have got this",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := escalating(t, c.change)
			b.clock.Set(time.Date(2026, 11, 20, 12, 0, 0, 0, b.cfg.Location))
			each := func(day int) {
				if c.each != nil {
					c.each(b, day)
				}
			}
			got := b.mornings(23, 30, each)
			slices.Sort(got) // what is due at one time goes out in any order
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// What the manager was not told a day ahead does not go on; and status says of whom nobody is
// known to be above.
func TestNothingGoesOnUntold(t *testing.T) {
	b := escalating(t, func(b *bench) { b.account.users = b.account.users[:1] })
	b.sync()
	st, err := b.Status(t.Context())
	if err != nil || !strings.Contains(strings.Join(st.Notices, "\n"), "escalate: nobody is known above maria@acme.example (West), so nothing goes on; name the team above under teams[].parent") {
		t.Errorf("status: %v %v", st.Notices, err)
	}
	b = escalating(t, nil)
	b.clock.Set(time.Date(2026, 11, 20, 12, 0, 0, 0, b.cfg.Location))
	b.mornings(23, 24, nil)
	b.slack.script = func(int, delivery.Part) error { return errors.New("fatal_error") }
	b.mornings(25, 25, nil)
	b.slack.script = nil
	if got := b.mornings(26, 26, nil); slices.Contains(got, "26 otto: ESCALATED") {
		t.Errorf("it went on, though the manager did not get the digest that says so: %v", got)
	}
}
