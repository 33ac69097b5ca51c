package rules_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
)

// A case is a txtar file: what it shows as its comment, then sections of lines.
//
//	deal        field: value         every field of an opportunity that a rule reads
//	activities  KIND TIME [done] [automated] [in|out] [due=DATE] [created=TIME] [outcome=WORD] [owner=ID]
//	changes     TIME FIELD [was=VALUE] VALUE   as the CRM's history; via=WORD at the end, and "observed" for our own
//	contacts    ID [primary] [role=SOME_ROLE]           who is linked to the deal; a role's "_" is a blank
//	stages      NAME [max_days=N] [late] [from=DATE] [exit=a,b] [entry=a,b]      the definitions
//	parks       FROM UNTIL [rule=RULE] [over|ended=TIME|replaced=TIME]      without the last it holds
//	config      now, since, off, severity, gone (a stage), dates (times that are dates alone), fiscal (month), untold (a stream), fields.NAME: hidden|unmapped, holidays, and parameters
//	want        outcome, reason, done, severity, value, threshold, from, fix
//
// Times are local to the team's time zone, "2026-11-24 08:12"; a date alone is
// noon; "-" is no time. The stages of the CRM are Qualified, Discovery, Proposal
// and Negotiation, all open, then Won and Lost; Retired is inactive.
type testCase struct {
	file string
	rule string
	pass *hygiene.Pass
	deal *hygiene.Deal
	want map[string]string
}

var pacific = mustZone("America/Los_Angeles")

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

// company is the pass that all cases start from.
func company() *hygiene.Pass {
	fields := crm.Fields{"decision_criteria": crm.Readable, "economic_buyer": crm.Readable, "seats": crm.Readable, "security_review": crm.Readable}
	for _, f := range []string{"amount", "close_date", "next_step", "activities", "emails", "history", "stage_since", "forecast_category", "account", "owner", "name", "contacts", "calls.direction", "calls.outcome", "emails.direction", "meetings.outcome"} {
		fields[f] = crm.Readable
	}
	var stages []crm.Stage
	for i, label := range []string{"Qualified", "Discovery", "Proposal", "Retired", "Negotiation", "Won", "Lost"} {
		stages = append(stages, crm.Stage{
			ID: strings.ToLower(label), Label: label, Order: i + 1, Active: label != "Retired",
			Closed: label == "Won" || label == "Lost", Won: label == "Won",
		})
	}
	on := map[string]hygiene.Settings{} // what is on offer as well
	for _, r := range rules.All() {
		on[r.ID] = hygiene.Settings{On: true}
	}
	return &hygiene.Pass{
		Now: time.Date(2026, 11, 24, 8, 12, 0, 0, pacific),
		Source: hygiene.Source{
			Name: "sales",
			Info: crm.Info{Type: "salesforce", Link: "https://acme.example/{id}", Fields: fields, Dates: []string{"last_activity_at", "next_activity_at"}},
			Users: map[string]*crm.User{
				"ana":  {ID: "ana", Name: "Ana Ito", Email: "ana@acme.example", Active: true},
				"dana": {ID: "dana", Name: "Dana Reyes", Email: "dana@acme.example"},
				"zoe":  {ID: "zoe", Email: "zoe@acme.example"},
			},
			Stages: stages,
		},
		Rules:    rules.All(),
		Settings: on,
		Teams: &hygiene.Teams{List: []hygiene.Team{{
			Name: "West", Manager: "maria@acme.example", Members: []string{"ana@acme.example", "dana@acme.example"},
			Calendar: &hygiene.Calendar{Location: pacific},
		}}},
		Company: mustZone("America/New_York"),
		Commit:  []string{"Commit"},
	}
}

func readCase(t *testing.T, rule, file string) *testCase {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(ar.Comment)) == "" {
		t.Errorf("%s: no comment that says what it shows", file)
	}
	c := &testCase{file: file, rule: rule, pass: company(), want: map[string]string{}}
	c.deal = &hygiene.Deal{Source: "sales", Opportunity: crm.Opportunity{
		ID: "006A", Name: "Globex renewal", Stage: "negotiation", OwnerID: "ana",
		CreatedAt: time.Date(2026, 3, 2, 12, 0, 0, 0, pacific), StageSince: time.Date(2026, 11, 23, 12, 0, 0, 0, pacific),
		CloseDate: crm.NewDate(2026, 12, 18), Amount: crm.Num(86000), NextStep: "Maya confirms the budget", ForecastCategory: "Best Case",
	}}
	for _, f := range ar.Files {
		for line := range strings.Lines(string(f.Data)) {
			line = strings.TrimRight(line, "\n")
			if strings.TrimSpace(line) == "" {
				continue
			}
			if err := c.line(f.Name, line); err != nil {
				t.Fatalf("%s: %s: %q: %v", file, f.Name, line, err)
			}
		}
	}
	c.deal.Changes = crm.Fold(c.deal.Changes)
	if err := c.pass.Prepare(); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return c
}

