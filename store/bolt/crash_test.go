//go:build linux

package bolt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/storetest"
)

// The tests in this file run the test binary again as a child process. The child is
// killed, or gets too little disk or address space.
const (
	roleEnv = "PIPETIDY_STORE_CHILD"
	dirEnv  = "PIPETIDY_STORE_DIR"
	longEnv = "PIPETIDY_LONG"
)

func TestMain(m *testing.M) {
	role := os.Getenv(roleEnv)
	if role == "" {
		os.Exit(m.Run())
	}
	dir := os.Getenv(dirEnv)
	var err error
	switch role {
	case "sync":
		err = childSync(dir, wholeCommit)
	case "torn":
		err = childSync(dir, tornCommit)
	case "kept":
		err = childSync(dir, keptCommit)
	case "little address space":
		err = childLittleSpace(dir)
	case "disk full":
		err = childDiskFull(dir)
	}
	fmt.Println("end", err)
	if err != nil {
		os.Exit(1)
	}
}

func child(t *testing.T, role, dir string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+role, dirEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // closed by Wait
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

const pageSize = 20

// crashPage is page n of an endless stream: new records, an update of the page
// before, and activities that move.
func crashPage(n int) *crm.Page {
	p := &crm.Page{Stream: crm.Opportunities, Next: crm.Cursor(strconv.Itoa(n + 1)), More: true}
	for i := range pageSize {
		o := storetest.Opportunity(n*pageSize + i)
		o.NextStep = fmt.Sprint("page ", n)
		p.Opportunities = append(p.Opportunities, o)
		if n > 0 && i%2 == 0 {
			o = storetest.Opportunity((n-1)*pageSize + i)
			o.NextStep = fmt.Sprint("page ", n)
			p.Opportunities = append(p.Opportunities, o)
		}
	}
	return p
}

type commitFunc func(context.Context, *Store, *crm.Page) error

func wholeCommit(ctx context.Context, s *Store, p *crm.Page) error {
	_, err := s.CommitPage(ctx, s.Fence(), "sf", p, storetest.Noon)
	return err
}

// tornCommit is wrong on purpose: it commits the cursor of page 3 in one transaction and
// the page's records in the next, and the child is killed in between.
func tornCommit(ctx context.Context, s *Store, p *crm.Page) error {
	if p.Next != "4" {
		return wholeCommit(ctx, s, p)
	}
	if err := wholeCommit(ctx, s, &crm.Page{Stream: p.Stream, Next: p.Next, More: p.More}); err != nil {
		return err
	}
	return waitForKill()
}

// keptCommit commits page 3 in one transaction, and waits there as tornCommit does.
func keptCommit(ctx context.Context, s *Store, p *crm.Page) error {
	if err := wholeCommit(ctx, s, p); err != nil || p.Next != "4" {
		return err
	}
	return waitForKill()
}

// waitForKill prints now and waits. The test kills the child, or ends, which closes the
// child's standard input.
func waitForKill() error {
	fmt.Println(now, 0)
	_, err := io.Copy(io.Discard, os.Stdin)
	return errors.Join(errors.New("the test ended without killing the child"), err)
}

// now is the word that a child prints when it is to be killed.
const now = "now"

// childSync commits pages from the stored cursor on, saves a delivery after each, and
// prints a line after each step, until the child is killed.
func childSync(dir string, commit commitFunc) error {
	o := testOptions()
	o.NoSync = false
	s, err := Open(dir, o)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.Register(ctx, s.Fence(), "sf", crm.Info{Type: "salesforce"}); err != nil {
		return err
	}
	n, err := cursor(ctx, s)
	if err != nil {
		return err
	}
	ks, err := s.Parks(ctx, "sf")
	if err != nil {
		return err
	}
	for i := len(ks); i < n; i++ { // the child before was killed between the page and its park
		if err := crashParks(ctx, s, i); err != nil {
			return err
		}
	}
	for ; ; n++ {
		if err := commit(ctx, s, crashPage(n)); err != nil {
			return err
		}
		fmt.Println("page", n)
		if err := crashParks(ctx, s, n); err != nil {
			return err
		}
		d := storetest.Delivery(fmt.Sprint("d", n), delivery.Sending)
		for _, st := range []delivery.State{delivery.Sending, delivery.Sent} {
			d.State = st
			if err := s.SaveDelivery(ctx, s.Fence(), d, nil); err != nil {
				return err
			}
			fmt.Println(st, n)
		}
	}
}

// crashParks parks deal n; the park of the deal before ends in the same step.
func crashParks(ctx context.Context, s *Store, n int) error {
	ks := []hygiene.Park{crashPark(n)}
	if n > 0 {
		ks = append(ks, crashPark(n-1))
		ks[1].End, ks[1].Ended = hygiene.EndOver, storetest.Noon
	}
	if err := s.SaveParks(ctx, s.Fence(), ks...); err != nil {
		return err
	}
	fmt.Println("park", n)
	return nil
}

// crashPark is the park of deal n.
func crashPark(n int) hygiene.Park {
	return storetest.Park("sf", storetest.ID(n), storetest.Noon.Add(time.Duration(n)*time.Second))
}

// wrongParks says what is wrong with the parks, of which that of deal last was acknowledged.
func wrongParks(ctx context.Context, s *Store, last int) string {
	ks, err := s.Parks(ctx, "sf")
	if err != nil {
		return err.Error()
	}
	if len(ks) <= last {
		return fmt.Sprintf("the park of deal %d was acknowledged, there are %d", last, len(ks))
	}
	for i := range ks {
		want := crashPark(i)
		if i+1 < len(ks) {
			want.End, want.Ended = hygiene.EndOver, storetest.Noon
		}
		if ks[i] != want {
			return fmt.Sprintf("park %d of %d is %+v", i, len(ks), ks[i])
		}
	}
	return ""
}

func cursor(ctx context.Context, s *Store) (int, error) {
	all, err := s.Streams(ctx)
	if err != nil || len(all) == 0 || all[0].Cursor == "" {
		return 0, err
	}
	return strconv.Atoi(string(all[0].Cursor))
}

// killLoop starts and kills a child, each time after a random time, until d is over or
// something was wrong. It returns what was wrong and how often it killed a child.
func killLoop(t *testing.T, role string, d time.Duration) (wrong string, kills int) {
	t.Helper()
	dir := t.TempDir()
	for end := time.Now().Add(d); time.Now().Before(end); kills++ {
		if rand.IntN(4) == 0 {
			dir = t.TempDir() // so that some children are killed while they create the files
		}
		acked := kill(t, role, dir, time.Duration(1+rand.IntN(70))*time.Millisecond)
		if wrong := inspect(t, dir, acked); wrong != "" {
			return wrong, kills + 1
		}
	}
	return "", kills
}

// kill starts a child and kills it after that time, or, when after is 0, when the child
// prints now. It returns the number of the last step of each kind that the child had
// printed.
func kill(t *testing.T, role, dir string, after time.Duration) (acked map[string]int) {
	t.Helper()
	cmd, out := child(t, role, dir)
	acked = map[string]int{"page": -1, "park": -1, string(delivery.Sending): -1, string(delivery.Sent): -1}
	lines, moment := make(chan error, 1), make(chan struct{}, 1)
	go func() {
		in := bufio.NewScanner(out)
		for in.Scan() {
			what, n, _ := strings.Cut(in.Text(), " ")
			i, err := strconv.Atoi(n)
			if err != nil {
				lines <- errors.New(in.Text())
				return
			}
			if acked[what] = i; what == now {
				moment <- struct{}{}
			}
		}
		lines <- in.Err()
	}()
	var timer <-chan time.Time // nil when the child prints now
	if after > 0 {
		timer = time.After(after)
	}
	select {
	case <-timer:
	case <-moment:
	case err := <-lines:
		t.Fatalf("child ended by itself: %v", err)
	}
	_ = cmd.Process.Kill()
	if err := <-lines; err != nil {
		t.Errorf("child: %v", err)
	}
	_ = cmd.Wait()
	return acked
}

// inspect opens the files that a killed child left and returns what is wrong with them.
func inspect(t *testing.T, dir string, acked map[string]int) string {
	t.Helper()
	s, err := Open(dir, testOptions())
	if err != nil {
		return err.Error()
	}
	defer s.Close()
	if len(s.Notices()) > 0 {
		return s.Notices()[0]
	}
	ctx := t.Context()
	if err := s.Check(ctx); err != nil {
		return err.Error()
	}
	n, err := cursor(ctx, s)
	if err != nil {
		return err.Error()
	}
	if n <= acked["page"] {
		return fmt.Sprintf("page %d was acknowledged, the cursor says %d", acked["page"], n)
	}
	rows := 0
	_, _, err = s.Scan(ctx, "sf", "", 0, func(d *hygiene.Deal) error {
		page, i := rows/pageSize, rows%pageSize
		if i%2 == 0 && page+1 < n {
			page++
		}
		if want := fmt.Sprint("page ", page); d.Opportunity.ID != storetest.ID(rows) || d.Opportunity.NextStep != want {
			return fmt.Errorf("record %d is %s of %s, want %s", rows, d.Opportunity.ID, d.Opportunity.NextStep, want)
		}
		rows++
		return nil
	})
	if err != nil {
		return err.Error()
	}
	if rows != n*pageSize {
		return fmt.Sprintf("%d records, the cursor stands behind %d", rows, n*pageSize)
	}
	if wrong := wrongParks(ctx, s, acked["park"]); wrong != "" {
		return wrong
	}
	for _, st := range []delivery.State{delivery.Sending, delivery.Sent} {
		if i := acked[string(st)]; i >= 0 {
			d, ok, err := s.Delivery(ctx, fmt.Sprint("d", i))
			if err != nil || !ok || st == delivery.Sent && d.State != delivery.Sent {
				return fmt.Sprintf("delivery %d was acknowledged as %s and is %q: %v", i, st, d.State, err)
			}
		}
	}
	return ""
}

func loopTime() time.Duration {
	if os.Getenv(longEnv) != "" {
		return 5 * time.Minute
	}
	return 4 * time.Second
}

func TestKilledAtAnyMomentNothingIsLost(t *testing.T) {
	wrong, kills := killLoop(t, "sync", loopTime())
	if wrong != "" {
		t.Errorf("after kill %d: %s", kills, wrong)
	}
	t.Logf("%d kills", kills)
}

// TestKilledAtAnyMomentNothingIsLost proves something only if inspect finds the fault
// when there is one.
func TestATornCommitIsFound(t *testing.T) {
	for role, found := range map[string]bool{"torn": true, "kept": false} {
		dir := t.TempDir()
		acked := kill(t, role, dir, 0)
		if wrong := inspect(t, dir, acked); (wrong != "") != found {
			t.Errorf("%s commit, killed: found %q", role, wrong)
		}
		if acked["page"] != 2 {
			t.Errorf("%s commit, killed: %v was acknowledged, want page 2", role, acked)
		}
	}
}

func TestDiskFullLosesNothing(t *testing.T) {
	cmd, out := child(t, "disk full", t.TempDir())
	b, err := io.ReadAll(out)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
}

// childDiskFull commits pages until the limit on the size of files is reached, and goes
// on without the limit.
func childDiskFull(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := Open(dir, testOptions())
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.Register(ctx, s.Fence(), "sf", crm.Info{Type: "salesforce"}); err != nil {
		return err
	}
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &lim); err != nil {
		return err
	}
	small := unix.Rlimit{Cur: 256 << 10, Max: lim.Max}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	n := 0
	for ; ; n++ {
		_, err = s.CommitPage(ctx, s.Fence(), "sf", crashPage(n), storetest.Noon)
		if err != nil {
			break
		}
		if n > 10000 {
			return errors.New("the limit was never reached")
		}
	}
	if !errors.Is(err, store.ErrDiskFull) || errors.Is(err, store.ErrUnknownOutcome) {
		return fmt.Errorf("after %d pages: %w, want ErrDiskFull", n, err)
	}
	if _, err := s.CommitPage(ctx, s.Fence(), "sf", crashPage(n), storetest.Noon); !errors.Is(err, store.ErrDiskFull) {
		return fmt.Errorf("again: %w", err)
	}
	if at, err := cursor(ctx, s); at != n || err != nil {
		return fmt.Errorf("cursor at %d of %d: %w", at, n, err)
	}
	if err := s.Check(ctx); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &lim); err != nil {
		return err
	}
	for end := n + 50; n < end; n++ {
		if _, err := s.CommitPage(ctx, s.Fence(), "sf", crashPage(n), storetest.Noon); err != nil {
			return fmt.Errorf("with room again: %w", err)
		}
	}
	return errors.Join(s.Check(ctx), s.Close())
}

