package daemon_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/evaluation"
)

// twoCRMs is a bench with a second account that lives beside the first one.
func twoCRMs(t testing.TB) (*bench, *account) {
	t.Helper()
	var second *account
	b := newBench(t, func(b *bench) {
		b.account.fields = maps.Clone(allFields)
		b.account.fields["same_as"] = crm.Readable
		second = &account{name: "partners", id: "P1", now: b.clock.Now, fields: b.account.fields, fail: map[crm.Stream]error{}}
		b.cfg.Sources = append(b.cfg.Sources, daemon.Source{Source: evaluation.Source{Source: second, Label: "HubSpot"}, Type: "hubspot", Every: 15 * time.Minute})
	})
	return b, second
}

func (b *bench) named(id, name, sameAs string) crm.Opportunity {
	o := b.deal(id, name)
	if sameAs != "" {
		o.Custom = []crm.Custom{{Name: "same_as", Value: sameAs, Type: crm.Text}}
	}
	return o
}

// judged syncs both accounts and returns "source id" of each deal with findings.
func (b *bench) judged() map[string]bool {
	b.t.Helper()
	for i := range b.cfg.Sources {
		if err := b.Sync(b.t.Context(), &b.cfg.Sources[i], false, nil); err != nil {
			b.t.Fatal(err)
		}
	}
	out := map[string]bool{}
	for _, f := range b.check().Findings {
		out[f.Source+" "+f.Opportunity.ID] = true
	}
	return out
}

func TestADealInTwoCRMsIsCountedOnce(t *testing.T) {
	const sf, hub = "006000000000001AAA", "42"
	for _, c := range []struct {
		name           string
		fromSF, fromHS string
		want           string
	}{
		{"neither says so", "", "", "both"},
		{"Salesforce says so", hub, "", "sales " + sf},
		{"HubSpot says so", "", sf, "partners " + hub},
		{"both say so: the first source counts", hub, sf, "sales " + sf},
		{"of a deal that is not there", "99", "", "both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, second := twoCRMs(t)
			b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", c.fromSF)}
			second.deals = []crm.Opportunity{b.named(hub, "Wayne", c.fromHS)}
			got := b.judged()
			want := map[string]bool{c.want: true}
			if c.want == "both" {
				want = map[string]bool{"sales " + sf: true, "partners " + hub: true}
			}
			if !maps.Equal(got, want) {
				t.Errorf("judged %v, want %v", got, want)
			}
		})
	}
}

// A deal that was won or lost in one CRM is not nagged about in the other, where its copy
// is still open: a closed deal goes on naming its copy.
func TestAClosedDealIsClosedInBothCRMs(t *testing.T) {
	const sf, hub = "006000000000001AAA", "42"
	for _, c := range []struct {
		name                string
		sfNames, hubNames   string
		sfClosed, hubClosed bool
		atFirst             bool // closed before the first sync
		want                string
	}{
		{"won in Salesforce, which names the copy", hub, "", true, false, false, ""},
		{"it was won before the first sync", hub, "", true, false, true, ""},
		{"won in HubSpot, which names the copy", "", sf, false, true, false, ""},
		{"each names the other, won in Salesforce", hub, sf, true, false, false, ""},
		{"each names the other, won in HubSpot", hub, sf, false, true, false, ""},
		{"of another deal", "43", "", true, false, false, "partners " + hub},
		{"won in HubSpot, and only Salesforce names it", hub, "", false, true, false, ""},
		{"won in Salesforce, and only HubSpot names it", "", sf, true, false, false, ""},
		{"the same, before the first sync", "", sf, true, false, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, second := twoCRMs(t)
			b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", c.sfNames)}
			second.deals = []crm.Opportunity{b.named(hub, "Wayne", c.hubNames)}
			if !c.atFirst {
				b.judged()
				b.clock.Set(b.clock.Now().Add(time.Hour))
			}
			for _, d := range []struct {
				o      *crm.Opportunity
				closed bool
			}{{&b.account.deals[0], c.sfClosed}, {&second.deals[0], c.hubClosed}} {
				if d.closed {
					d.o.Stage, d.o.Closed, d.o.Won = "Closed Won", true, true
					d.o.ModifiedAt = b.clock.Now()
				}
			}
			b.judged()
			b.clock.Set(b.clock.Now().Add(24 * time.Hour))
			got, want := b.judged(), map[string]bool{}
			if c.want != "" {
				want[c.want] = true
			}
			if !maps.Equal(got, want) {
				t.Errorf("judged %v, want %v", got, want)
			}
		})
	}
}

