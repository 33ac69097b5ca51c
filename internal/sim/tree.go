package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// LoadTree makes a company without deals of its own and fills it with the
// records of a sample tree: the *.json files at the root of fsys, as
// `sf data export tree` writes them. Accounts, contacts and opportunities are
// read, with the fields that the simulated org has; other objects are left out.
// Dates are not shifted, so opt.Start should suit the dates. What a tree does not
// hold is added by rule: ids; owners, the reps in turn; creation
// 90 days before the close date and a last change 30 days before it, neither
// later than 20 days before opt.Start; the first OpportunityHistory row.
func LoadTree(fsys fs.FS, opt Options) (*Company, error) {
	files, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, fmt.Errorf("load sample tree: %w", err)
	}
	var records []treeRecord
	for _, f := range files {
		more, err := readTree(fsys, f)
		if err != nil {
			return nil, fmt.Errorf("load sample tree: %s: %w", path.Base(f), err)
		}
		records = append(records, more...)
	}
	if len(records) == 0 {
		return nil, errors.New("load sample tree: no records found; name a directory of files written by sf data export tree")
	}
	c := empty(opt)
	c.clock.Lock()
	defer c.clock.Unlock()
	c.lived = c.opt.Start
	c.seedTreeOrg()
	l := treeLoader{c, map[string]string{}}
	for _, object := range []string{"Account", "Contact", "Opportunity"} {
		for _, r := range records {
			if r.object == object {
				if err := l.add(r); err != nil {
					return nil, fmt.Errorf("load sample tree: %s %s: %w", object, r.ref, err)
				}
			}
		}
	}
	return c, nil
}

type treeRecord struct {
	object, ref string
	fields      map[string]any
}

// readTree reads one file. A plan file, which is an array, holds no records.
func readTree(fsys fs.FS, name string) ([]treeRecord, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.TrimSpace(string(data)), "[") {
		return nil, nil
	}
	var file struct{ Records []map[string]any }
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	var out []treeRecord
	for _, fields := range file.Records {
		attributes, _ := fields["attributes"].(map[string]any)
		delete(fields, "attributes")
		r := treeRecord{fields: fields}
		r.object, _ = attributes["type"].(string)
		r.ref, _ = attributes["referenceId"].(string)
		out = append(out, r)
	}
	return out, nil
}

// seedTreeOrg makes an org with the stages that Salesforce ships.
func (c *Company) seedTreeOrg() {
	c.seedOrg()
	t := c.rec.Tables["OpportunityStage"]
	t.Rows, t.ByID = nil, map[string]*org.Row{}
	c.clock.During(c.opt.Start.AddDate(-10, 0, 0))
	for i, s := range []struct {
		name string
		p    float64
	}{{"Prospecting", 10}, {"Qualification", 10}, {"Needs Analysis", 20}, {"Value Proposition", 50}, {"Id. Decision Makers", 60},
		{"Perception Analysis", 70}, {"Proposal/Price Quote", 75}, {"Negotiation/Review", 90}} {
		c.seedStages([]stageDef{{s.name, s.name, i + 1, false, false, true, s.p, "Pipeline", "Pipeline"}})
	}
	c.seedStages([]stageDef{{ClosedWon, ClosedWon, 9, true, true, true, 100, "Closed", "Closed"}, {ClosedLost, ClosedLost, 10, true, false, true, 0, "Omitted", "Omitted"}})
	c.seedPeople()
}

// treeLoader adds the records of a tree.
type treeLoader struct {
	c   *Company
	ids map[string]string // by reference
}

func (l treeLoader) add(r treeRecord) error {
	c, ids := l.c, l.ids
	o := org.Objects[r.object]
	v := soql.Values{}
	for name, raw := range r.fields {
		f := o.Field(name)
		if f == nil || f.Derived {
			continue
		}
		if s, ok := raw.(string); ok && strings.HasPrefix(s, "@") {
			if raw, ok = ids[s[1:]]; !ok {
				return fmt.Errorf("%s refers to %s, which no file holds", name, s)
			}
		}
		value, err := org.Convert(f, raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		v.Put(f.Name, value)
	}
	reps := slices.Concat(c.reps("West"), c.reps("East"))
	owner := reps[len(ids)%len(reps)].id
	v["OwnerId"] = owner
	latest := c.opt.Start.AddDate(0, 0, -20)
	created, changed := latest, latest
	if r.object == "Opportunity" {
		closes, ok := v["CloseDate"].(crm.Date)
		if !ok || l.stageOf(v) == nil {
			return fmt.Errorf("a close date and a known stage are required, got %v and %v", v["CloseDate"], v["StageName"])
		}
		created, changed = earlier(closes.In(time.UTC).AddDate(0, 0, -90), latest), earlier(closes.In(time.UTC).AddDate(0, 0, -30), latest)
		for k, x := range l.stageOf(v) {
			if v[k] == nil {
				v[k] = x
			}
		}
		text, _ := v["ForecastCategoryName"].(string)
		v.Put("ForecastCategory", org.Categories[text])
		v["PushCount"], v["RecordTypeId"] = 0, c.rec.RecordType("New_Business")
	}
	c.clock.During(created.Add(15 * time.Hour))
	defer func() { c.clock.During(time.Time{}) }()
	rec := c.rec.Create(r.object, owner, v)
	if r.object == "Opportunity" {
		c.rec.History(rec, owner, "", nil)
		rec.Values["LastModifiedDate"], rec.Values["SystemModstamp"] = changed.Add(15*time.Hour), changed.Add(15*time.Hour)
	}
	ids[r.ref] = rec.ID
	return nil
}

func (l treeLoader) stageOf(v soql.Values) soql.Values {
	s, _ := l.c.rec.StageValues(v["StageName"])
	return s
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
