package sim

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// BookDeal is a deal of the company as its CRM has it.
type BookDeal struct {
	ID        string  `json:"id"`
	CRM       string  `json:"crm"` // salesforce, hubspot
	Name      string  `json:"name"`
	Owner     string  `json:"owner"` // email
	Team      string  `json:"team"`
	Amount    float64 `json:"amount"`
	Commit    bool    `json:"commit"`
	CloseDate string  `json:"close_date"` // YYYY-MM-DD, in the zone of the deal's owner
	Stage     string  `json:"stage"`
	Closed    bool    `json:"closed"`
	Twin      bool    `json:"twin"` // names the same deal in HubSpot
	// Held is the day until which its owner wants nothing asked, "" is that there is none.
	Held string `json:"held,omitempty"`
}

// Book lists all deals of the company that are not deleted, by CRM and id: what the CRMs
// hold, for whoever judges what was made of it.
func (c *Company) Book() []BookDeal {
	c.clock.Lock()
	defer c.clock.Unlock()
	var out []BookDeal
	for _, d := range c.living() {
		v := c.view(d)
		b := BookDeal{ID: d.id, CRM: "salesforce", Owner: d.owner.email, Team: d.owner.team, Closed: v["IsClosed"] == true}
		b.Amount, _ = v["Amount"].(float64)
		b.Stage, _ = v["StageName"].(string)
		if on, ok := v["CloseDate"].(crm.Date); ok {
			b.CloseDate = on.String()
		}
		if !d.held.IsZero() {
			b.Held = d.held.String()
		}
		if d.hub {
			b.CRM = "hubspot"
			p := c.portal.Find("deals", d.id).Props
			b.Name, b.Commit = p["dealname"], p["hs_manual_forecast_category"] == "COMMIT"
		} else {
			b.Name, b.Commit, b.Twin = text(v, "Name"), text(v, "ForecastCategoryName") == "Commit", text(v, "HubSpot_Deal_Id__c") != ""
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(x, y BookDeal) int {
		return cmp.Or(cmp.Compare(x.CRM, y.CRM), cmp.Compare(x.ID, y.ID))
	})
	return out
}

func text(v soql.Values, name string) string {
	s, _ := v[name].(string)
	return s
}
