package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (h *HubSpot) ownerJSON(o *hubOwner) map[string]any {
	out := map[string]any{"id": strconv.FormatInt(o.id, 10), "email": o.email, "type": "PERSON", "firstName": o.first, "lastName": o.last,
		"userIdIncludingInactive": o.userID, "createdAt": hubTime(o.created), "updatedAt": hubTime(o.updated), "archived": o.archived}
	if !o.archived {
		out["userId"] = o.userID
	}
	var teams []any
	for i, name := range o.teams {
		teams = append(teams, map[string]any{"id": h.teamID(name), "name": name, "primary": i == 0})
	}
	if teams != nil {
		out["teams"] = teams
	}
	return out
}

// answerOwners lists the active owners, or with archived=true the others.
func (h *HubSpot) answerOwners(r *http.Request, rest []string) (int, any, error) {
	if err := h.permit(true, "crm.objects.owners.read", "automation"); err != nil {
		return 0, nil, err
	}
	q := r.URL.Query()
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	if len(rest) == 1 {
		for _, o := range h.owners {
			id := o.id
			if q.Get("idProperty") == "userId" {
				id = o.userID
			}
			if strconv.FormatInt(id, 10) == rest[0] && o.archived == (q.Get("archived") == "true") {
				return http.StatusOK, h.ownerJSON(o), nil
			}
		}
		return 0, nil, hubNotFound()
	}
	limit, err := limitOf(q, 100, 500)
	if err != nil {
		return 0, nil, err
	}
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	results := []any{}
	answer := map[string]any{}
	var last int64
	for _, o := range h.owners {
		if o.id <= after || o.archived != (q.Get("archived") == "true") || q.Get("email") != "" && !strings.EqualFold(o.email, q.Get("email")) {
			continue
		}
		if len(results) == limit {
			answer["paging"] = paging(r, strconv.FormatInt(last, 10))
			break
		}
		results, last = append(results, h.ownerJSON(o)), o.id
	}
	answer["results"] = results
	return http.StatusOK, answer, nil
}

func (p *hubPipeline) json(order int, archived bool) map[string]any {
	stages := []any{}
	for i, s := range p.stages {
		if s.archived && !archived {
			continue
		}
		stage := map[string]any{"id": s.id, "label": s.label, "displayOrder": i, "archived": s.archived, "createdAt": hubTime(s.created), "updatedAt": hubTime(s.updated),
			"metadata": map[string]string{"isClosed": strconv.FormatBool(s.closed), "probability": strconv.FormatFloat(s.probability, 'f', 1, 64)}, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}
		if s.archived {
			stage["archivedAt"] = hubTime(s.updated)
		}
		stages = append(stages, stage)
	}
	return map[string]any{"id": p.id, "label": p.label, "displayOrder": order, "archived": p.archived, "createdAt": hubTime(p.created), "updatedAt": hubTime(p.updated), "stages": stages}
}

// answerPipelines lists the pipelines of deals, not paged.
func (h *HubSpot) answerPipelines(rest []string) (int, any, error) {
	if t := hubTypeNamed(rest[0]); t == nil || t.name != "deals" || len(rest) > 2 {
		return 0, nil, hubNotFound()
	}
	if err := h.permit(false, "crm.objects.deals.read"); err != nil {
		return 0, nil, err
	}
	archived := h.Options().ArchivedStages
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	results := []any{}
	for i, p := range h.pipelines {
		if len(rest) == 2 && p.id == rest[1] {
			return http.StatusOK, p.json(i, archived), nil
		}
		if !p.archived {
			results = append(results, p.json(i, archived))
		}
	}
	if len(rest) == 2 {
		return 0, nil, hubNotFound()
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}

// answerProperties lists the definitions of a type's properties.
func (h *HubSpot) answerProperties(rest []string) (int, any, error) {
	t := hubTypeNamed(rest[0])
	if t == nil || len(rest) > 2 {
		return 0, nil, hubNotFound()
	}
	scopes := []string{t.scopes[0]}
	if t.name == "deals" {
		scopes = append(scopes, "crm.schemas.deals.read")
	}
	if err := h.permit(true, scopes...); err != nil {
		return 0, nil, err
	}
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	props := slices.Clone(t.props)
	if t.name == "deals" {
		props = append(props, h.stageProps()...)
	}
	for name, p := range h.custom {
		if strings.HasPrefix(name, t.name+".") {
			props = append(props, *p)
		}
	}
	slices.SortFunc(props, func(a, b hubProp) int { return strings.Compare(a.name, b.name) })
	results := []any{}
	for i := range props {
		out := h.propertyJSON(t, &props[i])
		if len(rest) == 2 && props[i].name == rest[1] {
			return http.StatusOK, out, nil
		}
		results = append(results, out)
	}
	if len(rest) == 2 {
		return 0, nil, hubFail(http.StatusNotFound, "OBJECT_NOT_FOUND", "Property %s doesn't exist", rest[1])
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}

func (h *HubSpot) propertyJSON(t *hubType, p *hubProp) map[string]any {
	options := []any{}
	add := func(value, label string) {
		options = append(options, map[string]any{"value": value, "label": label, "displayOrder": len(options), "hidden": false})
	}
	for _, v := range p.options {
		add(v, v)
	}
	for _, line := range h.pipelines {
		if p.name == "pipeline" && !line.archived {
			add(line.id, line.label)
		}
		for _, s := range line.stages {
			if p.name == "dealstage" && !s.archived {
				add(s.id, s.label+" ("+line.label+")")
			}
		}
	}
	own := p.name == "economic_buyer" || h.custom[t.name+"."+p.name] != nil
	out := map[string]any{"name": p.name, "label": p.label, "type": p.typ, "fieldType": p.field, "groupName": t.singular + "information", "description": "", "options": options,
		"displayOrder": -1, "calculated": p.calculated, "externalOptions": p.name == "hubspot_owner_id", "hidden": false, "hubspotDefined": !own, "archived": false, "hasUniqueValue": false,
		"formField": false, "modificationMetadata": map[string]bool{"archivable": own, "readOnlyDefinition": !own, "readOnlyValue": p.calculated}}
	if p.name == "hubspot_owner_id" {
		out["referencedObjectType"] = "OWNER"
	}
	if p.name == "amount" {
		out["currencyPropertyName"] = "deal_currency_code"
	}
	return out
}
