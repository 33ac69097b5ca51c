package daemon_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// zones are those of one company. Team is that by which the owner's days are counted;
// portal is that of the account, portal or org.
type zones struct{ team, portal, company, server string }

// moment is a time by the wall clock of the owner's team.
type moment struct{ day, hour, minute int } // days from today

func (m moment) in(zone string) time.Time {
	return time.Date(2026, 11, 25+m.day, m.hour, m.minute, 0, 0, where(zone))
}

func where(zone string) *time.Location {
	l, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return l
}

// deed is an activity of a deal: its kind as HubSpot names it, when it is or was due,
// and when it was done, if it was.
type deed struct {
	object     string
	on         moment
	done       bool
	written    moment
	direction  string
	completion moment
}

// move is a moment at which the close date was set, and to which.
type move struct{ on, to moment }

// diary is what happened to one deal, by the owner's clock.
type diary struct {
	now, created, entered moment
	close                 moment
	moves                 []move // of the close date, before it became what it is
	contacted, announced  *moment
	deeds                 []deed
}

// anyDiary draws a diary. Many of its moments are at midnight in UTC, midnight being what
// a date is mistaken for; team is the zone of the owner's clock.
func anyDiary(t *rapid.T, team string) diary {
	midnight := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC).In(where(team)).Hour()
	anyMoment := func(t *rapid.T, label string, from, to int) moment {
		m := moment{day: rapid.IntRange(from, to).Draw(t, label), hour: midnight}
		if rapid.IntRange(0, 2).Draw(t, label+" is anywhen") > 0 {
			m.hour, m.minute = rapid.IntRange(0, 23).Draw(t, label+" hour"), rapid.SampledFrom([]int{0, 1, 30, 59}).Draw(t, label+" minute")
		}
		return m
	}
	d := diary{now: anyMoment(t, "now", 0, 0), created: anyMoment(t, "created", -90, -40), entered: anyMoment(t, "entered", -39, -1), close: anyMoment(t, "close", -3, 40)}
	for i := range rapid.IntRange(0, 3).Draw(t, "moves") {
		d.moves = append(d.moves, move{anyMoment(t, "moved", -39+10*i, -31+10*i), anyMoment(t, "moved to", -3, 40)})
	}
	maybe := func(label string, from, to int) *moment {
		if rapid.IntRange(0, 3).Draw(t, label+" is there") == 0 {
			m := anyMoment(t, label, from, to)
			return &m
		}
		return nil
	}
	d.contacted, d.announced = maybe("contacted", -30, -1), maybe("announced", -1, 2)
	for range rapid.IntRange(0, 3).Draw(t, "deeds") {
		a := deed{object: rapid.SampledFrom([]string{"tasks", "tasks", "calls", "emails", "meetings", "notes"}).Draw(t, "object")}
		if a.done = rapid.Bool().Draw(t, "done"); a.done {
			a.on = anyMoment(t, "on", -30, -1)
		} else {
			a.on = anyMoment(t, "on", -2, 3)
		}
		a.completion = anyMoment(t, "completed", -30, -1)
		a.written = anyMoment(t, "written", -39, -31)
		if rapid.IntRange(0, 2).Draw(t, "afterwards") == 0 && a.done {
			a.written = a.completion // logged at the moment that it was ticked off
		}
		a.direction = rapid.SampledFrom([]string{"in", "out"}).Draw(t, "direction")
		d.deeds = append(d.deeds, a)
	}
	return d
}

