package hubspot

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

func (h *Server) ownerJSON(o *portal.Owner) map[string]any {
	out := map[string]any{"id": strconv.FormatInt(o.ID, 10), "email": o.Email, "type": "PERSON", "firstName": o.First, "lastName": o.Last,
		"userIdIncludingInactive": o.UserID, "createdAt": portal.Stamp(o.Created), "updatedAt": portal.Stamp(o.Updated), "archived": o.Archived}
	if !o.Archived {
		out["userId"] = o.UserID
	}
	var teams []any
	for i, name := range o.Teams {
		teams = append(teams, map[string]any{"id": h.Records.TeamID(name), "name": name, "primary": i == 0})
	}
	if teams != nil {
		out["teams"] = teams
	}
	return out
}

// answerOwners lists the active owners, or with archived=true the archived owners.
func (h *Server) answerOwners(r *http.Request, rest []string) (int, any, error) {
	if err := h.permit(true, "crm.objects.owners.read", "automation"); err != nil {
		return 0, nil, err
	}
	q := r.URL.Query()
	h.Records.Lock()
	defer h.Records.Unlock()
	if len(rest) == 1 {
		for _, o := range h.Records.Owners {
			id := o.ID
			if q.Get("idProperty") == "userId" {
				id = o.UserID
			}
			if strconv.FormatInt(id, 10) == rest[0] && o.Archived == (q.Get("archived") == "true") {
				return http.StatusOK, h.ownerJSON(o), nil
			}
		}
		return 0, nil, notFound()
	}
	limit, err := limitOf(q, 100, 500)
	if err != nil {
		return 0, nil, err
	}
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	results := []any{}
	answer := map[string]any{}
	var last int64
	for _, o := range h.Records.Owners {
		if o.ID <= after || o.Archived != (q.Get("archived") == "true") || q.Get("email") != "" && !strings.EqualFold(o.Email, q.Get("email")) {
			continue
		}
		if len(results) == limit {
			answer["paging"] = paging(r, strconv.FormatInt(last, 10))
			break
		}
		results, last = append(results, h.ownerJSON(o)), o.ID
	}
	answer["results"] = results
	return http.StatusOK, answer, nil
}

func pipelineJSON(p *portal.Pipeline, order int, archived bool) map[string]any {
	stages := []any{}
	for i, s := range p.Stages {
		if s.Archived && !archived {
			continue
		}
		stage := map[string]any{"id": s.ID, "label": s.Label, "displayOrder": i, "archived": s.Archived, "createdAt": portal.Stamp(s.Created), "updatedAt": portal.Stamp(s.Updated),
			"metadata": map[string]string{"isClosed": strconv.FormatBool(s.Closed), "probability": strconv.FormatFloat(s.Probability, 'f', 1, 64)}, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}
		if s.Archived {
			stage["archivedAt"] = portal.Stamp(s.Updated)
		}
		stages = append(stages, stage)
	}
	return map[string]any{"id": p.ID, "label": p.Label, "displayOrder": order, "archived": p.Archived, "createdAt": portal.Stamp(p.Created), "updatedAt": portal.Stamp(p.Updated), "stages": stages}
}

