package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Confirmer = (*Source)(nil)

// prefixes are the first three signs of the ids of an object.
var prefixes = map[string]string{"Opportunity": "006", "Task": "00T", "Event": "00U", "OpportunityContactRole": "00K", "User": "005"}

// confirmedAtOnce is how many ids one query names: a page holds as many rows, and an
// address as many signs.
const confirmedAtOnce = 200

// Confirm looks which of the ids a backfill would read: rows that are not deleted, still
// belong to opportunities and are not too old. What one answer leaves out is asked for once
// more alone: an answer may be cut short without a word.
func (s *Source) Confirm(ctx context.Context, name crm.Stream, ids []string) (there []string, err error) {
	for _, p := range streams[name].parts {
		prefix := prefixes[p.object]
		if p.sweep || p.ended || prefix == "" {
			continue
		}
		var own []string
		for _, id := range ids {
			if strings.HasPrefix(id, prefix) {
				own = append(own, id)
			}
		}
		for some := range slices.Chunk(own, confirmedAtOnce) {
			for range 2 {
				found, err := s.confirm(ctx, name, p, some)
				if err != nil {
					return nil, err
				}
				there = append(there, found...)
				if some = slices.DeleteFunc(some, func(id string) bool { return slices.Contains(found, id) }); len(some) == 0 {
					break
				}
			}
		}
	}
	return there, nil
}

// confirm looks for rows of one object.
func (s *Source) confirm(ctx context.Context, name crm.Stream, p part, ids []string) ([]string, error) {
	p.fields, p.sweep = nil, true
	st := stream{parts: []part{p}}
	sights, err := s.see(ctx, st)
	if err != nil {
		return nil, err
	}
	now := s.org.Clock()
	if now == 0 {
		return nil, s.noDate()
	}
	run := &cursor.Run{Sweep: true, Began: now, Keep: st.keepFrom(s.cfg, now)}
	r := &reader{s: s, name: name, st: st, sights: sights, c: &cursor.Cursor{Run: run}, ids: ids}
	page := crm.Page{Stream: name}
	for !r.ended() {
		if err := r.query(ctx, &page); err != nil {
			return nil, err
		}
	}
	if !run.Sweep || r.note != "" {
		return nil, s.org.Fail(crm.ErrRefused, fmt.Sprintf("does not answer which rows of %s are still there", p.object), "check the run-as user's permissions")
	}
	return page.Exist, nil
}

// confirmed returns the conditions of rows that a backfill would read, among certain ids.
func (q question) confirmed() soql.All {
	where := q.sight.filterable(append(soql.All{soql.Is("IsDeleted", "=", soql.Truth(false))}, q.part.full...))
	return append(append(where, q.sight.kept(q.part, q.at.Run.Keep)...), soql.OneOf("Id", q.ids))
}
