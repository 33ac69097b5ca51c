package hubspot

import (
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestWholeSets proves that the small streams, and no others, replace what is cached.
func TestWholeSets(t *testing.T) {
	s := recordedSource(t, &recorded{}, nil)
	for _, name := range s.Streams() {
		at, more, replace := crm.Cursor(""), true, false
		for more {
			p, err := s.Fetch(t.Context(), name, at)
			if err != nil {
				t.Fatal(err)
			}
			at, more, replace = p.Next, p.More, p.Replace
		}
		if want := name == crm.Users || name == crm.Stages; replace != want {
			t.Errorf("%s: whole: %v, want %v", name, replace, want)
		}
	}
}

// TestWholeBin proves that a stream that is read again reads all of the recycle bin.
func TestWholeBin(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){"deals": func(c call) (int, string) {
		if c.query["archived"][0] == "true" {
			return 200, `{"results":[{"id":"5","archived":true,"archivedAt":"2020-01-01T00:00:00Z"}]}`
		}
		return 200, `{"results":[]}`
	}}}
	if got := readAll(t, recordedSource(t, o, nil), crm.Opportunities, aDayLater); !slices.Equal(got.Deleted, []string{"5"}) {
		t.Errorf("deleted %q", got.Deleted)
	}
}

// TestScopeLost takes a scope away after the description.
func TestScopeLost(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){}}
	s := recordedSource(t, o, nil)
	if _, err := s.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused := always(403, `{"category":"MISSING_SCOPES","message":"x"}`)
	o.answer["notes"], o.answer["notes/probe"], o.answer["notes/search/count"] = refused, refused, refused
	if _, err := s.Fetch(t.Context(), crm.Activities, ""); err != nil {
		t.Fatal(err)
	}
	if info, err := s.Describe(t.Context()); err != nil || info.Fields["activities"] != crm.Hidden {
		t.Errorf("activities are %s, %v", info.Fields["activities"], err)
	}
	readAll(t, s, crm.Activities, "") // the other kinds can be read
}

// TestPropertyGoneDuringRun proves that records that were read without a property are
// read again when the property is back.
func TestPropertyGoneDuringRun(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	with := propertiesOf("dealname:string", "dealstage:string", "hs_lastmodifieddate:datetime", "hs_next_step:string")
	described := with
	o := &recorded{answer: map[string]func(call) (int, string){
		"properties": func(call) (int, string) { return 200, described },
		"deals": func(c call) (int, string) {
			if c.query["after"] == nil && c.query["archived"][0] == "false" {
				return 200, `{"results":[` + deal(1, "a") + `],"paging":{"next":{"after":"1"}}}`
			}
			return 200, `{"results":[]}`
		},
	}}
	s := recordedSource(t, o, func(c *Config) { c.Now = func() time.Time { return now } })
	p, err := s.Fetch(t.Context(), crm.Opportunities, "")
	if err != nil {
		t.Fatal(err)
	}
	described, now = propertiesOf("dealname:string", "dealstage:string", "hs_lastmodifieddate:datetime"), now.Add(2*time.Hour)
	at := readAll(t, s, crm.Opportunities, p.Next).Next
	described, now = with, now.Add(2*time.Hour)
	p, err = s.Fetch(t.Context(), crm.Opportunities, at)
	if err != nil || len(p.Opportunities) != 1 {
		t.Errorf("not read from the beginning: %d deals, %v", len(p.Opportunities), err)
	}
}
