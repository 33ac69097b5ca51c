package portal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Changes are the values that a deal's history notes, oldest first. HubSpot tells a
// value but not which value it replaced, so Old is left to [crm.Fold]. An entry has no
// id, so the id is made of the field and the time, and, among entries of the same
// moment, of the place of the entry. An entry that cannot be read is left out: the other
// entries are true without it.
func (p *Portal) Changes(rec *row.Record) []crm.Change {
	var out []crm.Change
	for _, h := range p.Schema.Historic() {
		seen := map[int64]int{}
		entries := rec.History[h.From.Name]
		for _, e := range slices.Backward(entries) { // newest first
			at, err := row.ParseTime(string(e.Timestamp))
			if err != nil || at.IsZero() || e.Value == row.Strange {
				continue
			}
			value, err := tracked(h, strings.TrimSpace(string(e.Value)), p.Zone)
			if err != nil {
				continue
			}
			ms := at.UnixMilli()
			c := crm.Change{ID: fmt.Sprintf("%s:%d", h.Field, ms), OpportunityID: string(rec.ID), Field: h.Field, New: value, At: at}
			if seen[ms]++; seen[ms] > 1 {
				c.ID += ":" + strconv.Itoa(seen[ms])
			}
			out = append(out, c)
		}
	}
	return out
}

// tracked writes a value of the history as [crm.FieldValue] does.
func tracked(h Historic, value string, zone *time.Location) (string, error) {
	var o crm.Opportunity
	var err error
	switch {
	case value == "":
		return "", nil
	case h.Field == crm.FieldCloseDate:
		o.CloseDate, err = row.ParseDate(value, zoneOf(h.From, zone))
		o.ClosesAt = closesAt(h.From, value)
	case h.Field == crm.FieldAmount:
		var n float64
		n, err = row.ParseNumber(value)
		o.Amount = crm.Num(n)
	default:
		return value, nil
	}
	return crm.FieldValue(&o, h.Field), err
}
