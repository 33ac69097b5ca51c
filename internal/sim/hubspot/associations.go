package hubspot

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

type target struct {
	To    int64             `json:"toObjectId"` // a number, while the id in a request is a string
	Types []portal.LinkType `json:"associationTypes"`
}

// page cuts a page out of a record's associations; next is "" on the last one.
func (h *Server) page(o *portal.Object, to *portal.Type, after string, size int) (list []target, next string, err error) {
	from := 0
	if after != "" {
		// Clients send the token back as received, which may be URL-encoded.
		raw, _ := base64.StdEncoding.DecodeString(strings.ReplaceAll(after, "%3D", "="))
		n, found := strings.CutPrefix(string(raw), "0-"+to.Name+"-")
		if from, err = strconv.Atoi(n); err != nil || !found {
			return nil, "", invalid("Invalid input: after is no cursor of these associations")
		}
	}
	links := h.Records.Targets(o, to.Name)
	end := min(from+size, len(links))
	for i := end - 1; i >= min(from, end); i-- { // in reverse: clients must not rely on an order
		list = append(list, target{links[i].To, links[i].Types})
	}
	if end < len(links) {
		next = strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte("0-"+to.Name+"-"+strconv.Itoa(end))), "=", "%3D")
	}
	return list, next, nil
}

// answerAssociations is the batch read between two types.
func (h *Server) answerAssociations(r *http.Request, fromName, toName string) (int, any, error) {
	from, to := portal.TypeNamed(fromName), portal.TypeNamed(toName)
	if from == nil || to == nil {
		return 0, nil, invalid("Unable to infer object type from: %s or %s", fromName, toName)
	}
	for _, t := range []*portal.Type{from, to} {
		if err := h.permitType(t, t.Scopes[:1]...); err != nil {
			return 0, nil, err
		}
	}
	var in struct {
		Inputs []struct {
			ID    json.Number
			After string
		}
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	if len(in.Inputs) > 1000 {
		return 0, nil, invalid("Invalid input: a batch may have at most 1000 inputs, but had %d", len(in.Inputs))
	}
	size := h.Options().AssociationPage
	if size == 0 {
		size = 100
	}
	h.Records.Lock()
	defer h.Records.Unlock()
	results := []any{}
	var failed []any
	for _, input := range in.Inputs {
		id := input.ID.String()
		var list []target
		var next string
		if o := h.Records.Resolve(from, id); o != nil && !o.Archived {
			var err error
			if list, next, err = h.page(o, to, input.After, size); err != nil {
				return 0, nil, err
			}
		}
		if len(list) == 0 {
			failed = append(failed, map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
				"message": "No " + to.Singular + " is associated with " + from.Singular + " " + id + ".",
				"context": map[string][]string{"fromObjectId": {id}, "fromObjectType": {from.Singular}, "toObjectType": {to.Singular}}})
			continue
		}
		entry := map[string]any{"from": map[string]string{"id": id}, "to": list}
		if next != "" {
			entry["paging"] = map[string]any{"next": map[string]string{"after": next, "link": "https://api.hubapi.com" + r.URL.Path}}
		}
		results = append(results, entry)
	}
	return h.batchAnswer(results, failed)
}

// associated lists the associations of one record.
func (h *Server) associated(r *http.Request, t *portal.Type, id, toName string) (int, any, error) {
	to := portal.TypeNamed(toName)
	if to == nil {
		return 0, nil, invalid("Unable to infer object type from: %s", toName)
	}
	limit, err := limitOf(r.URL.Query(), 500, 500)
	if err != nil {
		return 0, nil, err
	}
	o := h.Records.Resolve(t, id)
	if o == nil || o.Archived {
		return 0, nil, notFound()
	}
	list, next, err := h.page(o, to, r.URL.Query().Get("after"), limit)
	if err != nil {
		return 0, nil, err
	}
	answer := map[string]any{"results": append([]target{}, list...)}
	if next != "" {
		answer["paging"] = paging(r, next)
	}
	return http.StatusOK, answer, nil
}
