package daemon_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// TestOpsHearOfADigestThatNobodyWasSent: a digest that expired, or had nobody to go to,
// reaches ops once, by whatever channel works, and has no end to be told of. A day off is
// nobody's business.
func TestOpsHearOfADigestThatNobodyWasSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*bench)
		begin  func(*bench) // on Tuesday before the digest's time
		says   string       // "" is nothing
	}{
		{"the daemon did not run", nil, func(b *bench) { b.clock.Set(b.clock.Now().Add(6 * time.Hour)) },
			"manager-daily of 24 Nov for West was not sent: the daemon was not running, or the machine was asleep, at its time; whoever needs it all the same gets it with `pipetidy digest send manager-daily`"},
		{"everybody has left", func(b *bench) { b.cfg.Digests[0].For = "reps" }, func(b *bench) { b.account.left = true },
			"manager-daily of 24 Nov for West was sent to nobody: ana@acme.example is no longer active in the CRM"},
		{"the address is a slip, which is told as a mistake of the file", func(b *bench) {
			b.account.users = []crm.User{{ID: "u2", Name: "Maria Moreno", Email: "maria@acme.example", Active: true}}
			b.cfg.Declared = nil
		},
			func(b *bench) { b.cfg.Teams.List[0].Manager = "maria@acme.exampel"; b.restart() },
			""},
		{"a holiday", func(b *bench) {
			b.cfg.Teams.List[0].Calendar = &hygiene.Calendar{Location: b.cfg.Location, Off: []hygiene.Span{{From: crm.NewDate(2026, 11, 24), To: crm.NewDate(2026, 11, 24), Why: "freeze"}}}
		}, func(*bench) {}, ""},
		{"it was sent", nil, func(*bench) {}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opsBench(t, c.change)
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.polls()
			b.tick()
			b.clock.Set(b.clock.Now().Add(23*time.Hour + 28*time.Minute))
			c.begin(b)
			for range 3 { // days
				for range 5 {
					b.polls()
					b.tick()
					b.clock.Set(b.clock.Now().Add(time.Hour))
				}
				b.clock.Set(b.clock.Now().Add(19 * time.Hour))
			}
			b.account.left, b.cfg.Teams.List[0].Manager = false, "maria@acme.example"
			b.restart()
			b.clock.Set(time.Date(2026, 11, 30, 8, 29, 0, 0, b.cfg.Location))
			for range 3 { // mornings on which it is sent
				b.polls()
				b.tick()
				b.clock.Set(b.clock.Now().Add(24 * time.Hour))
			}
			said := strings.Join(strings.Fields(strings.Join(b.bulletins(), " ")), " ")
			switch n := strings.Count(said, "manager-daily of 24 Nov"); {
			case c.says == "" && n > 0:
				t.Errorf("ops got %s", said)
			case c.says != "" && (n != 1 || !strings.Contains(said, c.says)):
				t.Errorf("ops want once %q, and got %s", c.says, said)
			}
		})
	}
}

// TestOpsHearOfAFullDisk: nothing can be told while there is no room, so it is told with the
// end, and the end after it; and once where it lasts and can be told.
func TestOpsHearOfAFullDisk(t *testing.T) {
	for name, lasts := range map[string]int{"a moment": 0, "an hour": 60} {
		t.Run(name, func(t *testing.T) {
			b := opsBench(t, nil)
			b.Broken("sales", &store.FileError{Err: errors.Join(store.ErrDiskFull, errors.New("cache.db: no space left"))})
			for range lasts {
				b.minute()
			}
			if n := len(b.bulletins()); n > 1 {
				t.Errorf("while there is no room ops got %s", b.bulletins())
			}
			b.polls() // finds room
			b.minute()
			b.minute()
			got := b.bulletins()
			if len(got) != 2 || !strings.Contains(got[0], "NEEDS YOU") || !strings.Contains(got[0], "there was no room on the disk of data_dir") || !strings.Contains(got[1], "OVER") {
				t.Errorf("ops got %s", got)
			}
		})
	}
}

// TestABulletinGoesByAChannelThatWorks: what is told of a channel does not wait for it.
func TestABulletinGoesByAChannelThatWorks(t *testing.T) {
	b := opsBench(t, func(b *bench) { b.cfg.Digests[0].Else = "" })
	b.slack.script = func(int, delivery.Part) error {
		return &delivery.RejectedError{Blame: delivery.BlameChannel, Err: errors.New("token_revoked")}
	}
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	b.polls()
	if got := b.bulletins(); len(got) != 1 || len(b.email.sent) == 0 || !strings.Contains(got[0], "slack refuses us") {
		t.Errorf("ops got %s", got)
	}
}

// TestNoRoomIsNoMistake: a disk that does not answer, and one of which nothing is known, are
// no matter; nor does a look wait for it for long.
func TestNoRoomIsNoMistake(t *testing.T) {
	for name, disk := range map[string]func() (daemon.Disk, error){
		"unknown": func() (daemon.Disk, error) { return daemon.Disk{Size: 1 << 30}, errors.ErrUnsupported },
		"large":   func() (daemon.Disk, error) { return daemon.Disk{Free: 2 << 30, Size: 1 << 40}, nil },
	} {
		b := opsBench(t, func(b *bench) { b.cfg.Disk = disk })
		b.minute()
		if got := b.bulletins(); len(got) != 0 {
			t.Errorf("%s: ops got %s", name, got)
		}
	}
}