// The buyer is the same, whichever CRM a call is logged in or a meeting is booked in. What
// cannot be known of the other CRM is unknown, and never silence.
func TestActivitiesOfATwinCount(t *testing.T) {
	const sf, hub = "006000000000001AAA", "42"
	silent := []string{"no-activity", "never-touched", "no-future-activity"}
	refuse := func(_ *bench, second *account) {
		second.fail[crm.Activities] = fmt.Errorf("%w: try later", crm.ErrBusy)
	}
	for _, c := range []struct {
		name             string
		sfNames, hubName string
		change           func(b *bench, second *account)
		later            time.Duration // after change and a first sync without it
		want             string        // the finding about silence
	}{
		{"nothing anywhere", hub, "", nil, 0, "never-touched"},
		{"a call", hub, "", func(b *bench, second *account) {
			second.acts = []crm.Activity{{ID: "c1", Kind: crm.Call, Done: true, OpportunityIDs: []string{hub}, At: b.clock.Now().Add(-time.Hour), CreatedAt: b.clock.Now()}}
		}, 0, "no-future-activity"},
		{"a call, and HubSpot names the deal as well", hub, sf, func(b *bench, second *account) {
			second.acts = []crm.Activity{{ID: "c1", Kind: crm.Call, Done: true, OpportunityIDs: []string{hub}, At: b.clock.Now().Add(-time.Hour), CreatedAt: b.clock.Now()}}
		}, 0, "no-future-activity"},
		{"a call of a machine", hub, "", func(b *bench, second *account) {
			second.acts = []crm.Activity{{ID: "c1", Kind: crm.Call, Done: true, Automated: true, OpportunityIDs: []string{hub}, At: b.clock.Now().Add(-time.Hour)}}
		}, 0, "never-touched"},
		{"a call on another deal", hub, "", func(b *bench, second *account) {
			second.acts = []crm.Activity{{ID: "c1", Kind: crm.Call, Done: true, OpportunityIDs: []string{"43"}, At: b.clock.Now().Add(-time.Hour)}}
		}, 0, "never-touched"},
		{"a meeting ahead", hub, "", func(b *bench, second *account) {
			second.acts = []crm.Activity{{ID: "m1", Kind: crm.Meeting, OpportunityIDs: []string{hub}, At: b.clock.Now().Add(50 * time.Hour)}}
		}, 0, ""},
		{"a meeting that the other CRM announces and we cannot read", hub, "", func(b *bench, second *account) {
			second.deals[0].NextActivityAt = b.clock.Now().Add(50 * time.Hour)
		}, 0, ""},
		{"an activity there that we cannot read", hub, "", func(b *bench, second *account) {
			second.deals[0].LastActivityAt = b.clock.Now().Add(-50 * time.Hour)
		}, 0, ""},
		{"an activity there with an odd date", hub, "", func(_ *bench, second *account) {
			second.acts = []crm.Activity{{ID: "c1", Kind: crm.Call, Unclear: true, OpportunityIDs: []string{hub}}}
		}, 0, ""},
		{"the login sees no activities there", hub, "", func(_ *bench, second *account) {
			second.fields = maps.Clone(second.fields)
			second.fields["activities"] = crm.Hidden
		}, 0, ""},
		{"the login sees no emails there", hub, "", func(_ *bench, second *account) {
			second.fields = maps.Clone(second.fields)
			second.fields["emails"] = crm.Hidden
		}, 0, ""},
		{"its activities were never read", hub, "", refuse, 0, ""},
		{"refused for three hours", hub, "", refuse, 3 * time.Hour, ""},
		{"refused for two days", hub, "", refuse, 48 * time.Hour, ""},
		{"one poll failed", hub, "", refuse, 15 * time.Minute, "never-touched"},
		{"a deal that is not there", "99", "", nil, 0, "never-touched"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, second := twoCRMs(t)
			b.account.fields["emails"] = crm.Readable
			b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", c.sfNames)}
			second.deals = []crm.Opportunity{b.named(hub, "Wayne", c.hubName)}
			if c.later > 0 {
				b.judged()
			}
			if c.change != nil {
				c.change(b, second)
			}
			b.clock.Set(b.clock.Now().Add(c.later))
			for i := range b.cfg.Sources {
				if err := b.Sync(t.Context(), &b.cfg.Sources[len(b.cfg.Sources)-1-i], false, nil); err != nil && second.fail[crm.Activities] == nil {
					t.Fatal(err)
				}
			}
			got := ""
			for _, f := range b.check().Findings {
				if f.Opportunity.ID == sf && slices.Contains(silent, f.Rule) {
					got += f.Rule
				}
			}
			if got != c.want {
				t.Errorf("findings about silence: %q, want %q", got, c.want)
			}
			x, err := b.Explain(t.Context(), sf)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range x.Rules {
				if slices.Contains(silent, r.Rule) && (r.Outcome == "fail") != (r.Rule == c.want) {
					t.Errorf("explain says %+v", r)
				}
			}
		})
	}
}

