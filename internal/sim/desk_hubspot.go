package sim

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// partnerDesk is HubSpot as a rep works in it. Reps name HubSpot's stages and
// fields as Salesforce does.
type partnerDesk struct {
	portal *portal.Records
	*roster
}

func (s partnerDesk) view(d *deal) soql.Values {
	o := s.portal.Find("deals", d.id)
	if o == nil {
		return nil
	}
	v := soql.Values{"CreatedDate": o.Created, "IsDeleted": o.Archived, "IsClosed": o.Props["hs_is_closed"] == "true", "Decision_Criteria__c": "not asked for here"}
	if stage := s.portal.Stage(o.Props["dealstage"]); stage != nil {
		v["StageName"] = stage.Like
	}
	if at, err := time.Parse(time.RFC3339, o.Props["hs_v2_date_entered_current_stage"]); err == nil {
		v["LastStageChangeDate"] = at
	}
	if at, err := time.Parse(time.RFC3339, o.Props["closedate"]); err == nil {
		v["CloseDate"] = crm.DateOf(at, s.zoneOf(o.Props["hubspot_owner_id"]))
	}
	if at, err := time.Parse(time.RFC3339, o.Props["notes_last_updated"]); err == nil {
		v["LastActivityDate"] = crm.DateOf(at, d.owner.zone)
	}
	if x, err := strconv.ParseFloat(o.Props["amount"], 64); err == nil {
		v["Amount"] = x
	}
	v.PutText("Economic_Buyer__c", o.Props["economic_buyer"])
	return v
}

// open creates a deal.
func (s partnerDesk) open(d *deal) {
	owner := s.portal.OwnerOf(d.owner.email)
	by := s.portal.By(owner)
	pipeline, kind := "default", "newbusiness"
	if d.renewal {
		pipeline, kind = "75398210", "existingbusiness"
	}
	p := map[string]string{"dealname": d.name, "pipeline": pipeline, "dealstage": s.portal.StageLike(pipeline, d.stages[0].to), "dealtype": kind, "hs_analytics_source": "OFFLINE", "deal_currency_code": "USD",
		"closedate": closeTime(d.closes[0].to, len(s.portal.Tables["deals"].Rows), d.owner.zone)}
	if owner != nil {
		p["hubspot_owner_id"] = strconv.FormatInt(owner.ID, 10)
	}
	if d.amount.on != 0 && d.amount.on <= d.stages[0].on {
		p["amount"] = strconv.FormatFloat(d.amount.to, 'f', -1, 64)
	}
	o := s.portal.Create(portal.TypeNamed("deals"), by, p)
	s.portal.Moved(o)
	d.id = strconv.FormatInt(o.ID, 10)
	company := s.portal.Company(d.account, by)
	s.portal.Link(o, company, portal.LinkType{Category: "HUBSPOT_DEFINED", TypeID: 341}, portal.LinkType{Category: "HUBSPOT_DEFINED", TypeID: 5, Label: new("Primary")})
	for i := range d.contacts {
		labels := []portal.LinkType{{Category: "HUBSPOT_DEFINED", TypeID: 3}}
		if i == 0 {
			labels = append(labels, portal.LinkType{Category: "USER_DEFINED", TypeID: 36, Label: new("Decision maker")})
		}
		s.portal.Link(o, s.portal.ContactAt(company, by, i), labels...)
	}
}

// contact logs a call, an e-mail, a meeting or a note that has just happened.
func (s partnerDesk) contact(d *deal, kind int) {
	now := s.portal.Present()
	switch {
	case kind < 4:
		s.log(d, "calls", map[string]string{"hs_timestamp": portal.Stamp(now), "hs_call_title": "Call", "hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED",
			"hs_call_duration": strconv.Itoa((5 + kind*4) * 60_000), "hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7"})
	case kind == 4:
		s.log(d, "notes", map[string]string{"hs_timestamp": portal.Stamp(now), "hs_note_body": "<p>They called back.\n<br>Sounds good.</p>"})
	case kind < 8:
		s.log(d, "emails", map[string]string{"hs_timestamp": portal.Stamp(now), "hs_email_subject": "Following up", "hs_email_direction": []string{"EMAIL", "EMAIL", "INCOMING_EMAIL"}[kind-5],
			"hs_email_status": "SENT", "hs_email_text": "Hello again"})
	default:
		begin := now.Add(-45 * time.Minute)
		s.log(d, "meetings", map[string]string{"hs_timestamp": portal.Stamp(begin), "hs_meeting_title": "Working session", "hs_meeting_start_time": portal.Stamp(begin),
			"hs_meeting_end_time": portal.Stamp(now), "hs_meeting_outcome": "COMPLETED"})
	}
}

