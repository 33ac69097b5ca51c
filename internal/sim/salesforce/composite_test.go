package salesforce_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
)

// send makes a request with a JSON body.
func (o *orgClient) send(method, path, body string, header ...string) (int, http.Header, []byte) {
	o.t.Helper()
	req, err := http.NewRequest(method, o.url+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	return o.read(resp, err)
}

// part is the answer to one request of a composite.
type part struct {
	Body    json.RawMessage   `json:"body"`
	Headers map[string]string `json:"httpHeaders"`
	Status  int               `json:"httpStatusCode"`
	Ref     *string           `json:"referenceId"`
}

func (o *orgClient) composite(allOrNone bool, urls ...string) (int, []part) {
	o.t.Helper()
	type request map[string]any
	var list []request
	for i, u := range urls {
		list = append(list, request{"method": "GET", "url": u, "referenceId": fmt.Sprint("r", i)})
	}
	body, err := json.Marshal(map[string]any{"allOrNone": allOrNone, "compositeRequest": list})
	if err != nil {
		o.t.Fatal(err)
	}
	status, _, answer := o.send(http.MethodPost, data+"/composite", string(body))
	var reply struct{ CompositeResponse []part }
	if err := json.Unmarshal(answer, &reply); err != nil {
		o.t.Fatalf("status %d, not a composite's answer: %s", status, answer)
	}
	return status, reply.CompositeResponse
}

func ask(q string) string     { return data + "/query?q=" + url.QueryEscape(q) }
func soqlAll(q string) string { return data + "/queryAll?q=" + url.QueryEscape(q) }

func TestQuirk21CompositeCountsOnce(t *testing.T) {
	o := small(t)
	used := o.sf.Options().LimitUsed
	status, parts := o.composite(false, ask("SELECT Id FROM User"), soqlAll(everyTask), data+"/sobjects/Task/describe", ask("SELECT Nope FROM User"), "/services/data/v20.0/limits")
	if status != 200 || len(parts) != 5 {
		t.Fatalf("got %d with %d parts", status, len(parts))
	}
	if got := o.sf.Options().LimitUsed - used; got != 1 {
		t.Errorf("got %d calls, want 1", got)
	}
	for i, want := range []int{200, 200, 200, 400, 410} {
		if parts[i].Status != want || parts[i].Ref == nil || *parts[i].Ref != fmt.Sprint("r", i) {
			t.Errorf("part %d: got %d for %v: %.200s", i, parts[i].Status, parts[i].Ref, parts[i].Body)
		}
	}
	if !bytes.Contains(parts[3].Body, []byte(`"errorCode":"INVALID_FIELD"`)) {
		t.Errorf("a refused query: got %s", parts[3].Body)
	}
	var all queryPage
	if err := json.Unmarshal(parts[1].Body, &all); err != nil || all.TotalSize != o.queryAll(everyTask).TotalSize || all.TotalSize == 0 {
		t.Errorf("queryAll in a composite: %d rows, %v", all.TotalSize, err)
	}
	if subs := o.sf.Subrequests(); len(subs) != 5 || subs[1].Query != everyTask || subs[3].Status != 400 {
		t.Errorf("got subrequests %+v", subs)
	}
}

func TestCompositeLimits(t *testing.T) {
	o := small(t)
	times := func(n int, u string) (out []string) {
		for range n {
			out = append(out, u)
		}
		return out
	}
	users := ask("SELECT Id FROM User")
	for _, tt := range []struct {
		name string
		urls []string
		want int
	}{{"25 limits", times(25, data+"/limits"), 200}, {"26 limits", times(26, data+"/limits"), 400}, {"5 queries", times(5, users), 200}, {"6 queries", times(6, users), 400}} {
		if status, parts := o.composite(false, tt.urls...); status != tt.want || status == 400 && (parts[0].Ref != nil || !bytes.Contains(parts[0].Body, []byte("LIMIT_EXCEEDED"))) {
			t.Errorf("%s: got %d %+v", tt.name, status, parts[0])
		}
	}
	if status, _, body := o.send(http.MethodPost, data+"/composite", `{"compositeRequest":[{"method":"GET","url":"`+data+`/limits","referenceId":"a-b"}]}`); status != 400 {
		t.Errorf("reference id with a dash: got %d %s", status, body)
	}
	status, parts := o.composite(true, users, ask("SELECT Nope FROM User"))
	if status != 200 || parts[0].Status != 400 || !bytes.Contains(parts[0].Body, []byte("PROCESSING_HALTED")) {
		t.Errorf("all or none: got %d %+v", status, parts)
	}
}

func TestCompositeFaults(t *testing.T) {
	o := small(t)
	users := ask("SELECT Id FROM User")
	o.sf.Fault(fault.Rule{Sub: "/query", Status: 400, Body: `[{"errorCode":"QUERY_TIMEOUT","message":"x"}]`})
	if status, parts := o.composite(false, users, users); status != 200 || parts[0].Status != 400 || parts[1].Status != 200 {
		t.Errorf("a subrequest's fault: got %d %+v", status, parts)
	}
	for status, code := range map[int]string{400: "API_DISABLED_FOR_ORG", 404: "NOT_FOUND"} {
		o.sf.Set(func(s *salesforce.Options) { s.NoComposite = status })
		if got, _, body := o.send(http.MethodPost, data+"/composite", `{}`); got != status || !bytes.Contains(body, []byte(code)) {
			t.Errorf("unavailable: got %d %s", got, body)
		}
	}
}

func TestGzip(t *testing.T) {
	o := small(t)
	path := ask("SELECT Id, Name FROM User")
	_, _, plain := o.get(path, "Accept-Encoding", "identity")
	status, header, body := o.get(path, "Accept-Encoding", "gzip") // with the header set by hand, the transport does not decode
	if status != 200 || header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("got %d, %v", status, header)
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("got %s, %v\nwant %s", got, err, plain)
	}
	_, h, _ := o.get(data + "/sobjects/User/describe")
	if status, header, body := o.get(data+"/sobjects/User/describe", "Accept-Encoding", "gzip", "If-Modified-Since", h.Get("Last-Modified")); status != 304 || len(body) != 0 || header.Get("Content-Encoding") != "" {
		t.Errorf("not modified: got %d, %q, %v", status, body, header)
	}
}
