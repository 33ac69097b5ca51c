package salesforce

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

const maxPage = 2000

// queries are the open queries.
type queries struct {
	*shared
	locators []*locator
	opened   int
}

// locator is an open query.
type locator struct {
	id, token, version string
	stmt               *soql.Statement
	ids                []string
	size               int
	last               time.Time
}

// pageSize follows Sforce-Query-Options: batchSize=N.
func pageSize(r *http.Request, s *soql.Statement) int {
	size := maxPage
	for part := range strings.SplitSeq(r.Header.Get("Sforce-Query-Options"), ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && strings.EqualFold(k, "batchSize") {
			if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
				size = min(max(n, 200), maxPage)
			}
		}
	}
	if s.Long >= 2 {
		size = min(size, 200)
	}
	return size
}

func (s *queries) query(w http.ResponseWriter, r *http.Request, token, version string, all bool) error {
	args := r.URL.Query()
	if !args.Has("q") {
		return fail(http.StatusBadRequest, "MALFORMED_QUERY", "A query string has to be specified")
	}
	q, err := soql.Parse(args.Get("q"))
	if err != nil {
		return err
	}
	stmt, ids, err := s.open(q, all, s.Options().SizeLimits)
	if err != nil {
		return err
	}
	if stmt.Count {
		wire.JSON(w, http.StatusOK, struct {
			TotalSize int   `json:"totalSize"`
			Done      bool  `json:"done"`
			Records   []int `json:"records"`
		}{len(ids), true, []int{}})
		return nil
	}
	l := &locator{token: token, version: version, stmt: stmt, ids: ids, size: pageSize(r, stmt), last: s.rec.Now()}
	s.page(w, l, 0)
	return nil
}

// open runs a query.
func (s *queries) open(q *soql.Query, all bool, limits SizeLimits) (*soql.Statement, []string, error) {
	owners := s.Options().OnlyOwners // read before the clock is taken: see shared.lock
	s.rec.Lock()
	defer s.rec.Unlock()
	stmt, err := q.Prepare(s.rec)
	if err != nil {
		return nil, nil, err
	}
	rows := func(yield func(soql.Values) bool) {
		for _, v := range s.rec.Found(stmt.Object, owners, all) {
			if !yield(v) {
				return
			}
		}
	}
	ids := stmt.Run(s.rec.Moment(), rows, s.rec.Seed)
	if err := s.tooMuch(stmt, ids, limits); err != nil {
		return nil, nil, err
	}
	return stmt, stmt.Cut(ids), nil
}

// more answers with the page that begins at the offset in a locator. Version and
// session must be those of the query.
func (s *queries) more(w http.ResponseWriter, token, version, name string) error {
	id, at, ok := strings.Cut(name, "-")
	offset, err := strconv.Atoi(at)
	if !ok || err != nil || offset < 0 {
		return fail(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	s.lock.Lock()
	now := s.rec.Now()
	s.locators = slices.DeleteFunc(s.locators, func(l *locator) bool { return now.Sub(l.last) > s.opt.LocatorIdle })
	i := slices.IndexFunc(s.locators, func(l *locator) bool { return l.id == id })
	if i < 0 {
		s.lock.Unlock()
		return fail(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	l := s.locators[i]
	l.last = now
	s.lock.Unlock()
	switch {
	case l.token != token && s.Options().ForeignLocator400:
		return fail(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	case l.token != token:
		return fail(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	case l.version != version:
		return notFound()
	case offset > len(l.ids):
		return fail(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	s.page(w, l, offset)
	return nil
}

// page writes the rows from offset on, with their present values.
func (s *queries) page(w http.ResponseWriter, l *locator, offset int) {
	size := l.size
	if s.Options().ShortPages && offset+size < len(l.ids) {
		size = max(1, size*(3+offset%5)/8)
	}
	end := min(offset+size, len(l.ids))
	var b bytes.Buffer
	b.WriteString(`{"totalSize":` + strconv.Itoa(len(l.ids)) + `,"done":` + strconv.FormatBool(end == len(l.ids)))
	if end < len(l.ids) {
		if l.id == "" {
			s.keep(l)
		}
		b.WriteString(`,"nextRecordsUrl":"/services/data/v` + l.version + `/query/` + l.id + "-" + strconv.Itoa(end) + `"`)
	}
	b.WriteString(`,"records":[`)
	s.rows(&b, l, offset, end)
	b.WriteString("]}")
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b.Bytes()) // the only error is that the client went away
}

func (s *queries) rows(b *bytes.Buffer, l *locator, from, to int) {
	s.rec.Lock()
	defer s.rec.Unlock()
	m := s.rec.Moment()
	root := shape(l.stmt)
	t := s.rec.Tables[l.stmt.Object.Name]
	first := true
	for _, id := range l.ids[from:to] {
		r := t.ByID[id]
		if r == nil {
			continue // the record was purged after the query was opened
		}
		v := r.Seen(m.Now)
		if v == nil {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		render(b, m, l.stmt.Object, v, root, l.version)
	}
}

// keep opens a locator, and closes the user's oldest locator if there are too many.
func (s *queries) keep(l *locator) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.opened++
	l.id = soql.NewID("01g", 7_000_000+s.opened)
	s.locators = append(s.locators, l)
	if n := len(s.locators) - s.opt.OpenLocators; n > 0 {
		s.locators = slices.Delete(s.locators, 0, n)
	}
}

// Locators is the number of open query locators.
func (s *queries) Locators() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	now := s.rec.Now()
	n := 0
	for _, l := range s.locators {
		if now.Sub(l.last) <= s.opt.LocatorIdle {
			n++
		}
	}
	return n
}

// DropLocators ends all open queries, as the service may do at any time.
func (s *queries) DropLocators() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.locators = nil
}
