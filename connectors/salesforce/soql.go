package salesforce

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// maxQuery bounds the escaped query: Salesforce refuses addresses over 16,384
// bytes and addresses with headers over the same.
const maxQuery = 12 << 10

// soql writes the query for the rest of a part: all of it, or what follows the
// last row that was read.
func (s *Source) soql(p part, v sight, c *cursor) string {
	r := c.Run
	columns := append([]string{"Id"}, v.selection...)
	if !slices.Contains(columns, v.stamp) {
		columns = append(columns, v.stamp)
	}
	if v.object.field("IsDeleted") != nil {
		columns = append(columns, "IsDeleted")
	}
	var where []string
	order := "Id"
	switch {
	case p.ended:
		where = append(where, "EndDateTime >= "+literal(c.Since), "EndDateTime < "+literal(r.Began), "IsDeleted = false")
		where = append(where, conditions(p, v)...)
	case r.Full:
		where = conditions(p, v)
	default:
		order = v.stamp + ", Id"
		if r.LastID == "" {
			where = append(where, v.stamp+" >= "+literal(c.Since-int64(s.cfg.Overlap/time.Second)))
		}
	}
	switch {
	case r.LastID == "":
	case order == "Id":
		where = append(where, "Id > '"+r.LastID+"'")
	default:
		// The server compares the ids: its order of them is not ours.
		at := literal(r.LastStamp)
		where = append(where, fmt.Sprintf("(%s > %s OR (%s = %s AND Id > '%s'))", v.stamp, at, v.stamp, at, r.LastID))
	}
	q := "SELECT " + strings.Join(columns, ", ") + " FROM " + p.object
	if len(where) > 0 {
		q += " WHERE " + strings.Join(where, " AND ")
	}
	q += " ORDER BY " + order
	if r.Limit > 0 {
		q += fmt.Sprintf(" LIMIT %d", r.Limit)
	}
	return q
}

func conditions(p part, v sight) []string {
	var out []string
	for _, c := range p.full {
		if v.object.filterable(c.field) {
			out = append(out, c.text)
		}
	}
	return out
}

// literal writes a time on the server's clock, in the only form that needs no
// escaping.
func literal(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05Z") }

// address is the path that asks soql. The resource queryAll also gives deleted
// rows and archived activities.
func (s *Source) address(resource, soql string) (string, error) {
	escaped := strings.ReplaceAll(url.QueryEscape(soql), "+", "%20")
	if len(escaped) > maxQuery {
		return "", s.fail(crm.ErrRefused, fmt.Sprintf("the query has %d bytes, too long for Salesforce", len(escaped)),
			"name fewer fields under fields")
	}
	return s.version() + "/" + resource + "?q=" + escaped, nil
}

// query reads all rows of a small query.
func (s *Source) query(ctx context.Context, resource, soql string, each func(*row) error) (envelope, error) {
	path, err := s.address(resource, soql)
	if err != nil {
		return envelope{}, err
	}
	a, err := s.get(ctx, path, false)
	if err != nil {
		return envelope{}, err
	}
	e, err := decodePage(a.body, each)
	if err != nil {
		return e, s.unreadable(err)
	}
	return e, nil
}

func (s *Source) unreadable(err error) error {
	return &rest.ExplainedError{Where: s.where, What: "a page cannot be read", Cause: err, Kind: crm.ErrBusy, Remedy: "the next run tries again"}
}
