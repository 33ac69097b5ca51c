package salesforce

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// The functions of this file normalise rows: they turn a row into a record of package
// crm. They make no calls, so the same row always gives the same record.

// opportunity normalises a row of Opportunity. A close date that the org keeps in a datetime
// is an instant: Salesforce shows each user the day in the user's own zone. The day in
// zone, the org's, stands beside the instant.
func (m *mapping) opportunity(r *row.Row, zone *time.Location) crm.Opportunity {
	o := crm.Opportunity{
		ID:               r.Text("Id"),
		Name:             r.Text(m.at("name")),
		Stage:            r.Text(m.at("stage")),
		Amount:           m.number(r, "amount"),
		Currency:         r.Text(m.at("currency")),
		CloseDate:        r.DateIn(m.at("close_date"), zone),
		OwnerID:          r.Text(m.at("owner")),
		AccountID:        r.Text(m.at("account")),
		NextStep:         r.Text(m.at("next_step")),
		ForecastCategory: r.Text(m.at("forecast_category")),
		Closed:           r.Flag(m.at("closed")),
		Won:              r.Flag(m.at("won")),
		CreatedAt:        r.Time(m.at("created_at")),
		ModifiedAt:       r.Time(m.at("modified_at")),
		LastActivityAt:   r.Time(m.at("last_activity_at")),
		NextActivityAt:   r.Time(m.at("next_activity_at")),
		LeadSource:       crm.Clip(r.Text(m.at("lead_source"))),
		Type:             crm.Clip(r.Text(m.at("type"))),
		Probability:      m.number(r, "probability"),
		HasProducts:      m.answer(r, "products"),
		Origin:           crm.Origin{By: r.Text(m.at("created_by"))},
		ModifiedBy:       r.Text(m.at("modified_by")),
	}
	if on := m.at("close_date"); len(r.Text(on)) > len(time.DateOnly) {
		o.ClosesAt = r.Time(on)
	}
	o.Pipeline = m.pipeline(r)
	if m.from["stage_since"] != nil {
		// An empty LastStageChangeDate means that the deal never changed its stage. The time
		// of creation is no date, so it does not stand in for one.
		if o.StageSince = r.Time(m.at("stage_since")); o.StageSince.IsZero() && m.from["stage_since"].Type != "date" && !r.IsOdd(m.at("stage_since")) {
			o.StageSince = o.CreatedAt
		}
	}
	for _, name := range m.custom {
		if f := m.from[name]; f != nil {
			o.Custom = append(o.Custom, custom(r, name, f))
		}
	}
	o.Unclear = m.unclear(r)
	return o
}

