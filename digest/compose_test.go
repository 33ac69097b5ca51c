package digest_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/digest/text"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// given is the input of a case, as its file writes it. Times are local to Zone.
type given struct {
	Zone        string
	Team        string
	Locale      string // of the team
	Members     []string
	Now         string
	LastSent    string `json:"last_sent"`
	Missed      string
	Thawed      bool   // a freeze ended since the last digest
	InPlaceOf   string `json:"in_place_of"` // of Maria, who is away until then
	Away        []givenAway
	Covers      []givenAway
	Unchecked   []string
	Help        string
	Sources     []givenSource
	Tallies     []givenTally
	Was         []givenTally // at the last digest
	Fiscal      time.Month   // with which the fiscal year starts; 0 is a snapshot that does not say so
	WasFiscal   time.Month   `json:"was_fiscal"`
	Snapshots   *bool        // false leaves them out
	Lives       []givenLife
	LinkPrefix  string `json:"link_prefix"`
	For         string
	Reader      string // name of the recipient; "" is the manager
	Redirected  string
	Backlog     int // listed per rep and week
	Settles     []string
	First       rank.First  // what weighs most
	Numbers     int         // that the reader gets a day; 0 is the default
	Unseen      []givenLife // of sources that are withheld
	Told        *digest.Told
	Escalations []digest.Escalation // to the reader "Otto Berg"
	Manager     *digest.Told        // what the manager was told
	Checked     []string
	Changed     []digest.Change
	Folded      []givenFold
	Upkeep      digest.Upkeep
	Parks       []givenPark
	Imports     []givenImport
	Others      *digest.Others
	RepFirst    bool               `json:"rep_first"`
	Only        map[string]string  // until when the findings of a deal are the reader's alone, by its id
	Report      string             // currency of the report
	Rates       map[string]float64 // to it
}

// givenAway is somebody away: names of people.
type givenAway struct{ Who, Until, Cover string }

// givenImport is deals that were created at once; owners are names.
type givenImport struct {
	Source, First, Last string
	Owners              map[string]int
}

type givenPark struct{ Deal, ID, Rule, Until string }

type givenFold struct {
	Rule, Title, Pipeline, Label string
	Since, Until                 string
	Failed, Judged               int
	Brake                        bool
	Usual                        int
}

type givenSource struct {
	Name, Label, AsOf, Withheld, Currency string
	Rates                                 map[string]float64
	Cause                                 string // stale, warming up, held back
	Incomplete                            bool
	Failed                                bool
	Newest                                string             // "" is AsOf
	Skipped                               int                // open deals of the team in skipped pipelines
	Park                                  *hygiene.OwnersWay // nil is the task of a file that says nothing of it
}

type givenTally struct {
	Source, Owner string
	Email         string // "" is made of the name
	Deals, Need   int
	Commit, Doubt map[string]float64
	Question      map[string]float64
	CommitDeals   int  `json:"commit_deals"`
	Unread        int  // of CommitDeals: amount not readable
	Unsure        int  // may be in the commit
	Left          bool // the owner is deactivated
}

type givenLife struct {
	Times              int // that many deals of the same kind; 0 is one
	Source, Deal, ID   string
	Rule, Severity     string
	Message, Fix       string
	Value, Threshold   string
	Amount             *float64
	Currency, Forecast string
	Close, Owner, URL  string
	Email              string // of the owner; "" is made of the name
	State, Done        string
	Opened, Ended      string
	Left               bool // the owner is deactivated
	Back, Held         bool
	Backlog, Newly     bool
	Unchecked          bool // it ended because it is not checked any more
	Pipeline           string
	Unclear            string // fields that could not be read
	Created            string // when the deal was
}

func email(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@acme.example"
}

// address is the given one, else one made of the name.
func address(given, name string) string {
	if given != "" {
		return given
	}
	return email(name)
}