// answerPipelines lists the pipelines of deals, not paged.
func (h *Server) answerPipelines(rest []string) (int, any, error) {
	if t := portal.TypeNamed(rest[0]); t == nil || t.Name != "deals" || len(rest) > 2 {
		return 0, nil, notFound()
	}
	if err := h.permit(false, "crm.objects.deals.read"); err != nil {
		return 0, nil, err
	}
	archived := h.Options().ArchivedStages
	h.Records.Lock()
	defer h.Records.Unlock()
	results := []any{}
	for i, p := range h.Records.Pipelines {
		if len(rest) == 2 && p.ID == rest[1] {
			return http.StatusOK, pipelineJSON(p, i, archived), nil
		}
		if !p.Archived {
			results = append(results, pipelineJSON(p, i, archived))
		}
	}
	if len(rest) == 2 {
		return 0, nil, notFound()
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}

// answerProperties lists the definitions of a type's properties.
func (h *Server) answerProperties(rest []string) (int, any, error) {
	t := portal.TypeNamed(rest[0])
	if t == nil || len(rest) > 2 {
		return 0, nil, notFound()
	}
	scopes := []string{t.Scopes[0]}
	if t.Name == "deals" {
		scopes = append(scopes, "crm.schemas.deals.read")
	}
	if err := h.permit(true, scopes...); err != nil {
		return 0, nil, err
	}
	h.Records.Lock()
	defer h.Records.Unlock()
	props := slices.Clone(t.Props)
	if t.Name == "deals" {
		props = append(props, h.Records.StageProps()...)
	}
	for name, p := range h.Records.Custom {
		if strings.HasPrefix(name, t.Name+".") {
			props = append(props, *p)
		}
	}
	slices.SortFunc(props, func(a, b portal.Property) int { return strings.Compare(a.Name, b.Name) })
	results := []any{}
	for i := range props {
		out := h.propertyJSON(t, &props[i])
		if len(rest) == 2 && props[i].Name == rest[1] {
			return http.StatusOK, out, nil
		}
		results = append(results, out)
	}
	if len(rest) == 2 {
		return 0, nil, fail(http.StatusNotFound, "OBJECT_NOT_FOUND", "Property %s doesn't exist", rest[1])
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}

func (h *Server) propertyJSON(t *portal.Type, p *portal.Property) map[string]any {
	options := []any{}
	add := func(value, label string) {
		options = append(options, map[string]any{"value": value, "label": label, "displayOrder": len(options), "hidden": false})
	}
	for _, v := range p.Options {
		add(v, v)
	}
	for _, line := range h.Records.Pipelines {
		if p.Name == "pipeline" && !line.Archived {
			add(line.ID, line.Label)
		}
		for _, s := range line.Stages {
			if p.Name == "dealstage" && !s.Archived {
				add(s.ID, s.Label+" ("+line.Label+")")
			}
		}
	}
	own := p.Name == "economic_buyer" || h.Records.Custom[t.Name+"."+p.Name] != nil
	out := map[string]any{"name": p.Name, "label": p.Label, "type": p.Type, "fieldType": p.Field, "groupName": t.Singular + "information", "description": "", "options": options,
		"displayOrder": -1, "calculated": p.Calculated, "externalOptions": p.Name == "hubspot_owner_id", "hidden": false, "hubspotDefined": !own, "archived": false, "hasUniqueValue": false,
		"formField": false, "modificationMetadata": map[string]bool{"archivable": own, "readOnlyDefinition": !own, "readOnlyValue": p.Calculated}}
	if p.Name == "hubspot_owner_id" {
		out["referencedObjectType"] = "OWNER"
	}
	if p.Name == "amount" {
		out["currencyPropertyName"] = "deal_currency_code"
	}
	return out
}

// answerTeams lists the teams. The users of a team are in two lists: the team is the
// primary team of the users in the first list, and another team of the rest.
func (h *Server) answerTeams() (int, any, error) {
	if err := h.permit(false, "settings.users.teams.read"); err != nil {
		return 0, nil, err
	}
	h.Records.Lock()
	defer h.Records.Unlock()
	results := []any{}
	for _, name := range h.Records.TeamNames() {
		primary, secondary := []string{}, []string{}
		for _, o := range h.Records.Owners {
			switch i := slices.Index(o.Teams, name); {
			case o.Archived || i < 0:
			case i == 0:
				primary = append(primary, strconv.FormatInt(o.UserID, 10))
			default:
				secondary = append(secondary, strconv.FormatInt(o.UserID, 10))
			}
		}
		results = append(results, map[string]any{"id": h.Records.TeamID(name), "name": name, "userIds": primary, "secondaryUserIds": secondary})
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}
