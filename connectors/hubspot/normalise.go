package hubspot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// What turns records into the words of package crm. Nothing here asks anybody
// anything: the same record gives the same words.

// deal normalises a deal.
func (v *view) deal(rec *record) (crm.Opportunity, error) {
	m, r := v.mapping, &row{rec: rec, zone: v.account.zone}
	o := crm.Opportunity{
		ID:               string(rec.ID),
		Name:             r.text(m.at("name")),
		Pipeline:         r.text(m.at("pipeline")),
		Stage:            r.text(m.at("stage")),
		Amount:           r.number(m.at("amount")),
		Currency:         strings.ToUpper(r.text(m.at("currency"))),
		CloseDate:        r.described(m.from["close_date"]),
		OwnerID:          r.text(m.at("owner")),
		NextStep:         r.text(m.at("next_step")),
		ForecastCategory: r.text(m.at("forecast_category")),
		CreatedAt:        r.time(m.at("created_at")),
		ModifiedAt:       r.time(m.at("modified_at")),
		StageSince:       r.time(m.at("stage_since")),
		LastActivityAt:   r.time(m.at("last_activity_at")),
		NextActivityAt:   r.time(m.at("next_activity_at")),
	}
	o.Closed, o.Won = v.state(r, o.Pipeline, o.Stage)
	for _, name := range m.custom {
		if p := m.from[name]; p != nil {
			o.Custom = append(o.Custom, r.custom(name, p))
		}
	}
	return o, r.err
}

// state is whether a deal is closed, and won: as HubSpot calculates it, or as its
// stage says. The calculation follows the stage, at times later; nobody is to be told
// of a deal that one of the two knows to be closed.
func (v *view) state(r *row, pipeline, stage string) (closed, won bool) {
	if r.flag("hs_is_closed") {
		return true, r.flag("hs_is_closed_won")
	}
	st := v.stages[[2]string{pipeline, stage}]
	return st.Closed, st.Closed && st.Won
}

// described reads a date by its described type: a property of type date has no
// zone, one of type datetime shows the date of the portal's clock.
func (r *row) described(p *property) crm.Date {
	if p == nil {
		return 0
	}
	d, err := parseDate(r.text(p.Name), zoneOf(p, r.zone))
	if err != nil {
		r.wrong(p.Name, "date")
	}
	return d
}

func zoneOf(p *property, zone *time.Location) *time.Location {
	if p.Type == "date" {
		return time.UTC
	}
	return zone
}

// custom reads a configured field by its described type.
func (r *row) custom(name string, p *property) crm.Custom {
	c := crm.Custom{Name: name}
	if r.text(p.Name) == "" {
		return c
	}
	switch p.Type {
	case "number":
		c.Type, c.Value = crm.Numeric, strconv.FormatFloat(r.number(p.Name).Value, 'f', -1, 64)
	case "bool":
		c.Type, c.Value = crm.Boolean, strconv.FormatBool(r.flag(p.Name))
	case "date":
		if d := r.described(p); !d.IsZero() {
			c.Type, c.Value = crm.Dated, d.String()
		}
	case "datetime":
		if t := r.time(p.Name); !t.IsZero() {
			c.Type, c.Value = crm.Timed, t.Format(time.RFC3339)
		}
	default:
		c.Type, c.Value = crm.Text, r.text(p.Name)
	}
	return c
}

// swallowed lists the deals that were merged into this one.
func swallowed(rec *record) []string {
	var out []string
	for id := range strings.SplitSeq(string(rec.Properties[merged]), ";") {
		if id = strings.TrimSpace(id); idForm.MatchString(id) && id != string(rec.ID) {
			out = append(out, id)
		}
	}
	return out
}

// owner is one owner as HubSpot writes it.
type owner struct {
	ID    ident `json:"id"`
	Email text  `json:"email"`
	First text  `json:"firstName"`
	Last  text  `json:"lastName"`
	Teams []struct {
		Name text `json:"name"`
	} `json:"teams"`
}

