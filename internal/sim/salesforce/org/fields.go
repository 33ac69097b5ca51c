package org

import (
	"fmt"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// Categories maps ForecastCategoryName to ForecastCategory.
var Categories = map[string]string{"Pipeline": "Pipeline", "Best Case": "BestCase", "Commit": "Forecast", "Closed": "Closed", "Omitted": "Omitted"}

// SetField writes one field of any record as a user would, with all that follows
// from the change: a new StageName sets IsClosed, IsWon, Probability and the forecast
// category, a new close date may count as a push. by is the id of the user; "" is the
// record's owner. value may be nil, string, bool, int, float64, crm.Date or time.Time;
// a date may be given as YYYY-MM-DD.
func (rec *Records) SetField(id, by, name string, value any) error {
	o, r, err := rec.Lookup(id)
	if err != nil {
		return err
	}
	f := o.Field(name)
	if f == nil {
		return fmt.Errorf("set %s.%s: no such field", o.Name, name)
	}
	if r.Values["IsDeleted"] == true {
		return fmt.Errorf("set %s.%s: the record is in the recycle bin", o.Name, name)
	}
	if value, err = Convert(f, value); err != nil {
		return fmt.Errorf("set %s.%s: %w", o.Name, f.Name, err)
	}
	if by == "" {
		by, _ = r.Values["OwnerId"].(string)
	}
	if by == "" {
		by = rec.UserID(rec.admin)
	}
	rec.write(o, r, by, f.Name, value)
	return nil
}

// addProducts gives an opportunity products worth amount. Writing the amount of an
// opportunity with products succeeds and changes nothing.
func (rec *Records) addProducts(id string, amount float64) error {
	r := rec.Tables["Opportunity"].ByID[id]
	if r == nil {
		return fmt.Errorf("add products to %s: no such opportunity", id)
	}
	owner, _ := r.Values["OwnerId"].(string)
	rec.write(Objects["Opportunity"], r, owner, "Amount", amount)
	r.Values["HasOpportunityLineItem"] = true
	return nil
}

// write sets a field, and the fields that follow from the change.
func (rec *Records) write(o *soql.Object, r *Row, by, name string, value any) {
	if r.Values[name] == value || name == "Amount" && r.Values["HasOpportunityLineItem"] == true {
		return // the amount of a deal with products is their sum
	}
	rec.touch(r, by)
	old := r.Values[name]
	r.Values.Put(name, value)
	if o.Name != "Opportunity" {
		return
	}
	switch name {
	case "StageName":
		if s, ok := rec.StageValues(value); ok {
			maps.Copy(r.Values, s)
		}
		r.Values["LastStageChangeDate"] = rec.Second()
	case "ForecastCategoryName":
		text, _ := value.(string)
		r.Values.Put("ForecastCategory", Categories[text])
	case "CloseDate":
		was, _ := old.(crm.Date)
		is, _ := value.(crm.Date)
		y1, m1, _ := was.Civil()
		y2, m2, _ := is.Civil()
		if y2*12+int(m2) > y1*12+int(m1) {
			n, _ := r.Values["PushCount"].(int)
			r.Values["PushCount"] = n + 1
		}
	case "Amount", "Probability":
	default:
		return
	}
	if name == "ForecastCategoryName" {
		return
	}
	rec.History(r, by, name, old)
}

// renameStage gives a stage another label. As in a real org, every opportunity in
// the stage gets a new SystemModstamp, and no other stamp.
func (rec *Records) renameStage(apiName, label string) error {
	for _, r := range rec.Tables["OpportunityStage"].Rows {
		if r.Values["ApiName"] != apiName {
			continue
		}
		rec.touch(r, rec.UserID(rec.admin))
		r.Values["MasterLabel"] = label
		for _, o := range rec.Tables["Opportunity"].Rows {
			if o.Values["StageName"] == apiName {
				rec.touch(o, "")
			}
		}
		rec.Since = rec.Second()
		return nil
	}
	return fmt.Errorf("rename stage %q: no such stage", apiName)
}

// Deactivate ends a user's access; the user's records keep their owner.
func (rec *Records) Deactivate(email string) error {
	id := rec.UserID(email)
	if id == "" {
		return fmt.Errorf("deactivate %q: no such user", email)
	}
	r := rec.Tables["User"].ByID[id]
	rec.touch(r, "")
	r.Values["LastModifiedDate"] = rec.Second()
	r.Values["IsActive"] = false
	return nil
}

// StageValues are the values of the opportunity fields that a stage sets.
func (rec *Records) StageValues(api any) (soql.Values, bool) {
	for _, r := range rec.Tables["OpportunityStage"].Rows {
		if r.Values["ApiName"] == api {
			return soql.Values{"IsClosed": r.Values["IsClosed"], "IsWon": r.Values["IsWon"], "Probability": r.Values["DefaultProbability"],
				"ForecastCategory": r.Values["ForecastCategory"], "ForecastCategoryName": r.Values["ForecastCategoryName"]}, true
		}
	}
	return nil, false
}

// History appends the OpportunityHistory row of a change.
func (rec *Records) History(r *Row, by, changed string, old any) {
	v := soql.Values{"OpportunityId": r.ID}
	for _, f := range []string{"StageName", "Amount", "CloseDate", "Probability", "ForecastCategory"} {
		v.Put(f, r.Values[f])
	}
	v.Put("ExpectedRevenue", rec.opportunityValue(r.Values, "ExpectedRevenue"))
	v.Put("PrevAmount", r.Values["Amount"])
	v.Put("PrevCloseDate", r.Values["CloseDate"])
	switch changed {
	case "Amount":
		v.Put("PrevAmount", old)
	case "CloseDate":
		v.Put("PrevCloseDate", old)
	}
	rec.Create("OpportunityHistory", by, v)
}

// Convert turns value into a value that field f stores.
func Convert(f *soql.Field, value any) (any, error) {
	switch x := value.(type) {
	case nil:
		return nil, nil
	case string:
		switch f.Type {
		case soql.Date:
			d, err := crm.ParseDate(x)
			if err != nil || d.IsZero() {
				return nil, err
			}
			return d, nil
		case soql.DateTime:
			t, err := time.Parse(time.RFC3339, x)
			return t.UTC().Truncate(time.Second), err
		case soql.Bool, soql.Int, soql.Double, soql.Currency, soql.Percent:
			return nil, fmt.Errorf("%q is no %s", x, f.Type)
		}
		if x == "" {
			return nil, nil // Salesforce keeps no empty strings
		}
		return x, nil
	case int:
		if f.Type == soql.Double || f.Type == soql.Currency || f.Type == soql.Percent {
			return float64(x), nil
		}
		return x, nil
	case float64:
		if f.Type == soql.Int {
			return int(x), nil
		}
		return x, nil
	case time.Time:
		return x.UTC().Truncate(time.Second), nil
	}
	return value, nil
}
