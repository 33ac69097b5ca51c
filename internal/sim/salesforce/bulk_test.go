package salesforce_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
)

const jobsPath = data + "/jobs/query"

// toldJob is a query job as the service tells it.
type toldJob struct {
	ID, State, Object  string
	APIVersion         json.Number
	ErrorMessage       *string
	RecordsProcessed   *int `json:"numberRecordsProcessed"`
	NextRecordsURL     string
	Done               bool
	ResultPages        []struct{ ResultLink string }
	Message, ErrorCode string
}

func (o *orgClient) job(method, path, body string, want int) toldJob {
	o.t.Helper()
	status, _, answer := o.send(method, path, body)
	var j toldJob
	text := strings.TrimSpace(string(answer))
	if status >= 400 {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	}
	if status != want || text != "" && json.Unmarshal([]byte(text), &j) != nil {
		o.t.Fatalf("%s %s: got %d %s, want %d", method, path, status, answer, want)
	}
	return j
}

func (o *orgClient) create(operation, soql string, want int) toldJob {
	o.t.Helper()
	body, _ := json.Marshal(map[string]string{"operation": operation, "query": soql})
	return o.job(http.MethodPost, jobsPath, string(body), want)
}

// complete creates a job and reads its state until the job is complete.
func (o *orgClient) complete(operation, soql string) string {
	o.t.Helper()
	id := o.create(operation, soql, 200).ID
	for range 3 {
		if o.job(http.MethodGet, jobsPath+"/"+id, "", 200).State == "JobComplete" {
			return id
		}
	}
	o.t.Fatal("the job is not complete")
	return ""
}

func (o *orgClient) results(id, args string) (header http.Header, rows [][]string) {
	o.t.Helper()
	status, h, body := o.get(jobsPath + "/" + id + "/results" + args)
	rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
	if status != 200 || err != nil {
		o.t.Fatalf("results%s: got %d, %v: %s", args, status, err, body)
	}
	return h, rows
}

func TestQuirk27BulkStates(t *testing.T) {
	o := small(t)
	used := o.sf.Options().LimitUsed
	j := o.create("query", "SELECT Id FROM Account", 200)
	if j.State != "UploadComplete" || j.Object != "Account" || j.APIVersion != "66.0" || !strings.HasPrefix(j.ID, "750") {
		t.Errorf("created: got %+v", j)
	}
	path := jobsPath + "/" + j.ID
	if got := o.job(http.MethodGet, path+"/results", "", 400); got.ErrorCode != "INVALIDJOBSTATE" {
		t.Errorf("results too early: got %+v", got)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Bulk.NotReady204 = true })
	o.job(http.MethodGet, path+"/results", "", 204)
	o.job(http.MethodDelete, path, "", 400) // not while it runs
	for _, want := range []string{"InProgress", "JobComplete", "JobComplete"} {
		if got := o.job(http.MethodGet, path, "", 200); got.State != want || want == "JobComplete" && *got.RecordsProcessed != o.rawCount("Account") {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
	o.results(j.ID, "")
	if got := o.sf.Options().LimitUsed - used; got != 8 {
		t.Errorf("got %d calls, want 8: each one counts", got)
	}
	if got := o.job(http.MethodGet, strings.Replace(path, "v66.0", "v65.0", 1)+"/results", "", 409); got.ErrorCode == "" {
		t.Error("another version: no error")
	}
	o.job(http.MethodPatch, path, `{"state":"Aborted"}`, 400)
	o.job(http.MethodDelete, path, "", 204)
	o.job(http.MethodGet, path, "", 404)
	o.job(http.MethodGet, path+"/results", "", 404)

	id := o.create("query", "SELECT Id FROM Account", 200).ID
	if got := o.job(http.MethodPatch, jobsPath+"/"+id, `{"state":"Aborted"}`, 200); got.State != "Aborted" {
		t.Errorf("aborted: got %+v", got)
	}
	jobs := o.sf.Jobs()
	want := []salesforce.BulkJob{{State: "JobComplete", Polls: 3, Pages: 1, Deleted: true}, {State: "Aborted"}}
	for i, j := range jobs {
		if got := (salesforce.BulkJob{State: j.State, Polls: j.Polls, Pages: j.Pages, Deleted: j.Deleted}); got != want[i] {
			t.Errorf("job %d: got %+v, want %+v", i, got, want[i])
		}
	}
	kept := o.complete("query", "SELECT Id FROM User")
	o.c.SetNow(o.c.Now().Add(7*24*time.Hour - time.Minute))
	o.login()
	o.results(kept, "")
	o.c.SetNow(o.c.Now().Add(2 * time.Minute))
	o.job(http.MethodGet, jobsPath+"/"+kept+"/results", "", 404)
}

func TestQuirk27BulkEndsByTheClock(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.Bulk.Takes = time.Minute })
	path := jobsPath + "/" + o.create("query", "SELECT Id FROM Account", 200).ID
	for range 5 {
		if got := o.job(http.MethodGet, path, "", 200).State; got != "InProgress" {
			t.Fatalf("got %s", got)
		}
	}
	o.c.SetNow(o.c.Now().Add(time.Minute))
	if got := o.job(http.MethodGet, path, "", 200).State; got != "JobComplete" {
		t.Errorf("a minute later: got %s", got)
	}
}

