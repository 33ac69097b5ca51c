package daemon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/text"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/almanac"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// awayVictimEnv holds the morning of a process that sends lists until it is killed.
const awayVictimEnv = "PIPETIDY_AWAY_VICTIM"

// awayMorning is one day of a team some of whose reps are away.
type awayMorning struct {
	Dir  string
	At   time.Time
	List []hygiene.Absence // of the configuration; the file is beside the data
}

func (m *awayMorning) table() string { return filepath.Join(m.Dir, "..", "away.csv") }

// letters is where what is sent on the day arrives.
func (m *awayMorning) letters() string {
	return filepath.Join(m.Dir, "..", "letters of "+crm.DateOf(m.At, time.UTC).String())
}

// letter is one message that arrived.
type letter struct{ Key, To, Body string }

// letterbox is a channel whose messages outlive the process, and which can be asked for them.
type letterbox struct{ path string }

func (l letterbox) Channel() delivery.Channel { return delivery.Slack }

func (l letterbox) Render(_ context.Context, d *digest.Digest, to *delivery.Delivery) ([]delivery.Part, error) {
	return []delivery.Part{{Key: to.ID + "#0", Body: []byte(text.Write(d, text.Options{Width: 400})), Hash: "h0"}}, nil
}

func (l letterbox) Send(_ context.Context, to *delivery.Delivery, p delivery.Part, _ []delivery.Receipt) (delivery.Receipt, error) {
	line, err := json.Marshal(letter{p.Key, to.Address(), string(p.Body)})
	if err != nil {
		return delivery.Receipt{}, err
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return delivery.Receipt{}, err
	}
	defer f.Close()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return delivery.Receipt{}, err
	}
	if os.Getenv(awayVictimEnv) != "" {
		fmt.Println(stepLine)
		<-time.After(25 * time.Millisecond) // the window in which a kill leaves the message in doubt
	}
	return delivery.Receipt{Channel: "C1", ID: p.Key}, nil
}

func (l letterbox) Reconcile(_ context.Context, _ *delivery.Delivery, p delivery.Part, _ []delivery.Receipt) (delivery.Receipt, bool, error) {
	all, err := l.read()
	return delivery.Receipt{Channel: "C1", ID: p.Key}, slices.ContainsFunc(all, func(x letter) bool { return x.Key == p.Key }), err
}

// read is what arrived.
func (l letterbox) read() (out []letter, err error) {
	b, err := os.ReadFile(l.path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		var x letter
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// journalNotes are the notes of a journal, as an almanac keeps them.
type journalNotes struct{ *bolt.Store }

func (j journalNotes) Note(ctx context.Context, name, value string) error {
	return j.Store.Note(ctx, j.Fence(), name, value)
}

// open opens the files as a process of that morning does.
func (m *awayMorning) open() (*bolt.Store, *daemon.Daemon, *daemon.Source, error) {
	now := func() time.Time { return m.At }
	st, err := bolt.Open(m.Dir, bolt.Options{Now: now, LockWait: 5 * time.Second, NoSync: true})
	if err != nil {
		return nil, nil, nil, err
	}
	names := []string{"ana", "ben", "cleo"}
	a := &account{now: now, id: "00D1", fields: allFields}
	b := &bench{clock: &clock{t: m.At}}
	team := hygiene.Team{Name: "West", Manager: "maria@acme.example", Calendar: &hygiene.Calendar{Location: time.UTC}}
	for i, name := range names {
		d := b.deal(fmt.Sprintf("006000000000%03dAAA", i), "Deal of "+name)
		d.OwnerID = fmt.Sprint("u", i+1)
		a.deals = append(a.deals, d)
		team.Members = append(team.Members, name+"@acme.example")
		if i > 0 {
			a.users = append(a.users, crm.User{ID: d.OwnerID, Name: strings.ToUpper(name[:1]) + name[1:], Email: name + "@acme.example", Active: true})
		}
	}
	plan := almanac.Plan{
		Company: time.UTC, Teams: []almanac.Team{{Name: "West", Zone: time.UTC, Manager: team.Manager, Members: team.Members}}, Open: os.ReadFile,
		Away: almanac.Away{List: m.List, Place: "away.list", File: m.table(), At: "away.file", Cover: almanac.Manager},
	}
	days := almanac.New(plan)
	ctx := context.Background()
	if err := days.Recall(ctx, journalNotes{st}, now); err != nil {
		return nil, nil, nil, err
	}
	if err := days.Remember(ctx, journalNotes{st}); err != nil {
		return nil, nil, nil, err
	}
	daily, err := digest.ParseDays("daily")
	if err != nil {
		return nil, nil, nil, err
	}
	cfg := daemon.Config{
		Company: "Acme", Location: time.UTC, Rules: rules.All(), Commit: []string{"Commit"}, Now: now, Almanac: days.Read,
		Sources:   []daemon.Source{{Source: evaluation.Source{Source: a, Label: "Salesforce"}, Type: "salesforce", Every: time.Minute}},
		Teams:     hygiene.Teams{List: []hygiene.Team{team}},
		Digests:   []edition.Digest{{Name: "rep-daily", For: "reps", Schedule: digest.Schedule{At: digest.At{Hour: 8}, Days: daily}, Via: delivery.Slack}},
		Notifiers: map[delivery.Channel]digest.Notifier{delivery.Slack: letterbox{m.letters()}},
	}
	d, err := daemon.New(cfg, st, st, st.Fence(), nil)
	return st, d, &cfg.Sources[0], err
}

// awayVictim reads, judges and sends until it is killed.
func awayVictim(spec string) error {
	var m awayMorning
	if err := json.Unmarshal([]byte(spec), &m); err != nil {
		return err
	}
	fmt.Println(stepLine)
	st, d, src, err := m.open()
	if err != nil {
		return err
	}
	defer st.Close()
	ctx := context.Background()
	if _, err := st.Recover(ctx, st.Fence(), m.At); err != nil {
		return err
	}
	for {
		fmt.Println(stepLine)
		if err := d.Sync(ctx, src, false, nil); err != nil {
			return err
		}
		if err := d.Evaluate(ctx, src); err != nil {
			return err
		}
		if err := d.Begin(ctx); err != nil {
			return err
		}
		if _, err := d.Deliver(ctx, nil); err != nil {
			return err
		}
	}
}

// rows are absences as a table has them.
func rows(xs []hygiene.Absence) string {
	out := "person,from,to,cover\n"
	for _, x := range xs {
		out += fmt.Sprintf("%s,%s,%s,%s\n", x.Person, x.From, x.To, x.Cover)
	}
	return out
}

// TestAbsencesOutliveDeaths: however often the process is killed, and whatever happens to the
// table of absences between, who is away gets no list, who covers gets what is urgent under
// the name of who is away, and nobody gets anything twice.
func TestAbsencesOutliveDeaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(5, 6))
	begun := time.Date(2026, 11, 23, 8, 1, 0, 0, time.UTC)
	var table []hygiene.Absence // as it last could be read
	m := &awayMorning{Dir: filepath.Join(dir, "data")}
	seen := map[string]int{} // what happened, so that the test is about something
	for n := range parkKills() {
		m.At = begun.AddDate(0, 0, n)
		today := crm.DateOf(m.At, time.UTC)
		leave := func(who, cover string) hygiene.Absence {
			return hygiene.Absence{Person: who + "@acme.example", From: today - crm.Date(rng.IntN(3)), To: today + crm.Date(rng.IntN(3)), Cover: cover}
		}
		switch what := rng.IntN(6); {
		case n == 0 || what < 2: // another table
			table = []hygiene.Absence{leave("ana", "ben@acme.example")}
			if rng.IntN(3) == 0 {
				table = append(table, leave("ben", "cleo@acme.example"))
			}
			write(t, m.table(), rows(table))
		case what == 2:
			_ = os.Remove(m.table())
			seen["unread"]++
		case what == 3:
			write(t, m.table(), "")
			seen["unread"]++
		case what == 4: // another list
			if m.List = nil; rng.IntN(2) == 0 {
				m.List = []hygiene.Absence{leave("cleo", "ben@acme.example")}
			}
		}
		m.kill(t, 1+rng.IntN(5), time.Duration(rng.IntN(12))*time.Millisecond)
		want := listsOn(today, append(slices.Clone(table), m.List...))
		if got := m.settle(t); got != want {
			t.Fatalf("after kill %d, on %s: got %s\nwant %s\ntable %v, list %v", n+1, today, got, want, table, m.List)
		}
		seen[want]++
	}
	if len(seen) < 5 || seen["unread"] == 0 {
		t.Errorf("nothing happened: %v", seen)
	}
}

