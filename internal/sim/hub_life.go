package sim

import (
	"fmt"
	"slices"
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

// contact logs a call, an e-mail, a meeting or a note that has just happened.
func (h *HubSpot) contact(d *deal, kind int) {
	now := h.c.now()
	switch {
	case kind < 4:
		h.log(d, "calls", map[string]string{"hs_timestamp": hubTime(now), "hs_call_title": "Call", "hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED",
			"hs_call_duration": strconv.Itoa((5 + kind*4) * 60_000), "hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7"})
	case kind == 4:
		h.log(d, "notes", map[string]string{"hs_timestamp": hubTime(now), "hs_note_body": "<p>They called back.\n<br>Sounds good.</p>"})
	case kind < 8:
		h.log(d, "emails", map[string]string{"hs_timestamp": hubTime(now), "hs_email_subject": "Following up", "hs_email_direction": []string{"EMAIL", "EMAIL", "INCOMING_EMAIL"}[kind-5],
			"hs_email_status": "SENT", "hs_email_text": "Hello again"})
	default:
		begin := now.Add(-45 * time.Minute)
		h.log(d, "meetings", map[string]string{"hs_timestamp": hubTime(begin), "hs_meeting_title": "Working session", "hs_meeting_start_time": hubTime(begin),
			"hs_meeting_end_time": hubTime(now), "hs_meeting_outcome": "COMPLETED"})
	}
}

// book puts a meeting on a later date into the calendar.
func (h *HubSpot) book(d *deal, on crm.Date) {
	y, m, day := on.Civil()
	begin := time.Date(y, m, day, 13, 0, 0, 0, d.owner.zone)
	h.log(d, "meetings", map[string]string{"hs_timestamp": hubTime(begin), "hs_meeting_title": "Meeting", "hs_meeting_start_time": hubTime(begin),
		"hs_meeting_end_time": hubTime(begin.Add(30 * time.Minute)), "hs_meeting_outcome": "SCHEDULED"})
}

func (h *HubSpot) log(d *deal, typ string, p map[string]string) {
	o := h.find("deals", d.id)
	if o == nil {
		return // planned for a deal that never opened
	}
	owner := h.ownerOf(d.owner.email)
	h.activity(o, typ, h.by(owner), owner, p)
}

// activity creates an activity of a deal, and the deal's rollups follow.
func (h *HubSpot) activity(deal *hubObject, typ string, by hubBy, owner *hubOwner, p map[string]string) *hubObject {
	if owner != nil && p["hubspot_owner_id"] == "" {
		p["hubspot_owner_id"] = strconv.FormatInt(owner.id, 10)
	}
	a := h.create(hubTypeNamed(typ), by, p)
	if deal == nil {
		return a
	}
	h.link(deal, a)
	if who := h.targets(deal, "contacts"); len(who) > 0 {
		h.link(a, h.tables["contacts"].byID[who[0].to])
	}
	h.rollUp(deal)
	return a
}

// rollUp recomputes what HubSpot keeps about a deal's activities. It bumps the
// deal, as in a real portal, if something changed.
func (h *HubSpot) rollUp(deal *hubObject) {
	now := h.c.now()
	var last, contacted time.Time
	count := 0
	for _, typ := range hubActivities {
		for _, l := range h.targets(deal, typ) {
			a := h.tables[typ].byID[l.to]
			count++
			at, err := time.Parse(time.RFC3339, a.p["hs_timestamp"])
			if err != nil || at.After(now) || typ == "tasks" && a.p["hs_task_status"] != "COMPLETED" {
				continue
			}
			last = later(last, at)
			if typ != "notes" && typ != "tasks" {
				contacted = later(contacted, at)
			}
		}
	}
	h.set(deal, hubCalculated, "num_notes", strconv.Itoa(count))
	if !last.IsZero() {
		h.set(deal, hubCalculated, "notes_last_updated", hubTime(last))
	}
	if !contacted.IsZero() {
		h.set(deal, hubCalculated, "notes_last_contacted", hubTime(contacted))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// nextActivity is the earliest meeting or open task that is still to come. It
// changes as time passes, without a stamp.
func (h *HubSpot) nextActivity(deal *hubObject) (string, bool) {
	now := h.c.now()
	var next time.Time
	for _, typ := range []string{"meetings", "tasks"} {
		for _, l := range h.targets(deal, typ) {
			a := h.tables[typ].byID[l.to]
			at, err := time.Parse(time.RFC3339, a.p["hs_timestamp"])
			if err != nil || !at.After(now) || a.p["hs_task_status"] == "COMPLETED" || a.p["hs_meeting_outcome"] == "CANCELED" {
				continue
			}
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return hubTime(next), !next.IsZero()
}

// link associates two records, in both directions, without a stamp. Without
// types it is the plain association.
func (h *HubSpot) link(a, b *hubObject, types ...hubLinkType) {
	if len(types) == 0 {
		types = []hubLinkType{{"HUBSPOT_DEFINED", hubLinkTypes[[2]string{a.t.name, b.t.name}], nil}}
	}
	back := []hubLinkType{{"HUBSPOT_DEFINED", hubLinkTypes[[2]string{b.t.name, a.t.name}], nil}}
	h.unlink(a, b)
	a.links[b.t.name] = append(a.links[b.t.name], hubLink{b.id, types})
	b.links[a.t.name] = append(b.links[a.t.name], hubLink{a.id, back})
}

func (h *HubSpot) unlink(a, b *hubObject) {
	a.links[b.t.name] = slices.DeleteFunc(a.links[b.t.name], func(l hubLink) bool { return l.to == b.id })
	b.links[a.t.name] = slices.DeleteFunc(b.links[a.t.name], func(l hubLink) bool { return l.to == a.id })
}

// company finds or creates a company.
func (h *HubSpot) company(name string, by hubBy) *hubObject {
	o := h.companies[name]
	if o == nil {
		o = h.create(hubTypeNamed("companies"), by, map[string]string{"name": name})
		h.companies[name] = o
	}
	return o
}

// contactAt finds or makes the i-th person to talk to at a company.
func (h *HubSpot) contactAt(company *hubObject, by hubBy, i int) *hubObject {
	for len(company.links["contacts"]) <= i {
		n := len(h.tables["contacts"].rows)
		first, last := buyerName(n)
		o := h.create(hubTypeNamed("contacts"), by, map[string]string{"firstname": first, "lastname": last, "email": fmt.Sprintf("buyer%d@customer.example", n+1), "jobtitle": "Head of Operations"})
		h.link(company, o)
	}
	return h.tables["contacts"].byID[company.links["contacts"][i].to]
}
