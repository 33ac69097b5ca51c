package salesforce_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestHistoryOfAnotherField: where the configuration reads the close date or the amount
// from another field, OpportunityHistory tells the past of a field that nobody looks at.
func TestHistoryOfAnotherField(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields map[string]string
		want   []crm.Field
	}{
		{"standard", nil, []crm.Field{crm.FieldAmount, crm.FieldCloseDate, crm.FieldStage}},
		{"close date", map[string]string{"close_date": "LastActivityDate"}, []crm.Field{crm.FieldAmount, crm.FieldStage}},
		{"amount", map[string]string{"amount": "Probability"}, []crm.Field{crm.FieldCloseDate, crm.FieldStage}},
		{"both", map[string]string{"close_date": "LastActivityDate", "amount": "Probability"}, []crm.Field{crm.FieldStage}},
		{"a field that the login does not see", map[string]string{"close_date": "Nowhere__c"}, []crm.Field{crm.FieldAmount, crm.FieldStage}},
		{"the same field by name", map[string]string{"close_date": "closedate", "amount": "AMOUNT"}, []crm.Field{crm.FieldAmount, crm.FieldCloseDate, crm.FieldStage}},
		{"forecast category", map[string]string{"forecast_category": "LeadSource"}, []crm.Field{crm.FieldAmount, crm.FieldCloseDate, crm.FieldStage}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 20})
			a.cfg.Fields = c.fields
			pages, at := pagesOf(t, a.Source(t), crm.History, "", nil)
			if got := told(pages); !slices.Equal(got, c.want) {
				t.Errorf("it tells the past of %v, want %v", got, c.want)
			}
			for _, call := range a.org.Calls() {
				if strings.Contains(call.Query, "FROM OpportunityHistory") && !strings.Contains(call.Query, "COUNT()") && strings.Contains(call.Query, "CloseDate") != slices.Contains(c.want, crm.FieldCloseDate) {
					t.Errorf("it asks %s", call.Query)
				}
			}
			// The standard fields count again, so their past is read.
			a.cfg.Fields = nil
			pages, _ = pagesOf(t, a.Source(t), crm.History, at, nil)
			if got := told(pages); len(c.want) < 3 && len(got) != 3 {
				t.Errorf("back at the standard fields it tells the past of %v", got)
			}
		})
	}
}

// told lists the fields whose past pages tell, each once.
func told(pages []crm.Page) (out []crm.Field) {
	for _, p := range pages {
		for i := range p.Changes {
			out = append(out, p.Changes[i].Field)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
