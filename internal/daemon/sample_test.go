package daemon_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/golden"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// Records that real people made up for real orgs (CC0) go through the simulated API, real
// HTTP, the cache and the rules. The golden file says how often each rule fires, with
// three findings of each; it was checked by hand against the records.
func TestGoldenSampleRecords(t *testing.T) {
	for _, c := range []struct {
		tree string
		on   time.Time
	}{
		{"data-import-test-org", time.Date(2018, 6, 27, 15, 0, 0, 0, time.UTC)},
		{"event-monitoring-demo", time.Date(2021, 3, 10, 15, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.tree, func(t *testing.T) {
			company, err := sim.LoadTree(os.DirFS(filepath.Join("..", "sim", "testdata", c.tree)), sim.Options{Seed: 1, Start: c.on})
			if err != nil {
				t.Fatal(err)
			}
			servers, err := sim.Serve(t.Context(), company, sim.ServeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer servers.Close()
			st, err := bolt.Open(filepath.Join(t.TempDir(), "data"), bolt.Options{Now: company.Now, NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			e := errand{
				Salesforce: servers.SalesforceURL, ID: servers.ClientID, Secret: servers.ClientSecret,
				Slack: servers.SlackURL, Token: servers.SlackToken, Host: servers.SMTPHost, Port: servers.SMTPPort, User: servers.SMTPUser, Password: servers.SMTPPassword,
			}
			_, cfg, err := e.daemon(st)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Now = company.Now
			// The definitions that an org with these stages might have.
			cfg.Pipelines = map[string][]hygiene.Pipeline{"sales": {{Name: "*", Stages: []hygiene.StageDefinition{
				{Name: "Qualification", Exit: []string{"next_step"}}, {Name: "Proposal/Price Quote", Exit: []string{"amount"}, MaxDays: 14},
				{Name: "Negotiation/Review", Late: true, MaxDays: 14},
			}}}}
			d, err := daemon.New(cfg, st, st, st.Fence(), nil)
			if err != nil {
				t.Fatal(err)
			}
			checkSample(t, c.tree, d, cfg, st)
		})
	}
}

// Tables of real HubSpot portals (Apache-2.0) go the same way through the
// simulated portal.
func TestGoldenSampleTables(t *testing.T) {
	company, err := sim.LoadHubSpotTables(os.DirFS(filepath.Join("..", "sim", "testdata", "dbt-hubspot")), sim.Options{Seed: 1, Start: time.Date(2023, 6, 1, 15, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	servers, err := sim.Serve(t.Context(), company, sim.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	st, err := bolt.Open(filepath.Join(t.TempDir(), "data"), bolt.Options{Now: company.Now, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	src, err := hubspot.New(hubspot.Config{Name: "partners", URL: servers.HubSpotURL, Token: connectortest.Secret(t, servers.HubSpotToken), Budget: 1}, rest.New(rest.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	cfg := daemon.Config{
		Company: "Acme", Location: time.UTC, Rules: rules.All(), Now: company.Now,
		Sources: []daemon.Source{{Source: evaluation.Source{Source: src, Label: "HubSpot"}, Type: "hubspot", Every: time.Minute}},
	}
	d, err := daemon.New(cfg, st, st, st.Fence(), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSample(t, "dbt-hubspot", d, cfg, st)
}

// checkSample syncs the first source and compares what was read and found with
// the golden file.
func checkSample(t *testing.T, name string, d *daemon.Daemon, cfg daemon.Config, st *bolt.Store) {
	t.Helper()
	if err := d.Sync(t.Context(), &cfg.Sources[0], false, nil); err != nil {
		t.Fatal(err)
	}
	check, err := d.Check(t.Context(), api.CheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	byRule := map[string][]api.CheckFinding{}
	slices.SortStableFunc(check.Findings, func(x, y api.CheckFinding) int { return strings.Compare(x.Opportunity.ID, y.Opportunity.ID) })
	for _, f := range check.Findings {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	states, err := st.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		fmt.Fprintf(&b, "%-14s %d\n", s.Stream, s.Records)
	}
	for _, r := range slices.Sorted(maps.Keys(byRule)) {
		fmt.Fprintf(&b, "\n%s %d\n", r, len(byRule[r]))
		for _, f := range byRule[r][:min(3, len(byRule[r]))] {
			fmt.Fprintf(&b, "  %s, %s, close date %s: %s\n", f.Opportunity.Name, f.Opportunity.Stage, f.Opportunity.CloseDate, f.Message)
		}
	}
	golden.File(t, filepath.Join("testdata", "sample-"+name+".golden"), b.String())
}
