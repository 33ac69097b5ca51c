package daemon_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// TestTerritoryChange: what begins in the days of grace is in Ana's list alone until they are
// over, the day before and the day after; then it is new to Maria, once.
func TestTerritoryChange(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		b := repFirst(t, "08:15", func(b *bench) {
			b.cfg.RepFirst = hygiene.RepFirst{Changes: []hygiene.Change{{On: crm.NewDate(2026, 11, 23), Teams: []string{b.cfg.Teams.List[0].Name}, Grace: 3}}}
		})
		wonka := b.begins("2026-11-23 12:00").ID
		says(t, b.at("2026-11-24 08:15")[ana], "Ana's list", "◦ = your manager does not see this until Thursday 08:30.", "◦ Wonka", "!◦ Initech")
		if restarts {
			b.restart()
		}
		says(t, b.at("2026-11-24 08:30")[maria]+" ", "Maria's digest", "!Wonka")
		b.at("2026-11-25 08:15")
		if restarts {
			b.restart()
		}
		says(t, b.at("2026-11-25 08:30")[maria]+" ", "Maria's digest on the last day", "!Wonka")
		if got := b.marked(wonka); got == 0 {
			t.Error("explain does not say that it is Ana's alone")
		}
		says(t, b.at("2026-11-26 08:15")[ana]+" ", "Ana's list afterwards", "!◦")
		says(t, b.at("2026-11-26 08:30")[maria], "Maria's digest afterwards", "Wonka", "2 need an update: 1 new, 1 from before", "New.")
		says(t, b.at("2026-11-27 08:30")[maria], "and the next", "Wonka", "2 from before", "Day 2.")
		if got := b.marked(wonka); got != 0 {
			t.Errorf("%d are Ana's alone afterwards", got)
		}
	}
}

// TestAnotherReasonForWhatWasTold: what a rule has told Maria stays on her list where another
// rule says it from a day of grace on: the deal is neither in order nor no longer checked. In
// Ana's list nothing is marked that Maria sees.
func TestAnotherReasonForWhatWasTold(t *testing.T) {
	b := repFirst(t, "08:15", func(b *bench) {
		b.cfg.RepFirst = hygiene.RepFirst{Changes: []hygiene.Change{{On: crm.NewDate(2026, 11, 24), Teams: []string{b.cfg.Teams.List[0].Name}, Grace: 5}}}
	})
	wonka := b.deal("006000000000009AAA", "Wonka")
	wonka.CloseDate, wonka.ForecastCategory = crm.NewDate(2026, 12, 14), "Pipeline"
	called := b.clock.Now().AddDate(0, 0, -7)
	b.account.acts = append(b.account.acts, crm.Activity{ID: "00T9", OpportunityIDs: []string{wonka.ID}, Kind: crm.Call, Done: true, At: called, CreatedAt: called})
	b.account.deals = append(b.account.deals, wonka)
	b.at("2026-11-23 12:00")
	b.at("2026-11-24 08:15")
	says(t, b.at("2026-11-24 08:30")[maria], "Maria's digest", "Wonka", "nothing booked", "1 new")
	deal := &b.account.deals[len(b.account.deals)-1]
	deal.NextStep, deal.ModifiedAt = "", b.clock.Now()
	b.at("2026-11-24 12:00")
	says(t, b.at("2026-11-25 08:15")[ana], "Ana's list", "Wonka", "no next step", "!◦")
	says(t, b.at("2026-11-25 08:30")[maria], "Maria's digest", "Wonka", "no next step", "0 new", "!no longer checked")
	says(t, b.at("2026-11-26 08:30")[maria], "and the next", "Wonka", "no next step", "0 new")
	deal.Amount, deal.ModifiedAt = crm.Opportunity{}.Amount, b.clock.Now()
	b.at("2026-11-26 12:00")
	says(t, b.at("2026-11-27 08:30")[maria], "what says something else is Ana's alone", "Wonka", "!amount")
}

