package salesforce

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// bigPage is a page of 2000 opportunities with the columns of a real query.
func bigPage() string {
	var b strings.Builder
	b.WriteString(`{"totalSize":2000,"done":true,"records":[`)
	for n := range 2000 {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"attributes":{"type":"Opportunity","url":"/services/data/v66.0/sobjects/Opportunity/%s"},"Id":%q,"IsDeleted":false,"Name":"Deal number %d – Acme \"West\"",`+
			`"StageName":"Negotiation/Review","Amount":%d.5,"CloseDate":"2026-12-18","OwnerId":"005RO000000aaaaYAA","AccountId":"001RO000000bbbbYAA","NextStep":"Call them about the contract",`+
			`"ForecastCategoryName":"Commit","IsClosed":false,"IsWon":false,"CreatedDate":"2026-01-31T23:59:59.000+0000","LastModifiedDate":"2026-11-20T10:00:00.000+0000","SystemModstamp":"2026-11-21T10:00:00.000+0000",`+
			`"LastStageChangeDate":"2026-10-01T08:30:00.000+0000","LastActivityDate":"2026-11-30","RecordTypeId":"012RO000000ccccYAA",`+
			`"Decision_Criteria__c":"Price, speed and support","Economic_Buyer__c":null}`, id(n+1), id(n+1), n, n)
	}
	b.WriteString(`]}`)
	return b.String()
}

const benchDescribe = `{"queryable":true,"fields":[{"name":"Id","type":"id","filterable":true},{"name":"IsDeleted","type":"boolean","filterable":true},{"name":"Name","type":"string"},{"name":"StageName","type":"picklist"},` +
	`{"name":"Amount","type":"currency"},{"name":"CloseDate","type":"date"},{"name":"OwnerId","type":"reference"},{"name":"AccountId","type":"reference"},{"name":"NextStep","type":"string"},{"name":"ForecastCategoryName","type":"picklist"},` +
	`{"name":"IsClosed","type":"boolean"},{"name":"IsWon","type":"boolean"},{"name":"CreatedDate","type":"datetime"},{"name":"LastModifiedDate","type":"datetime"},{"name":"SystemModstamp","type":"datetime","filterable":true},` +
	`{"name":"LastStageChangeDate","type":"datetime"},{"name":"LastActivityDate","type":"date"},{"name":"RecordTypeId","type":"reference"},{"name":"Decision_Criteria__c","type":"textarea"},{"name":"Economic_Buyer__c","type":"string"}],` +
	`"recordTypeInfos":[{"recordTypeId":"012RO000000ccccYAA","name":"New Business","developerName":"New_Business","active":true,"master":false}]}`

// BenchmarkPage reads a page of 2000 opportunities from the answer to records.
func BenchmarkPage(b *testing.B) {
	page := bigPage()
	o := &recorded{answer: map[string]func(*http.Request) (int, string){"describe": always(200, benchDescribe), "queryAll": always(200, page)}}
	cfg := good(b)
	cfg.Fields = map[string]string{"decision_criteria": "Decision_Criteria__c", "economic_buyer": "Economic_Buyer__c"}
	s, err := New(cfg, rest.New(rest.Config{Transport: o}))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		p, err := s.Fetch(b.Context(), crm.Opportunities, "")
		if err != nil || len(p.Opportunities) != 2000 {
			b.Fatal(len(p.Opportunities), err)
		}
	}
}
