package hubspot

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// output is a record in an answer.
type output struct {
	ID           string                     `json:"id"`
	Properties   map[string]*string         `json:"properties"`
	History      map[string][]versionOutput `json:"propertiesWithHistory,omitempty"`
	CreatedAt    string                     `json:"createdAt"`
	UpdatedAt    string                     `json:"updatedAt"`
	Archived     bool                       `json:"archived"`
	ArchivedAt   string                     `json:"archivedAt,omitempty"`
	Associations map[string]any             `json:"associations,omitempty"`
	URL          string                     `json:"url,omitempty"`
}

type versionOutput struct {
	Value      string `json:"value"`
	Timestamp  string `json:"timestamp"`
	SourceType string `json:"sourceType"`
	SourceID   string `json:"sourceId,omitempty"`
	Label      string `json:"sourceLabel,omitempty"`
	UserID     int64  `json:"updatedByUserId,omitempty"`
}

// selection says which properties and associations of a record are told.
type selection struct {
	properties, history, associations []string
}

// render turns a record into output.
func (h *Server) render(o *portal.Object, ask selection) output {
	out := output{ID: strconv.FormatInt(o.ID, 10), Properties: map[string]*string{}, CreatedAt: portal.Stamp(o.Created), UpdatedAt: portal.Stamp(o.Updated), Archived: o.Archived}
	names := ask.properties
	if len(names) == 0 {
		names = o.Type.Defaults
	}
	for _, name := range slices.Concat(names, []string{o.Type.Created(), o.Type.Modified, "hs_object_id"}) {
		if h.Records.Property(o.Type, name) == nil {
			continue // unknown properties are no error here
		}
		out.Properties[name] = nil
		if v, ok := h.Records.Value(o, name); ok {
			out.Properties[name] = &v
		}
	}
	opt := h.Options()
	for _, name := range ask.history {
		if h.Records.Property(o.Type, name) == nil {
			continue
		}
		if out.History == nil {
			out.History = map[string][]versionOutput{}
		}
		versions := []versionOutput{}
		for i, v := range o.History[name] {
			if i == opt.HistoryDepth {
				break
			}
			versions = append(versions, versionOutput{v.Value, portal.Stamp(v.At), v.Source, v.ID, v.Label, v.User})
		}
		out.History[name] = versions
		if out.Properties[name] == nil { // a property whose history is requested is told too
			if v, ok := h.Records.Value(o, name); ok {
				out.Properties[name] = &v
			}
		}
	}
	if o.Archived {
		out.ArchivedAt = portal.Stamp(o.ArchivedAt)
	}
	for _, name := range ask.associations {
		if t := portal.TypeNamed(name); t != nil {
			if list := h.inline(o, t); list != nil {
				if out.Associations == nil {
					out.Associations = map[string]any{}
				}
				out.Associations[t.Name] = list
			}
		}
	}
	out.URL = "https://" + cmp.Or(opt.UIDomain, "app.hubspot.com") + "/contacts/" + strconv.FormatInt(opt.PortalID, 10) + "/record/" + o.Type.ID + "/" + out.ID
	return out
}

// inline lists the associations that are told within a record: an entry for each type
// of association, so an associated record may come twice.
func (h *Server) inline(o *portal.Object, t *portal.Type) any {
	type entry struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	var list []entry
	for _, l := range h.Records.Targets(o, t.Name) {
		for _, x := range l.Types {
			kind := o.Type.Singular + "_to_" + t.Singular
			if x.Label != nil && x.Category == "HUBSPOT_DEFINED" {
				kind += "_" + strings.ToLower(*x.Label)
			} else if x.Label != nil {
				continue
			}
			list = append(list, entry{strconv.FormatInt(l.To, 10), kind})
		}
	}
	if list == nil {
		return nil
	}
	return map[string]any{"results": list}
}

