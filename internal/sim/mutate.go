package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// categories maps ForecastCategoryName to ForecastCategory.
var categories = map[string]string{"Pipeline": "Pipeline", "Best Case": "BestCase", "Commit": "Forecast", "Closed": "Closed", "Omitted": "Omitted"}

// setField writes one field of any record as a user would, with all that follows
// from it. by is the id of that user, "" the record's owner. See [Company.SetField].
func (rec *orgRecords) setField(id, by, name string, value any) error {
	o, r, err := rec.record(id)
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
		by = rec.userID(rec.admin)
	}
	rec.write(o, r, by, f.name, value)
	return nil
}

// addProducts gives an opportunity products worth amount. From then on writing
// its amount succeeds and changes nothing.
func (rec *orgRecords) addProducts(id string, amount float64) error {
	r := rec.tables["Opportunity"].byID[id]
	if r == nil {
		return fmt.Errorf("add products to %s: no such opportunity", id)
	}
	owner, _ := r.v["OwnerId"].(string)
	rec.write(objects["Opportunity"], r, owner, "Amount", amount)
	r.v["HasOpportunityLineItem"] = true
	return nil
}

// write sets a field and what follows from it.
func (rec *orgRecords) write(o *object, r *row, by, name string, value any) {
	if r.v[name] == value || name == "Amount" && r.v["HasOpportunityLineItem"] == true {
		return // the amount of a deal with products is their sum
	}
	rec.touch(r, by)
	old := r.v[name]
	r.v.put(name, value)
	if o.name != "Opportunity" {
		return
	}
	switch name {
	case "StageName":
		if s, ok := rec.stageValues(value); ok {
			maps.Copy(r.v, s)
		}
		r.v["LastStageChangeDate"] = rec.Second()
	case "ForecastCategoryName":
		text, _ := value.(string)
		r.v.put("ForecastCategory", categories[text])
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
	rec.history(r, by, name, old)
}

// renameStage gives a stage another label. As in a real org this restamps every
// opportunity in that stage (SystemModstamp only).
func (rec *orgRecords) renameStage(apiName, label string) error {
	for _, r := range rec.tables["OpportunityStage"].rows {
		if r.v["ApiName"] != apiName {
			continue
		}
		rec.touch(r, rec.userID(rec.admin))
		r.v["MasterLabel"] = label
		for _, o := range rec.tables["Opportunity"].rows {
			if o.v["StageName"] == apiName {
				rec.touch(o, "")
			}
		}
		rec.since = rec.Second()
		return nil
	}
	return fmt.Errorf("rename stage %q: no such stage", apiName)
}

// deactivate ends a user's access; what they own stays theirs.
func (rec *orgRecords) deactivate(email string) error {
	id := rec.userID(email)
	if id == "" {
		return fmt.Errorf("deactivate %q: no such user", email)
	}
	r := rec.tables["User"].byID[id]
	rec.touch(r, "")
	r.v["LastModifiedDate"] = rec.Second()
	r.v["IsActive"] = false
	return nil
}

// stageValues are the fields that a stage brings with it.
func (rec *orgRecords) stageValues(api any) (values, bool) {
	for _, r := range rec.tables["OpportunityStage"].rows {
		if r.v["ApiName"] == api {
			return values{"IsClosed": r.v["IsClosed"], "IsWon": r.v["IsWon"], "Probability": r.v["DefaultProbability"],
				"ForecastCategory": r.v["ForecastCategory"], "ForecastCategoryName": r.v["ForecastCategoryName"]}, true
		}
	}
	return nil, false
}

// history appends the OpportunityHistory row of a change.
func (rec *orgRecords) history(r *row, by, changed string, old any) {
	v := values{"OpportunityId": r.id}
	for _, f := range []string{"StageName", "Amount", "CloseDate", "Probability", "ForecastCategory"} {
		v.put(f, r.v[f])
	}
	v.put("ExpectedRevenue", rec.opportunityValue(r.v, "ExpectedRevenue"))
	v.put("PrevAmount", r.v["Amount"])
	v.put("PrevCloseDate", r.v["CloseDate"])
	switch changed {
	case "Amount":
		v.put("PrevAmount", old)
	case "CloseDate":
		v.put("PrevCloseDate", old)
	}
	rec.create("OpportunityHistory", by, v)
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
