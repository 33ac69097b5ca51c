package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// errNotThere: nothing is at a record's own address.
var errNotThere = errors.New("not there")

// absent reports whether HubSpot answers that nothing is at a record's own address. A 404
// in other words may come from a proxy.
func absent(resp *rest.Response) bool {
	return resp.Status == http.StatusNotFound && readError(resp.Body).Category == "OBJECT_NOT_FOUND"
}

// single is the answer at a record's own address.
type single struct {
	Envelope
	row.Record
}

// binned notes those of the records as gone that stand in the recycle bin, and returns the
// others.
func (r *reader) binned(ctx context.Context, ids []string) (others []string, err error) {
	bin := map[string]bool{}
	for some := range slices.Chunk(ids, r.c.cfg.PageLimit) {
		body := map[string]any{"inputs": inputs(some), "properties": []string{"hs_object_id"}}
		var got listing
		q := Request{Path: objectPath(r.object, "/batch/read") + "?archived=true", What: r.object, Object: r.object, Scope: Scopes[r.object], body: body}
		if _, err := r.c.Get(ctx, q, &got); err != nil {
			return nil, err
		}
		for i := range got.Results {
			if rec := &got.Results[i]; rec.Archived && slices.Contains(some, string(rec.ID)) {
				bin[string(rec.ID)] = true
			}
		}
	}
	for _, id := range ids {
		if bin[id] {
			r.batch.Gone = append(r.batch.Gone, id)
		} else {
			others = append(others, id)
		}
	}
	return others, nil
}

// alone asks for records that a batch has named as not there, each at its own address: one
// wrong answer must not delete what is there. Of more than most records the first speak for
// the rest: the rest are gone if all of these are, and otherwise HubSpot has said nothing
// that can be believed.
func (r *reader) alone(ctx context.Context, ids []string, most int) error {
	doubt := false
	for _, id := range ids[:min(len(ids), most)] {
		there, err := r.there(ctx, id)
		if err != nil {
			return err
		}
		if doubt = doubt || there; there {
			r.batch.Silent = append(r.batch.Silent, id)
		} else {
			r.batch.Gone = append(r.batch.Gone, id)
		}
	}
	if rest := ids[min(len(ids), most):]; doubt {
		r.batch.Silent = append(r.batch.Silent, rest...)
	} else {
		r.batch.Gone = append(r.batch.Gone, rest...)
	}
	return nil
}

// there asks for one record at its own address. A record that was merged into another may
// answer with the other. What HubSpot refuses to answer is taken for there.
func (r *reader) there(ctx context.Context, id string) (bool, error) {
	var got single
	q := Request{Path: objectPath(r.object, "/"+id) + "?properties=hs_object_id", What: r.object, Object: r.object, Scope: Scopes[r.object], one: true}
	_, err := r.c.Get(ctx, q, &got)
	switch {
	case errors.Is(err, errNotThere):
		return false, nil
	case errors.Is(err, crm.ErrRefused):
		return true, nil
	case err != nil:
		return false, err
	}
	return got.ID == "" || string(got.ID) == id && !got.Archived, nil
}