// user normalises an owner. Deals name the owner's id, which is not the id of the
// user behind it.
func (o *owner) user(active bool) crm.User {
	u := crm.User{
		ID:     string(o.ID),
		Name:   strings.TrimSpace(strings.TrimSpace(string(o.First)) + " " + strings.TrimSpace(string(o.Last))),
		Email:  strings.ToLower(strings.TrimSpace(string(o.Email))),
		Active: active,
	}
	if u.Name == "" {
		u.Name = u.Email
	}
	for _, team := range o.Teams {
		if name := strings.TrimSpace(string(team.Name)); name != "" {
			u.Teams = append(u.Teams, name)
		}
	}
	slices.Sort(u.Teams)
	u.Teams = slices.Compact(u.Teams)
	return u
}

// pipeline is a pipeline of deals as HubSpot writes it.
type pipeline struct {
	ID       string `json:"id"`
	Label    text   `json:"label"`
	Archived bool   `json:"archived"`
	Stages   []struct {
		ID       string          `json:"id"`
		Label    string          `json:"label"`
		Order    int             `json:"displayOrder"`
		Archived bool            `json:"archived"`
		Metadata map[string]text `json:"metadata"`
	} `json:"stages"`
}

// stages normalises a pipeline. Metadata are text: "true", "0.2".
func (p *pipeline) stages() []crm.Stage {
	var out []crm.Stage
	for _, st := range p.Stages {
		likely, err := parseNumber(string(st.Metadata["probability"]))
		known := err == nil
		closed, said := st.Metadata["isClosed"]
		s := crm.Stage{
			Pipeline: p.ID, PipelineLabel: strings.TrimSpace(string(p.Label)), ID: st.ID, Label: strings.TrimSpace(st.Label), Order: st.Order,
			Active: !p.Archived && !st.Archived,
			Closed: strings.EqualFold(string(closed), "true") || !said && known && (likely == 0 || likely == 1),
		}
		s.Won = s.Closed && known && likely == 1
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b crm.Stage) int { return a.Order - b.Order })
	return out
}

// changes are the values that a deal's history notes, oldest first. HubSpot tells
// values and not what they replaced, so that Old is left to [crm.Fold]. An entry
// has no id of its own: field and time make one, and the place among the entries
// of the same moment where there are several.
func (v *view) changes(rec *record) ([]crm.Change, error) {
	var out []crm.Change
	for _, h := range v.mapping.historic() {
		seen := map[int64]int{}
		entries := rec.History[h.from.Name]
		for _, e := range slices.Backward(entries) { // newest first
			at, err := parseTime(string(e.Timestamp))
			if err != nil || at.IsZero() {
				return nil, fmt.Errorf("record %s: the history of %s has an entry without a time", rec.ID, h.from.Name)
			}
			value, err := tracked(h, strings.TrimSpace(string(e.Value)), v.account.zone)
			if err != nil {
				return nil, fmt.Errorf("record %s: the history of %s has a value that is none: %w", rec.ID, h.from.Name, err)
			}
			ms := at.UnixMilli()
			c := crm.Change{ID: fmt.Sprintf("%s:%d", h.field, ms), OpportunityID: string(rec.ID), Field: h.field, New: value, At: at}
			if seen[ms]++; seen[ms] > 1 {
				c.ID += ":" + strconv.Itoa(seen[ms])
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// tracked writes a value of the history as [crm.FieldValue] does.
func tracked(h historic, value string, zone *time.Location) (string, error) {
	var o crm.Opportunity
	var err error
	switch {
	case value == "":
		return "", nil
	case h.field == crm.FieldCloseDate:
		o.CloseDate, err = parseDate(value, zoneOf(h.from, zone))
	case h.field == crm.FieldAmount:
		var n float64
		n, err = parseNumber(value)
		o.Amount = crm.Num(n)
	default:
		return value, nil
	}
	return crm.FieldValue(&o, h.field), err
}
