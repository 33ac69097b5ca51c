package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// stageDef is what the org says about a stage.
type stageDef struct {
	api, label  string
	order       int
	closed, won bool
	active      bool
	probability float64
	category    string // ForecastCategory
	name        string // ForecastCategoryName
}

// Stage API names. Negotiation's API name differs from its label.
const (
	Prospecting = "Prospecting"
	Discovery   = "Discovery"
	Proposal    = "Proposal"
	Negotiation = "Negotiation/Review"
	ClosedWon   = "Closed Won"
	ClosedLost  = "Closed Lost"
)

func acmeStages() []stageDef {
	return []stageDef{
		{Prospecting, "Prospecting", 1, false, false, true, 10, "Pipeline", "Pipeline"},
		{"Qualification", "Qualification", 2, false, false, false, 15, "Pipeline", "Pipeline"},
		{Discovery, "Discovery", 3, false, false, true, 25, "Pipeline", "Pipeline"},
		{Proposal, "Proposal", 4, false, false, true, 50, "BestCase", "Best Case"},
		{Negotiation, "Negotiation", 5, false, false, true, 80, "Forecast", "Commit"},
		{ClosedWon, "Closed Won", 6, true, true, true, 100, "Closed", "Closed"},
		{ClosedLost, "Closed Lost", 7, true, false, true, 0, "Omitted", "Omitted"},
	}
}

// categories maps ForecastCategoryName to ForecastCategory.
var categories = map[string]string{"Pipeline": "Pipeline", "Best Case": "BestCase", "Commit": "Forecast", "Closed": "Closed", "Omitted": "Omitted"}

// SetField writes one field of any record as a user would, with all that
// follows from it: a new StageName sets IsClosed, IsWon, Probability and the
// forecast category, a new close date may count as a push. value may be nil,
// string, bool, int, float64, crm.Date or time.Time; a date may be given as
// YYYY-MM-DD. The record's owner is the user who did it. Of a deal that lives in
// HubSpot it writes the property that stands for the field; see
// [HubSpot.SetProperty] for all others.
func (c *Company) SetField(id, name string, value any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setField(id, "", name, value)
}

func (c *Company) setField(id, by, name string, value any) error {
	if o := c.hub.find("deals", id); o != nil {
		return c.hub.setField(o, by, name, value)
	}
	o, r, err := c.record(id)
	if err != nil {
		return err
	}
	f := o.field(name)
	if f == nil {
		return fmt.Errorf("set %s.%s: no such field", o.name, name)
	}
	if r.v["IsDeleted"] == true {
		return fmt.Errorf("set %s.%s: the record is in the recycle bin", o.name, name)
	}
	if value, err = convert(f, value); err != nil {
		return fmt.Errorf("set %s.%s: %w", o.name, f.name, err)
	}
	if by == "" {
		by, _ = r.v["OwnerId"].(string)
	}
	if by == "" {
		by = c.userID(opsMail)
	}
	c.write(o, r, by, f.name, value)
	return nil
}

// AddProducts gives an opportunity products worth amount. From then on writing
// its amount succeeds and changes nothing.
func (c *Company) AddProducts(id string, amount float64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.tables["Opportunity"].byID[id]
	if r == nil {
		return fmt.Errorf("add products to %s: no such opportunity", id)
	}
	owner, _ := r.v["OwnerId"].(string)
	c.write(objects["Opportunity"], r, owner, "Amount", amount)
	r.v["HasOpportunityLineItem"] = true
	return nil
}

// write sets a field and what follows from it.
func (c *Company) write(o *object, r *row, by, name string, value any) {
	if r.v[name] == value || name == "Amount" && r.v["HasOpportunityLineItem"] == true {
		return // the amount of a deal with products is their sum
	}
	c.touch(r, by)
	old := r.v[name]
	put(r.v, name, value)
	if o.name != "Opportunity" {
		return
	}
	switch name {
	case "StageName":
		if s, ok := c.stageValues(value); ok {
			maps.Copy(r.v, s)
		}
		r.v["LastStageChangeDate"] = c.second()
	case "ForecastCategoryName":
		text, _ := value.(string)
		put(r.v, "ForecastCategory", categories[text])
	case "CloseDate":
		was, _ := old.(crm.Date)
		is, _ := value.(crm.Date)
		y1, m1, _ := was.Civil()
		y2, m2, _ := is.Civil()
		if y2*12+int(m2) > y1*12+int(m1) {
			n, _ := r.v["PushCount"].(int)
			r.v["PushCount"] = n + 1
		}
	case "Amount", "Probability":
	default:
		return
	}
	if name == "ForecastCategoryName" {
		return
	}
	c.history(r, by, name, old)
}

// stageValues are the fields that a stage brings with it.
func (c *Company) stageValues(api any) (values, bool) {
	for _, r := range c.tables["OpportunityStage"].rows {
		if r.v["ApiName"] == api {
			return values{"IsClosed": r.v["IsClosed"], "IsWon": r.v["IsWon"], "Probability": r.v["DefaultProbability"],
				"ForecastCategory": r.v["ForecastCategory"], "ForecastCategoryName": r.v["ForecastCategoryName"]}, true
		}
	}
	return nil, false
}

// history appends the OpportunityHistory row of a change.
func (c *Company) history(r *row, by, changed string, old any) {
	v := values{"OpportunityId": r.id}
	for _, f := range []string{"StageName", "Amount", "CloseDate", "Probability", "ForecastCategory"} {
		put(v, f, r.v[f])
	}
	put(v, "ExpectedRevenue", c.opportunityValue(r.v, "ExpectedRevenue"))
	put(v, "PrevAmount", r.v["Amount"])
	put(v, "PrevCloseDate", r.v["CloseDate"])
	switch changed {
	case "Amount":
		put(v, "PrevAmount", old)
	case "CloseDate":
		put(v, "PrevCloseDate", old)
	}
	c.create("OpportunityHistory", by, v)
}

func put(v values, name string, value any) {
	if value == nil {
		delete(v, name)
		return
	}
	v[name] = value
}

// convert makes value what field f stores.
func convert(f *field, value any) (any, error) {
	switch x := value.(type) {
	case nil:
		return nil, nil
	case string:
		switch f.typ {
		case tDate:
			d, err := crm.ParseDate(x)
			if err != nil || d.IsZero() {
				return nil, err
			}
			return d, nil
		case tDateTime:
			t, err := time.Parse(time.RFC3339, x)
			return t.UTC().Truncate(time.Second), err
		case tBool, tInt, tDouble, tCurrency, tPercent:
			return nil, fmt.Errorf("%q is no %s", x, f.typ)
		}
		if x == "" {
			return nil, nil // Salesforce keeps no empty strings
		}
		return x, nil
	case int:
		if f.typ == tDouble || f.typ == tCurrency || f.typ == tPercent {
			return float64(x), nil
		}
		return x, nil
	case float64:
		if f.typ == tInt {
			return int(x), nil
		}
		return x, nil
	case time.Time:
		return x.UTC().Truncate(time.Second), nil
	}
	return value, nil
}
