package hygiene

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// parkedDeal is the deal of testDeal in a pass whose source has the fields for parks, on a day.
func parkedDeal(t testing.TB, day crm.Date) (*Pass, *Deal) {
	t.Helper()
	p := testPass(t, always("a", failing), always("b", failing))
	p.Now = day.In(time.UTC).Add(16 * time.Hour) // 08:00 at the owner's
	p.Source.Info.Fields[HoldUntil], p.Source.Info.Fields[HoldReason] = crm.Readable, crm.Readable
	p.Source.Info.Fields["activities"] = crm.Readable
	p.Parking = Parking{Once: ParkOnce, Most: ParkMost, Subject: ParkSubject}
	p.Parked = map[string][]Park{}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	d := testDeal()
	hold(d, "", "")
	return p, d
}

// hold writes the fields of the CRM.
func hold(d *Deal, until, reason string) {
	d.Opportunity.Custom = []crm.Custom{{Name: HoldReason, Value: reason, Type: crm.Text}, {Name: HoldUntil, Value: until, Type: crm.Dated}}
	if until == "" {
		d.Opportunity.Custom[1].Type = crm.Empty
	}
}

// evaluate judges the deal and stores the parks, as an evaluation does.
func evaluate(p *Pass, d *Deal) Result {
	r := p.Evaluate(d)
	p.Parked[d.Opportunity.ID] = r.Parks
	return r
}

// said are the parks in short.
func said(ks []Park) string {
	var out []string
	for i := range ks {
		k := &ks[i]
		s := fmt.Sprintf("%s %s to %s", k.How, k.From.Short(), k.Until.Short())
		if k.Rule != "" {
			s = k.Rule + " " + s
		}
		if k.Cut != "" {
			s += " cut " + string(k.Cut)
		}
		if k.End != "" {
			s += " " + string(k.End)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

var nov24 = crm.NewDate(2026, 11, 24)

func command(d *Deal, rule string, until crm.Date) Park {
	return Park{
		Source: d.Source, Record: d.Opportunity.ID, Rule: rule, At: nov24.In(time.UTC), From: nov24, Until: until, Reason: "budget in January", By: "ops",
		How: ByCommand, Owner: d.Opportunity.OwnerID,
	}
}

func TestParkPausesFindings(t *testing.T) {
	for _, c := range []struct {
		rule, failed, paused, outcomes string
		whole                          bool
	}{
		{"", "", "a b", "a paused, b paused", true},
		{"a", "b", "a", "a paused, b fail", false},
		{"elsewhere", "a b", "", "a fail, b fail", false},
	} {
		p, d := parkedDeal(t, nov24)
		p.Parked[d.Opportunity.ID] = []Park{command(d, c.rule, nov24+7)}
		r := p.Evaluate(d)
		ids := func(fs []Finding) string {
			var out []string
			for i := range fs {
				out = append(out, fs[i].Rule)
			}
			return strings.Join(out, " ")
		}
		if ids(r.Failed) != c.failed || ids(r.Paused) != c.paused || outcomes(&r) != c.outcomes || r.Parked != c.whole {
			t.Errorf("parked %q: fails %q, paused %q, %q, whole %v", c.rule, ids(r.Failed), ids(r.Paused), outcomes(&r), r.Parked)
		}
		for _, v := range p.Explain(d) {
			if (v.Verdict.Outcome == Paused) != strings.Contains(c.paused, v.Rule.ID) || (v.Park != nil) != (v.Verdict.Outcome == Paused) {
				t.Errorf("parked %q: explain says %s of %s, park %v", c.rule, v.Verdict.Outcome, v.Rule.ID, v.Park)
			}
		}
	}
}

// TestParkEnds: the day before, and the day after.
func TestParkEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		day    crm.Date
		change func(*Pass, *Deal)
		want   Ending
	}{
		{"the day before its last day", nov24 + 6, nil, ""},
		{"the morning of its last day", nov24 + 7, nil, EndOver},
		{"before midnight at the owner's", nov24 + 6, func(p *Pass, _ *Deal) { p.Now = (nov24 + 7).In(time.UTC).Add(7 * time.Hour) }, ""},
		{"after midnight at the owner's", nov24 + 6, func(p *Pass, _ *Deal) { p.Now = (nov24 + 7).In(time.UTC).Add(8 * time.Hour) }, EndOver},
		{"won", nov24, func(_ *Pass, d *Deal) { d.Opportunity.Closed, d.Opportunity.Won = true, true }, EndClosed},
		{"another owner", nov24, func(_ *Pass, d *Deal) { d.Opportunity.OwnerID = "eve" }, EndOwner},
		{"no owner", nov24, func(_ *Pass, d *Deal) { d.Opportunity.OwnerID = "" }, EndOwner},
		{"an owner that cannot be read", nov24, func(_ *Pass, d *Deal) { d.Opportunity.OwnerID, d.Opportunity.Unclear = "", []string{"owner"} }, ""},
		{"a skipped pipeline", nov24, func(p *Pass, d *Deal) { p.Skip, d.Opportunity.Pipeline = []string{"r"}, "r" }, EndOff},
		{"counted elsewhere", nov24, func(p *Pass, d *Deal) { p.Twins = map[string]Counted{d.Opportunity.ID: {Source: "hs", ID: "1"}} }, EndOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, d := parkedDeal(t, c.day)
			k := command(d, "", nov24+7)
			if c.change != nil {
				c.change(p, d)
			}
			if err := p.Prepare(); err != nil {
				t.Fatal(err)
			}
			p.Parked[d.Opportunity.ID] = []Park{k}
			r := evaluate(p, d)
			if got := r.Parks[0].End; got != c.want || r.Parked != (c.want == "") {
				t.Fatalf("got %q, parked %v, want %q", got, r.Parked, c.want)
			}
			if got := r.Parks[0].Ended; got.IsZero() != (c.want == "") {
				t.Errorf("ended %v", got)
			}
			// It has ended for good, whatever the deal is like afterwards.
			back, same := parkedDeal(t, c.day)
			back.Parked = p.Parked
			if r := back.Evaluate(same); r.Parked != (c.want == "") {
				t.Errorf("afterwards parked: %v", r.Parked)
			}
		})
	}
}

