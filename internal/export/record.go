package export

import (
	"bytes"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// exporter writes the records of one source as JSON lines.
type exporter struct {
	source string
	ref    *hygiene.Source
	labels map[string]string // of stages, by pipeline and id
}

func (e *exporter) page(b *bytes.Buffer, p *crm.Page) {
	for i := range p.Opportunities {
		e.opportunity(b, &p.Opportunities[i])
	}
	for i := range p.Activities {
		e.activity(b, &p.Activities[i])
	}
	for i := range p.Users {
		u := &p.Users[i]
		o := open(b)
		o.put("source", e.source)
		o.put("id", u.ID)
		o.put("name", text(u.Name))
		o.put("email", text(u.Email))
		o.put("active", u.Active)
		o.put("manager_id", text(u.ManagerID))
		o.put("time_zone", text(u.TimeZone))
		o.close()
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		o := open(b)
		o.put("source", e.source)
		o.put("pipeline", text(s.Pipeline))
		o.put("id", s.ID)
		o.put("label", text(s.Label))
		o.put("order", s.Order)
		o.put("closed", s.Closed)
		o.put("won", s.Won)
		o.put("active", s.Active)
		if s.Gone {
			o.put("gone", true)
		}
		o.put("forecast_category", text(s.Forecast))
		o.put("probability", number(s.Probability))
		o.close()
	}
	for i := range p.Contacts {
		c := &p.Contacts[i]
		o := open(b)
		o.put("source", e.source)
		o.put("id", c.ID)
		o.put("opportunity_id", c.OpportunityID)
		o.put("contact_id", c.ContactID)
		o.put("role", text(c.Role))
		o.put("primary", c.Primary)
		for _, d := range []struct {
			key, name string
			v         any
		}{{"title", crm.ContactsTitle, text(c.Title)}, {"email_bounced", crm.ContactsBounced, answer(c.EmailBounced)}, {"email_opted_out", crm.ContactsOptedOut, answer(c.EmailOptedOut)}} {
			if e.ref.Info.Fields.Access(d.name) == crm.Readable {
				o.put(d.key, d.v)
			}
		}
		o.close()
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		o := open(b)
		o.put("source", e.source)
		o.put("opportunity_id", c.OpportunityID)
		o.put("field", c.Field)
		o.put("old", text(c.Old))
		o.put("new", text(c.New))
		o.put("at", at(c.At))
		o.put("by", text(c.By))
		if e.ref.Info.Fields.Access(crm.HistoryApp) == crm.Readable {
			o.put("via", text(c.Via))
			o.put("app", text(c.App))
			o.put("app_name", text(c.AppName))
		}
		o.put("observed", c.Observed)
		o.close()
	}
}

func (e *exporter) opportunity(b *bytes.Buffer, p *crm.Opportunity) {
	f := e.ref.Info.Fields
	o := open(b)
	// A field that cannot be read, on this deal or on any, is absent; one that is empty is
	// null.
	known := func(key, field string, v any) {
		if !p.IsUnclear(field) {
			o.put(key, v)
		}
	}
	put := func(key, field string, v any) {
		if f.Access(field) == crm.Readable {
			known(key, field, v)
		}
	}
	label := e.labels[p.Pipeline+"\x00"+p.Stage]
	if label == "" {
		label = e.labels["\x00"+p.Stage]
	}
	email := any(nil)
	if u := e.ref.Users[p.OwnerID]; u != nil {
		email = text(u.Email)
	}
	o.put("source", e.source)
	o.put("id", p.ID)
	known("name", "name", text(p.Name))
	put("pipeline", "pipeline", text(p.Pipeline))
	known("stage", "stage", text(p.Stage))
	known("stage_label", "stage", text(label))
	put("amount", "amount", number(p.Amount))
	put("currency", "currency", text(e.ref.Info.CurrencyOf(e.ref.Info.In(p))))
	put("close_date", "close_date", text(p.CloseDate.String()))
	put("owner_id", "owner", text(p.OwnerID))
	put("owner_email", "owner", email)
	put("account_id", "account", text(p.AccountID))
	put("next_step", "next_step", text(p.NextStep))
	put("forecast_category", "forecast_category", text(p.ForecastCategory))
	o.put("closed", p.Closed)
	o.put("won", p.Won)
	put("created_at", "created_at", at(p.CreatedAt))
	put("modified_at", "modified_at", at(p.ModifiedAt))
	put("stage_since", "stage_since", at(p.StageSince))
	put("last_activity_at", "last_activity_at", at(p.LastActivityAt))
	put("next_activity_at", "next_activity_at", at(p.NextActivityAt))
	put("contacts", "contacts", number(p.Contacts))
	put("lead_source", "lead_source", text(p.LeadSource))
	put("type", "type", text(p.Type))
	put("probability", "probability", number(p.Probability))
	put("has_products", "products", answer(p.HasProducts))
	put("created_by", "created_by", text(p.By))
	put("created_via", "created_via", text(p.Via))
	put("created_app", "created_app", text(p.App))
	put("created_app_name", "created_app_name", text(p.AppName))
	put("modified_by", "modified_by", text(p.ModifiedBy))
	o.put("url", text(e.ref.Info.URL(p.ID)))
	o.put("custom", custom(p, f))
	if len(p.Unclear) > 0 {
		o.put("unclear", p.Unclear)
	}
	o.close()
}

func (e *exporter) activity(b *bytes.Buffer, a *crm.Activity) {
	ids := a.OpportunityIDs
	if ids == nil {
		ids = []string{}
	}
	o := open(b)
	o.put("source", e.source)
	o.put("id", a.ID)
	o.put("kind", a.Kind)
	o.put("opportunity_ids", ids)
	o.put("owner_id", text(a.OwnerID))
	if !a.Unclear {
		o.put("at", at(a.At))
		o.put("due", text(a.Due.String()))
		o.put("done", a.Done)
	}
	o.put("direction", text(string(a.Direction)))
	o.put("outcome", text(a.Outcome))
	o.put("automated", a.Automated)
	o.put("created_at", at(a.CreatedAt))
	detail := func(key, name string, v any) {
		if e.ref.Info.Fields.Access(name) == crm.Readable {
			o.put(key, v)
		}
	}
	detail("subject", crm.ActivitiesSubject, text(a.Subject))
	o.put("subtype", text(a.Subtype))
	detail("created_by", crm.ActivitiesCreator, text(a.By))
	detail("created_via", crm.ActivitiesApp, text(a.Via))
	detail("created_app", crm.ActivitiesApp, text(a.App))
	detail("created_app_name", crm.ActivitiesApp, text(a.AppName))
	o.close()
}
