package hubspot_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// importDeals makes n deals in one millisecond.
func (p *portalClient) importDeals(n int, at time.Time) []string {
	p.t.Helper()
	rows := make([]map[string]string, n)
	for i := range rows {
		rows[i] = map[string]string{"dealname": fmt.Sprintf("Deal %d", i), "pipeline": "default", "dealstage": "qualifiedtobuy", "amount": strconv.Itoa(i)}
	}
	ids, err := p.Import("deals", at, rows)
	if err != nil {
		p.t.Fatal(err)
	}
	return ids
}

// searchAll finds all deals changed since a time, paging by id, 200 at a time.
func (p *portalClient) searchAll(since time.Time) []string {
	p.t.Helper()
	var ids []string
	for last := "0"; ; last = ids[len(ids)-1] {
		page := p.post(200, "/crm/objects/2026-09/deals/search", map[string]any{"limit": 200, "properties": []string{"hs_lastmodifieddate"}, "sorts": []any{map[string]string{"propertyName": "hs_object_id"}},
			"filters": []any{map[string]any{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": strconv.FormatInt(since.UnixMilli(), 10)},
				map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": last}}})
		for _, r := range page["results"].([]any) {
			ids = append(ids, at(r, "id").(string))
		}
		if size(page, "results") < 200 {
			return ids
		}
	}
}

// Searching, listing and reading 12,000 deals of one millisecond and 25,000 changes
// takes a few seconds, so connectors' tests can do the same.
func TestHubSpotManyDeals(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	moment := p.c.Now().Add(123 * time.Millisecond)
	ids := p.importDeals(25_000, moment.Add(-time.Hour))
	begun := time.Now()
	if err := p.SetMany("deals", ids[:12_000], moment, "closedate", "2026-12-31T12:00:00Z"); err != nil {
		t.Fatal(err)
	}
	if got := p.searchAll(moment); len(got) != 12_000 || got[0] != ids[0] || got[11_999] != ids[11_999] {
		t.Errorf("found %d deals on the moment", len(got))
	}
	if got := p.searchAll(moment.Add(time.Millisecond)); len(got) != 0 {
		t.Errorf("found %d deals after the moment", len(got))
	}
	t.Logf("12,000 found in %v", time.Since(begun))
	begun = time.Now()
	got := p.searchAll(moment.Add(-time.Hour))
	t.Logf("25,000 found in %v", time.Since(begun))
	begun = time.Now()
	for i := 0; i < len(got); i += 100 {
		var inputs []map[string]string
		for _, id := range got[i:min(i+100, len(got))] {
			inputs = append(inputs, map[string]string{"id": id})
		}
		p.post(200, "/crm/objects/2026-09/deals/batch/read", map[string]any{"inputs": inputs, "properties": []string{"dealname", "amount", "dealstage", "closedate", "pipeline", "hs_v2_date_entered_current_stage", "notes_next_activity_date"}})
	}
	t.Logf("%d read in %v", len(got), time.Since(begun))
	begun = time.Now()
	n := 0
	for after := ""; ; {
		page := p.get("/crm/objects/2026-09/deals?limit=100&properties=dealname,amount,dealstage,closedate&after=" + after)
		n += size(page, "results")
		next, ok := at(page, "paging", "next", "after").(string)
		if !ok {
			break
		}
		after = next
	}
	t.Logf("%d listed in %v", n, time.Since(begun))
	tally := p.Tally()
	if tally.Calls["deals search"] != 61+1+126 || tally.Calls["deals batch"] != 250 || tally.Calls["deals list"] != 251 || tally.Total() != 689 || tally.Limited != 0 {
		t.Errorf("got %v", tally)
	}
}
