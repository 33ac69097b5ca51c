package daemon_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/almanac"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/secret"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// The process that is killed is this test binary in another role.
const victimEnv = "PIPETIDY_VICTIM"

func TestMain(m *testing.M) {
	if s := os.Getenv(victimEnv); s != "" {
		if err := victim(s); err != nil {
			fmt.Fprintln(os.Stderr, "victim:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	for env, victim := range map[string]func(string) error{parkVictimEnv: parkVictim, awayVictimEnv: awayVictim} {
		if s := os.Getenv(env); s != "" {
			if err := victim(s); err != nil {
				fmt.Fprintln(os.Stderr, "victim:", err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	// Tests that wait hold no core. A number on the command line goes before.
	_ = flag.Set("test.parallel", strconv.Itoa(max(6, runtime.GOMAXPROCS(0))))
	os.Exit(m.Run())
}

// errand is what the victim is told to do.
type errand struct {
	Dir                       string
	Salesforce, ID, Secret    string
	Slack, Token              string
	Host, User, Password      string
	Port                      int
	Finish                    bool // settle what is left and end, rather than go on until killed
	Blind                     bool // the control: after a crash, send again without asking
	Members, Members2         []string
	Manager, Manager2, Digest string
	Away                      string // path of a table of absences, "" is none
	Deputy2                   string // of the second manager
}

// blind is a journal that forgets the promise: it takes deliveries that were being sent
// for not sent.
type blind struct{ *bolt.Store }

func (b blind) Recover(ctx context.Context, f store.Fence, now time.Time) (int, error) {
	ds, err := b.Deliveries(ctx, delivery.Sending)
	if err != nil {
		return 0, err
	}
	for _, d := range ds {
		for i := range d.Parts {
			if d.Parts[i].State == delivery.Sending {
				d.Parts[i].State = delivery.Rendered
			}
		}
		d.State = delivery.Rendered
		if err := b.SaveDelivery(ctx, f, d, nil); err != nil {
			return 0, err
		}
	}
	return b.Store.Recover(ctx, f, now)
}

// stepLine is what a victim prints before each step.
const stepLine = "step"

// victim syncs, evaluates and sends, over and over until it is killed. It prints each
// step that it begins and each delivery that the outbox says was sent.
func victim(spec string) error {
	var e errand
	if err := json.Unmarshal([]byte(spec), &e); err != nil {
		return err
	}
	ctx := context.Background()
	st, err := bolt.Open(e.Dir, bolt.Options{Now: time.Now, LockWait: 5 * time.Second})
	if err != nil {
		return err
	}
	defer st.Close()
	d, cfg, err := e.daemon(st)
	if err != nil {
		return err
	}
	var journal daemon.Journal = st
	if e.Blind {
		journal = blind{st}
	}
	if _, err := journal.Recover(ctx, st.Fence(), time.Now()); err != nil {
		return err
	}
	for round := 0; ; round++ {
		for {
			fmt.Println(stepLine)
			next, err := d.Deliver(ctx, nil)
			if err != nil {
				return err
			}
			if !e.Finish || next.IsZero() {
				break
			}
			<-time.After(time.Until(next))
		}
		fmt.Println(stepLine)
		if err := d.Sync(ctx, &cfg.Sources[0], round%5 == 4, nil); err != nil {
			return err
		}
		fmt.Println(stepLine)
		if err := d.Evaluate(ctx, &cfg.Sources[0]); err != nil {
			return err
		}
		if e.Finish {
			return nil
		}
		for i := range cfg.Digests {
			fmt.Println(stepLine)
			rs, err := d.SendNow(ctx, &cfg.Digests[i], "", true)
			if err != nil {
				return err
			}
			for _, r := range rs {
				fmt.Println(r.State, r.ID)
			}
		}
	}
}

// daemon wires the real connectors to the simulated company.
func (e *errand) daemon(st *bolt.Store) (*daemon.Daemon, daemon.Config, error) {
	kept := func(name, value string) secret.Secret {
		_ = os.Setenv(name, value) // these names are valid
		return secret.Secret{Env: name}
	}
	sf, err := salesforce.New(salesforce.Config{Name: "sales", URL: e.Salesforce, Auth: salesforce.Auth{ClientID: e.ID, ClientSecret: kept("SALESFORCE_CLIENT_SECRET", e.Secret)}, Budget: 1, PageHint: 200}, rest.New(rest.Config{}))
	if err != nil {
		return nil, daemon.Config{}, err
	}
	sl, err := slack.New(slack.Config{Token: kept("SLACK_BOT_TOKEN", e.Token), URL: e.Slack, PerSecond: -1})
	if err != nil {
		return nil, daemon.Config{}, err
	}
	em, err := email.New(email.Config{Host: e.Host, Port: e.Port, TLS: "none", Username: e.User, Password: new(kept("SMTP_PASSWORD", e.Password)), From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"acme.example"}})
	if err != nil {
		return nil, daemon.Config{}, err
	}
	cal := &hygiene.Calendar{Location: time.UTC}
	cfg := daemon.Config{
		Company: "Acme", Location: time.UTC, Rules: rules.All(), Commit: []string{"Commit"},
		Sources: []daemon.Source{{Source: evaluation.Source{Source: sf, Label: "Salesforce"}, Type: "salesforce", Every: time.Minute}},
		Teams: hygiene.Teams{List: []hygiene.Team{
			{Name: "West", Manager: e.Manager, Members: e.Members, Calendar: cal}, {Name: "East", Manager: e.Manager2, Members: e.Members2, Calendar: cal},
		}},
		Digests: []edition.Digest{
			{Name: "manager-daily", For: "managers", Via: delivery.Slack}, {Name: "manager-mail", For: "managers", Via: delivery.Email},
		},
		Notifiers: map[delivery.Channel]digest.Notifier{delivery.Slack: sl, delivery.Email: em},
		Settle:    100 * time.Millisecond, // the simulated Slack needs less for a message
	}
	if e.Away != "" {
		cfg.Teams.List[1].Deputy = e.Deputy2
		plan := almanac.Plan{Company: time.UTC, Away: almanac.Away{File: e.Away, At: "away.file", Cover: almanac.Manager}, Open: os.ReadFile}
		for _, t := range cfg.Teams.List {
			plan.Teams = append(plan.Teams, almanac.Team{Name: t.Name, Zone: time.UTC, Manager: t.Manager, Deputy: t.Deputy, Members: t.Members})
		}
		cfg.Almanac = almanac.New(plan).Read
	}
	d, err := daemon.New(cfg, st, st, st.Fence(), nil)
	return d, cfg, err
}

// arena is the simulated company that outlives the victims.
type arena struct {
	company *sim.Company
	servers *sim.Servers
	errand  errand
}

func newArena(t *testing.T) *arena {
	t.Helper()
	// The victims run in real time, and the company's clock is an hour behind, as the
	// clock of a machine may be.
	c := sim.New(sim.Options{Seed: 7, Start: time.Now().Add(-time.Hour).UTC().Truncate(time.Second), Deals: 150})
	s, err := sim.Serve(t.Context(), c, sim.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	// The answer comes a little after the message is posted: the window in which a kill
	// leaves a part in doubt.
	c.Slack().Fault(sim.Fault{Path: "chat.postMessage", Times: -1, Kind: sim.Slow, Delay: 4 * time.Millisecond, Commit: true})
	return &arena{c, s, errand{
		Dir: filepath.Join(t.TempDir(), "data"), Salesforce: s.SalesforceURL, ID: s.ClientID, Secret: s.ClientSecret,
		Slack: s.SlackURL, Token: s.SlackToken, Host: s.SMTPHost, Port: s.SMTPPort, User: s.SMTPUser, Password: s.SMTPPassword,
		Manager: "maria@acme.example", Members: []string{"ana@acme.example", "ben@acme.example", "cleo@acme.example", "dai@acme.example", "eve@acme.example"},
		Manager2: "tom@acme.example", Members2: []string{"finn@acme.example", "gus@acme.example", "hana@acme.example", "ivo@acme.example"},
	}}
}

// death is when a victim is killed: so long after it began its nth step; the first step
// is 1. The zero death lets the victim end by itself. Counting steps rather than time
// alone reaches every step on a machine of any speed.
type death struct {
	step  int
	after time.Duration
	// on is an event that the victim is killed at, instead of a step; nil is none.
	on <-chan struct{}
}

// anywhere is a death in one of the first two rounds of five steps.
func anywhere(rng *rand.Rand) death {
	return death{step: rng.IntN(10) + 1, after: time.Duration(rng.IntN(80)) * time.Millisecond}
}

// run starts a victim and kills it, and returns the deliveries that the victim said were
// sent.
func (a *arena) run(t *testing.T, e errand, end death) []string {
	t.Helper()
	spec, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+string(spec))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if end.on != nil {
		ended := make(chan struct{})
		defer close(ended)
		go func() {
			select {
			case <-end.on:
				_ = cmd.Process.Kill()
			case <-ended:
			}
		}()
	}
	var sent []string
	steps := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == stepLine {
			if steps++; steps == end.step {
				time.AfterFunc(end.after, func() { _ = cmd.Process.Kill() })
			}
			continue
		}
		if id, ok := strings.CutPrefix(lines.Text(), string(delivery.Sent)+" "); ok {
			sent = append(sent, id)
		}
	}
	if err := cmd.Wait(); end == (death{}) && err != nil {
		t.Fatalf("the victim did not end by itself: %v\n%s", err, &stderr)
	}
	if stderr.Len() > 0 {
		t.Fatalf("the victim ended in an error: %s", &stderr)
	}
	return sent
}

// inspect opens the files as they lie and checks every page and value.
func (a *arena) inspect(t *testing.T, fn func(*bolt.Store)) {
	t.Helper()
	st, err := bolt.Open(a.errand.Dir, bolt.Options{Now: time.Now, LockWait: 5 * time.Second})
	if err != nil {
		t.Fatalf("open after a kill: %v", err)
	}
	defer st.Close()
	if err := st.Check(t.Context()); err != nil {
		t.Fatalf("check after a kill: %v", err)
	}
	if fn != nil {
		fn(st)
	}
}

// copies counts, per key, how often a part stands in Slack.
func (a *arena) copies() map[string]int {
	n := map[string]int{}
	for _, m := range a.company.Slack().Messages() {
		n[m.Key]++
	}
	return n
}

func kills() int {
	if os.Getenv("PIPETIDY_LONG") != "" {
		return 300
	}
	if testing.Short() {
		return 5
	}
	return 15
}

// After any number of kill -9 during sync and delivery, the files are valid, each Slack
// message is there exactly once, each mail at most once, and every delivery that was
// said to be sent is sent. A manager who is away gets none of them, and the deputy all.
func TestKillAnywhere(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	a.errand.Away, a.errand.Deputy2 = filepath.Join(t.TempDir(), "away.csv"), "hana@acme.example"
	today := crm.DateOf(time.Now(), time.UTC)
	table := fmt.Sprintf("person,from,to,cover\n%s,%s,%s,\nana@acme.example,%[2]s,%[3]s,ben@acme.example\n", a.errand.Manager2, today-2, today+2)
	if err := os.WriteFile(a.errand.Away, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var acked []string
	for range kills() {
		acked = append(acked, a.run(t, a.errand, anywhere(rng))...)
		a.inspect(t, nil)
		a.company.Advance(a.company.Now().Add(2 * time.Hour)) // the deals move on meanwhile
	}
	last := a.errand
	last.Finish = true
	a.run(t, last, death{})

	copies := a.copies()
	mails := map[string]int{}
	for _, m := range a.servers.Mail.Messages() {
		msg, err := mail.ReadMessage(bytes.NewReader(m.Data))
		if err != nil {
			t.Fatal(err)
		}
		mails[msg.Header.Get("Message-Id")]++
	}
	var slackParts, doubt int
	a.inspect(t, func(st *bolt.Store) {
		ds, err := st.Deliveries(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		state := map[string]delivery.State{}
		for _, d := range ds {
			state[d.ID] = d.State
			if d.Team == "East" && d.Recipient != a.errand.Deputy2 {
				t.Errorf("%s: planned for %s, and the manager is away: it is the deputy's", d.ID, d.Recipient)
			}
			switch d.Channel {
			case delivery.Slack:
				if d.State != delivery.Sent {
					t.Errorf("%s: %s (%s), want sent", d.ID, d.State, d.Reason)
				}
				for _, p := range d.Parts {
					slackParts++
					if copies[p.Key] != 1 {
						t.Errorf("%s: part %s stands in Slack %d times", d.ID, p.Key, copies[p.Key])
					}
					delete(copies, p.Key)
				}
			case delivery.Email:
				if d.State == delivery.Unknown || strings.Contains(d.Reason, "whether this one arrived is not known") {
					doubt++
					if d.Reason == "" {
						t.Errorf("%s: in doubt, and nobody is told", d.ID)
					}
				} else if d.State != delivery.Sent {
					t.Errorf("%s: %s (%s), want sent", d.ID, d.State, d.Reason)
				}
			}
		}
		for _, id := range acked {
			if state[id] != delivery.Sent {
				t.Errorf("%s was said to be sent and is %q now", id, state[id])
			}
		}
		if len(copies) > 0 {
			t.Errorf("%d messages in Slack that the journal knows nothing of", len(copies))
		}
		for id, n := range mails {
			if n > 1 {
				t.Errorf("mail %s was sent %d times", id, n)
			}
		}
		if d := cmp.Diff(a.fresh(t), exported(t, st)); d != "" {
			t.Errorf("the cache differs from a fresh sync (-fresh +killed):\n%s", d)
		}
	})
	t.Logf("%d kills, %d sends acknowledged, %d parts in Slack, %d mails, %d mails in doubt", kills(), len(acked), slackParts, len(mails), doubt)
	if len(acked) == 0 || slackParts == 0 || len(mails) == 0 {
		t.Error("the victims never got to sending: the test shows nothing")
	}
}

// The control: a daemon that sends again without reconciling must be caught by the same
// count, or the count is worth nothing. It is killed when Slack has carried out a post and
// has not answered yet, which a kill at random may miss for long on a busy machine.
func TestKillControlSendsTwice(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	a.errand.Blind = true
	posted, over := make(chan struct{}), make(chan struct{})
	a.company.Slack().ClearFaults()
	a.company.Slack().Fault(sim.Fault{Path: "chat.postMessage", Kind: sim.Edit, Commit: true, Change: func(answer []byte) []byte {
		close(posted)
		<-over
		return answer
	}})
	a.run(t, a.errand, death{on: posted})
	close(over)
	last := a.errand
	last.Finish = true
	a.run(t, last, death{})
	for _, c := range a.copies() {
		if c > 1 {
			return
		}
	}
	t.Errorf("sent again without asking, and no part stands in Slack twice: %v", a.copies())
}

// fresh reads the company into an empty cache and exports it.
func (a *arena) fresh(t *testing.T) []string {
	t.Helper()
	st, err := bolt.Open(filepath.Join(t.TempDir(), "fresh"), bolt.Options{Now: time.Now, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	d, cfg, err := a.errand.daemon(st)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(t.Context(), &cfg.Sources[0], false, nil); err != nil {
		t.Fatal(err)
	}
	return exported(t, st)
}

// exported writes opportunities and activities as text.
func exported(t *testing.T, st *bolt.Store) []string {
	t.Helper()
	var out []string
	for _, s := range []crm.Stream{crm.Opportunities, crm.Activities} {
		for after := ""; ; {
			p, next, err := st.Export(t.Context(), "sales", s, after, 200)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range p.Opportunities {
				out = append(out, fmt.Sprintf("%+v", o))
			}
			for _, o := range p.Activities {
				out = append(out, fmt.Sprintf("%+v", o))
			}
			if next == "" {
				break
			}
			after = next
		}
	}
	if len(out) == 0 {
		t.Error("nothing was read")
	}
	return out
}
