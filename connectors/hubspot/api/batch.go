package api

import (
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

type input struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"`
}

func inputs(ids []string) []input {
	out := make([]input, len(ids))
	for i, id := range ids {
		out[i].ID = id
	}
	return out
}

// Batch are records that were read by their ids.
type Batch struct {
	Found  []row.Record // records that are there, in the order of ids
	Gone   []string     // ids that are not there: archived, or merged into another record
	Silent []string     // ids of which HubSpot said nothing that can be believed; their records stay as they are
	Asked  time.Time
}

// few is how many records may be gone at once without standing in the recycle bin,
// where a few are more than a tenth: merged records do not stand there, but so many
// at once are rather hidden from the token.
const few = 5

// many is how many records may be refused at once, each by itself: where all of more are
// refused, the answer is none.
const many = 10

// Read reads records by their ids, with the histories of the properties in history; nil
// is without histories. A record is gone when HubSpot names the record as gone and either
// the recycle bin or the record's own address says so too; never because an answer leaves
// the record out: what was left out is asked for once more alone, and then is Silent. What
// HubSpot names with an error is Silent at once.
func (c *Client) Read(ctx context.Context, object string, ids, properties, history []string) (*Batch, error) {
	r := &reader{c: c, object: object, properties: properties, history: history, said: make(map[string]bool, len(ids))}
	named, err := r.all(ctx, ids)
	if err != nil {
		return nil, err
	}
	b := &r.batch
	unbinned, err := r.binned(ctx, named)
	if err != nil {
		return nil, err
	}
	if len(unbinned) > max(few, len(ids)/10) {
		b.Silent = append(b.Silent, unbinned...)
	} else if err := r.alone(ctx, unbinned, many); err != nil {
		return nil, err
	}
	slices.SortFunc(b.Found, func(a, b row.Record) int { return row.ByNumber(string(a.ID), string(b.ID)) })
	slices.SortFunc(b.Gone, row.ByNumber)
	slices.SortFunc(b.Silent, row.ByNumber)
	return b, nil
}

// Confirm reads records by their ids, to tell which are gone. It believes in many purged
// records where Read does not, because another answer may have left them out already.
func (c *Client) Confirm(ctx context.Context, object string, ids, properties []string) (*Batch, error) {
	r := &reader{c: c, object: object, properties: properties, said: make(map[string]bool, len(ids))}
	named, err := r.all(ctx, ids)
	if err != nil {
		return nil, err
	}
	unbinned, err := r.binned(ctx, named)
	if err != nil {
		return nil, err
	}
	return &r.batch, r.alone(ctx, unbinned, few)
}

// Look reads records by their ids in one call, and asks for nothing again: a record that is
// in neither Found nor Gone may be there or not.
func (c *Client) Look(ctx context.Context, object string, ids, properties []string) (*Batch, error) {
	r := &reader{c: c, object: object, properties: properties, said: make(map[string]bool, len(ids))}
	if _, err := r.read(ctx, ids); err != nil {
		return nil, err
	}
	return &r.batch, nil
}

// reader is one call of Read, Confirm or Look.
type reader struct {
	c                   *Client
	object              string
	properties, history []string
	batch               Batch
	said                map[string]bool // ids of which something was said
}

// all reads the records, and returns the ids that HubSpot names as not there. What an
// answer leaves out is asked for once more alone.
func (r *reader) all(ctx context.Context, ids []string) (named []string, err error) {
	limit := r.c.cfg.PageLimit
	if r.history != nil {
		limit = min(limit, MaxHistoryPage)
	}
	for some := range slices.Chunk(ids, limit) {
		for range 2 {
			absent, err := r.read(ctx, some)
			if err != nil {
				return nil, err
			}
			named = append(named, absent...)
			if some = slices.DeleteFunc(slices.Clone(some), func(id string) bool { return r.said[id] }); len(some) == 0 {
				break
			}
		}
		r.batch.Silent = append(r.batch.Silent, some...)
	}
	return named, nil
}

// read reads one batch, and returns the ids that HubSpot names as not there.
func (r *reader) read(ctx context.Context, ids []string) (absent []string, err error) {
	body := map[string]any{"inputs": inputs(ids), "properties": r.properties}
	if r.history != nil {
		body["propertiesWithHistory"] = r.history
	}
	var got listing
	asked, err := r.c.Get(ctx, Request{Path: objectPath(r.object, "/batch/read"), What: r.object, Object: r.object, Scope: Scopes[r.object], rows: true, body: body}, &got)
	if err != nil {
		return nil, err
	}
	asks := func(id string) bool { return slices.Contains(ids, id) }
	if err := r.c.lostBut(r.object, got.Errors, asks); err != nil {
		return nil, err
	}
	if r.batch.Asked.IsZero() {
		r.batch.Asked = asked
	}
	for i := range got.Results {
		rec := &got.Results[i]
		id := string(rec.ID)
		switch {
		case id == "" || r.said[id]:
			continue
		case rec.Archived:
			if asks(id) {
				r.batch.Gone = append(r.batch.Gone, id)
			}
		default:
			r.batch.Found = append(r.batch.Found, *rec)
		}
		r.said[id] = true
	}
	for _, id := range unread(got.Errors, asks) {
		if !r.said[id] {
			r.said[id] = true // what there is to say: asking again would not help
			r.batch.Silent = append(r.batch.Silent, id)
		}
	}
	for _, i := range got.Errors {
		if !i.none() {
			continue
		}
		for _, id := range i.ids() {
			if !r.said[id] && asks(id) {
				r.said[id] = true
				absent = append(absent, id)
			}
		}
	}
	return absent, nil
}