func TestTwoDealsThatNameTheSameOneAreTold(t *testing.T) {
	b, second := twoCRMs(t)
	b.account.deals = []crm.Opportunity{b.named("006000000000001AAA", "Wayne", "42"), b.named("006000000000002AAA", "Wayne again", "42")}
	second.deals = []crm.Opportunity{b.named("42", "Wayne", "")}
	b.judged()
	st, err := b.Status(t.Context())
	if err != nil || !strings.Contains(strings.Join(st.Notices, "\n"), "both say that they are partners 42") {
		t.Errorf("got notices %v (error %v)", st.Notices, err)
	}
}

// Somebody who has left gets no list; the manager's digest has the deals.
func TestLeaversGetNoList(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.account.left = true
		reps := b.cfg.Digests[0]
		reps.Name, reps.For = "rep-daily", "reps"
		b.cfg.Digests = append(b.cfg.Digests, reps)
	})
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	for _, to := range b.slack.to {
		if to == "ana@acme.example" {
			t.Errorf("sent to %v", b.slack.to)
		}
	}
	p, ok, err := b.store.Period(t.Context(), "rep-daily", "West", crm.DateOf(b.clock.Now(), b.cfg.Location))
	if err != nil || !ok || p.State != "skipped" || !strings.Contains(p.Reason, "no longer active") {
		t.Errorf("got %+v (found %v, error %v), want the period skipped with the reason", p, ok, err)
	}
}

// Nor does who is deactivated after the list was planned, and before it is composed.
func TestWhoLeavesBeforeTheSendingGetsNoList(t *testing.T) {
	b := newBench(t, func(b *bench) { b.reps() })
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	if err := b.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, b.states(), "2026-11-23 slack planned")
	b.account.left = true
	b.sync()
	b.tick()
	ds, err := b.store.DeliveriesSince(t.Context(), crm.DateOf(b.clock.Now(), time.UTC)-1)
	if err != nil || len(ds) != 1 || ds[0].State != delivery.Skipped || !strings.Contains(ds[0].Reason, "no longer active") || len(b.slack.sent) != 0 {
		t.Errorf("got %+v (error %v), %d parts sent; want it skipped, with the reason", ds, err, len(b.slack.sent))
	}
	ps, err := b.PreviewNow(t.Context(), api.PreviewRequest{Name: "rep-daily"})
	if len(ps) > 0 || err == nil || !strings.Contains(err.Error(), "nobody gets rep-daily now") {
		t.Errorf("got previews %+v, %v", ps, err)
	}
}

