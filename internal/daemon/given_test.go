package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestADealIsGivenToAnotherTeam gives a deal that needs an update from West to East: both
// managers are told, with the other team's name, and neither that it is new or fixed. The
// next morning it is one of those from before.
func TestADealIsGivenToAnotherTeam(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		b.account.users = []crm.User{{ID: "u2", Name: "Ben Brandt", Email: "ben@acme.example", Active: true}}
		b.account.deals = append(b.account.deals, b.deal("006000000000002AAA", "Hooli pilot"))
		b.cfg.Teams.List = append(b.cfg.Teams.List, hygiene.Team{
			Name: "East", Manager: "tom@acme.example", Members: []string{"ben@acme.example"}, Calendar: &hygiene.Calendar{Location: b.cfg.Location},
		})
		b.cfg.Declared = append(b.cfg.Declared, "tom@acme.example")
	})
	b.sync()
	morning := func(day int, do func()) map[string]string {
		at := time.Date(2026, 11, day, 8, 0, 0, 0, b.cfg.Location)
		b.clock.Set(at)
		do()
		b.restart()
		b.sync()
		b.clock.Set(at.Add(31 * time.Minute))
		n := len(b.slack.sent)
		b.tick()
		out := map[string]string{}
		for i, p := range b.slack.sent[n:] {
			out[b.slack.to[n+i]] += " " + strings.Join(strings.Fields(string(p.Body)), " ")
		}
		return out
	}
	if got := morning(24, func() {}); !strings.Contains(got["maria@acme.example"], "2 need an update") || !strings.Contains(got["tom@acme.example"], "no open deals") {
		t.Fatalf("the first morning: %q", got)
	}
	got := morning(25, func() { b.account.deals[1].OwnerID = "u2" })
	expect(t, "West", got["maria@acme.example"], []string{"1 needs an update: 0 new, 1 from before. 0 fixed, 1 moved to other teams", "MOVED 1: Hooli pilot $40k moved to Ben, East."}, "New.", "FIXED")
	expect(t, "East", got["tom@acme.example"], []string{"1 needs an update: 0 new, 1 from other teams, 0 from before", "Hooli pilot", "From West, was Ana's."}, "New.", "FIXED")
	got = morning(26, func() {})
	expect(t, "West", got["maria@acme.example"], []string{"1 needs an update: 0 new, 1 from before. 0 fixed."}, "given")
	expect(t, "East", got["tom@acme.example"], []string{"1 needs an update: 0 new, 1 from before. 0 fixed."}, "From West", "other teams")
	ds, err := b.store.Deliveries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ds {
		if d.Told != nil {
			t.Error(fmt.Sprint("a settled delivery keeps what it told: ", d.ID))
		}
	}
}

// TestALeaversDealGoesToAnotherTeam: the deals of somebody who has left go to another team.
// The manager who had them reads that they were reassigned, and to whom; nobody is thanked. The
// one who gets them reads of whom the one with other findings was.
func TestALeaversDealGoesToAnotherTeam(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		b.account.left = true
		b.account.users = []crm.User{{ID: "u2", Name: "Ben Brandt", Email: "ben@acme.example", Active: true}, {ID: "u3", Name: "Cleo Hart", Email: "cleo@acme.example", Active: true}}
		ordered := b.deal("006000000000002AAA", "Hooli pilot")
		ordered.CloseDate, ordered.Amount, ordered.NextStep = crm.DateOf(b.clock.Now(), time.UTC)+60, crm.Num(20e3), "Call"
		b.account.deals = append(b.account.deals, ordered, b.deal("006000000000003AAA", "Wonka"))
		for _, id := range []string{ordered.ID} {
			at := b.clock.Now().AddDate(0, 0, -1)
			b.account.acts = append(b.account.acts, crm.Activity{ID: "00T1", OpportunityIDs: []string{id}, Kind: crm.Call, Done: true, At: at, CreatedAt: at},
				crm.Activity{ID: "00U1", OpportunityIDs: []string{id}, Kind: crm.Meeting, At: at.AddDate(0, 0, 8), CreatedAt: at})
		}
		b.cfg.Teams.List[0].Members = append(b.cfg.Teams.List[0].Members, "cleo@acme.example")
		b.cfg.Teams.List = append(b.cfg.Teams.List, hygiene.Team{
			Name: "East", Manager: "tom@acme.example", Members: []string{"ben@acme.example"}, Calendar: &hygiene.Calendar{Location: b.cfg.Location},
		})
		b.cfg.Declared = append(b.cfg.Declared, "tom@acme.example")
	})
	b.sync()
	morning := func(day int, do func()) map[string]string {
		at := time.Date(2026, 11, day, 8, 0, 0, 0, b.cfg.Location)
		b.clock.Set(at)
		do()
		b.restart()
		b.sync()
		b.clock.Set(at.Add(31 * time.Minute))
		n := len(b.slack.sent)
		b.tick()
		out := map[string]string{}
		for i, p := range b.slack.sent[n:] {
			out[b.slack.to[n+i]] += " " + strings.Join(strings.Fields(string(p.Body)), " ")
		}
		return out
	}
	if got := morning(24, func() {}); !strings.Contains(got["maria@acme.example"], "3 need an update") {
		t.Fatalf("the first morning: %q", got)
	}
	got := morning(25, func() {
		b.account.deals[0].OwnerID, b.account.deals[1].OwnerID, b.account.deals[2].OwnerID = "u2", "u2", "u3"
	})
	expect(t, "West", got["maria@acme.example"], []string{"1 needs an update: 0 new, 1 from before. 0 fixed, 2 moved to other teams",
		"MOVED 2: Initech expansion $40k reassigned to Ben, East; Hooli pilot $20k reassigned to Ben, East.", "From Ana, who left."}, "FIXED", "New.")
	expect(t, "East", got["tom@acme.example"], []string{"0 new, 1 from other teams", "Initech expansion", "From West, of Ana Silva who left."}, "New.", "FIXED", "Hooli")
	got = morning(26, func() {})
	expect(t, "West", got["maria@acme.example"], []string{"1 needs an update: 0 new, 1 from before. 0 fixed."}, "MOVED", "From Ana")
	expect(t, "East", got["tom@acme.example"], []string{"1 needs an update: 0 new, 1 from before."}, "From West")
}

// expect reports which of the words a text lacks, and which it must not have.
func expect(t *testing.T, who, text string, want []string, wrong ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s: no %q in:\n%s", who, w, text)
		}
	}
	for _, w := range wrong {
		if strings.Contains(text, w) {
			t.Errorf("%s: %q in:\n%s", who, w, text)
		}
	}
}

// TestDealsOfUsersWhomNobodySees: a deal whose owner the login does not see may be anybody's,
// so it is in no team's digest, and each digest says that there are such deals.
func TestDealsOfUsersWhomNobodySees(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		hidden := b.deal("006000000000002AAA", "Hooli pilot")
		hidden.OwnerID = "u9"
		b.account.deals = append(b.account.deals, hidden)
	})
	b.sync()
	got := mornings(b, func() {}, func() {
		b.account.users = []crm.User{{ID: "u9", Name: "Zoe Zorn", Email: "zoe@acme.example", Active: true}}
	})
	expect(t, "West", got[0], []string{"Salesforce deals whose owners our login does not see, of whichever team (1 open)"}, "Hooli")
	expect(t, "West", got[1], nil, "does not see", "Hooli")
}
