package salesforce

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// csv runs a job's query and writes the rows with their present values.
func (s *bulk) csv(j *job, opt BulkOptions) (head string, rows []string, err error) {
	limits := s.Options().SizeLimits
	if j.q.Chunked() {
		limits.SlowOver = nil // without an order the service reads a large object in chunks
	}
	stmt, ids, err := s.queries.open(j.q, j.all, limits)
	if err != nil {
		return "", nil, err
	}
	comma, end := delimiters[j.delimiter], "\n"
	if j.ending == "CRLF" {
		end = "\r\n"
	}
	var cells []string
	for _, col := range stmt.Columns {
		cells = append(cells, quoted(strings.Join(col.Path, ".")))
	}
	head = strings.Join(cells, comma) + end
	s.rec.Lock()
	defer s.rec.Unlock()
	m := s.rec.Moment()
	t := s.rec.Tables[stmt.Object.Name]
	for _, id := range ids {
		r := t.ByID[id]
		if r == nil {
			continue
		}
		v := r.Seen(m.Now)
		if v == nil {
			continue
		}
		cells = cells[:0]
		for i := range stmt.Columns {
			cells = append(cells, quoted(csvValue(stmt.Columns[i].Read(m, stmt.Object, v), opt)))
		}
		rows = append(rows, strings.Join(cells, comma)+end)
	}
	return head, rows, nil
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// csvValue writes a value as Bulk does: nothing for null, datetimes with Z.
func csvValue(v any, opt BulkOptions) string {
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(x)
	case int:
		if opt.FloatInts {
			return strconv.Itoa(x) + ".0"
		}
		return strconv.Itoa(x)
	case float64:
		return string(soql.JSON(nil, x))
	case crm.Date:
		return x.String()
	case time.Time:
		return x.UTC().Format("2006-01-02T15:04:05.000Z")
	case string:
		if opt.NUL && strings.Contains(x, " ") {
			return strings.Replace(x, " ", " \x00", 1)
		}
		return x
	}
	panic("sim: value of an unknown type")
}

// resultsOf returns the results of a complete job. The version must be the version
// with which the job was created.
func (s *bulk) resultsOf(j *job, version string) (head string, rows []string, err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	switch {
	case j.Version != version:
		return "", nil, fail(http.StatusConflict, "CONFLICT", "The job was created with API version %s", j.Version)
	case j.state != jobComplete:
		return "", nil, fail(http.StatusBadRequest, "INVALIDJOBSTATE", "The results of a job are there once its state is JobComplete, it is %s", j.state)
	}
	return j.head, j.rows, nil
}

// pageOf reads maxRecords and locator.
func pageOf(args url.Values, opt BulkOptions, rows int) (from, size int, err error) {
	size = opt.MaxRecords
	if size == 0 {
		size = 50_000
	}
	if text := args.Get("maxRecords"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return 0, 0, fail(http.StatusBadRequest, "INVALID_QUERY", "maxRecords must be a positive number")
		}
		size = min(size, n)
	}
	if text := args.Get("locator"); text != "" {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			from, err = strconv.Atoi(string(raw))
		}
		if err != nil || from < 0 || from >= max(rows, 1) {
			return 0, 0, fail(http.StatusBadRequest, "INVALID_LOCATOR", "The locator is invalid: %s", text)
		}
	}
	return from, size, nil
}

// locatorAt is the locator of the page that begins at a row; at the end the locator
// is the word null.
func locatorAt(at, rows int) string {
	if at >= rows {
		return "null"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(at)))
}

func (s *bulk) results(w http.ResponseWriter, r *http.Request, j *job, version string, opt BulkOptions) error {
	head, rows, err := s.resultsOf(j, version)
	if err != nil {
		if opt.NotReady204 && j.Version == version {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		return err
	}
	from, size, err := pageOf(r.URL.Query(), opt, len(rows))
	if err != nil {
		return err
	}
	to := min(from+size, len(rows))
	h := w.Header()
	h.Set("Content-Type", "text/csv;charset=UTF-8")
	if !opt.NoCount {
		h.Set("Sforce-NumberOfRecords", strconv.Itoa(to-from))
	}
	h.Set("Sforce-Locator", locatorAt(to, len(rows)))
	s.lock.Lock()
	j.Pages++
	s.lock.Unlock()
	w.WriteHeader(http.StatusOK) // the writes below fail only if the client went away
	if from == 0 || !opt.HeaderOnce {
		_, _ = w.Write([]byte(head))
	}
	for _, row := range rows[from:to] {
		_, _ = w.Write([]byte(row))
	}
	return nil
}

// resultPages lists the links to the result pages, five at a time.
func (s *bulk) resultPages(w http.ResponseWriter, r *http.Request, j *job, version string, opt BulkOptions) error {
	if n, _ := strconv.ParseFloat(version, 64); n < 58 {
		return notFound()
	}
	_, rows, err := s.resultsOf(j, version)
	if err != nil {
		return err
	}
	from, size, err := pageOf(r.URL.Query(), opt, len(rows))
	if err != nil {
		return err
	}
	base := "/services/data/v" + version + "/jobs/query/" + j.ID
	pages := []map[string]string{}
	for at := from; len(pages) < 5 && (at < len(rows) || at == 0); at += size {
		link := base + "/results?maxRecords=" + strconv.Itoa(size)
		if at > 0 {
			link += "&locator=" + locatorAt(at, len(rows))
		}
		pages = append(pages, map[string]string{"resultLink": link})
	}
	out := map[string]any{"resultPages": pages, "done": true}
	if next := from + 5*size; next < len(rows) {
		out["done"], out["nextRecordsUrl"] = false, base+"/resultPages?maxRecords="+strconv.Itoa(size)+"&locator="+locatorAt(next, len(rows))
	}
	wire.JSON(w, http.StatusOK, out)
	return nil
}