// TestOwnerParks goes through what an owner writes into the fields, day after day.
func TestOwnerParks(t *testing.T) {
	type day struct {
		on            crm.Date
		until, reason string
		want          string
	}
	date := func(n int) string { return (nov24 + crm.Date(n)).String() }
	for _, c := range []struct {
		name string
		days []day
	}{
		{"one park", []day{
			{nov24, date(10), "budget", "field 24 Nov to 4 Dec"},
			{nov24 + 9, date(10), "budget", "field 24 Nov to 4 Dec"},
			{nov24 + 10, date(10), "budget", "field 24 Nov to 4 Dec over"},
			{nov24 + 11, date(10), "budget", "field 24 Nov to 4 Dec over"},
		}},
		{"in the past, and today", []day{{nov24, date(-1), "x", ""}, {nov24, date(0), "x", ""}}},
		{"the day of an answer moves", []day{
			{nov24, date(10), "x", "field 24 Nov to 4 Dec"},
			{nov24 + 5, date(12), "x", "field 24 Nov to 4 Dec replaced, field 29 Nov to 6 Dec"},
			{nov24 + 6, date(8), "x", "field 24 Nov to 4 Dec replaced, field 29 Nov to 6 Dec replaced, field 30 Nov to 2 Dec"},
		}},
		{"taken back, and parked again", []day{
			{nov24, date(10), "x", "field 24 Nov to 4 Dec"},
			{nov24 + 1, "", "", "field 24 Nov to 4 Dec taken back"},
			{nov24 + 2, date(10), "x", "field 24 Nov to 4 Dec taken back, field 26 Nov to 4 Dec"},
		}},
		{"longer than once", []day{
			{nov24, date(60), "x", "field 24 Nov to 24 Dec cut once"},
			{nov24 + 29, date(60), "x", "field 24 Nov to 24 Dec cut once"},
			{nov24 + 30, date(60), "x", "field 24 Nov to 24 Dec cut once over"},
			{nov24 + 31, date(60), "x", "field 24 Nov to 24 Dec cut once over"}, // what is still written parks nothing
		}},
		{"longer than most", []day{
			{nov24, date(28), "x", "field 24 Nov to 22 Dec"},
			{nov24 + 28, date(56), "x", "field 24 Nov to 22 Dec over, field 22 Dec to 19 Jan"},
			{nov24 + 56, date(84), "x", "field 24 Nov to 22 Dec over, field 22 Dec to 19 Jan over, field 19 Jan to 16 Feb"},
			{nov24 + 84, date(112), "x", "field 24 Nov to 22 Dec over, field 22 Dec to 19 Jan over, field 19 Jan to 16 Feb over, field 16 Feb to 22 Feb cut most"},
			{nov24 + 91, date(120), "x", "field 24 Nov to 22 Dec over, field 22 Dec to 19 Jan over, field 19 Jan to 16 Feb over, field 16 Feb to 22 Feb cut most over"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stored map[string][]Park
			for i, on := range c.days {
				p, d := parkedDeal(t, on.on)
				if stored != nil {
					p.Parked = stored
				}
				hold(d, on.until, on.reason)
				r := evaluate(p, d)
				if got := said(r.Parks); got != on.want {
					t.Fatalf("day %d: got %q, want %q", i, got, on.want)
				}
				if r := evaluate(p, d); said(r.Parks) != on.want {
					t.Fatalf("day %d, judged once more: %q", i, said(r.Parks))
				}
				stored = p.Parked
				if last := i == len(c.days)-1; (r.Refused != "") != (last && c.name == "longer than most") {
					t.Errorf("day %d: refused %q", i, r.Refused)
				}
			}
		})
	}
}

// TestUnreadableParkHolds: what the CRM does not tell takes no park back, prolongs none and
// begins none.
func TestUnreadableParkHolds(t *testing.T) {
	fields := func(a crm.Access) func(*Pass, *Deal) {
		return func(p *Pass, d *Deal) { p.Source.Info.Fields[HoldUntil], d.Opportunity.Custom = a, nil }
	}
	for name, change := range map[string]func(*Pass, *Deal){
		"hidden":            fields(crm.Hidden),
		"no longer mapped":  fields(crm.Unmapped),
		"left out":          func(_ *Pass, d *Deal) { d.Opportunity.Custom = nil },
		"of another form":   func(_ *Pass, d *Deal) { hold(d, "", ""); d.Opportunity.Unclear = []string{HoldUntil} },
		"words":             func(_ *Pass, d *Deal) { hold(d, "after the audit", "") },
		"activities hidden": func(p *Pass, d *Deal) { fields(crm.Unmapped)(p, d); p.Source.Info.Fields["activities"] = crm.Hidden },
		"the reason, hidden": func(p *Pass, d *Deal) {
			hold(d, (nov24 + 7).String(), "")
			p.Source.Info.Fields[HoldReason] = crm.Hidden
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, d := parkedDeal(t, nov24)
			hold(d, (nov24 + 7).String(), "budget in January")
			evaluate(p, d)
			for i, want := range []string{"field 24 Nov to 1 Dec", "field 24 Nov to 1 Dec over"} {
				q, e := parkedDeal(t, nov24+6+crm.Date(i))
				q.Parked = p.Parked
				change(q, e)
				if r := evaluate(q, e); said(r.Parks) != want || r.Parks[0].Reason != "budget in January" || r.Parked != (i == 0) {
					t.Errorf("day %d: got %q, %q", i, said(r.Parks), r.Parks[0].Reason)
				}
			}
			if name == "the reason, hidden" {
				return
			}
			q, e := parkedDeal(t, nov24)
			change(q, e)
			if r := q.Evaluate(e); len(r.Parks) > 0 {
				t.Errorf("it began %q", said(r.Parks))
			}
		})
	}
}