// portalOf serves the diary as a HubSpot portal in which the same things happened at the
// same hours of the owner's clock, and returns the id of the deal.
func (d *diary) portalOf(t testing.TB, z zones) (srv *httptest.Server, id string) {
	c := sim.New(sim.Options{HubSpot: true, Deals: 1, Reps: 1, Start: d.now.in(z.team)})
	p := c.HubSpot()
	p.Set(func(o *sim.HubSpotOptions) { o.Burst, o.Daily, o.Zone = 1_000_000, 100_000_000, z.portal })
	if _, err := p.Import("contacts", d.created.in(z.team), []map[string]string{{"email": "buyer@globex.example"}}); err != nil {
		t.Fatal(err)
	}
	stamp := func(m moment) string { return m.in(z.team).UTC().Format("2006-01-02T15:04:05Z") }
	deal := map[string]string{
		"dealname": "Globex", "pipeline": "default", "dealstage": "presentationscheduled", "amount": "1000", "hs_next_step": "Maya signs on 27 November",
		"closedate": stamp(d.close), "hubspot_owner_id": p.OwnerID("maria@acme.example"),
	}
	ids, err := p.Import("deals", d.created.in(z.team), []map[string]string{deal})
	if err != nil {
		t.Fatal(err)
	}
	id = ids[0]
	last := d.close
	for _, m := range d.moves {
		if err := p.SetMany("deals", ids, m.on.in(z.team), "closedate", stamp(m.to)); err != nil {
			t.Fatal(err)
		}
		last = m.to
	}
	if last != d.close {
		if err := p.SetMany("deals", ids, moment{day: -1, hour: 12}.in(z.team), "closedate", stamp(d.close)); err != nil {
			t.Fatal(err)
		}
	}
	quiet := map[string]string{"hs_v2_date_entered_current_stage": stamp(d.entered)}
	if d.contacted != nil {
		quiet["notes_last_contacted"] = stamp(*d.contacted)
	}
	if d.announced != nil {
		quiet["notes_last_updated"] = stamp(*d.announced)
	}
	for name, value := range quiet {
		if err := p.SetQuietly("deals", id, name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range d.deeds {
		props := map[string]string{"hs_timestamp": stamp(a.on), "hubspot_owner_id": deal["hubspot_owner_id"]}
		switch a.object {
		case "tasks":
			props["hs_task_status"] = "NOT_STARTED"
			if a.done {
				props["hs_task_status"], props["hs_task_completion_date"] = "COMPLETED", stamp(a.completion)
			}
		case "calls":
			props["hs_call_direction"] = map[string]string{"in": "INBOUND", "out": "OUTBOUND"}[a.direction]
			props["hs_call_status"] = map[bool]string{true: "COMPLETED", false: "QUEUED"}[a.done]
		case "emails":
			props["hs_email_direction"] = map[string]string{"in": "INCOMING_EMAIL", "out": "EMAIL"}[a.direction]
			props["hs_email_status"] = map[bool]string{true: "SENT", false: "SCHEDULED"}[a.done]
		case "meetings":
			props["hs_meeting_start_time"], props["hs_meeting_end_time"] = stamp(a.on), stamp(a.on)
		}
		got, err := p.Import(a.object, a.written.in(z.team), []map[string]string{props})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Associate("deals", id, a.object, got[0]); err != nil {
			t.Fatal(err)
		}
	}
	return httptest.NewServer(p), id
}

// judge reads the portal as the daemon does, judges the deal and writes what was found.
func (d *diary) judge(t testing.TB, z zones) string {
	before := time.Local
	time.Local = where(z.server)
	defer func() { time.Local = before }()
	srv, id := d.portalOf(t, z)
	defer srv.Close()
	src, err := hubspot.New(hubspot.Config{
		Name: "partners", URL: srv.URL, Token: connectortest.Secret(t, "pat-na1-5e0d4c1a-0000-4000-8000-000000000001"),
		Fields:     map[string]string{"next_activity_at": "notes_last_updated"},
		SearchRate: 1_000_000, CallRate: 1_000_000, Now: func() time.Time { return d.now.in(z.team) },
	}, rest.New(rest.Config{Attempts: 2}))
	if err != nil {
		t.Fatal(err)
	}
	return z.verdicts(t, src, id, d.now.in(z.team))
}

// verdicts reads a source, judges the deal at the time now and writes what was found.
func (z zones) verdicts(t testing.TB, src crm.Source, id string, now time.Time) string {
	deal, source := readDeal(t, src, id)
	p := &hygiene.Pass{
		Now: now, Source: source, Rules: rules.All(), Settings: map[string]hygiene.Settings{}, Company: where(z.company), Commit: []string{"Commit"},
		Teams: &hygiene.Teams{List: []hygiene.Team{{
			Name: "West", Manager: "vera@acme.example", Members: []string{"maria@acme.example", "ana@acme.example"}, Calendar: &hygiene.Calendar{Location: where(z.team)},
		}}},
	}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, v := range p.Explain(deal) {
		if p.Owner(deal) == nil {
			t.Fatal("the deal has no owner")
		}
		fmt.Fprintf(&b, "%s: %s %s %s: %s (%s, %s)\n", v.Rule.ID, v.Verdict.Outcome, v.Verdict.Severity, v.Value, v.Reason, v.Threshold, v.Fix)
	}
	return b.String()
}

// readDeal reads all streams, and returns one deal and what is known of the source.
func readDeal(t testing.TB, src crm.Source, id string) (*hygiene.Deal, hygiene.Source) {
	info, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	deal := &hygiene.Deal{Source: src.Name()}
	s := hygiene.Source{Name: src.Name(), Info: info, Users: map[string]*crm.User{}}
	for _, stream := range src.Streams() {
		for more, cursor := true, crm.Cursor(""); more; {
			page, err := src.Fetch(t.Context(), stream, cursor)
			if err != nil {
				t.Fatal(err)
			}
			more, cursor = page.More, page.Next
			for _, u := range page.Users {
				s.Users[u.ID] = &u
			}
			s.Stages = append(s.Stages, page.Stages...)
			for _, o := range page.Opportunities {
				if o.ID == id {
					deal.Opportunity = o
				}
			}
			for _, a := range page.Activities {
				for _, of := range a.OpportunityIDs {
					if of == id {
						deal.Activities = append(deal.Activities, a)
					}
				}
			}
			for _, c := range page.Changes {
				if c.OpportunityID == id {
					deal.Changes = append(deal.Changes, c)
				}
			}
		}
	}
	if deal.Opportunity.ID == "" {
		t.Fatal("the deal was not read")
	}
	deal.Changes = crm.Fold(deal.Changes)
	return deal, s
}

// difference lists the lines of one text that another lacks.
func difference(a, b string) string {
	var out strings.Builder
	for line := range strings.Lines(a) {
		if !strings.Contains(b, line) {
			out.WriteString(line)
		}
	}
	return out.String()
}

// String tells the diary in lines.
func (d diary) String() string {
	s := fmt.Sprintf("now %v, created %v, in its stage since %v, closes %v after %v, contacted %v, announced %v", d.now, d.created, d.entered, d.close, d.moves, d.contacted, d.announced)
	for _, a := range d.deeds {
		s += fmt.Sprintf("\n%+v", a)
	}
	return s
}

// What happened at the same hours of the owner's clock is judged alike in the same words,
// wherever on earth the owner, the portal, the company and the machine are: two
// judgements differ only where a date of the owner's calendar differs.
func TestJudgementHasTheOwnersDate(t *testing.T) {
	t.Parallel()
	var all []string
	for h := -12; h <= 14; h++ {
		all = append(all, fmt.Sprintf("Etc/GMT%+d", -h))
	}
	zone := rapid.SampledFrom(all)
	rapid.Check(t, func(r *rapid.T) {
		z := zones{zone.Draw(r, "team"), zone.Draw(r, "portal"), zone.Draw(r, "company"), zone.Draw(r, "server")}
		d := anyDiary(r, z.team)
		want, got := d.judge(t, zones{"Etc/GMT+0", "Etc/GMT+0", "Etc/GMT+0", "Etc/GMT+0"}), d.judge(t, z)
		if got != want {
			r.Fatalf("%s\neverybody in UTC:\n%s\n%+v:\n%s", d, difference(want, got), z, difference(got, want))
		}
	})
}

// A portal keeps the close date as an instant, and its people see the day in their own
// zones: what a finding says is the day of the owner's calendar, the dates it was moved from
// too, wherever the portal is.
func TestAFindingHasTheCloseDateOfTheOwnersCalendar(t *testing.T) {
	for _, portal := range []string{"Pacific/Kiritimati", "US/Eastern", "Etc/GMT+12"} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, "hubspot")
			p, west := l.company.HubSpot(), where("America/Los_Angeles")
			p.Set(func(o *sim.HubSpotOptions) { o.Zone = portal })
			on := func(month time.Month, day, hour int) time.Time {
				return time.Date(2026, month, day, hour, 30, 0, 0, west)
			}
			ids, err := p.Import("deals", on(9, 1, 9), []map[string]string{{
				"dealname": "Globex", "pipeline": "default", "dealstage": "presentationscheduled", "amount": "1000",
				"closedate": on(10, 9, 0).UTC().Format(time.RFC3339), "hubspot_owner_id": p.OwnerID("dana@acme.example"),
			}})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []struct{ at, to time.Time }{
				{on(10, 1, 12), on(10, 9, 23)}, // within the day: no move
				{on(10, 5, 12), on(10, 30, 23)},
				{on(10, 20, 12), on(11, 16, 0)},
			} {
				if err := p.SetMany("deals", ids, m.at, "closedate", m.to.UTC().Format(time.RFC3339)); err != nil {
					t.Fatal(err)
				}
			}
			l.run()
			said := ""
			err = l.store.Lives(t.Context(), time.Time{}, func(v hygiene.Life) error {
				if v.Record == ids[0] && v.Rule == hygiene.CloseDatePast {
					said = hygiene.Voice{Today: crm.NewDate(2026, 11, 24)}.Text(v.Says.Message) + "; " + v.Deal.CloseDate.String()
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if want := "close date 16 Nov has passed; moved twice (9 Oct, 30 Oct); 2026-11-16"; said != want {
				t.Errorf("with the portal in %s: got %q, want %q", portal, said, want)
			}
		})
	}
}
