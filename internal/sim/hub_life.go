package sim

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// How reps work with the deals that live in HubSpot. They know the stages and
// fields by the names that Salesforce has for them.

// view is a deal as its rep sees it, under Salesforce's field names; nil is no
// such deal.
func (c *Company) view(d *deal) values {
	if !d.hub {
		if r := c.tables["Opportunity"].byID[d.id]; r != nil {
			return r.v
		}
		return nil
	}
	o := c.hub.find("deals", d.id)
	if o == nil {
		return nil
	}
	v := values{"CreatedDate": o.created, "IsDeleted": o.archived, "IsClosed": o.p["hs_is_closed"] == "true", "Decision_Criteria__c": "not asked for here"}
	if s := c.hub.stage(o.p["dealstage"]); s != nil {
		v["StageName"] = s.like
	}
	if at, err := time.Parse(time.RFC3339, o.p["hs_v2_date_entered_current_stage"]); err == nil {
		v["LastStageChangeDate"] = at
	}
	if at, err := time.Parse(time.RFC3339, o.p["closedate"]); err == nil {
		v["CloseDate"] = crm.DateOf(at, c.zone())
	}
	if at, err := time.Parse(time.RFC3339, o.p["notes_last_updated"]); err == nil {
		v["LastActivityDate"] = crm.DateOf(at, d.owner.zone)
	}
	if x, err := strconv.ParseFloat(o.p["amount"], 64); err == nil {
		v["Amount"] = x
	}
	put(v, "Economic_Buyer__c", text(o.p["economic_buyer"]))
	return v
}

// living are the deals in both CRMs that are not deleted, in order of creation.
func (c *Company) living() []*deal {
	var out []*deal
	for _, r := range c.tables["Opportunity"].rows {
		if d := c.deals[r.id]; d != nil && r.v["IsDeleted"] != true {
			out = append(out, d)
		}
	}
	for _, o := range c.hub.tables["deals"].rows {
		if d := c.deals[strconv.FormatInt(o.id, 10)]; d != nil && !o.archived && !o.gone {
			out = append(out, d)
		}
	}
	return out
}

// openHub creates a deal.
func (h *HubSpot) openHub(d *deal) {
	owner := h.ownerOf(d.owner.email)
	by := h.by(owner)
	pipeline, kind := "default", "newbusiness"
	if d.renewal {
		pipeline, kind = "75398210", "existingbusiness"
	}
	p := map[string]string{"dealname": d.name, "pipeline": pipeline, "dealstage": h.stageLike(pipeline, d.stages[0].to), "dealtype": kind, "deal_currency_code": "USD",
		"closedate": h.closeTime(d.closes[0].to, len(h.tables["deals"].rows))}
	if owner != nil {
		p["hubspot_owner_id"] = strconv.FormatInt(owner.id, 10)
	}
	if d.amount.on != 0 && d.amount.on <= d.stages[0].on {
		p["amount"] = strconv.FormatFloat(d.amount.to, 'f', -1, 64)
	}
	o := h.create(hubTypeNamed("deals"), by, p)
	h.moved(o)
	d.id = strconv.FormatInt(o.id, 10)
	h.c.deals[d.id] = d
	company := h.company(d.account, by)
	h.link(o, company, hubLinkType{"HUBSPOT_DEFINED", 341, nil}, hubLinkType{"HUBSPOT_DEFINED", 5, new("Primary")})
	for i := range d.contacts {
		labels := []hubLinkType{{"HUBSPOT_DEFINED", 3, nil}}
		if i == 0 {
			labels = append(labels, hubLinkType{"USER_DEFINED", 36, new("Decision maker")})
		}
		h.link(o, h.contactAt(company, by, i), labels...)
	}
}

// closeTime is a close date as HubSpot keeps it: with a time of day, which may
// be late enough to be the next day in UTC.
func (h *HubSpot) closeTime(d crm.Date, n int) string {
	if d.IsZero() {
		return ""
	}
	y, m, day := d.Civil()
	return hubTime(time.Date(y, m, day, 0, n*97%1440, 0, 0, h.c.zone()))
}

// setField writes one of Salesforce's fields to the property that stands for
// it; criteria have none.
func (h *HubSpot) setField(o *hubObject, user, name string, value any) error {
	f := objects["Opportunity"].field(name)
	if f == nil {
		return fmt.Errorf("set deal %d: %s has no property", o.id, name)
	}
	if o.archived || o.gone {
		return fmt.Errorf("set deal %d: it is archived", o.id)
	}
	value, err := convert(f, value)
	if err != nil {
		return fmt.Errorf("set deal %d: %s: %w", o.id, name, err)
	}
	by := h.by(h.ownerOfUser(user))
	if user == "" {
		by = h.by(h.ownerByID(o.p["hubspot_owner_id"]))
	}
	property := map[string]string{"Name": "dealname", "StageName": "dealstage", "Amount": "amount", "CloseDate": "closedate", "NextStep": "hs_next_step",
		"Economic_Buyer__c": "economic_buyer", "Loss_Reason__c": "closed_lost_reason", "Description": "description", "ForecastCategoryName": "hs_manual_forecast_category"}[f.name]
	s := ""
	switch x := value.(type) {
	case string:
		s = x
	case float64:
		s = strconv.FormatFloat(x, 'f', -1, 64)
	case crm.Date:
		s = h.closeTime(x, int((o.id-o.t.base)/o.t.step))
	}
	switch property {
	case "":
		return nil
	case "dealstage":
		if s = h.stageLike(o.p["pipeline"], s); s == "" {
			return fmt.Errorf("set deal %d: no stage is like %v", o.id, value)
		}
	case "hs_manual_forecast_category":
		s = map[string]string{"Omitted": "OMIT", "Pipeline": "PIPELINE", "Best Case": "BEST_CASE", "Commit": "COMMIT", "Closed": "CLOSED"}[s]
	}
	h.set(o, by, property, s)
	if property == "dealstage" && h.stage(s).like == Negotiation {
		h.set(o, by, "hs_manual_forecast_category", "COMMIT")
	}
	return nil
}

func (h *HubSpot) ownerByID(id string) *hubOwner {
	for _, o := range h.owners {
		if strconv.FormatInt(o.id, 10) == id {
			return o
		}
	}
	return nil
}
