package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// values are a record's fields. What is absent is null. Types are string,
// bool, int, float64, crm.Date and time.Time (whole seconds, UTC).
type values map[string]any

// row is one record. Until visible, readers see before instead (nil: nothing),
// as they do while the transaction that wrote it is not committed.
type row struct {
	id        string
	v         values
	before    values
	visible   time.Time
	deletedAt time.Time
}

// table holds the records of one object in order of creation.
type table struct {
	rows []*row
	byID map[string]*row
}

// seen is what a reader finds in r at now; nil is no record.
func (r *row) seen(now time.Time) values {
	if now.Before(r.visible) {
		return r.before
	}
	return r.v
}

// create appends a record of object name with v and the usual stamps.
func (c *Company) create(name, by string, v values) *row {
	o := objects[name]
	c.serials[name]++
	r := &row{id: makeID(o.prefix, 100_000+c.serials[name]), v: v}
	v["Id"] = r.id
	now := c.second()
	for _, f := range []string{"CreatedDate", "LastModifiedDate", "SystemModstamp"} {
		if o.field(f) != nil && v[f] == nil {
			v[f] = now
		}
	}
	for _, f := range []string{"CreatedById", "LastModifiedById"} {
		if o.field(f) != nil && v[f] == nil {
			v[f] = by
		}
	}
	for i := range o.fields {
		if f := &o.fields[i]; f.typ == tBool && f.required && v[f.name] == nil {
			v[f.name] = false
		}
	}
	if c.delay > 0 {
		r.visible = c.now().Add(c.delay)
	}
	t := c.tables[name]
	t.rows = append(t.rows, r)
	t.byID[r.id] = r
	return r
}

// touch prepares r for a change: it keeps what readers see until the change is
// committed, and stamps it. by == "" is a platform process, which bumps
// SystemModstamp only.
func (c *Company) touch(r *row, by string) {
	if c.delay > 0 {
		now := c.now()
		if !now.Before(r.visible) {
			r.before = maps.Clone(r.v)
		}
		r.visible = now.Add(c.delay)
	}
	if _, ok := r.v["SystemModstamp"]; ok {
		r.v["SystemModstamp"] = c.second()
	}
	if by == "" {
		return
	}
	if _, ok := r.v["LastModifiedDate"]; ok {
		r.v["LastModifiedDate"] = c.second()
	}
	if _, ok := r.v["LastModifiedById"]; ok {
		r.v["LastModifiedById"] = by
	}
}

// second is the present as stamps hold it.
func (c *Company) second() time.Time { return c.now().Truncate(time.Second) }

// record finds a record of any object by its id.
func (c *Company) record(id string) (*object, *row, error) {
	long, err := LongID(id)
	if err != nil {
		return nil, nil, fmt.Errorf("record %q: %w", id, err)
	}
	for name, o := range objects {
		if o.prefix == long[:3] {
			if r := c.tables[name].byID[long]; r != nil {
				return o, r, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("record %q: not there", id)
}

// value reads a field as a query would: stored, or derived at reading time.
func (c *Company) value(o *object, v values, name string) any {
	switch o.name {
	case "Opportunity":
		return c.opportunityValue(v, name)
	case "Task", "Event":
		switch name {
		case "IsArchived":
			return c.archived(o.name, v)
		case "SystemModstamp":
			return c.archiveStamp(o.name, v)
		}
	case "User":
		if name == "Name" {
			return fullName(v)
		}
	case "Contact":
		if name == "Name" {
			return fullName(v)
		}
	}
	return v[name]
}

func fullName(v values) string {
	first, _ := v["FirstName"].(string)
	last, _ := v["LastName"].(string)
	if first == "" {
		return last
	}
	return first + " " + last
}

func (c *Company) opportunityValue(v values, name string) any {
	switch name {
	case "ExpectedRevenue":
		amount, ok := v["Amount"].(float64)
		if !ok {
			return nil
		}
		p, _ := v["Probability"].(float64)
		return amount * p / 100
	case "HasOpenActivity", "HasOverdueTask":
		today := crm.DateOf(c.now(), c.zone())
		for _, r := range c.byWhat[v["Id"].(string)] {
			if r.v["IsDeleted"] == true {
				continue
			}
			due, _ := r.v["ActivityDate"].(crm.Date)
			_, isTask := r.v["Status"]
			switch {
			case isTask && r.v["IsClosed"] == true:
			case isTask && name == "HasOpenActivity", !isTask && name == "HasOpenActivity" && due >= today:
				return true
			case isTask && !due.IsZero() && due < today:
				return true
			}
		}
		return false
	case "AgeInDays":
		return days(v["CreatedDate"], c.now())
	case "LastStageChangeInDays":
		return days(v["LastStageChangeDate"], c.now())
	case "CurrencyIsoCode":
		if v[name] == nil {
			return "USD"
		}
	}
	return v[name]
}

func days(since any, now time.Time) any {
	t, ok := since.(time.Time)
	if !ok {
		return nil
	}
	return int(now.Sub(t).Hours() / 24)
}

// zone is the org's time zone.
func (c *Company) zone() *time.Location { return location("America/New_York") }

// location loads a zone that is known to exist.
func location(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic("sim: time zone data is missing: " + err.Error())
	}
	return loc
}
