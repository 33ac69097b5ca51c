package storetest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// What a source no longer keeps, by its own settings, leaves the cache with the next whole
// run and looks like no lost permission, however much that is. What it keeps counts as ever.
func testWhatIsNoLongerKeptIsNoLoss(t *testing.T, empty Empty) {
	from := crm.DateOf(Noon, time.UTC) - 180
	past, lately := from-100, from+100
	activity := func(i int, at crm.Date) crm.Activity {
		return crm.Activity{ID: ID(100 + i), Kind: crm.Call, Done: true, OpportunityIDs: []string{ID(0)}, At: at.In(time.UTC)}
	}
	deal := func(i int, on crm.Date) crm.Opportunity {
		o := Opportunity(i)
		o.Closed, o.CloseDate = true, on
		return o
	}
	for what, c := range map[string]struct {
		stream crm.Stream
		turn   func(*crm.Page) // what of the 20 old records is otherwise
		kept   crm.Date
		stay   bool // the old records stay, and hold the stream unless they are closed deals
	}{
		"activities":                       {crm.Activities, nil, from, false},
		"activities of days":               {crm.Activities, func(p *crm.Page) { dated(p, func(a *crm.Activity) { a.Due, a.At = past, time.Time{} }) }, from, false},
		"activities of which all are kept": {crm.Activities, nil, 0, true},
		"activities of no known time":      {crm.Activities, func(p *crm.Page) { dated(p, func(a *crm.Activity) { a.At = time.Time{} }) }, from, true},
		"open tasks": {crm.Activities, func(p *crm.Page) {
			dated(p, func(a *crm.Activity) { a.Kind, a.Done = crm.Task, false })
		}, from, true},
		"activities of lately":        {crm.Activities, func(p *crm.Page) { dated(p, func(a *crm.Activity) { a.At = lately.In(time.UTC) }) }, from, true},
		"deals":                       {crm.Opportunities, nil, from, false},
		"deals of which all are kept": {crm.Opportunities, nil, 0, true},
		"open deals":                  {crm.Opportunities, func(p *crm.Page) { turned(p, func(o *crm.Opportunity) { o.Closed = false }) }, from, true},
		"deals of lately":             {crm.Opportunities, func(p *crm.Page) { turned(p, func(o *crm.Opportunity) { o.CloseDate = lately }) }, from, true},
		"deals with twins": {crm.Opportunities, func(p *crm.Page) {
			turned(p, func(o *crm.Opportunity) { o.Custom = append(o.Custom, crm.Custom{Name: crm.SameAs, Value: "17"}) })
		}, from, true},
	} {
		t.Run(what, func(t *testing.T) {
			e := fresh(t, empty)
			Commit(t, e, PageOf(Opportunity(0)))
			first := crm.Page{Stream: c.stream, AsOf: Noon, Next: "a"}
			for i := range 20 {
				if c.stream == crm.Activities {
					first.Activities = append(first.Activities, activity(i, past))
				} else {
					first.Opportunities = append(first.Opportunities, deal(i+1, past))
				}
			}
			if c.turn != nil {
				c.turn(&first)
			}
			whole := crm.Page{Stream: c.stream, AsOf: Noon, Next: "b", Replace: true, KeptFrom: c.kept}
			for i := range 20 {
				if c.stream == crm.Activities {
					whole.Activities = append(whole.Activities, activity(20+i, lately))
				} else {
					whole.Opportunities = append(whole.Opportunities, deal(21+i, lately))
				}
			}
			if c.stream == crm.Opportunities {
				whole.Opportunities = append(whole.Opportunities, Opportunity(0))
			}
			first.Activities = append(first.Activities, whole.Activities...)
			first.Opportunities = append(first.Opportunities, whole.Opportunities...)
			Commit(t, e, first)
			lost, err := e.Losses(t.Context(), e.Fence(), "sf", &whole, Noon)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "losses", lost, store.Losses{})
			got, st := Commit(t, e, whole), state(t, e, c.stream)
			held := c.stay && (c.stream == crm.Activities || !first.Opportunities[0].Closed)
			if want := map[bool]int{true: 0, false: 20}[c.stay]; (st.Held != "") != held || got.Deleted != want {
				t.Errorf("held %q, want %v; %d are dropped, want %d", st.Held, held, got.Deleted, want)
			}
		})
	}
}

func dated(p *crm.Page, change func(*crm.Activity)) {
	for i := range p.Activities {
		change(&p.Activities[i])
	}
}

func turned(p *crm.Page, change func(*crm.Opportunity)) {
	for i := range p.Opportunities {
		change(&p.Opportunities[i])
	}
}