func TestTaskParks(t *testing.T) {
	due := func(n int) crm.Date { return nov24 + crm.Date(n) }
	task := func(subject string, n int) crm.Activity {
		return crm.Activity{ID: subject, Kind: crm.Task, Subject: subject, Due: due(n)}
	}
	done := task("On hold: budget", 7)
	done.Done = true
	endless := task("On hold: budget", 7)
	endless.Due = 0
	unclear := task("", 0)
	unclear.Unclear = true
	timed := task("On hold: budget", 0)
	timed.Due, timed.At = 0, due(7).In(time.UTC).Add(7*time.Hour) // the evening before at the owner's
	for _, c := range []struct {
		name         string
		tasks        []crm.Activity
		want, reason string
	}{
		{"due date and text", []crm.Activity{task("On hold: budget in January", 7)}, "task 24 Nov to 1 Dec", "budget in January"},
		{"of another case, with a dash", []crm.Activity{task(" ON HOLD – audit", 7)}, "task 24 Nov to 1 Dec", "audit"},
		{"without a text", []crm.Activity{task("On hold", 7)}, "task 24 Nov to 1 Dec", ""},
		{"the latest of two", []crm.Activity{task("On hold: a", 9), task("On hold: b", 8)}, "task 24 Nov to 3 Dec", "a"},
		{"a time", []crm.Activity{timed}, "task 24 Nov to 30 Nov", "budget"},
		{"longer than once", []crm.Activity{task("On hold: a", 40)}, "task 24 Nov to 24 Dec cut once", "a"},
		{"beside an unclear one", []crm.Activity{task("On hold: a", 7), unclear}, "task 24 Nov to 1 Dec", "a"},
		{"done", []crm.Activity{done}, "", ""},
		{"without a due date", []crm.Activity{endless}, "", ""}, // and the owner reads it: see TestATaskWithoutAnEndIsSaid
		{"due today", []crm.Activity{task("On hold: a", 0)}, "", ""},
		{"another word", []crm.Activity{task("On holding company", 7), task("Call", 7)}, "", ""},
		{"no task", []crm.Activity{{Kind: crm.Meeting, Subject: "On hold: a", At: due(7).In(time.UTC)}}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, d := parkedDeal(t, nov24)
			delete(p.Source.Info.Fields, HoldUntil)
			d.Activities = c.tasks
			r := evaluate(p, d)
			if got := said(r.Parks); got != c.want || c.want != "" && r.Parks[0].Reason != c.reason {
				t.Fatalf("got %q, want %q because of %q", got, c.want, c.reason)
			}
			if c.want == "" {
				return
			}
			// The task is closed, or gone; where a task cannot be read, it may be that one.
			for want, after := range map[string][]crm.Activity{c.want + " taken back": nil, c.want: {unclear}} {
				q, e := parkedDeal(t, nov24+1)
				delete(q.Source.Info.Fields, HoldUntil)
				q.Parked[e.Opportunity.ID], e.Activities = r.Parks, after
				if r := q.Evaluate(e); said(r.Parks) != want {
					t.Errorf("with %v: got %q, want %q", after, said(r.Parks), want)
				}
			}
		})
	}
	// A mapped field is the way of this installation, and a task beside it is a task.
	p, d := parkedDeal(t, nov24)
	d.Activities = []crm.Activity{task("On hold: a", 7)}
	if r := p.Evaluate(d); len(r.Parks) > 0 {
		t.Errorf("with a mapped field a task parks: %q", said(r.Parks))
	}
}