func TestLittleAddressSpaceIsEnough(t *testing.T) {
	cmd, out := child(t, "little address space", t.TempDir())
	b, err := io.ReadAll(out)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
}

// childLittleSpace opens the files where 64 GiB cannot be mapped.
func childLittleSpace(dir string) error {
	lim := unix.Rlimit{Cur: 16 << 30, Max: 16 << 30}
	if err := unix.Setrlimit(unix.RLIMIT_AS, &lim); err != nil {
		return err
	}
	s, err := Open(dir, testOptions())
	if err != nil {
		return err
	}
	return errors.Join(s.Note(context.Background(), s.Fence(), "a", "b"), s.Close())
}

func TestMaxSizeIsDiskFull(t *testing.T) {
	o := testOptions()
	o.MaxSize = 1 << 20
	s, err := Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	storetest.Register(t, s, "sf")
	for n := range 10000 {
		if _, err := s.CommitPage(t.Context(), s.Fence(), "sf", crashPage(n), storetest.Noon); err != nil {
			if !errors.Is(err, store.ErrDiskFull) {
				t.Errorf("got %v, want ErrDiskFull", err)
			}
			if len(storetest.Deals(t, s, "sf")) != n*pageSize {
				t.Error("records were lost")
			}
			return
		}
	}
	t.Error("the limit was never reached")
}
