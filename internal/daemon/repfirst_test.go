package daemon_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/edition"
)

const maria, ana = "maria@acme.example", "ana@acme.example"

// repFirst is a bench on which new findings are Ana's alone for eight hours, with her list at
// the time and Maria's digest at 08:30, and both sent once, so that what is there is old.
func repFirst(t *testing.T, list string, change func(*bench)) *bench {
	t.Helper()
	b := beforeFirst(t, list, change)
	b.at("2026-11-23 08:15")
	b.at("2026-11-23 08:30")
	if list > "08:30" {
		b.at("2026-11-23 " + list)
	}
	return b
}

// beforeFirst is such a bench before anybody was sent anything.
func beforeFirst(t *testing.T, list string, change func(*bench)) *bench {
	t.Helper()
	return newBench(t, func(b *bench) {
		b.cfg.RepFirst = hygiene.RepFirst{For: 8 * time.Hour, Severities: []hygiene.Severity{hygiene.Low, hygiene.Medium}, Day: hygiene.Hours{From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute}}
		b.account.users = []crm.User{{ID: "u2", Name: "Ben Brandt", Email: "ben@acme.example", Active: true}, {ID: "u3", Name: "Maria Moreno", Email: maria, Active: true}}
		if list != "" {
			at, err := digest.ParseAt(list)
			if err != nil {
				t.Fatal(err)
			}
			b.cfg.Digests = append(b.cfg.Digests, edition.Digest{Name: "rep-daily", For: "reps", Schedule: digest.Schedule{At: at, Days: b.cfg.Digests[0].Schedule.Days}, Via: delivery.Slack, Else: delivery.Email})
		}
		if change != nil {
			change(b)
		}
	})
}

// at is what each address was sent at the moment, after a sync.
func (b *bench) at(moment string) map[string]string {
	b.t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", moment, b.cfg.Location)
	if err != nil {
		b.t.Fatal(err)
	}
	b.clock.Set(now)
	for _, c := range []*channel{b.slack, b.email} {
		c.sent, c.to = nil, nil
	}
	b.sync()
	b.tick()
	out := map[string]string{}
	for _, c := range []*channel{b.slack, b.email} {
		for i, p := range c.sent {
			if strings.HasSuffix(p.Key, "#0") {
				out[c.to[i]] = strings.Join(strings.Fields(string(p.Body)), " ")
			}
		}
	}
	return out
}

// begins lets a finding of medium severity begin.
func (b *bench) begins(moment string) *crm.Opportunity {
	b.t.Helper()
	wonka := b.deal("006000000000009AAA", "Wonka")
	wonka.CloseDate, wonka.ForecastCategory, wonka.Amount = crm.DateOf(b.clock.Now(), time.UTC)+60, "Pipeline", crm.Opportunity{}.Amount
	called := b.clock.Now().AddDate(0, 0, -1)
	b.account.acts = append(b.account.acts, crm.Activity{ID: "00T9", OpportunityIDs: []string{wonka.ID}, Kind: crm.Call, Done: true, At: called, CreatedAt: called},
		crm.Activity{ID: "00U9", OpportunityIDs: []string{wonka.ID}, Kind: crm.Meeting, At: called.AddDate(0, 0, 40), CreatedAt: called})
	b.account.deals = append(b.account.deals, wonka)
	b.at(moment)
	return &b.account.deals[len(b.account.deals)-1]
}

// says holds what somebody was sent against what it has to say, and with "!" in front what
// it must not say.
func says(t testing.TB, got, what string, words ...string) {
	t.Helper()
	for _, w := range words {
		not, no := strings.CutPrefix(w, "!")
		if got == "" || strings.Contains(got, not) == no {
			t.Errorf("%s: want %q:\n%s", what, w, got)
		}
	}
}

// TestFirstDigestSaysWhatItIs: what is so in this installation, and once.
func TestFirstDigestSaysWhatItIs(t *testing.T) {
	const first, marked, shared, own, later = "This is your first", "What is marked ◦ your manager does not see yet", "Your manager's digest has them too", "Each rep gets a list", "What is new may be in its rep's list alone"
	off := func(b *bench) { b.cfg.RepFirst = hygiene.RepFirst{} }
	for _, c := range []struct {
		name, list   string
		change       func(*bench)
		ana, manager []string
	}{
		{"rep first", "08:15", nil, []string{first, marked, "!" + shared}, []string{first, own, later}},
		{"the manager reads the same", "08:15", off, []string{first, "!" + marked, shared}, []string{first, own, "!" + later}},
		{"no lists", "", off, nil, []string{first, "!" + own, "!" + later}},
		{"no digest of a manager", "08:15", func(b *bench) { off(b); b.cfg.Digests = b.cfg.Digests[1:] }, []string{first, "!" + marked, "!" + shared, "!manager"}, nil},
		{"the manager's own list", "08:15", func(b *bench) { b.cfg.Teams.List[0].Manager = ana }, []string{first, "!" + marked, "!" + shared}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := beforeFirst(t, c.list, c.change)
			list, digest := b.at("2026-11-23 08:15"), b.at("2026-11-23 08:30")
			if c.ana != nil {
				says(t, list[ana], "Ana's first list", c.ana...)
			}
			if c.manager != nil {
				says(t, digest[maria], "Maria's first digest", c.manager...)
			}
			b.begins("2026-11-23 12:00")
			if c.ana != nil {
				says(t, b.at("2026-11-24 08:15")[ana], "Ana's second list", "!"+first)
			}
			if c.manager != nil {
				says(t, b.at("2026-11-25 08:30")[maria], "Maria's next digest", "!"+first)
			}
		})
	}
}

