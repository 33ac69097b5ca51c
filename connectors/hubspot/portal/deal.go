package portal

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Deal normalises a deal. A value of an unexpected form, or that the answer leaves out,
// makes its field unclear; without the values that say whether a deal is closed, it is not known what the deal is.
func (p *Portal) Deal(rec *row.Record) (crm.Opportunity, error) {
	m, r := p.Schema, p.read(rec)
	o := crm.Opportunity{
		ID:               string(rec.ID),
		Name:             r.Text(m.At("name")),
		Pipeline:         r.Text(m.At("pipeline")),
		Stage:            r.Text(m.At("stage")),
		Amount:           r.Number(m.At("amount")),
		Currency:         strings.ToUpper(r.Text(m.At("currency"))),
		CloseDate:        r.described(m.from["close_date"]),
		OwnerID:          r.Text(m.At("owner")),
		NextStep:         r.Text(m.At("next_step")),
		ForecastCategory: r.Text(m.At("forecast_category")),
		CreatedAt:        r.Time(m.At("created_at")),
		ModifiedAt:       r.Time(m.At("modified_at")),
		StageSince:       r.Time(m.At("stage_since")),
		LastActivityAt:   r.Time(m.At("last_activity_at")),
		NextActivityAt:   r.Time(m.At("next_activity_at")),
		AccountID:        crm.Clip(r.Text(m.At("account"))),
		LeadSource:       crm.Clip(r.Text(m.At("lead_source"))),
		Type:             crm.Clip(r.Text(m.At("type"))),
		Probability:      r.percent(m.At("probability")),
		HasProducts:      r.answer(m.from["products"]),
		ModifiedBy:       crm.Clip(r.Text(m.At("modified_by"))),
	}
	o.Origin = byUser(crm.Origin{By: crm.Clip(r.Text(m.At("created_by"))), Via: strings.ToUpper(crm.Clip(r.Text(m.At("created_via")))),
		App: crm.Clip(r.Text(m.At("created_app"))), AppName: crm.Clip(r.Text(m.At("created_app_name")))})
	if on := m.from["close_date"]; on != nil {
		o.ClosesAt = closesAt(on, r.Text(on.Name))
	}
	o.Closed, o.Won = p.state(r, o.Pipeline, o.Stage)
	for _, name := range m.custom {
		if p := m.from[name]; p != nil {
			o.Custom = append(o.Custom, r.custom(name, p))
		}
	}
	o.Unclear = m.unclear(r)
	return o, r.ends(m)
}

// ends returns an error where the values that were read do not say whether a deal is closed.
func (r *reading) ends(m *Schema) error {
	if slices.ContainsFunc([]string{"hs_is_closed", "hs_is_closed_won", m.At("closed"), m.At("won")}, r.IsOdd) {
		err := fmt.Errorf("it cannot be read whether the deal is closed (%s)", r.Faults())
		if r.Lacks() {
			err = LacksError{err}
		}
		return fmt.Errorf("record %s: %w", r.Record.ID, err)
	}
	return nil
}

// LacksError says that a record cannot be read because the answer lacks values of it.
type LacksError struct{ error }

