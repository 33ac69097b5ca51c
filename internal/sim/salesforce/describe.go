package salesforce

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// catalog answers for objects, their fields and single records.
type catalog struct{ *shared }

// sobjects answers below /sobjects.
func (s *catalog) sobjects(w http.ResponseWriter, r *http.Request, version string, parts []string) error {
	if len(parts) == 0 {
		s.global(w, version)
		return nil
	}
	o := org.ObjectNamed(parts[0])
	switch {
	case o == nil || s.isHidden(o.Name):
		return notFound()
	case len(parts) == 2 && parts[1] == "describe":
		s.describe(w, r, o)
		return nil
	case len(parts) == 2 && (parts[1] == "updated" || parts[1] == "deleted"):
		return s.replicated(w, r, o, parts[1] == "deleted")
	case len(parts) == 2:
		return s.retrieve(w, r, o, version, parts[1])
	}
	return notFound()
}

func (s *catalog) global(w http.ResponseWriter, version string) {
	type entry struct {
		Name      string            `json:"name"`
		KeyPrefix string            `json:"keyPrefix"`
		Queryable bool              `json:"queryable"`
		URLs      map[string]string `json:"urls"`
	}
	var list []entry
	for name, o := range org.Objects {
		if !s.isHidden(name) {
			base := "/services/data/v" + version + "/sobjects/" + name
			list = append(list, entry{name, o.Prefix, true, map[string]string{"sobject": base, "describe": base + "/describe"}})
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	wire.JSON(w, http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
}

// describedField is a field as describe tells it.
type describedField struct {
	Name                  string      `json:"name"`
	Label                 string      `json:"label"`
	Type                  soql.Type   `json:"type"`
	Length                int         `json:"length"`
	Custom                bool        `json:"custom"`
	Nillable              bool        `json:"nillable"`
	Filterable            bool        `json:"filterable"`
	Sortable              bool        `json:"sortable"`
	Createable            bool        `json:"createable"`
	Updateable            bool        `json:"updateable"`
	Calculated            bool        `json:"calculated"`
	PicklistValues        []pickValue `json:"picklistValues"`
	ReferenceTo           []string    `json:"referenceTo"`
	RelationshipName      *string     `json:"relationshipName"`
	PolymorphicForeignKey bool        `json:"polymorphicForeignKey"`
}

type pickValue struct {
	Active       bool    `json:"active"`
	DefaultValue bool    `json:"defaultValue"`
	Label        string  `json:"label"`
	ValidFor     *string `json:"validFor"`
	Value        string  `json:"value"`
}

func (s *catalog) describe(w http.ResponseWriter, r *http.Request, o *soql.Object) {
	described, changed := s.described(o)
	w.Header().Set("Last-Modified", changed.Format(http.TimeFormat))
	if since, err := http.ParseTime(r.Header.Get("If-Modified-Since")); err == nil && !changed.After(since) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	wire.JSON(w, http.StatusOK, described)
}

func (s *catalog) isHidden(object string) bool {
	s.rec.Lock()
	defer s.rec.Unlock()
	return s.rec.Hidden[object]
}

// described returns the answer of describe for an object, and when that answer last
// changed.
func (s *catalog) described(o *soql.Object) (map[string]any, time.Time) {
	s.rec.Lock()
	defer s.rec.Unlock()
	fields := []describedField{}
	for i := range o.Fields {
		f := &o.Fields[i]
		if !s.rec.Readable(o, f) {
			continue
		}
		d := describedField{Name: f.Name, Label: label(f.Name), Type: f.Type, Length: f.Length, Custom: f.Custom(), Nillable: !f.Required,
			Filterable: !f.NoFilter, Sortable: !f.NoFilter, Createable: !f.Derived, Updateable: !f.Derived, ReferenceTo: append([]string{}, f.To...),
			PolymorphicForeignKey: len(f.To) > 1, PicklistValues: s.picklist(f)}
		if rel := f.Relation(); rel != "" {
			d.RelationshipName = &rel
		}
		fields = append(fields, d)
	}
	types := []map[string]any{}
	for _, rt := range s.rec.Tables["RecordType"].Rows {
		if rt.Values["SobjectType"] == o.Name {
			types = append(types, map[string]any{"recordTypeId": rt.ID, "name": rt.Values["Name"], "developerName": rt.Values["DeveloperName"], "active": true, "available": true,
				"master": false, "defaultRecordTypeMapping": false})
		}
	}
	types = append(types, map[string]any{"recordTypeId": "012000000000000AAA", "name": "Master", "developerName": "Master", "active": true, "available": true,
		"master": true, "defaultRecordTypeMapping": len(types) == 0})
	return map[string]any{"name": o.Name, "label": label(o.Name), "labelPlural": label(o.Name) + "s", "keyPrefix": o.Prefix, "custom": false,
		"queryable": true, "retrieveable": true, "searchable": true, "fields": fields, "recordTypeInfos": types, "childRelationships": []string{}}, s.rec.Since.UTC().Truncate(time.Second)
}

// picklist lists the values of a picklist field.
func (s *catalog) picklist(f *soql.Field) []pickValue {
	out := []pickValue{}
	switch f.Name {
	case "StageName":
		for _, r := range s.rec.Tables["OpportunityStage"].Rows {
			api, _ := r.Values["ApiName"].(string)
			master, _ := r.Values["MasterLabel"].(string)
			out = append(out, pickValue{Active: r.Values["IsActive"] == true, Label: master, Value: api})
		}
	case "ForecastCategoryName":
		for _, v := range []string{"Omitted", "Pipeline", "Best Case", "Commit", "Closed"} {
			out = append(out, pickValue{Active: true, Label: v, Value: v})
		}
	}
	return out
}

// label writes a field's name in words.
func label(name string) string {
	name = strings.TrimSuffix(name, "__c")
	var b strings.Builder
	for i, ch := range name {
		switch {
		case ch == '_':
			b.WriteByte(' ')
			continue
		case i > 0 && ch >= 'A' && ch <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z':
			b.WriteByte(' ')
		}
		b.WriteRune(ch)
	}
	return b.String()
}

// retrieve answers with one record.
func (s *catalog) retrieve(w http.ResponseWriter, r *http.Request, o *soql.Object, version, id string) error {
	long, err := soql.LongID(id)
	if err != nil || long[:3] != o.Prefix {
		return fail(http.StatusBadRequest, "MALFORMED_ID", "Provided external ID field does not exist or is not accessible: %s", id)
	}
	body, err := s.retrieved(o, version, long, r.URL.Query().Get("fields"), s.Options().OnlyOwners)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
	return nil
}

func (s *catalog) retrieved(o *soql.Object, version, id, list string, owners []string) ([]byte, error) {
	s.rec.Lock()
	defer s.rec.Unlock()
	m := s.rec.Moment()
	rec := s.rec.Tables[o.Name].ByID[id]
	if rec == nil {
		return nil, notFound()
	}
	v := rec.Seen(m.Now)
	if v == nil || !s.rec.Visible(owners, true)(o, rec, v) {
		return nil, notFound()
	}
	if v["IsDeleted"] == true {
		return nil, fail(http.StatusNotFound, "ENTITY_IS_DELETED", "entity is deleted")
	}
	names := []string{}
	if list != "" {
		names = strings.Split(list, ",")
	} else {
		for i := range o.Fields {
			if s.rec.Readable(o, &o.Fields[i]) {
				names = append(names, o.Fields[i].Name)
			}
		}
	}
	stmt, err := soql.Select(o.Name, names, list).Prepare(s.rec)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	render(&b, m, o, v, shape(stmt), version)
	return b.Bytes(), nil
}
