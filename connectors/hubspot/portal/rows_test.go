package portal

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// TestGoldenRows has one file for each kind of record: the recorded JSON, and the value
// that the record is normalised into.
func TestGoldenRows(t *testing.T) {
	files, err := filepath.Glob("testdata/rows/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases under testdata/rows", err)
	}
	zone, err := time.LoadLocation("US/Eastern")
	if err != nil {
		t.Fatal(err)
	}
	configured := map[string]string{"score": "score", "signed": "signed_on", "kickoff": "kickoff_at", "risky": "risky", "competitor": "competitor", "gone": "no_such_property"}
	var described []Property
	for p := range strings.FieldsSeq("dealname:string pipeline:enumeration dealstage:enumeration amount:number deal_currency_code:enumeration closedate:datetime hubspot_owner_id:enumeration " +
		"hs_next_step:string hs_manual_forecast_category:enumeration hs_is_closed:bool hs_is_closed_won:bool createdate:datetime hs_lastmodifieddate:datetime " +
		"hs_v2_date_entered_current_stage:datetime notes_last_contacted:datetime notes_next_activity_date:datetime score:number signed_on:date kickoff_at:datetime risky:bool competitor:string") {
		name, typ, _ := strings.Cut(p, ":")
		described = append(described, Property{Name: name, Type: typ})
	}
	plain := &Portal{Zone: zone, Schema: Join(configured, described), Stages: Stages{{"default", "closedlost"}: {Closed: true}}}
	for p := range strings.FieldsSeq("hs_primary_associated_company:number hs_analytics_source:enumeration dealtype:enumeration hs_deal_stage_probability:number hs_num_of_associated_line_items:number " +
		"hs_created_by_user_id:number hs_updated_by_user_id:number hs_object_source:string hs_object_source_id:string hs_object_source_detail_1:string closed_lost_reason:string") {
		name, typ, _ := strings.Cut(p, ":")
		described = append(described, Property{Name: name, Type: typ})
	}
	detailed := &Portal{Zone: zone, Schema: Join(nil, described)}
	asOf := time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC)
	for _, file := range files {
		kind := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(kind, func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			object, _, _ := strings.Cut(kind, "-")
			v := plain
			if kind == "deals-details" {
				v = detailed
			}
			answered := append(v.Schema.Selection(), ActivityProperties[object]...)
			if strings.HasSuffix(kind, "left-out") {
				answered = nil
			}
			got, err := turn(v, object, ar.Files[0].Data, asOf, answered)
			if err != nil {
				got = map[string]string{"error": err.Error()}
			}
			b, err := json.MarshalIndent(got, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, '\n')
			golden.Section(t, file, ar.Files[1].Name, string(b))
		})
	}
}

// turn normalises the results of one answer, in which null, as HubSpot answers for empty
// properties, may be left out of the properties answered for.
func turn(v *Portal, object string, data []byte, asOf time.Time, answered []string) (any, error) {
	var out []any
	var got struct {
		Results []json.RawMessage `json:"results"`
	}
	if err := json.Unmarshal(data, &got); err != nil {
		return nil, err
	}
	for _, raw := range got.Results {
		var rec row.Record
		var o Owner
		var p Pipeline
		var into any = &rec
		switch object {
		case "owners":
			into = &o
		case "pipelines":
			into = &p
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return nil, err
		}
		for _, name := range answered {
			if _, ok := rec.Properties[name]; !ok && rec.Properties != nil {
				rec.Properties[name] = ""
			}
		}
		var one any
		var err error
		switch object {
		case "owners":
			one = o.User(true)
		case "pipelines":
			one = p.Normalise()
		case "deals":
			one, err = v.Deal(&rec)
		case "history":
			one, _, _ = v.Changes(&rec)
		default:
			one = v.Activity(object, &rec, []string{"1"}, asOf)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}