func (g *given) input(t *testing.T) digest.Input {
	t.Helper()
	loc, err := time.LoadLocation(g.Zone)
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	in := digest.Input{
		Name: "manager-daily", Company: "Acme", Recipient: "maria@acme.example",
		Now: at(g.Now), LastSent: at(g.LastSent), Missed: g.Missed, Thawed: g.Thawed, Unchecked: g.Unchecked, Help: g.Help,
		Team: hygiene.Team{Name: g.Team, Manager: "maria@acme.example", Calendar: &hygiene.Calendar{Location: loc}, Locale: g.Locale},
	}
	in.For, in.Redirected, in.BacklogPerWeek, in.Settles, in.Attention.First = g.For, g.Redirected, g.Backlog, g.Settles, g.First
	in.Attention.Managers, in.Attention.Reps = g.Numbers, g.Numbers
	in.Told, in.Checked, in.Changed = g.Told, g.Checked, g.Changed
	in.Escalations, in.Manager, in.ManagerName = g.Escalations, g.Manager, "Maria Moreno"
	in.Exchange = digest.Exchange{Report: g.Report, Rates: g.Rates}
	in.Upkeep, in.Others = g.Upkeep, g.Others
	for _, k := range g.Parks {
		in.Parks = append(in.Parks, hygiene.Park{Source: g.Sources[0].Name, Record: k.ID, Rule: k.Rule, Until: until(t, k.Until), Deal: hygiene.Facts{Name: k.Deal}})
	}
	if kind, _ := digest.KindOf(g.For); kind.Program {
		in.Name, in.Recipient = "ops-daily", "revops@acme.example"
	}
	if g.Reader != "" {
		in.Name, in.Recipient = "rep-daily", email(g.Reader)
		if g.For == "escalations" {
			in.Name = g.For
		}
	}
	for _, f := range g.Folded {
		in.Folded = append(in.Folded, digest.Fold{
			Fold:   hygiene.Fold{Rule: f.Rule, Pipeline: f.Pipeline, Since: at(f.Since), Until: at(f.Until), Brake: f.Brake, Usual: f.Usual},
			Source: g.Sources[0].Name, Title: f.Title, Label: f.Label, Failed: f.Failed, Judged: f.Judged,
		})
	}
	for _, m := range g.Members {
		in.Team.Members = append(in.Team.Members, email(m))
	}
	causes := map[string]digest.Cause{"": 0, "stale": digest.Stale, "warming up": digest.WarmingUp, "held back": digest.HeldBack}
	newest := func(s givenSource) time.Time {
		if s.Newest != "" {
			return at(s.Newest)
		}
		return at(s.AsOf)
	}
	for _, s := range g.Sources {
		park := hygiene.OwnersWay{How: hygiene.ByTask, Name: hygiene.ParkSubject, Once: hygiene.ParkOnce}
		if s.Park != nil {
			park = *s.Park
		}
		in.Sources = append(in.Sources, digest.SourceStatus{Name: s.Name, Label: s.Label, AsOf: at(s.AsOf), Newest: newest(s), Failed: s.Failed, Complete: !s.Incomplete, Withheld: s.Withheld, Cause: causes[s.Cause], Currency: s.Currency, Rates: s.Rates, Park: park})
	}
	if g.Snapshots == nil || *g.Snapshots {
		in.Snapshots = g.snapshots(g.Tallies, in.Now, g.Fiscal)
		if !in.LastSent.IsZero() {
			in.Previous = g.snapshots(g.Was, in.LastSent, g.WasFiscal)
		}
	}
	for _, x := range g.Imports {
		of := hygiene.Import{Team: g.Team, First: at(x.First), Last: at(x.Last), Owners: map[string]int{}}
		for name, n := range x.Owners {
			of.Deals += n
			of.Owners[strings.TrimSuffix("005"+name, "005")] += n
		}
		for i := range in.Snapshots {
			if s := &in.Snapshots[i]; s.Source == g.source(x.Source) {
				s.Imports = append(s.Imports, of)
			}
		}
	}
	for _, l := range g.Lives {
		for i := range max(l.Times, 1) {
			in.Lives = append(in.Lives, l.life(t, g, i, at))
		}
	}
	if g.Only != nil {
		in.Only = map[hygiene.Key]time.Time{}
		for i := range in.Lives {
			if until, ok := g.Only[in.Lives[i].Record]; ok {
				in.Only[in.Lives[i].Key] = at(until)
			}
		}
	}
	for _, l := range g.Unseen {
		in.Unseen = append(in.Unseen, l.life(t, g, 0, at))
	}
	if g.InPlaceOf != "" {
		in.InPlaceOf = digest.Absent{Person: in.Recipient, Name: "Maria Moreno", Until: until(t, g.InPlaceOf)}
		in.Recipient = "tom@acme.example"
	}
	for _, a := range g.Away {
		x := digest.Absent{Person: email(a.Who), Name: a.Who, Until: until(t, a.Until), CoverName: a.Cover}
		if a.Cover != "" {
			x.Cover = email(a.Cover)
		}
		in.Away = append(in.Away, x)
	}
	for _, a := range g.Covers {
		in.Covers = append(in.Covers, digest.Covered{Absent: digest.Absent{Person: email(a.Who), Name: a.Who, Until: until(t, a.Until)}, Team: in.Team, Lives: in.Lives})
	}
	return in
}

