package hubspot

import (
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

// TestHistoryWithoutThePresent has histories that lack what the deal holds now: they are said
// to lack something, and others are not.
func TestHistoryWithoutThePresent(t *testing.T) {
	const at = `,"timestamp":"2026-11-20T10:00:00Z"}`
	for what, c := range map[string]struct {
		properties, history string
		lacks               string
	}{
		"whole":                     {`"dealstage":"s","hubspot_owner_id":"7"`, `"dealstage":[{"value":"s"` + at + `],"hubspot_owner_id":[{"value":"7"` + at + `]`, ""},
		"no owner, and none before": {`"dealstage":"s"`, `"dealstage":[{"value":"s"` + at + `]`, ""},
		"the owner went":            {`"dealstage":"s"`, `"dealstage":[{"value":"s"` + at + `],"hubspot_owner_id":[{"value":null` + at + `]`, ""},
		"a number of another form":  {`"dealstage":"s","amount":"10.0"`, `"dealstage":[{"value":"s"` + at + `],"amount":[{"value":"10"` + at + `]`, ""},
		"another stage":             {`"dealstage":"s"`, `"dealstage":[{"value":"t"` + at + `]`, "the present dealstage is not in it"},
		"no owner in it":            {`"dealstage":"s","hubspot_owner_id":"7"`, `"dealstage":[{"value":"s"` + at + `]`, "the present hubspot_owner_id is not in it"},
		"an owner that is null":     {`"dealstage":"s","hubspot_owner_id":"7"`, `"dealstage":[{"value":"s"` + at + `],"hubspot_owner_id":[{"value":null` + at + `]`, "the present hubspot_owner_id is not in it"},
		"an entry without a value":  {`"dealstage":"s"`, `"dealstage":[{"value":"s"` + at + `],"hubspot_owner_id":[{"timestamp":"2026-11-20T10:00:00Z"}]`, "hubspot_owner_id of 2026-11-20 is no text"},
		"an amount without history": {`"dealstage":"s","amount":"10"`, `"dealstage":[{"value":"s"` + at + `],"amount":[]`, "the present amount is not in it"},
	} {
		t.Run(what, func(t *testing.T) {
			o := &recorded{answer: map[string]func(call) (int, string){
				"properties": always(200, propertiesOf("dealname:string", "dealstage:enumeration", "hs_lastmodifieddate:datetime", "hubspot_owner_id:enumeration", "amount:number")),
				"deals":      always(200, `{"results":[{"id":"5","properties":{`+c.properties+`},"propertiesWithHistory":{`+c.history+`}}]}`),
			}}
			p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.History, "")
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case c.lacks == "" && (len(p.Left) > 0 || p.Note != ""):
				t.Errorf("left out %v, said %q", p.Left, p.Note)
			case c.lacks != "" && (len(p.Left) != 1 || p.Left[0].Why != c.lacks || !strings.Contains(p.Note, c.lacks)):
				t.Errorf("left out %v, said %q, want %q", p.Left, p.Note, c.lacks)
			}
		})
	}
}
