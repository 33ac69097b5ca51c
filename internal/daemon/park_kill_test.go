package daemon_test

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// parkVictimEnv holds the data directory of a process that reads and judges parked deals
// until it is killed.
const parkVictimEnv = "PIPETIDY_PARK_VICTIM"

// The deals of a victim, all of them in the commit and overdue: those parked by a field,
// those parked by a command, and one that is parked and unparked over and over.
const (
	byField   = 6
	byCommand = 6
	flips     = byField + byCommand
)

func parkedID(i int) string { return fmt.Sprintf("006000000000%03dAAA", i) }

// openParked opens the files of a victim, with the account that outlives it.
func openParked(dir string, begun time.Time) (*bolt.Store, *daemon.Daemon, *daemon.Source, error) {
	st, err := bolt.Open(dir, bolt.Options{Now: time.Now, LockWait: 5 * time.Second, NoSync: true})
	if err != nil {
		return nil, nil, nil, err
	}
	fields := crm.Fields{hygiene.HoldUntil: crm.Readable, hygiene.HoldReason: crm.Readable}
	maps.Copy(fields, allFields)
	a := &account{now: time.Now, id: "00D1", fields: fields}
	b := &bench{clock: &clock{t: begun}}
	for i := range flips + 1 {
		d := b.deal(parkedID(i), fmt.Sprint("Deal ", i))
		d.Custom = []crm.Custom{{Name: hygiene.HoldReason, Value: "budget", Type: crm.Text}, {Name: hygiene.HoldUntil, Type: crm.Empty}}
		if i < byField {
			d.Custom[1] = crm.Custom{Name: hygiene.HoldUntil, Value: (crm.DateOf(begun, time.UTC) + 20).String(), Type: crm.Dated}
		}
		a.deals = append(a.deals, d)
	}
	cfg := daemon.Config{
		Company: "Acme", Location: time.UTC, Rules: rules.All(), Commit: []string{"Commit"}, Parking: parking,
		Sources: []daemon.Source{{Source: evaluation.Source{Source: a, Label: "Salesforce"}, Type: "salesforce", Every: time.Minute}},
		Teams:   hygiene.Teams{List: []hygiene.Team{{Name: "West", Manager: "maria@acme.example", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}}}},
	}
	d, err := daemon.New(cfg, st, st, st.Fence(), nil)
	return st, d, &cfg.Sources[0], err
}

// parkVictim reads, judges, parks and unparks until it is killed.
func parkVictim(spec string) error {
	dir, at, _ := strings.Cut(spec, "|")
	begun, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return err
	}
	st, d, src, err := openParked(dir, begun)
	if err != nil {
		return err
	}
	defer st.Close()
	ctx := context.Background()
	until := (crm.DateOf(begun, time.UTC) + 60).String()
	fmt.Println(stepLine)
	for round := 0; ; round++ {
		if err := d.Sync(ctx, src, round%5 == 4, nil); err != nil {
			return err
		}
		if err := d.Evaluate(ctx, src); err != nil {
			return err
		}
		// A victim before this one may have been killed in between, so either may be refused.
		_, _ = d.Unpark(ctx, api.UnparkRequest{Deal: parkedID(flips)})
		_, _ = d.Park(ctx, api.ParkRequest{Deal: parkedID(flips), Until: until, Reason: "budget", By: "ops"})
	}
}

func parkKills() int {
	if os.Getenv("PIPETIDY_LONG") != "" {
		return 1000
	}
	return 20
}

// TestParksOutliveDeaths: however often the process is killed, no finding of a deal that
// is parked is shown, each deal has the one park that it was given, and the commit keeps
// all of them, in doubt.
func TestParksOutliveDeaths(t *testing.T) {
	t.Parallel()
	dir, begun := filepath.Join(t.TempDir(), "data"), time.Now().UTC().Truncate(time.Second)
	st, d, src, err := openParked(dir, begun)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(t.Context(), src, false, nil); err != nil {
		t.Fatal(err)
	}
	for i := byField; i <= flips; i++ {
		if _, err := d.Park(t.Context(), api.ParkRequest{Deal: parkedID(i), Until: (crm.DateOf(begun, time.UTC) + 60).String(), Reason: "budget", By: "ops"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for n := range parkKills() {
		killAfter(t, parkVictimEnv+"="+dir+"|"+begun.Format(time.RFC3339), 1, time.Duration(rng.IntN(40))*time.Millisecond)
		if wrong := wrongAfter(t, dir, begun); wrong != "" {
			t.Fatalf("after kill %d: %s", n+1, wrong)
		}
	}
}

// killAfter starts a victim with the variable, and kills it so long after it printed so many
// lines.
func killAfter(t *testing.T, variable string, steps int, after time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), variable)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); steps > 0; steps-- {
		if !lines.Scan() {
			t.Errorf("the victim ended by itself: %v", lines.Err())
			break
		}
	}
	<-time.After(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// wrongAfter says what is wrong with the files that a victim left.
func wrongAfter(t *testing.T, dir string, begun time.Time) string {
	t.Helper()
	st, _, _, err := openParked(dir, begun)
	if err != nil {
		return err.Error()
	}
	defer st.Close()
	ctx := t.Context()
	if err := st.Check(ctx); err != nil {
		return err.Error()
	}
	ks, err := st.Parks(ctx, "sales")
	if err != nil {
		return err.Error()
	}
	hold, all := map[string]int{}, map[string]int{}
	for i := range ks {
		all[ks[i].Record]++
		if ks[i].Holds() {
			hold[ks[i].Record]++
		}
	}
	for i := range flips + 1 {
		id := parkedID(i)
		if i < flips && (hold[id] != 1 || all[id] != 1) || hold[id] > 1 {
			return fmt.Sprintf("deal %d has %d parks, of which %d hold", i, all[id], hold[id])
		}
	}
	wrong, paused := "", 0
	err = st.Lives(ctx, time.Time{}, func(l hygiene.Life) error {
		switch {
		case l.Record == parkedID(flips):
		case l.State == hygiene.Open && l.Paused:
			paused++
		default:
			wrong = fmt.Sprintf("%s of %s is %s, paused %v", l.Rule, l.Record, l.State, l.Paused)
		}
		return nil
	})
	if err != nil || wrong != "" {
		return fmt.Sprint(wrong, err)
	}
	s, ok, err := st.Snapshot(ctx, "sales", time.Now())
	if err != nil || !ok || len(s.Tallies) != 1 || paused < flips {
		return fmt.Sprintf("%d findings are paused, %+v, %v, %v", paused, s, ok, err)
	}
	tally := &s.Tallies[0]
	if awake := tally.Deals; awake > 1 || tally.NeedUpdate != awake || tally.Paused != flips+1-awake || tally.CommitDoubt["USD"]+tally.CommitQuestion["USD"] != tally.Commit["USD"] {
		return fmt.Sprintf("counted: %+v", *tally)
	}
	return ""
}