func TestQuirk27BulkFailures(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.Bulk.Failing, s.Bulk.Polls = 1, 1 })
	path := jobsPath + "/" + o.create("query", "SELECT Id FROM Account", 200).ID
	if got := o.job(http.MethodGet, path, "", 200); got.State != "Failed" || got.ErrorMessage == nil || *got.ErrorMessage != "" {
		t.Errorf("got %+v", got)
	}
	path = jobsPath + "/" + o.create("query", "SELECT Id FROM Account", 200).ID
	if got := o.job(http.MethodGet, path, "", 200); got.State != "JobComplete" {
		t.Errorf("the next one: got %+v", got)
	}
	for soql, code := range map[string]string{
		"SELECT COUNT() FROM Task": "API_ERROR", "SELECT StageName FROM Opportunity GROUP BY StageName": "API_ERROR", "SELECT Id FROM Task LIMIT 1 OFFSET 1": "API_ERROR",
		"SELECT Id, (SELECT Id FROM Tasks) FROM Opportunity": "API_ERROR", "SELECT TYPEOF What WHEN Account THEN Id END FROM Task": "API_ERROR", "SELECT FIELDS(ALL) FROM Task": "API_ERROR",
		"SELECT Nope FROM Task": "INVALID_FIELD", "SELECT Id FROM Nope": "INVALID_TYPE", "SELECT FROM": "MALFORMED_QUERY",
	} {
		if got := o.create("query", soql, 400); got.ErrorCode != code {
			t.Errorf("%s: got %+v, want %s", soql, got, code)
		}
	}
	o.sf.Set(func(s *salesforce.Options) { s.Bulk.NotBulkable = []string{"OpportunityStage"} })
	if got := o.create("query", "SELECT Id FROM OpportunityStage", 400); got.ErrorCode != "INVALIDENTITY" || !strings.Contains(got.Message, "is not supported by the Bulk API") {
		t.Errorf("not bulkable: got %+v", got)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Bulk.JobLimit = 2 })
	if got := o.create("query", "SELECT Id FROM User", 400); got.ErrorCode != "LIMIT_EXCEEDED" {
		t.Errorf("third job of two: got %+v", got)
	}
	o.c.SetNow(o.c.Now().Add(24 * time.Hour))
	o.login()
	o.create("query", "SELECT Id FROM User", 200)
}

