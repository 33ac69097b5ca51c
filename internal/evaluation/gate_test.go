package evaluation

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

func TestGate(t *testing.T) {
	now := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	streams := []crm.Stream{crm.Opportunities, crm.Activities}
	at := func(h int) time.Time { return now.Add(-time.Duration(h) * time.Hour) }
	for _, c := range []struct {
		name     string
		states   []store.StreamState
		withheld string
		complete bool
		asOf     time.Time
	}{
		{"nothing read", nil, "warming up: opportunities not read yet", false, time.Time{}},
		{"half read", []store.StreamState{{Stream: crm.Opportunities, Done: 10, Total: 50, Records: 10}}, "warming up: opportunities 10 of 50 read", false, time.Time{}},
		{"one stream missing", []store.StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(1)}}, "warming up: activities not read yet", false, time.Time{}},
		{"complete", []store.StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(1)}, {Stream: crm.Activities, Complete: true, AsOf: at(2)}}, "", true, at(2)},
		{"a day old", []store.StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(26)}, {Stream: crm.Activities, Complete: true, AsOf: at(1)}}, "data is 26 hours old", true, at(26)},
		{
			"most deals hidden", []store.StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(26), Held: "7 of 8 open deals are no longer visible to the login. Correct it."}, {Stream: crm.Activities, Complete: true, AsOf: at(1)}},
			"7 of 8 open deals are no longer visible to the login", true, at(26),
		},
		{"many users hidden", []store.StreamState{{Stream: crm.Users, Complete: true, AsOf: at(1), Held: "7 of 8 users."}, {Stream: crm.Opportunities, Complete: true, AsOf: at(1)}, {Stream: crm.Activities, Complete: true, AsOf: at(1)}}, "", true, at(1)},
		{"the CRM's clock is fast", []store.StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(-1)}, {Stream: crm.Activities, Complete: true, AsOf: at(-1)}}, "", true, at(-1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			read := streams
			if find(c.states, crm.Users) != nil {
				read = append([]crm.Stream{crm.Users}, streams...)
			}
			v := gate(now, read, c.states)
			if v.Withheld != c.withheld || v.Complete != c.complete || !v.AsOf.Equal(c.asOf) {
				t.Errorf("got %+v, want withheld %q, complete %v, as of %v", v, c.withheld, c.complete, c.asOf)
			}
		})
	}
}
