package salesforce

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// TestGoldenRows normalises recorded pages, one file each: the answer of describe, the
// page, and the records.
func TestGoldenRows(t *testing.T) {
	files, err := filepath.Glob("testdata/rows/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases under testdata/rows", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]string{}
			for _, f := range ar.Files {
				part[f.Name] = string(f.Data)
			}
			_, stream, _ := strings.Cut(strings.TrimSpace(string(ar.Comment)), "\nstream: ")
			object := map[string]string{"opportunities": "Opportunity", "activities": "Task", "events": "Event", "users": "User", "stages": "OpportunityStage", "history": "OpportunityHistory", "contacts": "OpportunityContactRole"}[stream]
			if stream == "events" {
				stream = "activities"
			}
			o := &recorded{answer: map[string]func(*http.Request) (int, string){
				"describe": func(r *http.Request) (int, string) {
					if !strings.Contains(r.URL.Path, "/"+object+"/") {
						return 404, `[{"errorCode":"NOT_FOUND","message":"no"}]`
					}
					return 200, part["describe"]
				},
				"queryAll": always(200, part["page"]),
				"query":    always(200, part["page"]),
			}}
			s, err := New(Config{
				Name: "sales", URL: "https://acme.my.salesforce.com", Auth: Auth{ClientID: "3MVG9acme", ClientSecret: connectortest.Secret(t, testSecret)},
				Fields: map[string]string{"score": "score__C", "champion": "Champion__c", "signed": "Signed__c",
					"called": "Called__c", "criteria": "Criteria__c", "gone": "Gone__c", "next_activity_at": "Next_Meeting__c"},
				IntegrationUsers: []string{"sequencer@acme.example"},
			}, rest.New(rest.Config{Transport: o}))
			if err != nil {
				t.Fatal(err)
			}
			page, err := s.Fetch(t.Context(), crm.Stream(stream), "")
			if err != nil {
				t.Fatal(err)
			}
			page.Next = ""
			b, err := json.MarshalIndent(page, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden.Section(t, file, "want", string(b)+"\n")
		})
	}
}