func TestQuirk27BulkPages(t *testing.T) {
	o := small(t)
	want := map[string]bool{}
	for _, r := range o.queryAll("SELECT Id FROM Account").Records {
		want[r["Id"].(string)] = true
	}
	id := o.complete("queryAll", "SELECT Id, Name FROM Account")
	size := len(want)/3 + 1
	for _, once := range []bool{false, true} {
		o.sf.Set(func(s *salesforce.Options) { s.Bulk.HeaderOnce, s.Bulk.NoCount = once, once })
		got, order, args := map[string]bool{}, "", "?maxRecords="+strconv.Itoa(size)
		for n := 0; ; n++ {
			h, rows := o.results(id, args)
			if header := rows[0][0] == "Id"; header != (n == 0 || !once) {
				t.Errorf("once %v, page %d: header row %v", once, n, header)
			}
			if rows[0][0] == "Id" {
				rows = rows[1:]
			}
			if count := h.Get("Sforce-NumberOfRecords"); !once && count != strconv.Itoa(len(rows)) || once && count != "" {
				t.Errorf("page %d: number of records %q for %d", n, count, len(rows))
			}
			for _, r := range rows {
				got[r[0]], order = true, order+r[0]
			}
			locator := h.Get("Sforce-Locator")
			if locator == "null" {
				if n != 2 {
					t.Errorf("got %d pages, want 3", n+1)
				}
				break
			}
			if n > 3 {
				t.Fatalf("page %d and no end: locator %q", n, locator)
			}
			args = fmt.Sprintf("?maxRecords=%d&locator=%s", size, locator)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if order == strings.Join(o.c.IDs("Account"), "") {
			t.Error("rows come in order of creation without ORDER BY")
		}
	}
	_, rows := o.results(o.complete("query", "SELECT Name FROM Account ORDER BY Name DESC"), "")
	for i := 2; i < len(rows); i++ {
		if rows[i][0] > rows[i-1][0] {
			t.Errorf("ordered: %q after %q", rows[i][0], rows[i-1][0])
		}
	}
	_, rows = o.results(o.complete("query", "SELECT Id FROM Account WHERE Name = 'no such'"), "")
	if len(rows) != 1 {
		t.Errorf("an empty result: got %v, want the header row alone", rows)
	}
	o.job(http.MethodGet, jobsPath+"/"+id+"/results?locator=nonsense", "", 400)
}

func TestQuirk27BulkValues(t *testing.T) {
	o := small(t)
	opportunity := o.c.Find(sim.Globex)
	if err := o.c.SetField(opportunity, "Description", "two\nlines, \"quoted\""); err != nil {
		t.Fatal(err)
	}
	if err := o.c.SetField(opportunity, "Amount", nil); err != nil {
		t.Fatal(err)
	}
	for _, date := range []string{"2027-01-05", "2027-02-05"} {
		if err := o.c.SetField(opportunity, "CloseDate", date); err != nil {
			t.Fatal(err)
		}
	}
	soql := "SELECT Id, Description, Amount, Probability, IsClosed, CloseDate, CreatedDate, Owner.Name, PushCount FROM Opportunity WHERE Id = '" + opportunity + "'"
	rec := o.c.Record(opportunity)
	pushes, _ := rec["PushCount"].(int)
	_, rows := o.results(o.complete("query", soql), "")
	created, _ := rec["CreatedDate"].(time.Time)
	want := [][]string{
		{"Id", "Description", "Amount", "Probability", "IsClosed", "CloseDate", "CreatedDate", "Owner.Name", "PushCount"},
		{opportunity, "two\nlines, \"quoted\"", "", "80.0", "false", fmt.Sprint(rec["CloseDate"]), created.Format("2006-01-02T15:04:05.000Z"), "Ana Alves", strconv.Itoa(pushes)},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	o.sf.Set(func(s *salesforce.Options) { s.Bulk.NUL, s.Bulk.FloatInts = true, true })
	_, rows = o.results(o.complete("query", soql), "")
	if rows[1][7] != "Ana \x00Alves" || rows[1][8] != strconv.Itoa(pushes)+".0" {
		t.Errorf("NUL and floats: got %q", rows[1])
	}
	_, _, raw := o.get(jobsPath + "/" + o.complete("query", "SELECT Id, IsClosed FROM Opportunity LIMIT 1") + "/results")
	if text := string(raw); !strings.HasPrefix(text, "\"Id\",\"IsClosed\"\n\"") || !strings.HasSuffix(text, "\"\n") {
		t.Errorf("not all values are quoted: %q", text)
	}
	body := `{"operation":"query","query":"SELECT Id, IsClosed FROM Opportunity LIMIT 1","columnDelimiter":"PIPE","lineEnding":"CRLF"}`
	id := o.job(http.MethodPost, jobsPath, body, 200).ID
	o.job(http.MethodGet, jobsPath+"/"+id, "", 200)
	o.job(http.MethodGet, jobsPath+"/"+id, "", 200)
	if _, _, raw := o.get(jobsPath + "/" + id + "/results"); !strings.HasPrefix(string(raw), "\"Id\"|\"IsClosed\"\r\n") {
		t.Errorf("pipes and CRLF: %q", raw)
	}
}

func TestQuirk28ResultPages(t *testing.T) {
	o := small(t)
	id := o.complete("query", "SELECT Id FROM Account")
	_, all := o.results(id, "")
	size := (len(all)-1)/8 + 1
	seen := map[string]bool{}
	path := jobsPath + "/" + id + "/resultPages?maxRecords=" + strconv.Itoa(size)
	lists := 0
	for done := false; !done; lists++ {
		j := o.job(http.MethodGet, path, "", 200)
		if len(j.ResultPages) > 5 || j.Done != (j.NextRecordsURL == "") {
			t.Errorf("got %+v", j)
		}
		for _, p := range j.ResultPages {
			status, _, body := o.get(p.ResultLink)
			if status != 200 {
				t.Fatalf("%s: got %d", p.ResultLink, status)
			}
			for _, line := range strings.Split(strings.TrimSpace(string(body)), "\n")[1:] {
				seen[line] = true
			}
		}
		done, path = j.Done, j.NextRecordsURL
	}
	if len(seen) != len(all)-1 || lists < 2 {
		t.Errorf("got %d rows of %d in %d lists", len(seen), len(all)-1, lists)
	}
}
