package sim

import (
	"fmt"
	"strconv"
	"strings"
)

// object adds a record; what the older tables call by plain names becomes the
// property that holds it today.
func (l *hubLoader) object(t *hubType, r hubRecord) error {
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
	if t.name == "meetings" {
		for column, property := range map[string]string{"start_time": "hs_meeting_start_time", "end_time": "hs_meeting_end_time", "title": "hs_meeting_title", "body": "hs_meeting_body", "external_url": "hs_meeting_external_url"} {
			r["property_"+property] = r[column]
		}
		r["property_hs_timestamp"], r["property_hs_createdate"] = r["start_time"], r["start_time"]
	}
	at, err := l.time(r, "property_"+t.created())
	if err != nil {
		return err
	}
	p := map[string]string{}
	for column, v := range r {
		name, ok := strings.CutPrefix(column, "property_")
		if !ok || v == "" || name == t.created() || name == t.modified || name == "hs_object_id" {
			continue
		}
		def := l.h.property(t, name)
		if def == nil {
			def = &hubProp{name: name, typ: "string", field: "text", label: name}
			l.h.custom[t.name+"."+name] = def
		}
		if def.typ == "datetime" {
			when, err := l.time(r, column)
			if err != nil {
				return err
			}
			v = hubTime(when)
		}
		p[name] = v
	}
	for column, property := range map[string]string{"owner_id": "hubspot_owner_id", "deal_pipeline_id": "pipeline", "deal_pipeline_stage_id": "dealstage"} {
		if r[column] != "" {
			p[property] = r[column]
		}
	}
	if l.h.tables[t.name].byID[n] != nil {
		return fmt.Errorf("%d is there twice", n)
	}
	o := l.h.createAt(t, n, at, hubBy{source: "IMPORT"}, p)
	o.indexed = at
	if p["dealstage"] != "" {
		l.h.moved(o)
	}
	if strings.EqualFold(r["is_deleted"], "true") || strings.EqualFold(r["_fivetran_deleted"], "true") {
		o.archived, o.archivedAt = true, o.updated
	}
	return nil
}

// entered gives a deal the stage that it is in.
func (l *hubLoader) entered(r hubRecord) error {
	o := l.h.find("deals", r["deal_id"])
	at, err := l.time(r, "date_entered")
	if o == nil || err != nil || !strings.EqualFold(r["_fivetran_active"], "true") {
		return err
	}
	o.updated = later(at, o.updated)
	l.h.put(o, hubBy{source: "IMPORT"}, "dealstage", r["value"])
	l.h.moved(o)
	return nil
}

func (l *hubLoader) link(fromType, from, toType, to, typeID string) error {
	a, b := l.h.find(fromType, from), l.h.find(toType, to)
	n, err := strconv.Atoi(typeID)
	if a == nil || b == nil || err != nil {
		return err
	}
	l.h.link(a, b, hubLinkType{"HUBSPOT_DEFINED", n, nil})
	return nil
}

// mergedDeal notes that a deal lives on in another; usually only one of the two
// is in the tables.
func (l *hubLoader) mergedDeal(r hubRecord) error {
	w, err := strconv.ParseInt(r["deal_id"], 10, 64)
	if err != nil {
		return err
	}
	gone, err := strconv.ParseInt(r["merged_deal_id"], 10, 64)
	if err != nil {
		return err
	}
	l.h.merged[gone] = w
	if o := l.h.tables["deals"].byID[gone]; o != nil {
		o.gone = true
	}
	if o := l.h.find("deals", r["deal_id"]); o != nil {
		had := o.p["hs_merged_object_ids"]
		o.p["hs_merged_object_ids"] = strings.TrimPrefix(had+";"+r["merged_deal_id"], ";")
	}
	return nil
}
