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
		teams = append(teams, map[string]any{"id": h.rec.teamID(name), "name": name, "primary": i == 0})
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
	h.rec.Lock()
	defer h.rec.Unlock()
	if len(rest) == 1 {
		for _, o := range h.rec.owners {
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
	for _, o := range h.rec.owners {
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

func pipelineJSON(p *hubPipeline, order int, archived bool) map[string]any {
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
	h.rec.Lock()
	defer h.rec.Unlock()
	results := []any{}
	for i, p := range h.rec.pipelines {
		if len(rest) == 2 && p.id == rest[1] {
			return http.StatusOK, pipelineJSON(p, i, archived), nil
		}
		if !p.archived {
			results = append(results, pipelineJSON(p, i, archived))
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
	h.rec.Lock()
	defer h.rec.Unlock()
	props := slices.Clone(t.props)
	if t.name == "deals" {
		props = append(props, h.rec.stageProps()...)
	}
	for name, p := range h.rec.custom {
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
	for _, line := range h.rec.pipelines {
		if p.name == "pipeline" && !line.archived {
			add(line.id, line.label)
		}
		for _, s := range line.stages {
			if p.name == "dealstage" && !s.archived {
				add(s.id, s.label+" ("+line.label+")")
			}
		}
	}
	own := p.name == "economic_buyer" || h.rec.custom[t.name+"."+p.name] != nil
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

// answerTeams lists the teams and the users in them, for whom a team is the
// primary one or another.
func (h *HubSpot) answerTeams() (int, any, error) {
	if err := h.permit(false, "settings.users.teams.read"); err != nil {
		return 0, nil, err
	}
	h.rec.Lock()
	defer h.rec.Unlock()
	results := []any{}
	for _, name := range h.rec.teamNames() {
		primary, secondary := []string{}, []string{}
		for _, o := range h.rec.owners {
			switch i := slices.Index(o.teams, name); {
			case o.archived || i < 0:
			case i == 0:
				primary = append(primary, strconv.FormatInt(o.userID, 10))
			default:
				secondary = append(secondary, strconv.FormatInt(o.userID, 10))
			}
		}
		results = append(results, map[string]any{"id": h.rec.teamID(name), "name": name, "userIds": primary, "secondaryUserIds": secondary})
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}