// TestRepFirst: the day on which the list arrives, and the day after. The manager's numbers
// know nothing of the finding until then.
func TestRepFirst(t *testing.T) {
	b := repFirst(t, "08:15", nil)
	b.begins("2026-11-23 12:00")
	says(t, b.at("2026-11-24 08:15")[ana], "Ana's list", "◦ = your manager does not see this until tomorrow 08:30.", "◦ Wonka", "2 deals need an update", "!◦ Initech")
	says(t, b.at("2026-11-24 08:30")[maria], "Maria's digest", "!Wonka", "!◦", "1 needs an update: 0 new", "1 of 2 (50 %")
	if got := b.at("2026-11-24 19:00"); len(got) > 0 {
		t.Errorf("sent in the evening: %v", got)
	}
	says(t, b.at("2026-11-25 08:15")[ana], "Ana's list, the day after", "!◦", "Wonka")
	says(t, b.at("2026-11-25 08:30")[maria], "Maria's digest, the day after", "Wonka", "2 need an update: 1 new, 1 from before", "New.")
	says(t, b.at("2026-11-26 08:30")[maria], "and the next", "Wonka", "2 from before", "Day 2.")
}

// TestRepFirstIsSeenByOps: those who run the program see it, marked, and a preview is what the
// manager would get.
func TestRepFirstIsSeenByOps(t *testing.T) {
	b := repFirst(t, "08:15", nil)
	b.begins("2026-11-23 12:00")
	alone := func() (marks []string) {
		t.Helper()
		res, err := b.Check(t.Context(), api.CheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range res.Findings {
			if f := &res.Findings[i]; f.OwnerOnly {
				until := "its list"
				if f.OwnerUntil != nil {
					until = f.OwnerUntil.In(b.cfg.Location).Format("Mon 15:04")
				}
				marks = append(marks, f.Opportunity.Name+" until "+until)
			}
		}
		out := httptest.NewRecorder()
		b.Handler().ServeHTTP(out, httptest.NewRequest(http.MethodGet, api.PathExport+"?stream=findings", nil))
		if n := strings.Count(out.Body.String(), `"owner_only":true`); n != len(marks) {
			t.Errorf("%d findings of the export are marked, and %d of check:\n%s", n, len(marks), out.Body)
		}
		return marks
	}
	preview := func() string {
		t.Helper()
		res, err := b.PreviewNow(t.Context(), api.PreviewRequest{Name: "manager-daily", For: maria})
		if err != nil || len(res) != 1 {
			t.Fatal(err, res)
		}
		return fmt.Sprint(res[0])
	}
	if got := alone(); len(got) != 1 || got[0] != "Wonka until its list" {
		t.Errorf("before the list: %v", got)
	}
	says(t, preview(), "the preview, before the list", "!Wonka", "Initech")
	b.at("2026-11-24 08:15")
	if got := alone(); len(got) != 1 || got[0] != "Wonka until Tue 17:00" {
		t.Errorf("after the list: %v", got)
	}
	says(t, preview(), "the preview", "!Wonka", "Initech")
	b.at("2026-11-24 17:00")
	if got := alone(); len(got) != 0 {
		t.Errorf("in the evening: %v", got)
	}
	says(t, preview(), "the preview, in the evening", "Wonka", "Initech")
}

// TestRepFirstIsFixed: whoever fixes it in time is thanked, in a sentence of its own.
func TestRepFirstIsFixed(t *testing.T) {
	for _, c := range []struct {
		fixed, digest string
		thanks        bool
	}{{"2026-11-24 12:00", "2026-11-25 08:30", true}, {"2026-11-24 23:00", "2026-11-25 08:30", true}, {"2026-11-25 12:00", "2026-11-26 08:30", false}} {
		b := repFirst(t, "08:15", nil)
		wonka := b.begins("2026-11-23 12:00")
		b.at("2026-11-24 08:15")
		b.at("2026-11-24 08:30")
		if !c.thanks {
			b.at("2026-11-25 08:15")
			b.at("2026-11-25 08:30")
		}
		wonka.Amount = crm.Num(9000)
		b.at(c.fixed)
		b.at(c.digest[:11] + "08:15")
		got := b.at(c.digest)[maria]
		if c.thanks {
			says(t, got, c.fixed, "FIXED before it was listed, 1: Ana 1.", "1 needs an update: 0 new, 1 from before", "!Wonka")
		} else {
			says(t, got, c.fixed, "!before it was listed", "FIXED 1: Ana 1.", "1 needs an update: 0 new, 1 from before")
		}
		b.at(c.digest[:8] + "27 08:15")
		says(t, b.at(c.digest[:8] + "27 08:30")[maria]+" ", "thanked once", "!FIXED")
	}
}

// TestRepFirstEnds: over a weekend and a holiday the hours stand still, and the list says
// when the manager's digest comes.
func TestRepFirstEnds(t *testing.T) {
	for _, c := range []struct {
		name, list, begins, told, until string
		holiday                         bool
		quiet                           []string // no word of it to Maria
		says                            string
	}{
		{"Friday", "16:00", "2026-11-27 12:00", "2026-11-27 16:00", "Tuesday 08:30", false, []string{"2026-11-30 08:30"}, "2026-12-01 08:30"},
		{"Thanksgiving", "16:00", "2026-11-25 12:00", "2026-11-25 16:00", "Monday 08:30", true, []string{"2026-11-27 08:30"}, "2026-11-30 08:30"},
		{"a list after the digest", "09:00", "2026-11-23 12:00", "2026-11-24 09:00", "tomorrow 08:30", false, []string{"2026-11-24 08:30"}, "2026-11-25 08:30"},
		{"a list at the same time", "08:30", "2026-11-23 12:00", "2026-11-24 08:30", "tomorrow 08:30", false, []string{"2026-11-24 08:30"}, "2026-11-25 08:30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := repFirst(t, c.list, func(b *bench) {
				b.almanac(func(a *hygiene.Almanac) {
					if c.holiday {
						thanksgiving(a)
					}
				})
			})
			b.begins(c.begins)
			if c.quiet[0] < c.told {
				says(t, b.at(c.quiet[0])[maria], "before the list", "!Wonka")
			}
			told := b.at(c.told)
			says(t, told[ana], "Ana's list", "◦ Wonka", "until "+c.until)
			if got := told[maria]; c.quiet[0] == c.told {
				says(t, got, "Maria's digest", "!Wonka")
			}
			if c.quiet[0] > c.told {
				says(t, b.at(c.quiet[0])[maria]+" ", "Maria's digest", "!Wonka")
			}
			says(t, b.at(c.says)[maria], "Maria's digest, at last", "Wonka", "1 new")
		})
	}
}