// TestAfterGraceNewIsNotOfToday: what comes to Maria at once after the days of a change says
// since when it was in the list of its owner.
func TestAfterGraceNewIsNotOfToday(t *testing.T) {
	const said = "in the owner's list alone until now, since "
	for grace, want := range map[int]string{3: "!" + said, 8: "1 of the new was " + said + "23 Nov."} {
		b := repFirst(t, "08:15", func(b *bench) {
			b.cfg.RepFirst = hygiene.RepFirst{Changes: []hygiene.Change{{On: crm.NewDate(2026, 11, 23), Teams: []string{b.cfg.Teams.List[0].Name}, Grace: grace}}}
		})
		b.begins("2026-11-23 12:00")
		over := map[int]string{3: "2026-11-26", 8: "2026-12-03"}[grace]
		for day := crm.NewDate(2026, 11, 24); day.String() <= over; day++ {
			b.at(day.String() + " 08:15")
			if got := b.at(day.String() + " 08:30"); day.String() == over {
				says(t, got[maria], "Maria's digest afterwards", "2 need an update: 1 new", want)
			}
		}
	}
}

// marked is how many findings of the deal explain says to be its owner's alone.
func (b *bench) marked(id string) (n int) {
	b.t.Helper()
	e, err := b.Explain(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := range e.Rules {
		if v := &e.Rules[i]; v.OwnerOnly {
			n++
		}
	}
	return n
}

// TestNewRep: in the first 90 days of a rep what begins is the rep's alone for the days of
// grace.
func TestNewRep(t *testing.T) {
	for _, c := range []struct {
		start crm.Date
		alone bool
	}{{crm.NewDate(2026, 11, 23), true}, {crm.NewDate(2026, 11, 23) - 89, true}, {crm.NewDate(2026, 11, 23) - 90, false}, {crm.NewDate(2026, 11, 24), false}} {
		b := repFirst(t, "08:15", func(b *bench) {
			b.cfg.RepFirst = hygiene.RepFirst{Starts: map[string]crm.Date{ana: c.start}, Grace: 2}
		})
		b.begins("2026-11-23 12:00")
		list := b.at("2026-11-24 08:15")[ana]
		digest := b.at("2026-11-24 08:30")[maria]
		if !c.alone {
			says(t, list, "Ana's list", "Wonka", "!◦")
			says(t, digest, "Maria's digest", "Wonka", "1 new")
			continue
		}
		says(t, list, "Ana's list", "until tomorrow 08:30", "◦ Wonka")
		says(t, digest+" ", "Maria's digest", "!Wonka")
		says(t, b.at("2026-11-25 08:30")[maria], "Maria's digest afterwards", "Wonka", "1 new")
	}
}

// TestAlsoWithYourManager: what is in the commit of the quarter is everybody's at once, and
// Ana's list says so; with rep_first and in the days of grace.
func TestAlsoWithYourManager(t *testing.T) {
	for _, by := range []*hygiene.RepFirst{nil, {Changes: []hygiene.Change{{On: crm.NewDate(2026, 11, 23), Teams: []string{"West"}, Grace: 3}}}} {
		b := repFirst(t, "08:15", func(b *bench) {
			if by == nil {
				b.cfg.Settings = map[string]hygiene.Settings{"amount-missing": {Severity: hygiene.Low}} // medium in the commit
			} else {
				b.cfg.RepFirst = *by
				b.cfg.RepFirst.Changes[0].Teams = []string{b.cfg.Teams.List[0].Name}
			}
		})
		wonka := b.deal("006000000000009AAA", "Wonka")
		wonka.CloseDate, wonka.ForecastCategory, wonka.NextStep = crm.NewDate(2026, 12, 30), "Commit", "Send the contract"
		wonka.Amount = crm.Opportunity{}.Amount
		called := b.clock.Now().AddDate(0, 0, -1)
		b.account.acts = append(b.account.acts, crm.Activity{ID: "00T9", OpportunityIDs: []string{wonka.ID}, Kind: crm.Call, Done: true, At: called, CreatedAt: called},
			crm.Activity{ID: "00U9", OpportunityIDs: []string{wonka.ID}, Kind: crm.Meeting, At: called.AddDate(0, 0, 20), CreatedAt: called})
		b.account.deals = append(b.account.deals, wonka)
		b.at("2026-11-23 12:00")
		says(t, b.at("2026-11-24 08:15")[ana], "Ana's list", "Wonka", "Also with your manager.", "!◦ Wonka")
		says(t, b.at("2026-11-24 08:30")[maria], "Maria's digest", "Wonka", "1 new")
		if res, err := b.Check(t.Context(), api.CheckRequest{}); err != nil || res == nil {
			t.Fatal(err)
		} else {
			for i := range res.Findings {
				if f := &res.Findings[i]; f.OwnerOnly {
					t.Errorf("%s is Ana's alone", f.Opportunity.Name)
				}
			}
		}
	}
}