// unclear are our names of the fields whose values had another form than their types,
// sorted.
func (m *mapping) unclear(r *row.Row) (names []string) {
	if len(r.Odd()) == 0 {
		return nil
	}
	for name, f := range m.from {
		if f != nil && r.IsOdd(m.at(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// at is the column that holds the value of our name; "" is none.
func (m *mapping) at(name string) string {
	if f := m.from[name]; f != nil {
		return f.Name
	}
	return ""
}

func (m *mapping) number(r *row.Row, name string) crm.Number {
	if m.from[name] == nil {
		return crm.Number{}
	}
	return r.Number(m.at(name))
}

// answer reads a flag, or whether a number is more than none.
func (m *mapping) answer(r *row.Row, name string) crm.Answer {
	f := m.from[name]
	if f == nil || !r.Filled(f.Name) {
		return crm.NotTold
	}
	var yes bool
	if f.Type == "boolean" {
		yes = r.Flag(f.Name)
	} else {
		yes = r.Number(f.Name).Value > 0
	}
	if r.IsOdd(f.Name) {
		return crm.NotTold
	}
	return crm.AnswerOf(yes)
}

// custom reads a configured field by its described type.
func custom(r *row.Row, name string, f *schema.Field) crm.Custom {
	c := crm.Custom{Name: name}
	if !r.Filled(f.Name) {
		return c
	}
	switch f.Type {
	case "currency", "double", "percent", "int", "long":
		c.Type, c.Value = crm.Numeric, strconv.FormatFloat(r.Number(f.Name).Value, 'f', -1, 64)
	case "boolean":
		c.Type, c.Value = crm.Boolean, strconv.FormatBool(r.Flag(f.Name))
	case "date":
		c.Type, c.Value = crm.Dated, r.Date(f.Name).String()
	case "datetime":
		c.Type, c.Value = crm.Timed, r.Time(f.Name).Format(time.RFC3339)
	default:
		if c.Value = r.Text(f.Name); c.Value != "" {
			c.Type = crm.Text
		}
	}
	if r.IsOdd(f.Name) {
		return crm.Custom{Name: name}
	}
	return c
}

// user normalises a row of User.
func user(r *row.Row) crm.User {
	return crm.User{
		ID:        r.Text("Id"),
		Name:      r.Text("Name"),
		Email:     strings.ToLower(strings.TrimSpace(r.Text("Email"))),
		Active:    r.Flag("IsActive"),
		ManagerID: r.Text("ManagerId"),
		TimeZone:  r.Text("TimeZoneSidKey"),
		Login:     strings.ToLower(strings.TrimSpace(r.Text("Username"))),
	}
}

// stage normalises a row of OpportunityStage. A deal holds the API name of its stage;
// people read the label.
func stage(r *row.Row) crm.Stage {
	s := crm.Stage{
		ID:       r.Text("ApiName"),
		Label:    r.Text("MasterLabel"),
		Order:    int(r.Number("SortOrder").Value),
		Closed:   r.Flag("IsClosed"),
		Won:      r.Flag("IsWon"),
		Active:   r.Flag("IsActive"),
		Forecast: r.Text("ForecastCategoryName"),

		Probability: r.Number("DefaultProbability"),
	}
	if s.ID == "" {
		s.ID = s.Label
	}
	if s.Forecast == "" {
		s.Forecast = r.Text("ForecastCategory")
	}
	return s
}

// contact normalises a row of OpportunityContactRole that was read with these columns. An empty
// date of a bounce is a No only where it was asked for, and where the row names a person.
func contact(r *row.Row, columns []string) crm.Contact {
	c := crm.Contact{
		ID:            r.Text("Id"),
		OpportunityID: r.Text("OpportunityId"),
		ContactID:     r.Text("ContactId"),
		Role:          r.Text("Role"),
		Primary:       r.Flag("IsPrimary"),
	}
	if c.ContactID == "" {
		return c
	}
	of := func(name string) bool { return slices.Contains(columns, name) }
	if of("Contact.Title") {
		c.Title = crm.Clip(r.Text("Contact.Title"))
	}
	if of("Contact.EmailBouncedDate") {
		c.EmailBounced = crm.AnswerOf(!r.Time("Contact.EmailBouncedDate").IsZero())
	}
	if of("Contact.HasOptedOutOfEmail") {
		c.EmailOptedOut = crm.AnswerOf(r.Flag("Contact.HasOptedOutOfEmail"))
	}
	return c
}

// historic pairs the fields whose former values OpportunityHistory holds with its columns.
var historic = []struct {
	field crm.Field
	from  string
}{{crm.FieldStage, "StageName"}, {crm.FieldCloseDate, "CloseDate"}, {crm.FieldAmount, "Amount"}}

// elsewhere reports whether the configuration reads the field of that column of
// OpportunityHistory from another field of Opportunity. What the column tells is then the
// past of a field that nobody looks at.
func (w configured) elsewhere(column string) bool {
	for _, f := range historic {
		other, named := w.fields[string(f.field)]
		if f.from == column && named && !strings.EqualFold(other, column) {
			return slices.ContainsFunc(standard, func(s standardField) bool { return s.name == string(f.field) && s.overridable })
		}
	}
	return false
}

// changes normalises a row of OpportunityHistory. A row holds the values of its time
// and does not say which of them changed, so the values before are unknown here, and
// [crm.Fold] drops values that did not change.
func changes(r *row.Row) []crm.Change {
	c := crm.Change{OpportunityID: r.Text("OpportunityId"), At: r.Time("CreatedDate"), Origin: crm.Origin{By: r.Text("CreatedById")}}
	if c.OpportunityID == "" || c.At.IsZero() {
		return nil
	}
	then := crm.Opportunity{Stage: r.Text("StageName"), CloseDate: r.Date("CloseDate"), Amount: r.Number("Amount")}
	id := r.Text("Id")
	var out []crm.Change
	for _, f := range historic {
		if !r.Has(f.from) {
			continue // a hidden column is not an empty value
		}
		c.ID, c.Field, c.New = id+":"+string(f.field), f.field, crm.FieldValue(&then, f.field)
		out = append(out, c)
	}
	return out
}