// TestNobodyHearsFirst: where no list with the finding arrives, the manager reads of it at
// once.
func TestNobodyHearsFirst(t *testing.T) {
	for _, c := range []struct {
		name   string
		list   string
		change func(*bench)
		then   func(*bench)
	}{
		{"there are no lists", "", nil, nil},
		{"the list is refused", "08:15", nil, func(b *bench) {
			b.slack.script = func(int, delivery.Part) error { return fmt.Errorf("%w: no such user", delivery.ErrRejected) }
			b.email.script = b.slack.script
			b.at("2026-11-24 08:15")
			b.slack.script, b.email.script = nil, nil
		}},
		{"the list may not have arrived", "08:15", nil, func(b *bench) {
			b.slack.script = func(int, delivery.Part) error { return errors.New("the connection was cut") }
			b.at("2026-11-24 08:15")
			b.slack.script = nil
			b.at("2026-11-24 12:30")
		}},
		{"Ana is away", "08:15", func(b *bench) { b.almanac(away(leave(ana, ""))) }, nil},
		{"it is the manager's own deal", "08:15", func(b *bench) { b.cfg.Teams.List[0].Members = []string{ana, maria} }, func(b *bench) {
			b.account.deals[1].OwnerID = "u3"
			says(b.t, b.at("2026-11-24 08:15")[maria], "Maria's own list", "Wonka", "!◦")
		}},
		{"the messages go to somebody else", "08:15", func(b *bench) { b.cfg.Redirect = "revops@acme.example" }, func(b *bench) {
			says(b.t, b.at("2026-11-24 08:15")["revops@acme.example"], "Ana's list", "Wonka", "!◦")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := repFirst(t, c.list, c.change)
			b.begins("2026-11-23 12:00")
			if c.then != nil {
				c.then(b)
			}
			day := "2026-11-24 08:30"
			if c.name == "the list may not have arrived" {
				day = "2026-11-25 08:30"
			}
			got := b.at(day)
			if body := got[maria] + got["revops@acme.example"]; !strings.Contains(body, "Wonka") {
				t.Errorf("Maria was not told: %v", got)
			}
		})
	}
}
