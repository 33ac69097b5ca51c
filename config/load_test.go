package config_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/almanac"
	"github.com/pipetidy/pipetidy/internal/golden"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// loadAll is Load with the files of days off.
func loadAll(path string) (*config.Config, error) {
	c, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	if ps := c.CheckDaysOff(); len(ps) > 0 {
		return nil, ps
	}
	return c, nil
}

// TestGoldenMistakes loads each testdata/mistakes/NAME.yaml, which holds only the
// mistake that the file is named after, and compares the message.
func TestGoldenMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no mistakes, %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			c, err := loadAll(path)
			var ps config.Problems
			if c != nil || !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("loaded: %v, %v", c, err)
			}
			got := strings.ReplaceAll(err.Error(), path, "pipetidy.yaml") + "\n"
			golden.File(t, strings.TrimSuffix(path, ".yaml")+".want", got)
			if strings.Contains(got, "hunter2") {
				t.Errorf("repeats a secret:\n%s", got)
			}
		})
	}
}

func TestLoadsTheDocumentedFile(t *testing.T) {
	c, err := config.Load("testdata/pipetidy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	want := &config.Config{
		Path:    filepath.Join(dir, "pipetidy.yaml"),
		Company: "Acme", Currency: digest.Exchange{Report: "USD", Rates: map[string]float64{"EUR": 1.09}}, Location: zone(t, "America/New_York"), DataDir: filepath.Join(dir, "data"), Fiscal: time.February,
		Start:     config.Start{ShadowDays: 5, BacklogPerWeek: 5},
		Hours:     hygiene.Hours{From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute},
		Attention: digest.Attention{Managers: 6, Reps: 5, First: rank.Money},
		Parking:   hygiene.Parking{Once: 30, Most: 90, Subject: "On hold"},
		Ops:       config.Ops{Notify: []string{"revops@acme.example"}, Help: "#crm-help"},
		RepFirst:  hygiene.RepFirst{Grace: 10},
		People:    hygiene.People{"ana@oldco.example": "ana@acme.example"},
		Declared:  []string{"ana@acme.example"},
		SlackIDs:  map[string]string{"ana@acme.example": "U012AB3CD", "ana@oldco.example": "U012AB3CD"},
		Sources: []config.Source{{
			Name: "sales", Type: "salesforce", Label: "Salesforce", Every: 15 * time.Minute, Budget: 0.2,
			Skip: []string{"Renewal"}, Commit: []string{"Commit"},
			Connector: &salesforce.Config{
				URL: "https://acme.my.salesforce.com",
				Auth: salesforce.Auth{
					Flow: "client_credentials", ClientID: "3MVG9example", ClientSecret: secret.Secret{Env: "SALESFORCE_CLIENT_SECRET"},
				},
				Capture: "crm", BulkAbove: 20_000,
				Fields: map[string]string{"decision_criteria": "Decision_Criteria__c", "economic_buyer": "Economic_Buyer__c"},
			},
		}},
		Teams: hygiene.Teams{List: []hygiene.Team{{
			Name: "West", Manager: "maria@acme.example", Members: []string{"ana@acme.example", "ben@acme.example"},
			Calendar: &hygiene.Calendar{Location: zone(t, "America/Los_Angeles")},
		}}},
		Pipelines: map[string][]hygiene.Pipeline{"sales": {{Name: "*", Stages: []hygiene.StageDefinition{
			{Name: "Discovery", MaxDays: 21, Exit: []string{"next_step", "decision_criteria"}},
			{Name: "Proposal", MaxDays: 14, Exit: []string{"economic_buyer", "amount"}, Entry: []string{"contact"}, Order: 1},
			{Name: "Negotiation", MaxDays: 14, Late: true, Order: 2},
		}}}},
		Rules: map[string]hygiene.Settings{
			"no-activity":       {On: true, Params: map[string]float64{"days": 14}},
			"next-step-missing": {On: true, Severity: hygiene.High, Params: map[string]float64{}},
			"amount-missing":    {Off: true},
		},
		Digests: []config.Digest{
			{
				Name: "manager-daily", For: "managers", Via: delivery.Slack, Else: delivery.Email,
				Schedule: digest.Schedule{At: digest.At{Hour: 8, Minute: 30}, Days: weekdays},
			},
			{
				Name: "rep-daily", For: "reps", Via: delivery.Slack, Else: delivery.Email,
				Schedule: digest.Schedule{At: digest.At{Hour: 8, Minute: 15}, Days: weekdays},
			},
			{
				Name: "ops-daily", For: "ops", Via: delivery.Email,
				Schedule: digest.Schedule{At: digest.At{Hour: 8}, Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}},
			},
		},
		Notify: config.Notify{Channels: map[delivery.Channel]connectors.NotifierConfig{
			delivery.Slack: &slack.Config{Token: secret.Secret{Env: "SLACK_BOT_TOKEN"}, URL: "https://slack.com/api"},
			delivery.Email: &email.Config{
				Host: "smtp.acme.example", Port: 587, TLS: "starttls", Username: "pipetidy", Password: &secret.Secret{Env: "SMTP_PASSWORD"},
				From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"acme.example"},
			},
		}},
		HTTP: config.HTTP{Listen: "127.0.0.1:9099"},
	}
	compareLocations := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	sameAlmanac := cmp.Comparer(func(*almanac.Reader, *almanac.Reader) bool { return true })
	if diff := cmp.Diff(want, c, compareLocations, places, sameAlmanac); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if why, _ := c.Almanac.Read().Teams["West"].OffOn(crm.NewDate(2026, time.November, 26)); why != "holiday us" {
		t.Errorf("Thanksgiving is %q", why)
	}
}

