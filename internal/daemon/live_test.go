package daemon_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Teams go live one by one: until its date a team's digests go to ops, marked with whose they
// are, and its readers' first message on that date is a first digest.
func TestTeamsGoLiveOneByOne(t *testing.T) {
	const ops, maria, otto = "revops@acme.example", "maria@acme.example", "otto@acme.example"
	b := newBench(t, func(b *bench) {
		b.cfg.Ops = []string{ops}
		east := hygiene.Team{Name: "East", Manager: otto, Members: []string{"ben@acme.example"}, Calendar: b.cfg.Teams.List[0].Calendar}
		east.LiveFrom = crm.DateOf(b.clock.Now(), b.cfg.Location) + 2
		b.cfg.Teams.List = append(b.cfg.Teams.List, east)
		b.account.users = []crm.User{{ID: "u2", Name: "Ben Ito", Email: "ben@acme.example", Active: true}}
		own := b.deal("006B", "Stark")
		own.OwnerID = "u2"
		b.account.deals = append(b.account.deals, own)
	})
	sent := func() map[string]string {
		t.Helper()
		before := len(b.slack.sent)
		b.sync()
		b.tick()
		out := map[string]string{}
		for i, p := range b.slack.sent[before:] {
			out[b.slack.to[before+i]] += string(p.Body)
		}
		return out
	}
	for day, want := range []struct {
		mode  string
		heard []string
	}{
		{"live; East from Wed 25 Nov", []string{maria, ops}},
		{"live; East from Wed 25 Nov", []string{maria, ops}},
		{"live", []string{maria, otto}},
	} {
		b.clock.Set(time.Date(2026, 11, 23+day, 8, 31, 0, 0, b.cfg.Location))
		got := sent()
		var to []string
		for who := range got {
			to = append(to, who)
		}
		if slices.Sort(to); !slices.Equal(to, want.heard) {
			t.Errorf("day %d went to %v, want %v", day, to, want.heard)
		}
		if st, err := b.Status(t.Context()); err != nil || st.Mode != want.mode {
			t.Errorf("day %d: mode %q (%v), want %q", day, st.Mode, err, want.mode)
		}
		if day < 2 && !strings.Contains(got[ops], "otto@acme.example would have got this") {
			t.Errorf("day %d: what ops get does not say whose it is:\n%s", day, got[ops])
		}
		if day == 2 && !strings.Contains(got[otto], "First digest") {
			t.Errorf("his first message is no first digest:\n%s", got[otto])
		}
	}
}

// A team that is not live yet has no digest while nobody is named to get it, and that is
// said; start.shadow holds where it ends later.
func TestATeamThatIsNotLive(t *testing.T) {
	for name, c := range map[string]struct {
		shadow, live int
		ops          []string
		mode, reason string
	}{
		"nobody for ops":   {0, 3, nil, "shadow: nobody gets digests yet; West from Thu 26 Nov", "team West is not live yet (live_from: 2026-11-26): its readers get their digests from Thu 26 Nov on; name somebody under ops.notify"},
		"shadow is longer": {5, 3, nil, "shadow: nobody gets digests yet; West from Sat 28 Nov", "first days (start.shadow: 5d)"},
		"live is later":    {1, 3, nil, "shadow: nobody gets digests yet; West from Thu 26 Nov", "team West is not live yet"},
		"ops get it":       {0, 3, []string{"revops@acme.example"}, "shadow: digests go to ops only; West from Thu 26 Nov", ""},
		"long ago":         {0, -300, nil, "live", ""},
	} {
		b := newBench(t, func(b *bench) {
			b.cfg.Shadow, b.cfg.Ops = c.shadow, c.ops
			b.cfg.Teams.List[0].LiveFrom = crm.DateOf(b.clock.Now(), b.cfg.Location) + crm.Date(c.live)
		})
		b.sync()
		st, err := b.Status(t.Context())
		if err != nil || st.Mode != c.mode {
			t.Errorf("%s: mode %q (%v), want %q", name, st.Mode, err, c.mode)
		}
		b.clock.Set(time.Date(2026, 11, 23, 8, 31, 0, 0, b.cfg.Location))
		b.tick()
		ps, err := b.store.Periods(t.Context(), 1)
		if err != nil || len(ps) != 1 || !strings.Contains(ps[0].Reason, c.reason) || (c.reason != "") != (ps[0].State == "skipped") {
			t.Errorf("%s: ledger %+v (%v), want %q", name, ps, err, c.reason)
		}
	}
}