func (g *given) source(name string) string {
	if name == "" {
		return g.Sources[0].Name
	}
	return name
}

func (g *given) snapshots(ts []givenTally, at time.Time, fiscal time.Month) []hygiene.Snapshot {
	if len(ts) == 0 {
		return nil
	}
	var out []hygiene.Snapshot
	for _, s := range g.Sources {
		snap := hygiene.Snapshot{Source: s.Name, At: at, Day: crm.DateOf(at, at.Location()), Questions: true}
		if fiscal != 0 {
			snap.Quarter = snap.Day.QuarterEnd(fiscal)
		}
		if s.Skipped > 0 {
			snap.Skipped = map[string]int{g.Team: s.Skipped, "Another": 7}
		}
		for _, t := range ts {
			if g.source(t.Source) != s.Name {
				continue
			}
			snap.Tallies = append(snap.Tallies, hygiene.Tally{
				Source: s.Name, OwnerID: "005" + t.Owner + t.Email, OwnerName: t.Owner, OwnerEmail: address(t.Email, t.Owner), Active: !t.Left, Team: g.Team,
				Deals: t.Deals, NeedUpdate: t.Need, Commit: t.Commit, CommitDoubt: t.Doubt, CommitQuestion: t.Question, CommitDeals: t.CommitDeals,
				CommitUnread: t.Unread, CommitUnsure: t.Unsure,
			})
		}
		out = append(out, snap)
	}
	return out
}

func (l *givenLife) life(t *testing.T, g *given, i int, at func(string) time.Time) hygiene.Life {
	t.Helper()
	states := map[string]hygiene.State{"": hygiene.Open, "fixed": hygiene.Fixed, "re-dated": hygiene.Redated, "won": hygiene.Won,
		"lost": hygiene.Lost, "gone": hygiene.Gone, "off": hygiene.Off}
	state, ok := states[l.State]
	if !ok {
		t.Fatalf("state %q", l.State)
	}
	severity, err := hygiene.ParseSeverity(l.Severity)
	if err != nil {
		t.Fatal(err)
	}
	closes, err := crm.ParseDate(l.Close)
	if err != nil {
		t.Fatal(err)
	}
	name, id := l.Deal, l.ID
	if l.Times > 0 {
		name = fmt.Sprintf("%s %d", l.Deal, i+1)
	}
	if id == "" {
		id = name
	}
	url := l.URL
	if url == "" {
		url = g.LinkPrefix + strings.ReplaceAll(id, " ", "-")
	}
	out := hygiene.Life{
		Finding: hygiene.Finding{
			Key:      hygiene.Key{Source: g.source(l.Source), Kind: crm.KindOpportunity, Record: id, Rule: l.Rule},
			Severity: severity, Message: l.Message, Fix: l.Fix, Value: l.Value, Threshold: l.Threshold,
			Deal: hygiene.Facts{
				Name: name, URL: url, OwnerID: "005" + l.Owner + l.Email, OwnerName: l.Owner, OwnerEmail: address(l.Email, l.Owner), OwnerActive: !l.Left,
				Team: g.Team, Pipeline: l.Pipeline, Currency: l.Currency, CloseDate: closes, Forecast: l.Forecast, Commit: l.Forecast == "Commit", Unclear: l.Unclear,
			},
		},
		State: state, Opened: at(l.Opened), First: at(l.Opened), Ended: at(l.Ended), Back: l.Back, Held: l.Held, Backlog: l.Backlog, Done: l.Done, Newly: l.Newly,
	}
	if out.Deal.CreatedAt = at(l.Created); l.Created != "" {
		out.Deal.Created = crm.DateOf(out.Deal.CreatedAt, out.Deal.CreatedAt.Location())
	}
	if out.Deal.IsUnclear("owner") {
		out.Deal.OwnerID, out.Deal.OwnerEmail = "", ""
	}
	if l.Unchecked {
		out.Rejudged = out.Ended
	}
	if l.Rule != "close-date-past" { // whose limit is a grace
		_, _ = fmt.Sscanf(l.Value, "%g", &out.Measured)
		_, _ = fmt.Sscanf(l.Threshold, "%g", &out.Limit)
	}
	if l.Amount != nil {
		out.Deal.Amount = crm.Num(*l.Amount)
	}
	return out
}

