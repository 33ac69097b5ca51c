package sim

import (
	"bytes"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// One company has two CRMs: about half of the deals in each, some reps in both, one
// deal in both.
func TestHalfLivesInHubSpot(t *testing.T) {
	c := New(Options{HubSpot: true})
	h := c.HubSpot()
	sf, hs := 0, 0
	owners := map[string][2]int{}
	for _, d := range c.deals {
		if v := c.view(d); v["IsClosed"] == true {
			continue
		}
		n := owners[d.owner.email]
		if d.hub {
			hs++
			n[1]++
		} else {
			sf++
			n[0]++
		}
		owners[d.owner.email] = n
	}
	if sf+hs != 300 || hs < 120 || hs > 180 {
		t.Errorf("%d deals in Salesforce, %d in HubSpot", sf, hs)
	}
	var both []string
	for email, n := range owners {
		if n[0] > 0 && n[1] > 0 {
			both = append(both, email)
		}
	}
	if len(both) != 2 || owners["cleo@acme.example"][1] == 0 || owners["finn@acme.example"][0] == 0 {
		t.Errorf("in both CRMs: %v", both)
	}
	for _, name := range []string{Globex, Initech, Hooli, Vandelay, Umbrella} {
		if c.Find(name) == "" || h.Find(name) != "" {
			t.Errorf("%s is in the wrong CRM", name)
		}
	}
	twin := c.Record(c.Find(Wayne))
	if twin["HubSpot_Deal_Id__c"] != h.Find(Wayne) || h.Find(Wayne) == "" {
		t.Errorf("%s: Salesforce names %v, HubSpot has %v", Wayne, twin["HubSpot_Deal_Id__c"], h.Find(Wayne))
	}
	stark := h.Properties("deals", h.Find(Stark))
	since, err := time.Parse(time.RFC3339, stark["hs_v2_date_entered_current_stage"])
	if err != nil || stark["dealstage"] != "qualifiedtobuy" || stark["amount"] != "9000" || businessDays(dateOf(since), today(c)) != 20 {
		t.Errorf("%s: got %v", Stark, stark)
	}
	if stark["hubspot_owner_id"] != h.OwnerID(OldAddress) || stark["hs_v2_time_in_current_stage"] != stark["hs_v2_date_entered_current_stage"] {
		t.Errorf("%s: got %v", Stark, stark)
	}
	if !bytes.Equal(c.Dump(), New(Options{HubSpot: true}).Dump()) {
		t.Error("the same seed gave another company")
	}
}

func dateOf(at time.Time) crm.Date { return crm.DateOf(at, clock.Location(westZone)) }
