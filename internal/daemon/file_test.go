package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/evaluation"
)

// syncNotes asks for a sync as the command does, and returns what it says at its end.
func (b *bench) syncNotes() string {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, "/v1/sync", strings.NewReader("{}")))
	var notes []string
	for dec := json.NewDecoder(bytes.NewReader(w.Body.Bytes())); dec.More(); {
		var e api.SyncEvent
		if err := dec.Decode(&e); err != nil {
			b.t.Fatal(err)
		}
		if e.Finished {
			notes = append(notes, e.Notes...)
		}
	}
	return strings.Join(notes, "\n")
}

// What the file names and the CRM does not have is said by the sync that finds it out
// and by status, each once, with the nearest right name.
func TestTheFileAgainstTheCRM(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench)
		want   string
	}{
		"a member's address":  {func(b *bench) { b.cfg.Teams.List[0].Members = []string{"anna@acme.example"} }, "teams West: members: no source has a user with the address anna@acme.example; did you mean ana@acme.example?"},
		"a manager in no CRM": {func(b *bench) { b.cfg.Declared = nil }, "teams West: manager: no source has a user with the address maria@acme.example; correct it, or"},
		"a tool's login":      {func(b *bench) { b.cfg.Sources[0].Logins = []string{"ama@acme.example"} }, "integration_users of sales: no user has the user name, address or id ama@acme.example; did you mean ana@acme.example?"},
		"a stage": {func(b *bench) {
			b.cfg.Pipelines = map[string][]hygiene.Pipeline{"sales": {{Name: "*", Stages: []hygiene.StageDefinition{{Name: "Propsal", MaxDays: 3}}}}}
		}, "your configuration defines stage Propsal of pipeline *, which the CRM does not list"},
		"a record type beside stages of every pipeline": {func(b *bench) {
			b.account.pipelines = map[string]string{"New_Business": "New business"}
			b.cfg.Pipelines = map[string][]hygiene.Pipeline{"sales": {{Name: "New_Biz", Stages: []hygiene.StageDefinition{{Name: "Proposal", MaxDays: 3}}}}}
		}, "your configuration defines pipeline New_Biz"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.change)
			if got := b.syncNotes(); strings.Count(got, c.want) != 1 {
				t.Errorf("sync: %s", got)
			}
			st, err := b.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(st.Notices, "\n"); strings.Count(got, c.want) != 1 {
				t.Errorf("status: %s", got)
			}
			if got := strings.Join(st.File, "\n"); strings.Count(got, c.want) != 1 {
				t.Errorf("about the file: %s", got)
			}
		})
	}
}

// Before the users are read, nobody is missing among them.
func TestUsersThatWereNotReadAreNoMistake(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Declared, b.account.fail[crm.Users] = nil, crm.ErrBusy })
	if got := b.syncNotes(); strings.Contains(got, "no source has") {
		t.Error(got)
	}
}

// The data of deals does not go to a user's address with a slip, by no channel; an address
// that the file vouches for gets its digest, and so does somebody with a short name that
// is near a user's.
func TestAMistypedReaderGetsNothing(t *testing.T) {
	for _, c := range []struct {
		manager  string
		declared []string
		want     int
	}{
		{"ana@amce.example", nil, 0},
		{"ana@amce.example", []string{"ana@amce.example"}, 1},
		{"anna@acme.example", nil, 1},
	} {
		b := newBench(t, func(b *bench) {
			b.cfg.Teams.List[0].Manager, b.cfg.Declared = c.manager, c.declared
		})
		b.sync()
		rs, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "", false)
		if c.want == 0 && !strings.Contains(fmt.Sprint(rs, err), "did you mean ana@acme.example?") {
			t.Errorf("said %v, %v", rs, err)
		}
		if got := len(b.slack.sent) + len(b.email.sent); (got > 0) != (c.want > 0) {
			t.Errorf("%s, declared %v: %d messages", c.manager, c.declared, got)
		}
	}
}

// Two sources on one account would count each deal twice: the second is not judged.
func TestTwoSourcesOnOneAccount(t *testing.T) {
	b := newBench(t, func(b *bench) {
		twin := &account{now: b.account.now, id: b.account.id, fields: b.account.fields, fail: map[crm.Stream]error{}, deals: b.account.deals}
		b.cfg.Sources = append(b.cfg.Sources, daemon.Source{Source: evaluation.Source{Source: renamed{twin, "copy"}, Label: "Salesforce"}, Type: "salesforce"})
	})
	if got := b.syncNotes(); strings.Count(got, "sales and copy read the same account") != 1 {
		t.Errorf("sync: %s", got)
	}
	for _, f := range b.check().Findings {
		if f.Source == "copy" {
			t.Errorf("judged: %+v", f)
		}
	}
	if s := b.check().Sources[1]; !strings.Contains(s.Withheld, "the same account as the source sales") {
		t.Errorf("withheld: %q", s.Withheld)
	}
}

// renamed is an account under another name.
type renamed struct {
	*account
	name string
}

// Name is the other name.
func (r renamed) Name() string { return r.name }