// TestCommandGoesBeforeTheField: what the manager decided is neither cut nor replaced by
// what the owner writes.
func TestCommandGoesBeforeTheField(t *testing.T) {
	p, d := parkedDeal(t, nov24)
	p.Parked[d.Opportunity.ID] = []Park{command(d, "", nov24+200)}
	hold(d, (nov24 + 7).String(), "x")
	if r := evaluate(p, d); said(r.Parks) != "command 24 Nov to 12 Jun" {
		t.Errorf("got %q", said(r.Parks))
	}
	// A command that ends a park of the owner's ends it although the field still says so.
	p, d = parkedDeal(t, nov24)
	hold(d, (nov24 + 7).String(), "x")
	evaluate(p, d)
	k := &p.Parked[d.Opportunity.ID][0]
	k.End, k.Ended = EndUnparked, p.Now
	if r := evaluate(p, d); r.Parked || len(r.Parks) != 1 {
		t.Errorf("after the command: %q", said(r.Parks))
	}
}

// A life keeps its dates over a park: the end of the park makes nothing new of it, and
// while the park holds nothing of it is fixed.
func TestLifeGoesOnOverAPark(t *testing.T) {
	p, d := parkedDeal(t, nov24)
	at := func(n int) *Round {
		return &Round{At: nov24.In(time.UTC).AddDate(0, 0, n), Generation: uint64(n + 1), Is: p.Yardstick(), Was: p.Yardstick()}
	}
	d.Opportunity.CreatedAt = nov24.In(time.UTC).AddDate(-1, 0, 0)
	p.Rules = p.Rules[:1]
	open := p.Evaluate(d)
	lives := Diff(nil, []Result{open}, nil, at(0))
	if len(lives) != 1 || lives[0].Paused {
		t.Fatalf("got %+v", lives)
	}
	p.Rules = append(p.Rules, always("b", failing))
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	p.Parked[d.Opportunity.ID] = []Park{command(d, "", nov24+7)}
	parked := p.Evaluate(d)
	store := func(changed []Life) {
		for _, l := range changed {
			for i := range lives {
				if lives[i].Key == l.Key {
					lives[i], l.State = l, 0
				}
			}
			if l.State != 0 {
				lives = append(lives, l)
			}
		}
	}
	store(Diff(lives, []Result{parked}, nil, at(1)))
	for i, l := range lives {
		if l.State != Open || !l.Paused || l.Back || l.Newly || !l.Opened.Equal(at(i).At) {
			t.Errorf("parked: %s is %s, paused %v, opened %v", l.Rule, l.State, l.Paused, l.Opened)
		}
	}
	if len(lives) != 2 {
		t.Fatalf("%d lives", len(lives))
	}
	if again := Diff(lives, []Result{parked}, nil, at(2)); len(again) > 0 {
		t.Errorf("nothing changed, and %+v is written", again)
	}
	delete(p.Parked, d.Opportunity.ID)
	store(Diff(lives, []Result{p.Evaluate(d)}, nil, at(7)))
	for i, l := range lives {
		if l.State != Open || l.Paused || l.Back || l.Newly || !l.Opened.Equal(at(i).At) {
			t.Errorf("awake: %s is %s, paused %v, opened %v", l.Rule, l.State, l.Paused, l.Opened)
		}
	}
}