// TestCheckShowsSecretsBesideMistakes takes the secrets away from every mistaken file:
// each problem of Load is there, and each of a secret has its line.
func TestCheckShowsSecretsBesideMistakes(t *testing.T) {
	for _, name := range []string{"SALESFORCE_CLIENT_SECRET", "HUBSPOT_TOKEN", "SLACK_BOT_TOKEN", "SMTP_PASSWORD"} {
		unset(t, name)
	}
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	beside := 0
	for _, path := range files {
		_, err := loadAll(path)
		var mistakes config.Problems
		if !errors.As(err, &mistakes) {
			t.Fatal(path, err)
		}
		_, err = config.Check(path)
		var all config.Problems
		if !errors.As(err, &all) {
			t.Fatal(path, err)
		}
		for _, m := range mistakes {
			if !slices.Contains(all, m) {
				t.Errorf("%s: Check does not say %v", path, m)
			}
		}
		for _, p := range all {
			if !slices.Contains(mistakes, p) {
				beside++
				if p.Line == 0 || p.Excerpt == "" {
					t.Errorf("%s: %v has no line", path, p)
				}
			}
		}
	}
	if beside < 20 {
		t.Errorf("only %d secrets were missed", beside)
	}
}

// places leaves out where the keys stand in the file.
var places = cmp.Options{cmpopts.IgnoreUnexported(config.Config{}, config.Source{}), cmpopts.EquateComparable(secret.Secret{})}

// TestLoadsBothCRMs loads a file with a source of each type.
func TestLoadsBothCRMs(t *testing.T) {
	c, err := config.Load("testdata/both.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 2 {
		t.Fatalf("%d sources, want 2", len(c.Sources))
	}
	s := c.Sources[1]
	h, ok := s.Connector.(*hubspot.Config)
	if !ok || s.Name != "partners" || s.Type != "hubspot" || s.Label != "HubSpot" || s.Every != 15*time.Minute || s.Budget != 0.2 {
		t.Fatalf("got %+v", s)
	}
	if h.URL != "https://api.hubapi.com" || h.Token.Env != "HUBSPOT_TOKEN" {
		t.Errorf("got %+v", h)
	}
}