func (c *testCase) line(section, line string) error {
	switch section {
	case "activities":
		return c.activity(strings.Fields(line))
	case "changes":
		return c.change(line)
	case "contacts":
		return c.contact(strings.Fields(line))
	case "stages":
		return c.stage(strings.Fields(line))
	case "parks":
		return c.park(strings.Fields(line))
	}
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("want key: value")
	}
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, `"`) {
		var err error
		if value, err = strconv.Unquote(value); err != nil {
			return err
		}
	}
	switch section {
	case "deal":
		return c.field(key, value)
	case "config":
		return c.config(key, value)
	case "want":
		c.want[key] = value
		return nil
	}
	return fmt.Errorf("no such section")
}

func moment(s string) (time.Time, error) {
	if s == "-" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation("2006-01-02", s, pacific); err == nil {
		return t.Add(12 * time.Hour).UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", s, pacific)
	return t.UTC(), err
}

func (c *testCase) field(key, value string) (err error) {
	o := &c.deal.Opportunity
	switch key {
	case "stage":
		o.Stage = value
	case "pipeline":
		o.Pipeline = value
	case "owner":
		o.OwnerID = value
	case "account":
		o.AccountID = value
	case "next_step":
		o.NextStep = value
	case "forecast_category":
		o.ForecastCategory = value
	case "close_date":
		o.CloseDate, err = crm.ParseDate(value)
	case "amount":
		o.Amount = crm.Number{}
		if value != "" {
			o.Amount.Known = true
			o.Amount.Value, err = strconv.ParseFloat(value, 64)
		}
	case "contacts":
		o.Contacts.Known = true
		o.Contacts.Value, err = strconv.ParseFloat(value, 64)
	case "created_at":
		o.CreatedAt, err = moment(value)
	case "stage_since":
		o.StageSince, err = moment(value)
	case "last_activity_at":
		o.LastActivityAt, err = moment(value)
	case "next_activity_at":
		o.NextActivityAt, err = moment(value)
	case "closed":
		o.Closed, o.Won = true, value == "won"
	default: // a configured field: name: type value
		kind, text, _ := strings.Cut(value, " ")
		types := map[string]crm.ValueType{"empty": crm.Empty, "text": crm.Text, "number": crm.Numeric, "boolean": crm.Boolean}
		typ, ok := types[kind]
		if !ok {
			return fmt.Errorf("no such field, nor type of a configured one")
		}
		o.Custom = append(o.Custom, crm.Custom{Name: key, Type: typ, Value: text})
	}
	return err
}

func (c *testCase) activity(words []string) (err error) {
	if len(words) < 2 {
		return fmt.Errorf("want KIND TIME")
	}
	a := crm.Activity{
		ID: strconv.Itoa(len(c.deal.Activities)), Kind: crm.ActivityKind(words[0]), OpportunityIDs: []string{"006A"},
		CreatedAt: c.deal.Opportunity.CreatedAt,
	}
	if a.At, err = moment(words[1]); err != nil {
		return err
	}
	for _, w := range words[2:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "done":
			a.Done = true
		case "automated":
			a.Automated = true
		case "in", "out":
			a.Direction = crm.Direction(key)
		case "created":
			a.CreatedAt, err = moment(value)
		case "due":
			a.Due, err = crm.ParseDate(value)
		case "outcome":
			a.Outcome = value
		case "owner":
			a.OwnerID = value
		default:
			err = fmt.Errorf("no such word: %s", w)
		}
		if err != nil {
			return err
		}
	}
	c.deal.Activities = append(c.deal.Activities, a)
	return nil
}

func (c *testCase) contact(words []string) error {
	link := crm.Contact{ID: strconv.Itoa(len(c.deal.Contacts)), OpportunityID: "006A", ContactID: words[0]}
	for _, w := range words[1:] {
		if role, ok := strings.CutPrefix(w, "role="); ok {
			link.Role = strings.ReplaceAll(role, "_", " ")
		} else if link.Primary = w == "primary"; !link.Primary {
			return fmt.Errorf("no such word: %s", w)
		}
	}
	c.deal.Contacts = append(c.deal.Contacts, link)
	c.deal.Opportunity.Contacts = crm.Num(float64(len(c.deal.Contacts)))
	return nil
}