// load reads a case: a comment, given.json, and the text of the digest.
func load(t *testing.T, file string) (*txtar.Archive, digest.Input) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g given
	dec := json.NewDecoder(strings.NewReader(string(a.Files[0].Data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&g); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return a, g.input(t)
}

func TestGoldenCompose(t *testing.T) {
	files, err := filepath.Glob("testdata/compose/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	composed := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			_, in := load(t, file)
			kind, ok := digest.KindOf(in.For)
			if !ok {
				kind = digest.Kinds()[0] // a case that says nothing
			}
			composed[kind.Name] = true
			d := digest.Compose(in)
			got := "Subject: " + d.Subject + "\n\n" + text.Write(&d, text.Options{Width: 100})
			digest.CheckSums(t, in, &d)
			golden.Section(t, file, "text", got)
			if again := digest.Compose(in); !cmp.Equal(again, d) {
				t.Error("the same input gives another digest")
			}
		})
	}
	for _, k := range digest.Kinds() {
		if !composed[k.Name] {
			t.Errorf("no case in testdata/compose has \"for\": %q", k.Name)
		}
	}
}

// A deal without an owner belongs to the team of its last owner. It has a row of its own
// in the table, and the sums hold.
func TestNoOwner(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	in := digest.Input{
		Name: "manager-daily", For: "managers", Now: now, Company: "Acme", Recipient: "maria@acme.example",
		Team:    hygiene.Team{Name: "West", Manager: "maria@acme.example", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []digest.SourceStatus{{Name: "partners", Label: "HubSpot", AsOf: now, Complete: true, Currency: "USD"}},
		Snapshots: []hygiene.Snapshot{{Source: "partners", At: now, Tallies: []hygiene.Tally{
			{Source: "partners", Team: "West", Active: true, Deals: 1, NeedUpdate: 1},
			{Source: "partners", OwnerID: "7", OwnerName: "Ana Silva", OwnerEmail: "ana@acme.example", Team: "West", Active: true, Deals: 2},
		}}},
		Lives: []hygiene.Life{{
			Finding: hygiene.Finding{
				Key: hygiene.Key{Source: "partners", Kind: "opportunity", Record: "42", Rule: "owner-missing"}, Severity: hygiene.High,
				Message: "no owner since 20 Nov", Fix: "Assign it.", Deal: hygiene.Facts{Name: "Stark", Team: "West", OwnerActive: true},
			}, State: hygiene.Open, Opened: now, First: now,
		}},
	}
	d := digest.Compose(in)
	got := text.Write(&d, text.Options{Width: 100})
	for _, want := range []string{"2 of 3", "Stark", "no owner since 20 Nov", "No owner   1", "Ana        0", "1. Stark: no owner since"} {
		if !strings.Contains(got, want) {
			t.Errorf("the digest does not say %q:\n%s", want, got)
		}
	}
}

// A deal that needed an update before, and needs an update now for another reason, is not
// new: its days go on, as those of the deal.
func TestAnotherReason(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	last := now.Add(-24 * time.Hour)
	life := func(rule string, state hygiene.State, opened, ended time.Time) hygiene.Life {
		return hygiene.Life{
			Finding: hygiene.Finding{
				Key: hygiene.Key{Source: "sales", Kind: "opportunity", Record: "006A", Rule: rule}, Severity: hygiene.High, Message: rule + " holds", Fix: "Fix it.",
				Deal: hygiene.Facts{Name: "Stark", Team: "West", OwnerID: "u1", OwnerName: "Ana Silva", OwnerEmail: "ana@acme.example", OwnerActive: true},
			}, State: state, Opened: opened, First: opened, Ended: ended,
		}
	}
	tally := []hygiene.Tally{{Source: "sales", OwnerID: "u1", OwnerName: "Ana Silva", OwnerEmail: "ana@acme.example", Team: "West", Active: true, Deals: 1, NeedUpdate: 1}}
	in := digest.Input{
		Name: "manager-daily", For: "managers", Now: now, LastSent: last, Recipient: "maria@acme.example",
		Team:      hygiene.Team{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources:   []digest.SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: now, Complete: true}},
		Snapshots: []hygiene.Snapshot{{Source: "sales", At: now, Tallies: tally}},
		Previous:  []hygiene.Snapshot{{Source: "sales", At: last, Tallies: tally}},
		Lives: []hygiene.Life{
			life("close-date-past", hygiene.Fixed, last.AddDate(0, 0, -3), now.Add(-time.Hour)),
			life("no-activity", hygiene.Open, now.Add(-time.Hour), time.Time{}),
		},
	}
	d := digest.Compose(in)
	got := text.Write(&d, text.Options{Width: 100})
	for _, want := range []string{"1 needs an update: 0 new, 1 from before", "Day 3."} {
		if !strings.Contains(got, want) {
			t.Errorf("the digest does not say %q:\n%s", want, got)
		}
	}
}

func until(t *testing.T, s string) crm.Date {
	t.Helper()
	d, err := crm.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
