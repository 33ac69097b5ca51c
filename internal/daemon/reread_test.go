package daemon_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// freshMorning is a daemon that reads one of the simulated CRMs, just before the digest of the
// second day: the last poll was at 08:15, and it is 08:20.
type freshMorning struct {
	*orgBench
	portal *sim.HubSpot             // nil in Salesforce
	gone   func(id string) error    // deletes a deal
	reads  func(*http.Request) bool // a call that reads deals by their ids
	east   string                   // whose deals are the other team's
	ids    []string                 // of the deals of the team that need an update
}

// freshMornings opens one for each CRM.
var freshMornings = map[string]func(t *testing.T) *freshMorning{
	"salesforce": func(t *testing.T) *freshMorning {
		x := newOrgBench(t, 120)
		return secondDay(&freshMorning{orgBench: x, gone: x.company.Delete, reads: asksFor("FROM Opportunity ", "Id IN")}, "dai", "ana", "ben", "cleo")
	},
	"hubspot": func(t *testing.T) *freshMorning {
		x := newPortalBench(t, 140)
		m := &freshMorning{orgBench: x.orgBench, portal: x.portal, gone: func(id string) error { return x.portal.Archive("deals", id) }, reads: asksByID("deals")}
		return secondDay(m, "hana", "cleo", "dai", "finn", "gus", "max", "nia", "oli")
	},
}

func secondDay(m *freshMorning, east string, west ...string) *freshMorning {
	list := m.cfg.Teams.List
	list[0].Members = nil
	for _, name := range west {
		list[0].Members = append(list[0].Members, name+"@acme.example")
	}
	m.cfg.Teams.List = append(list, hygiene.Team{Name: "East", Manager: "tom@acme.example", Members: []string{east + "@acme.example"}, Calendar: list[0].Calendar})
	m.cfg.Declared = append(m.cfg.Declared, "tom@acme.example")
	m.east = east + "@acme.example"
	m.restart()
	m.polled()
	m.later(18 * time.Minute)
	m.round()
	m.later(24*time.Hour - 15*time.Minute)
	m.polled()
	m.later(5 * time.Minute)
	m.slack.sent, m.slack.to = nil, nil
	m.needs()
	return m
}

// round looks at what is due, as the daemon does.
func (m *freshMorning) round() {
	m.t.Helper()
	if err := m.Round(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

// digestOf is the last digest of a manager.
func (m *freshMorning) digestOf(manager string) string {
	m.t.Helper()
	for i := len(m.slack.sent) - 1; i >= 0; i-- {
		if m.slack.to[i] == manager && strings.HasSuffix(m.slack.sent[i].Key, "#0") {
			return strings.Join(strings.Fields(string(m.slack.sent[i].Body)), " ")
		}
	}
	m.t.Fatalf("no digest for %s: %v", manager, m.states())
	return ""
}

// needs lists the deals of West with findings.
func (m *freshMorning) needs() {
	m.t.Helper()
	m.ids = nil
	for _, l := range m.life() {
		if l.State == hygiene.Open && l.Deal.Team == m.cfg.Teams.List[0].Key() && !slices.Contains(m.ids, l.Record) {
			m.ids = append(m.ids, l.Record)
		}
	}
	if len(m.ids) < 6 {
		m.t.Fatalf("the scenario does not hold: %d deals need an update", len(m.ids))
	}
}

// set writes a field of a deal in the CRM.
func (m *freshMorning) set(id, field string, value any) {
	m.t.Helper()
	if err := m.company.SetField(id, field, value); err != nil {
		m.t.Fatal(err)
	}
}

// give gives a deal to somebody of the other team.
func (m *freshMorning) give(id string) {
	m.t.Helper()
	if m.portal != nil {
		if err := m.portal.SetProperty("deals", id, "hubspot_owner_id", m.portal.OwnerID(m.east)); err != nil {
			m.t.Fatal(err)
		}
		return
	}
	for _, user := range m.company.IDs("User") {
		if m.company.Record(user)["Email"] == m.east {
			m.set(id, "OwnerId", user)
		}
	}
}

// changes changes five deals of West, and returns their names by what happened to them.
func (m *freshMorning) changes() (names map[string]string) {
	m.t.Helper()
	names = map[string]string{}
	for i, what := range []string{"won", "lost", "given", "deleted"} {
		names[what] = m.name(m.ids[i])
	}
	for _, err := range []error{m.company.CloseWon(m.ids[0]), m.company.CloseLost(m.ids[1], "price"), m.gone(m.ids[3])} {
		if err != nil {
			m.t.Fatal(err)
		}
	}
	m.give(m.ids[2])
	m.set(m.ids[len(m.ids)-1], "CloseDate", "2027-02-26")
	return names
}

// name is what the CRM calls a deal.
func (m *freshMorning) name(id string) string {
	if m.portal != nil {
		return m.portal.Properties("deals", id)["dealname"]
	}
	return fmt.Sprint(m.company.Record(id)["Name"])
}

// atHalfPast is the digest of a manager at 08:30, without its first line, which has the time of
// the last poll.
func (m *freshMorning) atHalfPast(manager string) string {
	m.t.Helper()
	body := m.digestOf(manager)
	_, rest, ok := strings.Cut(body, ", complete ")
	if !ok {
		m.t.Fatalf("no data line: %s", body)
	}
	return rest
}

// TestADealThatChangesBeforeTheDigest: between the last poll and the digest a deal is won, one
// is lost, one is given to another team, one is deleted, and of one the date is moved. The
// digests of both teams are those of a daemon that polls after that, and tell when the last
// poll was.
func TestADealThatChangesBeforeTheDigest(t *testing.T) {
	t.Parallel()
	for name, open := range freshMornings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, polled := open(t), open(t)
			var names map[string]string
			for _, x := range []*freshMorning{polled, m} {
				names = x.changes()
				x.later(5 * time.Minute)
				if x == polled {
					x.polled()
				}
				x.later(5 * time.Minute)
				x.round()
			}
			for _, manager := range []string{"maria@acme.example", "tom@acme.example"} {
				if diff := cmp.Diff(strings.SplitAfter(polled.atHalfPast(manager), ". "), strings.SplitAfter(m.atHalfPast(manager), ". ")); diff != "" {
					t.Errorf("%s (-after a poll +read once more):\n%s", manager, diff)
				}
			}
			west, asOf := m.digestOf("maria@acme.example"), m.company.Now().Add(-15*time.Minute).In(m.cfg.Location).Format("15:04")
			list, told, _ := strings.Cut(west, " TEAM ")
			for what, name := range names {
				if strings.Contains(list, name) {
					t.Errorf("%s was %s, and the digest asks for it: %s", name, what, west)
				}
				if !strings.Contains(told, name) {
					t.Errorf("%s was %s, and the digest does not say so: %s", name, what, west)
				}
			}
			if !strings.Contains(west, "Salesforce "+asOf) || !strings.Contains(west, "1 won, 1 lost") {
				t.Errorf("the digest does not say of when it is, or what happened: %s", west)
			}
			if a, b := m.snapshot(), polled.snapshot(); a != b {
				t.Errorf("counted %s, after a poll %s", a, b)
			}
		})
	}
}

// snapshot is what the last evaluation counted.
func (m *freshMorning) snapshot() string {
	m.t.Helper()
	s, ok, err := m.store.Snapshot(m.t.Context(), "sales", m.company.Now())
	if err != nil || !ok {
		m.t.Fatal(ok, err)
	}
	return fmt.Sprintf("%+v", s.Tallies)
}
