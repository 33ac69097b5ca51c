package salesforce

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

var delimiters = map[string]string{"COMMA": ",", "BACKQUOTE": "`", "CARET": "^", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}

func (s *bulk) createJob(w http.ResponseWriter, r *http.Request, version string) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Content type is not supported")
	}
	ask := struct{ Operation, Query, ContentType, ColumnDelimiter, LineEnding string }{ContentType: "CSV", ColumnDelimiter: "COMMA", LineEnding: "LF"}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		return fail(http.StatusBadRequest, "JSON_PARSER_ERROR", "%s", err.Error())
	}
	switch {
	case ask.Operation != "query" && ask.Operation != "queryAll":
		return fail(http.StatusBadRequest, "INVALIDJOB", "Unsupported operation: %s", ask.Operation)
	case ask.ContentType != "CSV" || delimiters[ask.ColumnDelimiter] == "" || ask.LineEnding != "LF" && ask.LineEnding != "CRLF":
		return fail(http.StatusBadRequest, "INVALIDJOB", "Unsupported content type, column delimiter or line ending")
	}
	q, err := bulkQuery(ask.Query)
	if err != nil {
		return err
	}
	now, opt := s.rec.Now(), s.Options().Bulk
	o, err := s.checked(q)
	if err != nil {
		return err
	}
	if slices.Contains(opt.NotBulkable, o.Name) {
		return fail(http.StatusBadRequest, "INVALIDENTITY", "Entity '%s' is not supported by the Bulk API.", o.Name)
	}
	s.lock.Lock()
	if s.jobsToday(now) >= jobLimit(opt) {
		s.lock.Unlock()
		return fail(http.StatusBadRequest, "LIMIT_EXCEEDED", "Max bulk v2 query jobs count (%d) for the last 24 hours has been exceeded", jobLimit(opt))
	}
	j := &job{BulkJob: BulkJob{ID: soql.NewID("750", 9_000_000+len(s.list)), Object: o.Name, Operation: ask.Operation, Query: ask.Query, Version: version, Created: now.UTC().Truncate(time.Second)},
		q: q, all: ask.Operation == "queryAll", delimiter: ask.ColumnDelimiter, ending: ask.LineEnding, state: jobUploaded}
	s.list = append(s.list, j)
	s.lock.Unlock()
	wire.JSON(w, http.StatusOK, s.told(j, false))
	return nil
}

func jobLimit(opt BulkOptions) int {
	if opt.JobLimit == 0 {
		return 10_000
	}
	return opt.JobLimit
}

func (s *bulk) jobsToday(now time.Time) int {
	n := 0
	for _, j := range s.list {
		if now.Sub(j.Created) < 24*time.Hour {
			n++
		}
	}
	return n
}

// bulkQuery parses a query, and refuses the queries that Bulk refuses.
func bulkQuery(text string) (*soql.Query, error) {
	toks, err := soql.Lex(text)
	if err != nil {
		return nil, err
	}
	for i, t := range toks {
		word := ""
		switch {
		case t.Is("group"), t.Is("typeof"), t.Is("offset"):
			word = strings.ToUpper(t.Text)
		case t.Is("select") && i > 0:
			word = "Aggregate Relationships"
		case t.Name() && toks[i+1].Is("(") && slices.Contains([]string{"count", "sum", "min", "max", "avg", "count_distinct", "fields"}, strings.ToLower(t.Text)):
			word = strings.ToUpper(t.Text) + "()"
		}
		if word != "" {
			return nil, fail(http.StatusBadRequest, "API_ERROR", "%s not supported in Bulk V2 Query with CSV content type", word)
		}
	}
	return soql.Parse(text)
}

// checked resolves a query without running the query.
func (s *bulk) checked(q *soql.Query) (*soql.Object, error) {
	s.rec.Lock()
	defer s.rec.Unlock()
	stmt, err := q.Prepare(s.rec)
	if err != nil {
		return nil, err
	}
	return stmt.Object, nil
}