// TestParkSilencesAdviceNeverMoney: a parked deal is in no count but its own, and in the
// commit in doubt.
func TestParkSilencesAdviceNeverMoney(t *testing.T) {
	for _, c := range []struct {
		name                     string
		rule                     string
		verdict                  Verdict
		deals, paused, need      int
		doubt, question, pressed float64
	}{
		{"open", "none", failing, 1, 0, 1, 0, 86000, 0},
		{"parked without a finding", "", Verdict{}, 0, 1, 0, 86000, 0, 0},
		{"parked", "", failing, 0, 1, 0, 86000, 0, 0},
		{"the rule parked", "a", failing, 0, 1, 0, 0, 86000, 0},
		{"the rule parked, high", "a", Verdict{Outcome: Fail, Severity: High, Reason: "x"}, 0, 1, 0, 86000, 0, 0},
		{"another rule parked, which passes", "b", Verdict{}, 1, 0, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, d := parkedDeal(t, nov24)
			p.Rules = []Rule{always("a", c.verdict), always("b", Verdict{})}
			if err := p.Prepare(); err != nil {
				t.Fatal(err)
			}
			d.Opportunity.ForecastCategory = "Commit"
			p.Parked[d.Opportunity.ID] = []Park{command(d, c.rule, nov24+60)} // the deal closes before
			r := p.Evaluate(d)
			all := NewTallies(p, nil)
			all.Add(&r)
			got := all.List()[0]
			if got.Deals != c.deals || got.Paused != c.paused || got.NeedUpdate != c.need || got.CommitDeals != 1 || got.Commit["USD"] != 86000 ||
				got.CommitDoubt["USD"] != c.doubt || got.CommitQuestion["USD"] != c.question || len(all.Urgent()) > 0 {
				t.Errorf("got %+v, %+v", got, all.Urgent())
			}
		})
	}
}

