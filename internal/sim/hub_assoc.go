package sim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

type hubTarget struct {
	To    int64         `json:"toObjectId"` // a number, while the id it is asked by is a string
	Types []hubLinkType `json:"associationTypes"`
}

// page cuts a page out of a record's associations; next is "" on the last one.
func (h *HubSpot) page(o *hubObject, to *hubType, after string, size int) (list []hubTarget, next string, err error) {
	from := 0
	if after != "" {
		// Clients send the token back as they got it, which may be URL-encoded.
		raw, _ := base64.StdEncoding.DecodeString(strings.ReplaceAll(after, "%3D", "="))
		n, found := strings.CutPrefix(string(raw), "0-"+to.name+"-")
		if from, err = strconv.Atoi(n); err != nil || !found {
			return nil, "", hubInvalid("Invalid input: after is no cursor of these associations")
		}
	}
	links := h.rec.targets(o, to.name)
	end := min(from+size, len(links))
	for i := end - 1; i >= min(from, end); i-- { // in no order that anybody should rely on
		list = append(list, hubTarget{links[i].to, links[i].types})
	}
	if end < len(links) {
		next = strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte("0-"+to.name+"-"+strconv.Itoa(end))), "=", "%3D")
	}
	return list, next, nil
}

// answerAssociations is the batch read between two types.
func (h *HubSpot) answerAssociations(r *http.Request, fromName, toName string) (int, any, error) {
	from, to := hubTypeNamed(fromName), hubTypeNamed(toName)
	if from == nil || to == nil {
		return 0, nil, hubInvalid("Unable to infer object type from: %s or %s", fromName, toName)
	}
	for _, t := range []*hubType{from, to} {
		if err := h.permitType(t, t.scopes[:1]...); err != nil {
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
		return 0, nil, hubInvalid("Invalid input: a batch may have at most 1000 inputs, but had %d", len(in.Inputs))
	}
	size := h.Options().AssociationPage
	if size == 0 {
		size = 100
	}
	h.rec.Lock()
	defer h.rec.Unlock()
	results := []any{}
	var failed []any
	for _, input := range in.Inputs {
		id := input.ID.String()
		var list []hubTarget
		var next string
		if o := h.rec.resolve(from, id); o != nil && !o.archived {
			var err error
			if list, next, err = h.page(o, to, input.After, size); err != nil {
				return 0, nil, err
			}
		}
		if len(list) == 0 {
			failed = append(failed, map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
				"message": "No " + to.singular + " is associated with " + from.singular + " " + id + ".",
				"context": map[string][]string{"fromObjectId": {id}, "fromObjectType": {from.singular}, "toObjectType": {to.singular}}})
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
func (h *HubSpot) associated(r *http.Request, t *hubType, id, toName string) (int, any, error) {
	to := hubTypeNamed(toName)
	if to == nil {
		return 0, nil, hubInvalid("Unable to infer object type from: %s", toName)
	}
	limit, err := limitOf(r.URL.Query(), 500, 500)
	if err != nil {
		return 0, nil, err
	}
	o := h.rec.resolve(t, id)
	if o == nil || o.archived {
		return 0, nil, hubNotFound()
	}
	list, next, err := h.page(o, to, r.URL.Query().Get("after"), limit)
	if err != nil {
		return 0, nil, err
	}
	answer := map[string]any{"results": append([]hubTarget{}, list...)}
	if next != "" {
		answer["paging"] = paging(r, next)
	}
	return http.StatusOK, answer, nil
}
