package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// reader queries a company's Salesforce without a network.
type reader struct {
	t     *testing.T
	c     *Company
	token string
}

// found is the result of a statement.
type found struct {
	TotalSize int
	Records   []map[string]any
}

func read(t *testing.T, c *Company) *reader {
	t.Helper()
	r := &reader{t: t, c: c}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.Salesforce().Options().ClientID}, "client_secret": {c.Salesforce().Options().ClientSecret}}
	req := httptest.NewRequest(http.MethodPost, "/services/oauth2/token", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	c.Salesforce().ServeHTTP(w, req)
	var reply map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || w.Code != 200 {
		t.Fatalf("token: status %d: %s", w.Code, w.Body)
	}
	r.token, _ = reply["access_token"].(string)
	return r
}

func (r *reader) get(soql string) (int, []byte) {
	req := httptest.NewRequest(http.MethodGet, "/services/data/v66.0/query?q="+url.QueryEscape(soql), nil)
	req.Header.Set("Authorization", "Bearer "+r.token)
	w := httptest.NewRecorder()
	r.c.Salesforce().ServeHTTP(w, req)
	return w.Code, w.Body.Bytes()
}

func (r *reader) query(soql string) found {
	r.t.Helper()
	status, body := r.get(soql)
	var f found
	if err := json.Unmarshal(body, &f); err != nil || status != 200 {
		r.t.Fatalf("%s: status %d: %s", soql, status, body)
	}
	return f
}

// outcome is the result of a statement as text.
func (r *reader) outcome(soql string) string {
	r.t.Helper()
	status, body := r.get(soql)
	if status != 200 {
		var errs []struct{ Message, ErrorCode string }
		if err := json.Unmarshal(body, &errs); err != nil || len(errs) != 1 {
			r.t.Fatalf("%s: status %d, not an error array: %s", soql, status, body)
		}
		return fmt.Sprintf("%d %s%s", status, errs[0].ErrorCode, errs[0].Message)
	}
	f := r.query(soql)
	if strings.Contains(strings.ToUpper(soql), "COUNT()") {
		return fmt.Sprint(f.TotalSize)
	}
	var names []string
	for _, rec := range f.Records {
		s, _ := rec["Name"].(string)
		names = append(names, s)
	}
	return strings.Join(names, ", ")
}

func today(c *Company) crm.Date { return crm.DateOf(c.Now(), clock.Location(eastZone)) }