// paging is the member "paging" of an answer that is not the last page.
func paging(r *http.Request, after string) map[string]any {
	q := r.URL.Query()
	q.Set("after", after)
	return map[string]any{"next": map[string]string{"after": after, "link": "https://api.hubapi.com" + r.URL.Path + "?" + q.Encode()}}
}

// answerObjects answers below /crm/objects/VERSION.
func (h *Server) answerObjects(r *http.Request, rest []string) (int, any, error) {
	t := portal.TypeNamed(rest[0])
	if t == nil {
		return 0, nil, invalid("Unable to infer object type from: %s", rest[0])
	}
	if err := h.permitType(t, t.Scopes...); err != nil {
		return 0, nil, err
	}
	h.Records.Lock()
	defer h.Records.Unlock()
	h.Records.Settle()
	switch {
	case len(rest) == 1:
		return h.list(r, t)
	case len(rest) == 2 && rest[1] == "search":
		return h.search(r, t)
	case len(rest) == 3 && rest[1] == "batch" && rest[2] == "read":
		return h.batch(r, t)
	case len(rest) == 2:
		return h.get(r, t, rest[1])
	case len(rest) == 4 && rest[2] == "associations":
		return h.associated(r, t, rest[1], rest[3])
	}
	return 0, nil, notFound()
}

// words reads a parameter that is a comma list or repeated.
func words(q url.Values, name string) []string {
	var out []string
	for _, v := range q[name] {
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

func askOf(q url.Values) selection {
	return selection{words(q, "properties"), words(q, "propertiesWithHistory"), words(q, "associations")}
}

// limitOf reads the parameter limit, which may be at most most.
func limitOf(q url.Values, fallback, most int) (int, error) {
	s := q.Get("limit")
	if s == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, invalid("Invalid input: limit must be between 1 and %d, but was %s", most, s)
	}
	return n, nil
}

// list walks all records by id; after is the last id.
func (h *Server) list(r *http.Request, t *portal.Type) (int, any, error) {
	q := r.URL.Query()
	ask := askOf(q)
	most := 100
	if len(ask.history) > 0 {
		most = 50
	}
	limit, err := limitOf(q, 10, most)
	if err != nil {
		return 0, nil, err
	}
	var after int64
	if s := q.Get("after"); s != "" {
		if after, err = strconv.ParseInt(s, 10, 64); err != nil {
			return 0, nil, invalid("Invalid input: after is no cursor of this list")
		}
	}
	results := []output{}
	answer := map[string]any{}
	repeat, skip := h.stumble(after > 0)
	if repeat && limit > 1 {
		after--
	}
	for _, o := range h.Records.Tables[t.Name].After(after) {
		if h.Records.Lost(o) || o.Archived != (q.Get("archived") == "true") {
			continue
		}
		if skip {
			skip = false
			continue
		}
		if len(results) == limit {
			answer["paging"] = paging(r, results[limit-1].ID)
			break
		}
		results = append(results, h.render(o, ask))
	}
	answer["results"] = results
	return http.StatusOK, answer, nil
}

// answerDelete archives a record. Deleting an archived record is no error.
func (h *Server) answerDelete(name, id string) (int, any, error) {
	t := portal.TypeNamed(name)
	if t == nil {
		return 0, nil, invalid("Unable to infer object type from: %s", name)
	}
	if err := h.permitType(t, strings.Replace(t.Scopes[0], ".read", ".write", 1)); err != nil {
		return 0, nil, err
	}
	h.Records.Lock()
	defer h.Records.Unlock()
	if o := h.Records.Find(t.Name, id); o != nil && !o.Archived {
		h.Records.Archive(o, true)
	}
	return http.StatusNoContent, nil, nil
}

func (h *Server) get(r *http.Request, t *portal.Type, id string) (int, any, error) {
	q := r.URL.Query()
	o := h.Records.Resolve(t, id)
	if o == nil || o.Archived != (q.Get("archived") == "true") {
		return 0, nil, fail(http.StatusNotFound, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.")
	}
	return http.StatusOK, h.render(o, askOf(q)), nil
}