func TestParkReason(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " budget\nin\tJanuary ": "budget in January", "a\xffb": "ab",
		strings.Repeat("word ", 60): strings.TrimSpace(strings.Repeat("word ", 40)) + " …",
	} {
		if got := ParkReason(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestOwnersWay: the way that readers are told is the one that parks a deal, and where none is
// told nothing that an owner writes does.
func TestOwnersWay(t *testing.T) {
	for name, c := range map[string]struct {
		until, reason, activities crm.Access
		subject                   string
		want                      OwnersWay
		parks                     string
	}{
		"a field":                      {crm.Readable, crm.Readable, crm.Readable, "On hold", OwnersWay{ByField, "Hold__c", "Why__c", 30}, "field 24 Nov to 1 Dec"},
		"a field without a reason":     {crm.Readable, crm.Unmapped, crm.Readable, "On hold", OwnersWay{ByField, "Hold__c", "", 30}, "field 24 Nov to 1 Dec"},
		"a reason that is hidden":      {crm.Readable, crm.Hidden, crm.Hidden, "", OwnersWay{ByField, "Hold__c", "", 30}, "field 24 Nov to 1 Dec"},
		"a field that is hidden":       {crm.Hidden, crm.Readable, crm.Readable, "On hold", OwnersWay{"", "", "", 30}, ""},
		"no field":                     {crm.Unmapped, crm.Unmapped, crm.Readable, "On hold", OwnersWay{ByTask, "On hold", "", 30}, "task 24 Nov to 3 Dec"},
		"no field, tasks park nothing": {crm.Unmapped, crm.Unmapped, crm.Readable, "", OwnersWay{"", "", "", 30}, ""},
		"no field, activities hidden":  {crm.Unmapped, crm.Unmapped, crm.Hidden, "On hold", OwnersWay{"", "", "", 30}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, d := parkedDeal(t, nov24)
			p.Source.Info.Mapped = map[string]string{HoldUntil: "Hold__c", HoldReason: "Why__c"}
			p.Source.Info.Fields[HoldUntil], p.Source.Info.Fields[HoldReason], p.Source.Info.Fields["activities"] = c.until, c.reason, c.activities
			p.Parking.Subject = c.subject
			hold(d, (nov24 + 7).String(), "budget")
			d.Activities = []crm.Activity{{ID: "1", Kind: crm.Task, Subject: "On hold: budget", Due: nov24 + 9}}
			if got := p.OwnersWay(); got != c.want {
				t.Errorf("the way is %+v, want %+v", got, c.want)
			}
			if got := said(p.Evaluate(d).Parks); got != c.parks {
				t.Errorf("parked: %q, want %q", got, c.parks)
			}
		})
	}
}

// TestATaskThatParksIsNoWork: the task is neither planned work nor contact, whether it is open
// or done, in the deal's CRM or in its twin's. Where a field parks deals, it is a task like any
// other.
func TestATaskThatParksIsNoWork(t *testing.T) {
	hold := crm.Activity{ID: "1", Kind: crm.Task, Subject: "On hold: budget", Due: nov24 + 9, CreatedAt: nov24.In(time.UTC)}
	done, other := hold, hold
	done.Done, done.Due = true, nov24-1
	other.Subject = "Send the offer"
	for name, c := range map[string]struct {
		task  crm.Activity
		field bool
		works bool
	}{
		"open":                    {hold, false, false},
		"done":                    {done, false, false},
		"another task":            {other, false, true},
		"open, beside a field":    {hold, true, true},
		"done, beside a field":    {done, true, true},
		"of a call of that name":  {crm.Activity{ID: "1", Kind: crm.Call, Subject: "On hold: budget", Due: nov24 + 9}, false, true},
		"of a note, it is a note": {crm.Activity{ID: "1", Kind: crm.Note, Subject: "On hold: budget", At: nov24.In(time.UTC), Done: true}, false, true},
	} {
		for _, twin := range []bool{false, true} {
			p, d := parkedDeal(t, nov24)
			info := &p.Source.Info
			if !c.field {
				delete(info.Fields, HoldUntil)
			}
			d.Activities = []crm.Activity{c.task}
			if twin {
				d.Activities, d.Twin = nil, &Twin{Source: "hs", ID: "7", Info: info, Activities: d.Activities}
			}
			_, touched := p.LastTouch(d)
			_, _, planned := p.Planned(d)
			if (touched || planned) != c.works {
				t.Errorf("%s, of the twin %v: touched %v, planned %v", name, twin, touched, planned)
			}
		}
	}
}

// TestATaskOfTheTwinParks: a deal that is in two CRMs is parked by a task in either. Where the
// other was not read, what it asks for is neither taken back nor begun.
func TestATaskOfTheTwinParks(t *testing.T) {
	task := []crm.Activity{{ID: "1", Kind: crm.Task, Subject: "On hold: budget", Due: nov24 + 7}}
	twin := func(as []crm.Activity, unread string, fields crm.Fields) *Twin {
		fields["activities"] = crm.Readable
		return &Twin{Source: "hs", ID: "7", Info: &crm.Info{Fields: fields}, Activities: as, Unread: unread}
	}
	for name, c := range map[string]struct {
		then *Twin
		want string
	}{
		"as before":         {twin(task, "", crm.Fields{}), "task 24 Nov to 1 Dec"},
		"closed":            {twin(nil, "", crm.Fields{}), "task 24 Nov to 1 Dec taken back"},
		"not read":          {twin(nil, "it is too old", crm.Fields{}), "task 24 Nov to 1 Dec"},
		"no twin any more":  {nil, "task 24 Nov to 1 Dec taken back"},
		"a field by now":    {twin(task, "", crm.Fields{HoldUntil: crm.Readable}), "task 24 Nov to 1 Dec taken back"},
		"hidden activities": {&Twin{Info: &crm.Info{Fields: crm.Fields{"activities": crm.Hidden}}}, "task 24 Nov to 1 Dec"},
	} {
		t.Run(name, func(t *testing.T) {
			p, d := parkedDeal(t, nov24)
			delete(p.Source.Info.Fields, HoldUntil)
			d.Twin = twin(task, "", crm.Fields{})
			r := evaluate(p, d)
			if got := said(r.Parks); got != "task 24 Nov to 1 Dec" || r.Parks[0].Reason != "budget" {
				t.Fatalf("parked: %q", got)
			}
			q, e := parkedDeal(t, nov24+1)
			delete(q.Source.Info.Fields, HoldUntil)
			q.Parked, e.Twin = p.Parked, c.then
			if got := said(q.Evaluate(e).Parks); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestATaskWithoutAnEndIsSaid: whoever writes "On hold" and no date takes the deal for parked,
// so its findings say that it is not; beside a task with a date, or a park, nothing is said.
func TestATaskWithoutAnEndIsSaid(t *testing.T) {
	today := crm.NewDate(2026, 11, 24)
	endless := crm.Activity{Kind: crm.Task, Subject: "On hold: budget"}
	dated := crm.Activity{Kind: crm.Task, Subject: "On hold: budget", Due: today + 7}
	for name, c := range map[string]struct {
		tasks []crm.Activity
		field bool
		said  bool
	}{
		"no date":            {[]crm.Activity{endless}, false, true},
		"and one with":       {[]crm.Activity{endless, dated}, false, false},
		"done":               {[]crm.Activity{{Kind: crm.Task, Subject: "On hold: budget", Done: true}}, false, false},
		"fields are the way": {[]crm.Activity{endless}, true, false},
		"another subject":    {[]crm.Activity{{Kind: crm.Task, Subject: "Call"}}, false, false},
	} {
		p, d := parkedDeal(t, today)
		if !c.field {
			delete(p.Source.Info.Fields, HoldUntil)
		}
		d.Activities = c.tasks
		r := evaluate(p, d)
		if got := strings.Contains(r.Facts.Unparked, "has no due date"); got != c.said || r.Refused != r.Facts.Unparked {
			t.Errorf("%s: %q, %q", name, r.Facts.Unparked, r.Refused)
		}
	}
}
