package sim

import (
	"fmt"
	"net/http"
	"slices"
)

// masterRecordType is the id of the record type of those who have none.
const masterRecordType = "012000000000000AAA"

// SetStages says which stages the sales process of a record type of
// opportunities has, by API name. Until then it has all that are active.
func (c *Company) SetStages(developerName string, stages ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.recordType(developerName)
	if id == "" {
		return fmt.Errorf("set the stages of record type %q: no such record type", developerName)
	}
	c.processes[id] = stages
	c.schemaAt = c.second()
	return nil
}

// uiAPI answers below /ui-api: the picklist values of a record type.
func (s *Salesforce) uiAPI(w http.ResponseWriter, version string, parts []string) error {
	if len(parts) < 4 || len(parts) > 5 || parts[0] != "object-info" || parts[2] != "picklist-values" {
		return notFound()
	}
	url := "/services/data/v" + version + "/ui-api/object-info/" + parts[1] + "/picklist-values/" + parts[3]
	fields, err := s.c.picklists(parts[1], parts[3], url)
	if err != nil {
		return err
	}
	if len(parts) == 4 {
		writeJSON(w, http.StatusOK, map[string]any{"picklistFieldValues": fields})
		return nil
	}
	if fields[parts[4]] == nil {
		return notFound()
	}
	writeJSON(w, http.StatusOK, fields[parts[4]])
	return nil
}

// picklists are the picklist fields of an object with the active values that a
// record type allows.
func (c *Company) picklists(object, recordType, url string) (map[string]map[string]any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := objectNamed(object)
	if o == nil || c.hidden[o.name] {
		return nil, notFound()
	}
	id, err := LongID(recordType)
	if err != nil {
		return nil, fail(http.StatusBadRequest, "MALFORMED_ID", "malformed id %s", recordType)
	}
	if rt := c.tables["RecordType"].byID[id]; id != masterRecordType && (rt == nil || rt.v["SobjectType"] != o.name) {
		return nil, notFound()
	}
	out := map[string]map[string]any{}
	for i := range o.fields {
		f := &o.fields[i]
		if f.typ != tPicklist || !c.readable(o, f) {
			continue
		}
		values := []map[string]any{}
		for _, p := range c.picklist(f) {
			allowed, narrowed := c.processes[id]
			if !p.Active || f.name == "StageName" && narrowed && !slices.Contains(allowed, p.Value) {
				continue
			}
			values = append(values, map[string]any{"attributes": c.stageAttributes(f, p.Value), "label": p.Label, "validFor": []int{}, "value": p.Value})
		}
		out[f.name] = map[string]any{"controllerValues": map[string]int{}, "defaultValue": nil, "url": url + "/" + f.name, "values": values}
	}
	return out, nil
}

// stageAttributes are what a stage brings with it; other values have none.
func (c *Company) stageAttributes(f *field, value string) any {
	v, ok := c.stageValues(value)
	if !ok || f.name != "StageName" {
		return nil
	}
	return map[string]any{"closed": v["IsClosed"], "won": v["IsWon"], "defaultProbability": v["Probability"], "forecastCategoryName": v["ForecastCategoryName"]}
}