// listsOn says who gets a list on the date, and for whom they cover.
func listsOn(date crm.Date, all []hygiene.Absence) string {
	cover := map[string]string{}
	for _, x := range all {
		if x.From <= date && date <= x.To {
			cover[x.Person] = x.Cover
		}
	}
	var out []string
	for _, who := range []string{"ana", "ben", "cleo"} {
		address := who + "@acme.example"
		if _, away := cover[address]; away {
			continue
		}
		for _, other := range []string{"ana", "ben", "cleo"} {
			by, away := cover[other+"@acme.example"]
			for hops := 0; away && hops < 3; hops++ {
				next, also := cover[by]
				if !also {
					break
				}
				by = next
			}
			if _, also := cover[by]; away && !also && by == address {
				who += " for " + other
			}
		}
		out = append(out, who)
	}
	return strings.Join(out, ", ")
}

func write(t *testing.T, path, s string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

// kill starts a victim and kills it so long after it said for the nth time what it does.
func (m *awayMorning) kill(t *testing.T, steps int, after time.Duration) {
	t.Helper()
	spec, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	killAfter(t, awayVictimEnv+"="+string(spec), steps, after)
}

// later reads, judges and sends once, so long after the morning began.
func (m *awayMorning) later(t *testing.T, after time.Duration) {
	t.Helper()
	ctx := t.Context()
	later := *m
	later.At = m.At.Add(after)
	st, d, src, err := later.open()
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Check(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Recover(ctx, st.Fence(), later.At); err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(ctx, src, false, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Evaluate(ctx, src); err != nil {
		t.Fatal(err)
	}
	if err := d.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Deliver(ctx, nil); err != nil {
		t.Fatal(err)
	}
}

// settle ends the morning as the next process does, and says who got a list, and for whom
// they cover. A message that came twice is there twice.
func (m *awayMorning) settle(t *testing.T) string {
	t.Helper()
	// What is in doubt is asked for at the first time, and what the answer says is done at the second.
	for _, after := range []time.Duration{20 * time.Minute, 40 * time.Minute} {
		m.later(t, after)
	}
	all, err := letterbox{m.letters()}.read()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range all {
		who, _, _ := strings.Cut(x.To, "@")
		if !strings.Contains(x.Key, "|"+crm.DateOf(m.At, time.UTC).String()+"|") {
			who += " late"
		}
		for _, other := range []string{"ana", "ben", "cleo"} {
			_, hers, covers := strings.Cut(x.Body, "For "+strings.ToUpper(other[:1])+other[1:]+", away to ")
			if covers {
				who += " for " + other
			}
			if covers && !strings.Contains(hers, "Deal of "+other) {
				who += " without the deal"
			}
		}
		out = append(out, who)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
