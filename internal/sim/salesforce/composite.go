package salesforce

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// Limits of one composite.
const (
	maxSubrequests = 25
	maxSubqueries  = 5
)

type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	HTTPHeaders map[string]string `json:"httpHeaders"`
}

type subresponse struct {
	Body        json.RawMessage   `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
	Status      int               `json:"httpStatusCode"`
	ReferenceID *string           `json:"referenceId"`
}

var referenceID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// composite answers several requests that count as one call. A subrequest that fails
// has its error in its own part of the answer, and the answer itself is a success.
func (s *Server) composite(w http.ResponseWriter, r *http.Request, token string) error {
	if status := s.Options().NoComposite; status == http.StatusNotFound {
		return notFound()
	} else if status != 0 {
		return fail(status, "API_DISABLED_FOR_ORG", "The composite resource is not available.")
	}
	if r.Method != http.MethodPost {
		return notAllowed(r.Method, http.MethodPost)
	}
	var ask struct {
		AllOrNone bool         `json:"allOrNone"`
		Requests  []subrequest `json:"compositeRequest"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		return fail(http.StatusBadRequest, "JSON_PARSER_ERROR", "%s", err.Error())
	}
	if len(ask.Requests) == 0 {
		return fail(http.StatusBadRequest, "JSON_PARSER_ERROR", "Required field [compositeRequest] missing")
	}
	queries := 0
	seen := map[string]bool{}
	for _, q := range ask.Requests {
		if !referenceID.MatchString(q.ReferenceID) || seen[q.ReferenceID] {
			return fail(http.StatusBadRequest, "JSON_PARSER_ERROR", "Provided referenceId ('%s') must start with a letter, contain only letters, numbers and underscores, and be unique", q.ReferenceID)
		}
		seen[q.ReferenceID] = true
		if path, _, _ := strings.Cut(q.URL, "?"); strings.Contains(path, "/query") {
			queries++
		}
	}
	switch {
	case len(ask.Requests) > maxSubrequests:
		return s.tooMany(w, "The request can’t contain more than 25 operations.")
	case queries > maxSubqueries:
		return s.tooMany(w, "The request can’t contain more than 5 query or sObject collections operations.")
	}
	out := make([]subresponse, 0, len(ask.Requests))
	failed := false
	for _, q := range ask.Requests {
		answer := s.sub(r, token, q)
		failed = failed || answer.Status >= 400
		out = append(out, answer)
	}
	if ask.AllOrNone && failed {
		for i := range out {
			if out[i].Status < 400 {
				out[i].Status, out[i].Headers = http.StatusBadRequest, map[string]string{}
				out[i].Body = json.RawMessage(`[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back since another operation in the same transaction failed."}]`)
			}
		}
	}
	wire.JSON(w, http.StatusOK, map[string]any{"compositeResponse": out})
	return nil
}

// tooMany refuses a composite in the form of a successful answer, as recorded from the
// real service.
func (s *Server) tooMany(w http.ResponseWriter, message string) error {
	body, _ := json.Marshal([]map[string]string{{"errorCode": "LIMIT_EXCEEDED", "message": message}}) // strings encode
	wire.JSON(w, http.StatusBadRequest, map[string]any{"compositeResponse": []subresponse{{body, map[string]string{}, http.StatusBadRequest, nil}}})
	return nil
}

// sub answers one request of a composite with the handlers of single requests.
func (s *Server) sub(r *http.Request, token string, q subrequest) subresponse {
	t := fault.NewTape()
	s.subAnswer(t, r, token, q)
	body := json.RawMessage(t.Body.Bytes())
	if !json.Valid(body) {
		body = json.RawMessage("null")
	}
	headers := map[string]string{}
	for k := range t.Header() {
		if k != "Content-Type" && k != "Sforce-Limit-Info" {
			headers[k] = t.Header().Get(k)
		}
	}
	return subresponse{body, headers, t.Status, &q.ReferenceID}
}

func (s *Server) subAnswer(t *fault.Tape, outer *http.Request, token string, q subrequest) {
	u, err := url.Parse(q.URL)
	if err != nil || u.Host != "" || strings.ContainsAny(q.URL, " \n") {
		writeError(t, fail(http.StatusBadRequest, "INVALID_URL", "The url '%s' is not a URL of this service", q.URL))
		return
	}
	m := versionPath.FindStringSubmatch(u.Path)
	if m == nil || slices.Contains([]string{"/composite", "/jobs"}, strings.TrimSuffix(m[2], "/")) || strings.HasPrefix(m[2], "/jobs/") || strings.HasPrefix(m[2], "/ui-api/") || strings.HasPrefix(m[2], "/connect/") {
		writeError(t, notFound())
		return
	}
	call := fault.Call{At: s.rec.Now(), Method: strings.ToUpper(q.Method), Path: u.Path, Query: u.Query().Get("q")}
	defer func() {
		call.Status = t.Status
		s.NoteWithin(call)
	}()
	in := &http.Request{Method: call.Method, URL: u, RequestURI: q.URL, Header: http.Header{}, Body: http.NoBody, Host: outer.Host}
	for k, v := range q.HTTPHeaders {
		in.Header.Set(k, v)
	}
	if f := s.DueWithin(in); f != nil {
		for k, v := range f.Header {
			t.Header().Set(k, v)
		}
		t.Status = f.Status
		if t.Status == 0 {
			t.Status = http.StatusInternalServerError
		}
		_, _ = t.Write([]byte(f.Body)) // a tape never fails
		return
	}
	if err = s.supported(m[1]); err == nil {
		err = s.resource(t, in.WithContext(outer.Context()), token, m[1], m[2])
	}
	if err != nil {
		writeError(t, err)
	}
}