// unclear are our names of the fields whose values had another form than their types, or
// which the record lacks, sorted. HubSpot writes an empty property as null, so an answer
// without a property that was asked for, and is described, does not say that it is empty.
func (m *Schema) unclear(r *reading) (names []string) {
	for name, p := range m.from {
		if p != nil && r.IsOdd(p.Name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Refers is what a deal refers to by id: its pipeline, its stage, its owner.
func (p *Portal) Refers(rec *row.Record) (pipeline, stage, owner string) {
	m, r := p.Schema, p.read(rec)
	return r.Text(m.At("pipeline")), r.Text(m.At("stage")), r.Text(m.At("owner"))
}

// state is whether a deal is closed, and won: as HubSpot calculates it, or as the
// deal's stage says. The calculation follows the stage, at times late, so a deal is
// closed where either of the two says so: no message may name a closed deal.
func (p *Portal) state(r *reading, pipeline, stage string) (closed, won bool) {
	st, listed := p.Stages[[2]string{pipeline, stage}]
	// Where the deal lacks the calculation, the stage says it alone.
	told := func(field, property string) bool {
		return p.Schema.At(field) == property && (r.Has(property) || !listed)
	}
	if told("closed", "hs_is_closed") && r.Flag("hs_is_closed") {
		if told("won", "hs_is_closed_won") {
			return true, r.Flag("hs_is_closed_won")
		}
		return true, st.Won
	}
	return st.Closed, st.Closed && st.Won
}

// described reads a date by its described type: a property of type date has no zone,
// and of a property of type datetime it is the date of the portal's clock.
func (r *reading) described(p *Property) crm.Date {
	if p == nil {
		return 0
	}
	return r.Date(p.Name, zoneOf(p, r.Zone))
}

// closesAt is the instant of a close date, zero where the value is a date or none. HubSpot
// shows a datetime in the zone of the user who looks at it, so the day depends on the owner.
func closesAt(p *Property, value string) time.Time {
	if p.Type == "date" || row.IsDate(value) {
		return time.Time{}
	}
	at, err := row.ParseTime(value)
	if err != nil {
		return time.Time{}
	}
	return at
}

func zoneOf(p *Property, zone *time.Location) *time.Location {
	if p.Type == "date" {
		return time.UTC
	}
	return zone
}

// percent reads a probability. HubSpot writes its own with all digits of a binary fraction.
func (r *reading) percent(property string) crm.Number {
	n := r.Number(property)
	if property == likelihood {
		n.Value = math.Round(n.Value*1e4) / 100
	}
	return n
}

// answer reads a flag, or whether a number is more than none.
func (r *reading) answer(p *Property) crm.Answer {
	if p == nil || r.Text(p.Name) == "" {
		return crm.NotTold
	}
	var yes bool
	if p.Type == "bool" {
		yes = r.Flag(p.Name)
	} else {
		yes = r.Number(p.Name).Value > 0
	}
	if r.IsOdd(p.Name) {
		return crm.NotTold
	}
	return crm.AnswerOf(yes)
}

// custom reads a configured field by its described type.
func (r *reading) custom(name string, p *Property) crm.Custom {
	c := crm.Custom{Name: name}
	if r.Text(p.Name) == "" {
		return c
	}
	switch p.Type {
	case "number":
		c.Type, c.Value = crm.Numeric, strconv.FormatFloat(r.Number(p.Name).Value, 'f', -1, 64)
	case "bool":
		c.Type, c.Value = crm.Boolean, strconv.FormatBool(r.Flag(p.Name))
	case "date":
		if d := r.described(p); !d.IsZero() {
			c.Type, c.Value = crm.Dated, d.String()
		}
	case "datetime":
		if t := r.Time(p.Name); !t.IsZero() {
			c.Type, c.Value = crm.Timed, t.Format(time.RFC3339)
		}
	default:
		c.Type, c.Value = crm.Text, r.Text(p.Name)
	}
	if name == crm.LossReason {
		c.Value = crm.Clip(c.Value)
	}
	if r.IsOdd(p.Name) {
		return crm.Custom{Name: name}
	}
	return c
}

// End is whether a deal is closed, and its close date; zero where that cannot be read.
func (p *Portal) End(rec *row.Record) (closed bool, on crm.Date) {
	m, r := p.Schema, p.read(rec)
	closed, _ = p.state(r, r.Text(m.At("pipeline")), r.Text(m.At("stage")))
	return closed, r.described(m.from["close_date"])
}

// Closed is whether a deal is closed, with an error where that cannot be read.
func (p *Portal) Closed(rec *row.Record) (bool, error) {
	m, r := p.Schema, p.read(rec)
	closed, _ := p.state(r, r.Text(m.At("pipeline")), r.Text(m.At("stage")))
	return closed, r.ends(m)
}

// Swallowed lists the deals that were merged into this one.
func Swallowed(rec *row.Record) []string {
	var out []string
	for id := range strings.SplitSeq(string(rec.Properties[Merged]), ";") {
		if id = strings.TrimSpace(id); row.IsID(id) && id != string(rec.ID) {
			out = append(out, id)
		}
	}
	return out
}
