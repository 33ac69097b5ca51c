package salesforce_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
)

// orgClient is a company served over HTTP, and a client that has logged in.
type orgClient struct {
	t     *testing.T
	c     *sim.Company
	sf    *salesforce.Server
	url   string
	token string
}

func serveOrg(t *testing.T, c *sim.Company) *orgClient {
	t.Helper()
	srv := httptest.NewServer(c.Salesforce())
	t.Cleanup(srv.Close)
	o := &orgClient{t: t, c: c, sf: c.Salesforce(), url: srv.URL}
	o.login()
	return o
}

func (o *orgClient) login() {
	o.t.Helper()
	status, _, body := o.post("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"},
		"client_id": {o.sf.Options().ClientID}, "client_secret": {o.sf.Options().ClientSecret}})
	var reply map[string]any
	if err := json.Unmarshal(body, &reply); err != nil || status != 200 {
		o.t.Fatalf("token: status %d: %s", status, body)
	}
	o.token, _ = reply["access_token"].(string)
}

func (o *orgClient) post(path string, form url.Values) (int, http.Header, []byte) {
	o.t.Helper()
	resp, err := http.PostForm(o.url+path, form)
	return o.read(resp, err)
}

func (o *orgClient) get(path string, header ...string) (int, http.Header, []byte) {
	o.t.Helper()
	req, err := http.NewRequest(http.MethodGet, o.url+path, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	return o.read(resp, err)
}

func (o *orgClient) read(resp *http.Response, err error) (int, http.Header, []byte) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, body
}

type queryPage struct {
	TotalSize      int              `json:"totalSize"`
	Done           bool             `json:"done"`
	NextRecordsURL string           `json:"nextRecordsUrl"`
	Records        []map[string]any `json:"records"`
}

const data = "/services/data/v66.0"

func (o *orgClient) page(path string, header ...string) queryPage {
	o.t.Helper()
	status, _, body := o.get(path, header...)
	var p queryPage
	if err := json.Unmarshal(body, &p); err != nil || status != 200 {
		o.t.Fatalf("GET %s: status %d: %s", path, status, body)
	}
	return p
}

func (o *orgClient) query(soql string, header ...string) queryPage {
	o.t.Helper()
	return o.page(data+"/query?q="+url.QueryEscape(soql), header...)
}

func (o *orgClient) queryAll(soql string, header ...string) queryPage {
	o.t.Helper()
	return o.page(data+"/queryAll?q="+url.QueryEscape(soql), header...)
}

// refused runs a query that must fail and returns status, code and message.
func (o *orgClient) refused(path string, header ...string) (status int, code, message string) {
	o.t.Helper()
	status, _, body := o.get(path, header...)
	var errs []struct{ Message, ErrorCode string }
	if err := json.Unmarshal(body, &errs); err != nil || len(errs) != 1 {
		o.t.Fatalf("GET %s: status %d, not an error array: %s", path, status, body)
	}
	return status, errs[0].ErrorCode, errs[0].Message
}

func TestSameSeedSameBytes(t *testing.T) {
	dump := func(seed uint64) []byte {
		c := sim.New(sim.Options{Seed: seed})
		c.Advance(sim.DefaultStart().AddDate(0, 0, 1))
		return c.Dump()
	}
	one, two := dump(7), dump(7)
	if !bytes.Equal(one, two) {
		t.Error("two companies of one seed differ")
	}
	if bytes.Equal(one, dump(8)) {
		t.Error("two seeds gave one company")
	}
	steps := sim.New(sim.Options{Seed: 7})
	for h := 1; h <= 24; h++ {
		steps.Advance(sim.DefaultStart().Add(time.Duration(h) * time.Hour))
	}
	if !bytes.Equal(one, steps.Dump()) {
		t.Error("24 steps of an hour and one step of a day give different companies")
	}
}
