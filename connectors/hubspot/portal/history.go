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
// entries are true without it. What is left out is said for people: in lost where the answer
// is at fault, so that it may be read another time, and in odd where HubSpot keeps a value of
// another form than its type, which nobody can correct in a past.
func (p *Portal) Changes(rec *row.Record) (out []crm.Change, lost, odd []string) {
	if len(rec.History) == 0 && p.read(rec).Text(p.Schema.At("stage")) != "" {
		lost = append(lost, "it is left out") // a deal in a stage has entered the stage
	}
	signs := signed(rec)
	for _, h := range p.Schema.Historic() {
		seen := map[int64]int{}
		entries := rec.History[h.From.Name]
		if len(rec.History) > 0 && p.behind(rec, h) {
			lost = append(lost, "the present "+h.From.Name+" is not in it")
		}
		for _, e := range slices.Backward(entries) { // newest first
			at, err := row.ParseTime(string(e.Timestamp))
			if err != nil || at.IsZero() {
				lost = append(lost, "an entry of "+h.From.Name+" has no time")
				continue
			}
			if e.Value == row.Strange {
				lost = append(lost, fmt.Sprintf("%s of %s is no text", h.From.Name, at.Format(time.DateOnly)))
				continue
			}
			if unsigned(&e, signs) {
				lost = append(lost, "an entry of "+h.From.Name+" has no source")
			}
			value, err := tracked(h, strings.TrimSpace(string(e.Value)), p.Zone)
			if err != nil {
				odd = append(odd, fmt.Sprintf("%s of %s is %s", h.From.Name, at.Format(time.DateOnly), crm.Excerpt(string(e.Value))))
				continue
			}
			ms := at.UnixMilli()
			c := crm.Change{ID: fmt.Sprintf("%s:%d", h.Field, ms), OpportunityID: string(rec.ID), Field: h.Field, New: value, At: at, Origin: writer(&e)}
			if seen[ms]++; seen[ms] > 1 {
				c.ID += ":" + strconv.Itoa(seen[ms])
			}
			out = append(out, c)
		}
	}
	return out, lost, odd
}

// signed reports whether an entry of the history says what wrote it, so that all of them do:
// HubSpot documents it of each. Who did is documented as optional.
func signed(rec *row.Record) bool {
	for _, entries := range rec.History {
		if slices.ContainsFunc(entries, func(e row.Moment) bool { return told(e.SourceType) != "" }) {
			return true
		}
	}
	return false
}

// unsigned reports whether an answer lacks a part of who wrote an entry, or has it in another
// form.
func unsigned(e *row.Moment, signs bool) bool {
	return signs && e.SourceType == "" || e.UserID != "" && !row.IsID(string(e.UserID)) || slices.Contains([]row.Value{e.SourceType, e.SourceID, e.SourceLabel, e.UserID}, row.Strange)
}

// id is a value as the id of a user, "" where it is none.
func id(v row.Value) string {
	if text := told(v); row.IsID(text) {
		return text
	}
	return ""
}

// writer is who wrote a value, and by what. HubSpot's own calculations are a writer too.
func writer(e *row.Moment) crm.Origin {
	return byUser(crm.Origin{By: id(e.UserID), Via: strings.ToUpper(told(e.SourceType)), App: told(e.SourceID), AppName: told(e.SourceLabel)})
}

// behind reports whether a history lacks the value that the deal has now: whatever a property
// holds has come into it. Numbers and dates may have another form in a history, so of these
// only a history without any entry is told.
func (p *Portal) behind(rec *row.Record, h Historic) bool {
	present := strings.TrimSpace(string(rec.Properties[h.From.Name]))
	if present == "" || rec.Properties[h.From.Name] == row.Strange {
		return false
	}
	entries := rec.History[h.From.Name]
	if h.Field != crm.FieldStage && h.Field != crm.FieldOwner {
		return len(entries) == 0
	}
	return !slices.ContainsFunc(entries, func(e row.Moment) bool { return strings.TrimSpace(string(e.Value)) == present })
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
