package hubspot

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// decode reads a request's body.
func decode(r *http.Request, into any) error {
	dec := json.NewDecoder(io.LimitReader(r.Body, 4<<20))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return invalid("Invalid input JSON: %v", err)
	}
	return nil
}

// batchAnswer is the answer to a batch read: 207 if anything is missing.
func (h *Server) batchAnswer(results any, failed []any) (int, any, error) {
	at := portal.Stamp(h.Records.Present().Truncate(time.Millisecond))
	body := map[string]any{"status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at}
	if len(failed) == 0 {
		return http.StatusOK, body, nil
	}
	body["numErrors"], body["errors"] = len(failed), failed
	return http.StatusMultiStatus, body, nil
}

func (h *Server) batch(r *http.Request, t *portal.Type) (int, any, error) {
	var in struct {
		Inputs     []struct{ ID json.Number }
		Properties []string
		History    []string `json:"propertiesWithHistory"`
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	most := 100
	if len(in.History) > 0 {
		most = 50
	}
	if len(in.Inputs) > most {
		return 0, nil, invalid("Invalid input: a batch may have at most %d inputs, but had %d", most, len(in.Inputs))
	}
	archived := r.URL.Query().Get("archived") == "true"
	results := []output{}
	missing := []string{}
	seen := map[*portal.Object]bool{}
	for i := range in.Inputs {
		id := in.Inputs[len(in.Inputs)-1-i].ID.String() // in the reverse order of the inputs: clients must not rely on an order
		o := h.Records.Resolve(t, id)
		if o == nil || o.Archived != archived {
			missing = append(missing, id)
			continue
		}
		if !seen[o] {
			seen[o] = true
			results = append(results, h.render(o, selection{properties: in.Properties, history: in.History}))
		}
	}
	var failed []any
	if len(missing) > 0 {
		failed = append(failed, map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND",
			"message": "Could not get some " + strings.ToUpper(t.Name) + " objects, they may be deleted or not exist. Check that ids are valid.", "context": map[string][]string{"ids": missing}})
	}
	return h.batchAnswer(results, failed)
}