func (c *testCase) change(line string) error {
	words := strings.Fields(line)
	if len(words) < 2 {
		return fmt.Errorf("want TIME FIELD VALUE")
	}
	at, err := moment(words[0])
	if err != nil {
		return err
	}
	ch := crm.Change{ID: strconv.Itoa(len(c.deal.Changes)), OpportunityID: "006A", Field: crm.Field(words[1]), At: at}
	if rest := words[2:]; len(rest) > 0 {
		if rest[len(rest)-1] == "observed" {
			ch.Observed, rest = true, rest[:len(rest)-1]
		}
		if via, ok := strings.CutPrefix(rest[len(rest)-1], "via="); ok {
			ch.Via, rest = via, rest[:len(rest)-1]
		}
		if old, ok := strings.CutPrefix(words[2], "was="); ok {
			ch.Old, ch.OldKnown, rest = old, true, rest[1:]
		}
		ch.New = strings.Join(rest, " ")
	}
	c.deal.Changes = append(c.deal.Changes, ch)
	return nil
}

func (c *testCase) park(words []string) (err error) {
	if len(words) < 2 {
		return fmt.Errorf("want FROM UNTIL")
	}
	k := hygiene.Park{Source: "sales", Record: "006A", How: hygiene.ByCommand, Owner: "ana"}
	if k.From, err = crm.ParseDate(words[0]); err != nil {
		return err
	}
	if k.Until, err = crm.ParseDate(words[1]); err != nil {
		return err
	}
	k.At = k.From.In(pacific).Add(12 * time.Hour)
	for _, w := range words[2:] {
		switch key, value, _ := strings.Cut(w, "="); key {
		case "rule":
			k.Rule = value
		case "ended":
			k.End = hygiene.EndTakenBack
			k.Ended, err = moment(value)
		case "over":
			k.End, k.Ended = hygiene.EndOver, k.Until.In(pacific)
		case "replaced":
			k.End = hygiene.EndReplaced
			k.Ended, err = moment(value)
		default:
			err = fmt.Errorf("no such word: %s", w)
		}
		if err != nil {
			return err
		}
	}
	if c.pass.Parked == nil {
		c.pass.Parked = map[string][]hygiene.Park{}
	}
	c.pass.Parked["006A"] = append(c.pass.Parked["006A"], k)
	return nil
}

func (c *testCase) stage(words []string) (err error) {
	if len(c.pass.Source.Pipelines) == 0 {
		c.pass.Source.Pipelines = []hygiene.Pipeline{{Name: "*"}}
	}
	p := &c.pass.Source.Pipelines[0]
	def := hygiene.StageDefinition{Name: words[0], Order: len(p.Stages)}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "max_days":
			def.MaxDays, err = strconv.Atoi(value)
		case "late":
			def.Late = true
		case "from":
			def.From, err = crm.ParseDate(value)
		case "exit":
			def.Exit = strings.Split(value, ",")
		case "entry":
			def.Entry = strings.Split(value, ",")
		default:
			err = fmt.Errorf("no such word: %s", w)
		}
	}
	p.Stages = append(p.Stages, def)
	return err
}

func (c *testCase) config(key, value string) (err error) {
	s := c.pass.Settings[c.rule]
	switch {
	case key == "now":
		c.pass.Now, err = moment(value)
	case key == "since":
		c.pass.Source.Since, err = moment(value)
	case key == "off":
		s.Off = true
	case key == "severity":
		s.Severity, err = hygiene.ParseSeverity(value)
	case key == "holidays":
		c.pass.Teams.List[0].Calendar.Holidays, err = holidays(value)
	case key == "stages" && value == "unknown":
		c.pass.Source.Stages = nil
	case key == "fiscal":
		month, e := strconv.Atoi(value)
		c.pass.Fiscal, err = time.Month(month), e
	case key == "untold":
		c.deal.Untold = append(c.deal.Untold, crm.Stream(value))
	case key == "dates":
		c.pass.Source.Info.Dates = strings.Fields(value)
	case key == "gone":
		for i := range c.pass.Source.Stages {
			if s := &c.pass.Source.Stages[i]; s.ID == value {
				s.Gone, s.Active = true, false
			}
		}
	case strings.HasPrefix(key, "fields."):
		name := strings.TrimPrefix(key, "fields.")
		c.pass.Source.Info.Fields[name] = crm.Access(value)
		if value == string(crm.Unmapped) {
			delete(c.pass.Source.Info.Fields, name)
		}
	default:
		if s.Params == nil {
			s.Params = map[string]float64{}
		}
		s.Params[key], err = strconv.ParseFloat(value, 64)
	}
	c.pass.Settings[c.rule] = s
	return err
}

// holidays reads dates between blanks or commas.
func holidays(value string) (*hygiene.Holidays, error) {
	var days []hygiene.DayOff
	for _, s := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
		d, err := crm.ParseDate(s)
		if err != nil {
			return nil, err
		}
		days = append(days, hygiene.DayOff{Date: d, Why: "holiday"})
	}
	return hygiene.NewHolidays(days), nil
}
