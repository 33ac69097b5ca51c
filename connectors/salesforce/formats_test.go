package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// cell is one value as both APIs write it.
type cell struct {
	rest any    // as JSON
	bulk string // as CSV, before quoting
}

// anyCell draws a value of a type; now and then one that does not fit it.
func anyCell(t *rapid.T, name, typ string) cell {
	if rapid.IntRange(0, 6).Draw(t, name+" is null") == 0 {
		return cell{nil, ""}
	}
	if rapid.IntRange(0, 12).Draw(t, name+" is odd") == 0 && typ != "id" && typ != "string" {
		return rapid.SampledFrom([]cell{{"", ""}, {"12;34", "12;34"}, {"1,234.50", "1,234.50"}, {"2026-02-31", "2026-02-31"}, {"perhaps", "perhaps"}}).Draw(t, name)
	}
	switch typ {
	case "id":
		return rapid.SampledFrom([]cell{
			{"006RO0000035WQgYAM", "006RO0000035WQgYAM"}, {"005RO000000aaaaYAA", "005RO000000aaaaYAA"},
		}).Draw(t, name)
	case "boolean":
		b := rapid.Bool().Draw(t, name)
		return cell{b, fmt.Sprint(b)}
	case "double":
		return rapid.SampledFrom([]cell{
			{json.Number("1e3"), "1000.0"}, {json.Number("1000"), "1000.0"}, {json.Number("0.0"), "0"}, {json.Number("-12.5"), "-12.50"},
			{json.Number("1.0E7"), "1.0E7"}, {json.Number("123456789012.34"), "123456789012.34"},
		}).Draw(t, name)
	case "date":
		return rapid.SampledFrom([]cell{{"2026-12-01", "2026-12-01"}, {"2024-02-29", "2024-02-29"}}).Draw(t, name)
	case "datetime":
		return rapid.SampledFrom([]cell{
			{"2026-11-21T10:00:00.000+0000", "2026-11-21T10:00:00.000Z"}, {"2026-11-21T10:00:00.123+0000", "2026-11-21T10:00:00.123Z"},
			{"2026-11-21T12:00:00.000+0200", "2026-11-21T10:00:00.000Z"},
		}).Draw(t, name)
	}
	text := rapid.SampledFrom([]string{
		"", "Acme", "Ümlaut 東京 \U0001f680", "a\r\nb\nc\r\n", "a\rb", `say "hi", ok`, " padded ", "NUL\x00inside", "\x00", "a\r\x00\nb",
		"2026-12-01", "true", "1e3", "null", "\ufeffmark", "\u202eturned", strings.Repeat("long ", 9000), "a\tb\\c",
	}).Draw(t, name)
	return cell{text, strings.ReplaceAll(text, "\x00", "")}
}

// TestBothFormatsGiveTheSameRecords: a row gives the same record whether it comes as JSON
// by REST or as CSV by Bulk API 2.0, so that a backfill and the increments after it agree
// and no change is seen where there was none.
func TestBothFormatsGiveTheSameRecords(t *testing.T) {
	types := map[string]string{
		"Amount": "double", "Score__c": "double", "SortOrder": "double", "Probability": "double", "DefaultProbability": "double", "CloseDate": "date", "ActivityDate": "date", "LastActivityDate": "date", "Signed__c": "date",
		"CreatedDate": "datetime", "LastModifiedDate": "datetime", "SystemModstamp": "datetime", "LastStageChangeDate": "datetime", "CompletedDateTime": "datetime",
		"StartDateTime": "datetime", "EndDateTime": "datetime", "ActivityDateTime": "datetime", "Called__c": "datetime",
		"OwnerId": "id", "AccountId": "id", "WhatId": "id", "OpportunityId": "id", "ContactId": "id", "CreatedById": "id", "LastModifiedById": "id", "ManagerId": "id",
	}
	for _, flag := range []string{"IsClosed", "IsWon", "IsActive", "IsPrimary", "IsRecurrence", "IsChild", "IsAllDayEvent", "IsDeleted", "Champion__c", "HasOpportunityLineItem"} {
		types[flag] = "boolean"
	}
	typeOf := func(name string) string {
		if typ := types[name]; typ != "" {
			return typ
		}
		return "string"
	}
	var fields []*schema.Field
	for _, f := range standard {
		for _, name := range f.fields {
			fields = append(fields, &schema.Field{Name: name, Type: typeOf(name)})
		}
	}
	own := map[string]string{"score": "Score__c", "signed": "Signed__c", "called": "Called__c", "champion": "Champion__c", "criteria": "Criteria__c"}
	for _, name := range own {
		fields = append(fields, &schema.Field{Name: name, Type: typeOf(name)})
	}
	m := configured{fields: own}.mapping(schema.NewObject("Opportunity", time.Time{}, fields...))
	for _, name := range []crm.Stream{crm.Opportunities, crm.Activities, crm.Users, crm.Stages, crm.History, crm.Contacts} {
		st := streams[name]
		for i := range st.parts {
			p := st.parts[i]
			t.Run(fmt.Sprint(name, " ", i), func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					columns := append([]string{"Id", "IsDeleted", "SystemModstamp"}, p.fields...)
					if p.fields == nil && !p.sweep {
						columns = append(columns, m.selection()...)
					}
					slices.Sort(columns)
					columns = slices.Compact(columns)
					var list []map[string]any
					var sheet strings.Builder
					line := func(cells []string) {
						for i, c := range cells {
							if i > 0 {
								sheet.WriteByte(',')
							}
							sheet.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
						}
						sheet.WriteByte('\n')
					}
					line(columns)
					for n := range rapid.IntRange(1, 3).Draw(t, "rows") {
						record, cells := map[string]any{}, []string{}
						for _, col := range columns {
							c := cell{id(n + 1), id(n + 1)}
							if col != "Id" {
								c = anyCell(t, col, typeOf(col))
							}
							if parent, field, dotted := strings.Cut(col, "."); dotted && c.rest == nil {
								record[parent] = nil
							} else if dotted {
								record[parent] = map[string]any{field: c.rest}
							} else {
								record[col] = c.rest
							}
							cells = append(cells, c.bulk)
						}
						list = append(list, record)
						line(cells)
					}
					var body bytes.Buffer
					if err := json.NewEncoder(&body).Encode(map[string]any{"totalSize": len(list), "done": true, "records": list}); err != nil {
						t.Fatal(err)
					}
					read := func(decode func(*reading) error) (crm.Page, []crm.Left) {
						page := crm.Page{Stream: name, AsOf: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}
						c := &reading{part: p, mapping: m, machines: machine.New(nil, nil), kept: crm.NewDate(2025, 1, 1), take: st.take, page: &page}
						if err := decode(c); err != nil {
							t.Fatal(err)
						}
						return page, c.left
					}
					each := func(c *reading) func(*row.Row) error {
						return func(r *row.Row) error { c.record(r); return nil }
					}
					rest, left := read(func(c *reading) error { _, err := row.Page(body.Bytes(), nil, each(c)); return err })
					bulk, leftToo := read(func(c *reading) error {
						_, _, err := row.Sheet([]byte(sheet.String()), columns, true, each(c))
						return err
					})
					if diff := cmp.Diff(rest, bulk); diff != "" {
						t.Fatalf("-REST +Bulk\n%s", diff)
					}
					if len(left) != len(leftToo) {
						t.Fatalf("REST leaves out %v, Bulk %v", left, leftToo)
					}
				})
			})
		}
	}
}