// TestLoadsAllKeysOfSalesforce loads a source with every key, and a source of
// another flow with few keys.
func TestLoadsAllKeysOfSalesforce(t *testing.T) {
	c, err := config.Load("testdata/salesforce.yaml")
	if err != nil {
		t.Fatal(err)
	}
	beside, err := filepath.Abs("testdata/sf-refresh")
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Source{{
		Name: "sales", Type: "salesforce", Label: "Salesforce", Every: 15 * time.Minute, Budget: 0.2, Skip: []string{"Renewal"}, Commit: []string{"Commit"},
		Connector: &salesforce.Config{
			URL: "https://acme.my.salesforce.com", AllowHosts: []string{"crm-proxy.acme.example"},
			Auth: salesforce.Auth{
				Flow: "jwt_bearer", ClientID: "3MVG9example", Username: "pipetidy@acme.example", Key: secret.Secret{File: "/run/secrets/sf.pem"},
				Audience: "https://login.salesforce.com",
			},
			Keep: salesforce.Keep{Closed: 24, Activities: 12}, Capture: "crm", BulkAbove: 20_000,
			IntegrationUsers: []string{"outreach@acme.example"}, AutomatedSubjects: []string{"[Outreach]*"},
			Fields: map[string]string{
				"amount": "ARR__c", "on_hold_until": "On_Hold_Until__c", "same_as": "HubSpot_Deal_Id__c", "decision_criteria": "Decision_Criteria__c",
				"economic_buyer": "Economic_Buyer__c", "compelling_event": "Compelling_Event__c", "help_needed": "Help_Needed__c",
			},
		},
	}, {
		Name: "approved", Type: "salesforce", Label: "Salesforce", Every: 15 * time.Minute, Budget: 0.2,
		Connector: &salesforce.Config{
			URL: "https://login.salesforce.com",
			Auth: salesforce.Auth{
				Flow: "refresh_token", ClientID: "3MVG9example", ClientSecret: secret.Secret{Env: "SALESFORCE_CLIENT_SECRET"}, RefreshToken: secret.Secret{File: beside},
			},
			Keep: salesforce.Keep{Closed: 24}, Capture: "einstein", BulkAbove: 2000, AutomatedSubjects: []string{},
		},
	}, {
		Name: "trial", Type: "salesforce", Label: "Salesforce", Every: 15 * time.Minute, Budget: 0.2,
		Connector: &salesforce.Config{
			URL: "https://trial.my.salesforce.com",
			Auth: salesforce.Auth{
				Flow: "password", Username: "ana@acme.example", Password: secret.Secret{Env: "SALESFORCE_PASSWORD"}, SecurityToken: secret.Secret{Env: "SALESFORCE_SECURITY_TOKEN"},
			},
			Capture: "crm", BulkAbove: 20000,
		},
	}}
	if diff := cmp.Diff(want, c.Sources, places); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLoadsAllKeysOfHubSpot loads a source with every key, and a source that signs
// in as an OAuth app.
func TestLoadsAllKeysOfHubSpot(t *testing.T) {
	c, err := config.Load("testdata/hubspot.yaml")
	if err != nil {
		t.Fatal(err)
	}
	beside, err := filepath.Abs("testdata/hubspot-refresh")
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Source{{
		Name: "partners", Type: "hubspot", Label: "HubSpot", Every: 15 * time.Minute, Budget: 0.2, Skip: []string{"Renewals"}, Commit: []string{"COMMIT"},
		Connector: &hubspot.Config{
			URL: "https://api.hubapi.com", Token: secret.Secret{Env: "HUBSPOT_TOKEN"}, Keep: hubspot.Keep{Closed: 24, Activities: 12},
			Fields: map[string]string{"economic_buyer": "economic_buyer"},
		},
	}, {
		Name: "installed", Type: "hubspot", Label: "HubSpot", Every: 15 * time.Minute, Budget: 0.2,
		Connector: &hubspot.Config{
			URL: "https://api.hubapi.com", AllowHosts: []string{"crm-proxy.acme.example"},
			Auth: &hubspot.Auth{
				ClientID: "app-1", ClientSecret: secret.Secret{Env: "HUBSPOT_CLIENT_SECRET"}, RefreshToken: secret.Secret{File: beside},
			},
		},
	}}
	if diff := cmp.Diff(want, c.Sources, places); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
