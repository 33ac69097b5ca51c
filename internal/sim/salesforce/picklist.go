package salesforce

import (
	"net/http"
	"slices"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// masterRecordType is the record type of records without a record type of their own.
const masterRecordType = "012000000000000AAA"

// uiAPI answers below /ui-api: the picklist values of a record type.
func (s *catalog) uiAPI(w http.ResponseWriter, version string, parts []string) error {
	if len(parts) < 4 || len(parts) > 5 || parts[0] != "object-info" || parts[2] != "picklist-values" {
		return notFound()
	}
	url := "/services/data/v" + version + "/ui-api/object-info/" + parts[1] + "/picklist-values/" + parts[3]
	fields, err := s.picklists(parts[1], parts[3], url)
	if err != nil {
		return err
	}
	if len(parts) == 4 {
		wire.JSON(w, http.StatusOK, map[string]any{"picklistFieldValues": fields})
		return nil
	}
	if fields[parts[4]] == nil {
		return notFound()
	}
	wire.JSON(w, http.StatusOK, fields[parts[4]])
	return nil
}

// picklists returns the picklist fields of an object with the active values that a
// record type allows.
func (s *catalog) picklists(object, recordType, url string) (map[string]map[string]any, error) {
	s.rec.Lock()
	defer s.rec.Unlock()
	o := s.rec.Object(object)
	if o == nil {
		return nil, notFound()
	}
	id, err := soql.LongID(recordType)
	if err != nil {
		return nil, fail(http.StatusBadRequest, "MALFORMED_ID", "malformed id %s", recordType)
	}
	if rt := s.rec.Tables["RecordType"].ByID[id]; id != masterRecordType && (rt == nil || rt.Values["SobjectType"] != o.Name) {
		return nil, notFound()
	}
	out := map[string]map[string]any{}
	for i := range o.Fields {
		f := &o.Fields[i]
		if f.Type != soql.Picklist || !s.rec.Readable(o, f) {
			continue
		}
		values := []map[string]any{}
		for _, p := range s.picklist(f) {
			allowed, narrowed := s.rec.Processes[id]
			if !p.Active || f.Name == "StageName" && narrowed && !slices.Contains(allowed, p.Value) {
				continue
			}
			values = append(values, map[string]any{"attributes": s.stageAttributes(f, p.Value), "label": p.Label, "validFor": []int{}, "value": p.Value})
		}
		out[f.Name] = map[string]any{"controllerValues": map[string]int{}, "defaultValue": nil, "url": url + "/" + f.Name, "values": values}
	}
	return out, nil
}

// stageAttributes returns the attributes of a stage; values of other fields have none.
func (s *catalog) stageAttributes(f *soql.Field, value string) any {
	v, ok := s.rec.StageValues(value)
	if !ok || f.Name != "StageName" {
		return nil
	}
	return map[string]any{"closed": v["IsClosed"], "won": v["IsWon"], "defaultProbability": v["Probability"], "forecastCategoryName": v["ForecastCategoryName"]}
}