// The first days, in which the digests go to ops, are business days: an installation on a
// weekend uses up none.
func TestShadowCountsFromMonday(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.cfg.Shadow, b.cfg.Ops = 1, []string{"revops@acme.example"}
		b.clock.Set(time.Date(2026, 11, 21, 12, 0, 0, 0, b.cfg.Location)) // a Saturday
	})
	b.sync()
	for _, day := range []int{23, 24} {
		b.clock.Set(time.Date(2026, 11, day, 8, 31, 0, 0, b.cfg.Location))
		b.sync()
		b.tick()
	}
	if len(b.slack.to) != 4 || b.slack.to[0] != "revops@acme.example" || b.slack.to[2] != "maria@acme.example" {
		t.Errorf("sent to %v, want Monday's to ops and Tuesday's to the manager", b.slack.to)
	}
}

// A value of same_as that names no deal of the other source is said by sync, by status and
// by config check --online, in a list that has a bound, and never while the other source may
// have the deal without our knowing.
func TestSameAsThatNamesNoDealIsSaid(t *testing.T) {
	const sf, hub = "006000000000001AAA", "42"
	const said = `sales: fields.same_as of 1 open deal names no deal of another source`
	for _, c := range []struct {
		name, value string
		change      func(b *bench, second *account)
		want        string
	}{
		{"another deal", "43", nil, said + `, and a deal that is there under another id is counted twice: 006000000000001AAA names "43"; correct`},
		{"a word", " see notes ", nil, `006000000000001AAA names "see notes"`},
		{"a deal that was closed and deleted", "44", func(_ *bench, second *account) { second.deals = second.deals[:1] }, said},
		{"the right deal", hub, nil, ""},
		{"nothing", "", nil, ""},
		{"a closed deal there", "44", nil, ""},
		{"a closed deal here", "43", func(b *bench, _ *account) { b.account.deals[0].Closed = true }, ""},
		{"it was changed a moment ago", "43", func(b *bench, _ *account) { b.account.deals[0].ModifiedAt = b.clock.Now().Add(-time.Minute) }, ""},
		{"the other source was never read", "43", func(_ *bench, second *account) {
			second.fail[crm.Opportunities] = fmt.Errorf("%w: try later", crm.ErrBusy)
		}, ""},
		{"the field is hidden", "43", func(b *bench, _ *account) {
			b.account.fields = maps.Clone(b.account.fields)
			b.account.fields["same_as"] = crm.Hidden
		}, ""},
		{"many", "43", func(b *bench, _ *account) {
			for i := range 7 {
				b.account.deals = append(b.account.deals, b.named(fmt.Sprintf("00600000000001%dAAA", i), "Wayne", "43"))
			}
		}, "of 8 open deals name no deal of another source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, second := twoCRMs(t)
			b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", c.value)}
			won := b.deal("44", "Stark")
			won.Closed, won.Won = true, true
			second.deals = []crm.Opportunity{b.deal(hub, "Wayne"), won}
			if c.change != nil {
				c.change(b, second)
			}
			notes := b.syncNotes()
			st, err := b.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for where, text := range map[string]string{"sync": notes, "status": strings.Join(st.Notices, "\n"), "config check --online": strings.Join(st.File, "\n")} {
				n := strings.Count(text, cmp.Or(c.want, "fields.same_as of"))
				if want := min(len(c.want), 1); n != want {
					t.Errorf("%s says it %d times, want %d:\n%s", where, n, want, text)
				}
				if c.name == "many" && (!strings.Contains(text, "and 3 more; correct") || strings.Contains(text, "0000015AAA names") || strings.Count(text, "both are counted") > 5) {
					t.Errorf("%s does not bound the list:\n%s", where, text)
				}
			}
		})
	}
	// One that could be read at first and is refused for long knows nothing of later deals.
	b, second := twoCRMs(t)
	b.account.deals, second.deals = []crm.Opportunity{b.named(sf, "Wayne", hub)}, []crm.Opportunity{b.deal(hub, "Wayne")}
	b.judged()
	second.fail[crm.Opportunities] = fmt.Errorf("%w: try later", crm.ErrBusy)
	b.clock.Set(b.clock.Now().Add(3 * time.Hour))
	b.account.deals = append(b.account.deals, b.named("006000000000002AAA", "Stark", "43"))
	b.account.deals[1].ModifiedAt = b.clock.Now().Add(-2 * time.Hour)
	if notes := b.syncNotes(); strings.Contains(notes, "fields.same_as of") {
		t.Errorf("sync: %s", notes)
	}
}
