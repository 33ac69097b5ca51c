package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/edition"
)

// TestATeamIsRenamed: a team that gets another name at 09:10 has had its digest of the
// day; the next one counts from that digest, and says the new name. Another team that
// takes its place has not had one.
func TestATeamIsRenamed(t *testing.T) {
	for _, c := range []struct {
		name    string
		rename  func(*bench)
		another bool // it is another team
	}{
		{"a former name is told", func(b *bench) {
			b.cfg.Teams.List[0].Was, b.cfg.Teams.List[0].Members = []string{"West"}, []string{"ana@acme.example", "ben@acme.example", "cleo@acme.example"}
		}, false},
		{"the same people", func(*bench) {}, false},
		{"another manager", func(b *bench) { b.cfg.Teams.List[0].Manager = "olaf@acme.example" }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil)
			b.sync()
			b.clock.Set(time.Date(2026, 11, 23, 8, 30, 0, 0, b.cfg.Location))
			b.tick()
			b.clock.Set(time.Date(2026, 11, 23, 9, 10, 0, 0, b.cfg.Location))
			b.cfg.Teams.List[0].Name = "Pacific"
			c.rename(b)
			b.restart()
			b.sync()
			b.tick()
			if got, want := len(b.slack.sent), map[bool]int{false: 2, true: 4}[c.another]; got != want {
				t.Fatalf("on the day of the change: %d parts, want %d: %v", got, want, b.states())
			}
			b.clock.Set(time.Date(2026, 11, 24, 8, 30, 0, 0, b.cfg.Location))
			b.account.deals = append(b.account.deals, b.deal("006000000000002AAA", "Hooli"))
			b.sync()
			b.tick()
			body := string(b.slack.sent[len(b.slack.sent)-2].Body)
			for _, say := range []string{"Team Pacific · Tue 24 Nov", "2 need an update: 1 new, 1 from before", "fixed since Mon"} {
				if !strings.Contains(body, say) {
					t.Errorf("the next digest does not say %q:\n%s", say, body)
				}
			}
			st, err := b.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range st.Deliveries {
				if d.Team != "Pacific" && !c.another {
					t.Errorf("status calls the team %s", d.Team)
				}
			}
		})
	}
}

// The digest of a rep goes with the team as well.
func TestARepOfARenamedTeam(t *testing.T) {
	b := newBench(t, func(b *bench) {
		reps := b.cfg.Digests[0]
		reps.Name, reps.For = "rep-daily", "reps"
		b.cfg.Digests = []edition.Digest{reps}
	})
	b.sync()
	b.clock.Set(time.Date(2026, 11, 23, 8, 30, 0, 0, b.cfg.Location))
	b.tick()
	b.cfg.Teams.List[0].Name = "Pacific"
	b.restart()
	b.sync()
	b.tick()
	if len(b.slack.sent) != 2 {
		t.Errorf("%v", b.states())
	}
	if kind, _ := digest.KindOf("reps"); !kind.Own {
		t.Error("the test shows nothing")
	}
}