// book puts a meeting on a later date into the calendar.
func (s partnerDesk) book(d *deal, on crm.Date) {
	y, m, day := on.Civil()
	begin := time.Date(y, m, day, 13, 0, 0, 0, d.owner.zone)
	s.log(d, "meetings", map[string]string{"hs_timestamp": portal.Stamp(begin), "hs_meeting_title": "Meeting", "hs_meeting_start_time": portal.Stamp(begin),
		"hs_meeting_end_time": portal.Stamp(begin.Add(30 * time.Minute)), "hs_meeting_outcome": "SCHEDULED"})
}

func (s partnerDesk) log(d *deal, typ string, p map[string]string) {
	o := s.portal.Find("deals", d.id)
	if o == nil {
		return // the deal was planned and never opened
	}
	owner := s.portal.OwnerOf(d.owner.email)
	s.portal.Activity(o, typ, s.portal.By(owner), owner, p)
}

// zoneOf is the zone of an owner's browser, in which HubSpot shows times and takes dates;
// the portal's where a deal has no owner.
func (s partnerDesk) zoneOf(ownerID string) *time.Location {
	if o := s.portal.OwnerByID(ownerID); o != nil {
		if p := s.person(o.Email); p != nil {
			return p.zone
		}
	}
	return s.portal.Zone()
}

// closeTime is a close date as HubSpot keeps it: the date that somebody picked in zone, with
// a time of day, which may be late enough to be the next day in UTC.
func closeTime(d crm.Date, n int, zone *time.Location) string {
	if d.IsZero() {
		return ""
	}
	y, m, day := d.Civil()
	return portal.Stamp(time.Date(y, m, day, 0, n*97%1440, 0, 0, zone))
}

// setField writes a Salesforce field to the property that stands for the field;
// Decision_Criteria__c has no such property.
func (s partnerDesk) setField(o *portal.Object, user, name string, value any) error {
	f := org.Objects["Opportunity"].Field(name)
	if f == nil {
		return fmt.Errorf("set deal %d: %s has no property", o.ID, name)
	}
	if o.Archived || o.Gone {
		return fmt.Errorf("set deal %d: it is archived", o.ID)
	}
	value, err := org.Convert(f, value)
	if err != nil {
		return fmt.Errorf("set deal %d: %s: %w", o.ID, name, err)
	}
	by := s.portal.By(s.ownerOfUser(user))
	if user == "" {
		by = s.portal.By(s.portal.OwnerByID(o.Props["hubspot_owner_id"]))
	}
	property := map[string]string{"Name": "dealname", "StageName": "dealstage", "Amount": "amount", "CloseDate": "closedate", "NextStep": "hs_next_step",
		"Economic_Buyer__c": "economic_buyer", "Loss_Reason__c": "closed_lost_reason", "Description": "description", "ForecastCategoryName": "hs_manual_forecast_category"}[f.Name]
	text := ""
	switch x := value.(type) {
	case string:
		text = x
	case float64:
		text = strconv.FormatFloat(x, 'f', -1, 64)
	case crm.Date:
		text = closeTime(x, int((o.ID-o.Type.Base)/o.Type.Step), s.zoneOf(o.Props["hubspot_owner_id"]))
	}
	switch property {
	case "":
		return nil
	case "dealstage":
		if text = s.portal.StageLike(o.Props["pipeline"], text); text == "" {
			return fmt.Errorf("set deal %d: no stage is like %v", o.ID, value)
		}
	case "hs_manual_forecast_category":
		text = map[string]string{"Omitted": "OMIT", "Pipeline": "PIPELINE", "Best Case": "BEST_CASE", "Commit": "COMMIT", "Closed": "CLOSED"}[text]
	}
	s.portal.Set(o, by, property, text)
	if property == "dealstage" && s.portal.Stage(text).Like == Negotiation {
		s.portal.Set(o, by, "hs_manual_forecast_category", "COMMIT")
	}
	return nil
}

// ownerOfUser is the owner behind a Salesforce user's id.
func (s partnerDesk) ownerOfUser(user string) *portal.Owner {
	for i := range s.people {
		if s.people[i].id == user {
			return s.portal.OwnerOf(s.people[i].email)
		}
	}
	return nil
}
