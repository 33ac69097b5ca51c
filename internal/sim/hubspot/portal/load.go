package portal

import (
	"fmt"
	"strconv"
	"strings"
)

// object adds a record. Columns of older tables, which are not called property_X,
// become the property that holds the value today.
func (l *loader) object(t *Type, r record) error {
	id := r["id"]
	for _, column := range []string{"deal_id", "engagement_id"} {
		if id == "" {
			id = r[column]
		}
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return err
	}
	if t.Name == "meetings" {
		for column, property := range map[string]string{"start_time": "hs_meeting_start_time", "end_time": "hs_meeting_end_time", "title": "hs_meeting_title", "body": "hs_meeting_body", "external_url": "hs_meeting_external_url"} {
			r["property_"+property] = r[column]
		}
		r["property_hs_timestamp"], r["property_hs_createdate"] = r["start_time"], r["start_time"]
	}
	at, err := l.time(r, "property_"+t.Created())
	if err != nil {
		return err
	}
	p := map[string]string{}
	for column, v := range r {
		name, ok := strings.CutPrefix(column, "property_")
		if !ok || v == "" || name == t.Created() || name == t.Modified || name == "hs_object_id" {
			continue
		}
		def := l.h.Property(t, name)
		if def == nil {
			def = &Property{Name: name, Type: "string", Field: "text", Label: name}
			l.h.Custom[t.Name+"."+name] = def
		}
		if def.Type == "datetime" {
			when, err := l.time(r, column)
			if err != nil {
				return err
			}
			v = Stamp(when)
		}
		p[name] = v
	}
	for column, property := range map[string]string{"owner_id": "hubspot_owner_id", "deal_pipeline_id": "pipeline", "deal_pipeline_stage_id": "dealstage"} {
		if r[column] != "" {
			p[property] = r[column]
		}
	}
	if l.h.Tables[t.Name].ByID[n] != nil {
		return fmt.Errorf("the id %d comes twice", n)
	}
	o := l.h.createAt(t, n, at, Author{source: "IMPORT"}, p)
	o.indexed = at
	if p["dealstage"] != "" {
		l.h.Moved(o)
	}
	if strings.EqualFold(r["is_deleted"], "true") || strings.EqualFold(r["_fivetran_deleted"], "true") {
		o.Archived, o.ArchivedAt = true, o.Updated
	}
	return nil
}

// entered moves a deal into its present stage.
func (l *loader) entered(r record) error {
	o := l.h.Find("deals", r["deal_id"])
	at, err := l.time(r, "date_entered")
	if o == nil || err != nil || !strings.EqualFold(r["_fivetran_active"], "true") {
		return err
	}
	o.Updated = later(at, o.Updated)
	l.h.put(o, Author{source: "IMPORT"}, "dealstage", r["value"])
	l.h.Moved(o)
	return nil
}

func (l *loader) link(fromType, from, toType, to, typeID string) error {
	a, b := l.h.Find(fromType, from), l.h.Find(toType, to)
	n, err := strconv.Atoi(typeID)
	if a == nil || b == nil || err != nil {
		return err
	}
	l.h.Link(a, b, LinkType{"HUBSPOT_DEFINED", n, nil})
	return nil
}

// mergedDeal notes that a deal was merged into another deal. Usually only one of the
// two deals is in the tables.
func (l *loader) mergedDeal(r record) error {
	w, err := strconv.ParseInt(r["deal_id"], 10, 64)
	if err != nil {
		return err
	}
	gone, err := strconv.ParseInt(r["merged_deal_id"], 10, 64)
	if err != nil {
		return err
	}
	l.h.merged[gone] = w
	if o := l.h.Tables["deals"].ByID[gone]; o != nil {
		o.Gone = true
	}
	if o := l.h.Find("deals", r["deal_id"]); o != nil {
		had := o.Props["hs_merged_object_ids"]
		o.Props["hs_merged_object_ids"] = strings.TrimPrefix(had+";"+r["merged_deal_id"], ";")
	}
	return nil
}
