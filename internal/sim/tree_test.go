package sim

import (
	"bytes"
	"os"
	"testing"
	"testing/fstest"
	"time"
)

func TestLoadTree(t *testing.T) {
	for _, tt := range []struct {
		dir         string
		records     map[string]int
		name, stage string
		amount      float64
		closes      string
	}{
		{"event-monitoring-demo", map[string]int{"Account": 1, "Contact": 119, "Opportunity": 278}, "Net Inc. - 9K", "Needs Analysis", 10000, "2021-03-03"},
		{"data-import-test-org", map[string]int{"Account": 10, "Contact": 10, "Opportunity": 9}, "Express Logistics SLA", "Perception Analysis", 120000, "2018-06-26"},
	} {
		t.Run(tt.dir, func(t *testing.T) {
			opt := Options{Start: time.Date(2021, 6, 1, 14, 0, 0, 0, time.UTC)}
			c, err := LoadTree(os.DirFS("testdata/"+tt.dir), opt)
			if err != nil {
				t.Fatal(err)
			}
			for object, want := range tt.records {
				if got := len(c.IDs(object)); got != want {
					t.Errorf("%s: got %d records, want %d", object, got, want)
				}
			}
			p := read(t, c).query("SELECT Id, Name, StageName, Amount, CloseDate, Account.Name, Owner.IsActive, CreatedDate FROM Opportunity WHERE Name = '" + tt.name + "'")
			if len(p.Records) != 1 {
				t.Fatalf("got %d records called %s", len(p.Records), tt.name)
			}
			r := p.Records[0]
			if r["StageName"] != tt.stage || r["Amount"] != tt.amount || r["CloseDate"] != tt.closes {
				t.Errorf("got %v", r)
			}
			if owner, _ := r["Owner"].(map[string]any); owner["IsActive"] != true {
				t.Errorf("owner: got %v", r["Owner"])
			}
			if account, _ := r["Account"].(map[string]any); tt.dir == "data-import-test-org" && account["Name"] != "Express Logistics and Transport" {
				t.Errorf("account: got %v", r["Account"])
			}
			again, err := LoadTree(os.DirFS("testdata/"+tt.dir), opt)
			if err != nil || !bytes.Equal(again.Dump(), c.Dump()) {
				t.Errorf("loaded again, the company is another one (%v)", err)
			}
		})
	}
}

func TestLoadTreeRefuses(t *testing.T) {
	for name, file := range map[string]string{
		"no records":    `[{"sobject":"Account","files":["Account.json"]}]`,
		"no JSON":       `{"records":[`,
		"dangling ref":  `{"records":[{"attributes":{"type":"Opportunity","referenceId":"o1"},"AccountId":"@a1","Name":"x","StageName":"Prospecting","CloseDate":"2020-01-01"}]}`,
		"unknown stage": `{"records":[{"attributes":{"type":"Opportunity","referenceId":"o1"},"Name":"x","StageName":"Chatting","CloseDate":"2020-01-01"}]}`,
		"bad date":      `{"records":[{"attributes":{"type":"Opportunity","referenceId":"o1"},"Name":"x","StageName":"Prospecting","CloseDate":"1/1/2020"}]}`,
	} {
		if _, err := LoadTree(fstest.MapFS{"a.json": {Data: []byte(file)}}, Options{}); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}
