package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// The activities of closed opportunities lie between those of open ones.
func testScanPassesOverManyRowsOfClosedOpportunities(t *testing.T, empty Empty) {
	const rows = 24 // so many that an engine may search instead of passing over them one by one
	e := fresh(t, empty)
	var os []crm.Opportunity
	p := crm.Page{Stream: crm.Activities}
	for i := range 6 {
		o := Opportunity(i)
		o.Closed = i%2 == 1
		os = append(os, o)
		for j := range rows * i {
			p.Activities = append(p.Activities, crm.Activity{ID: fmt.Sprint(i, "-", j), OpportunityIDs: []string{o.ID}})
		}
	}
	Commit(t, e, PageOf(os...))
	Commit(t, e, p)
	for _, d := range Deals(t, e, "sf") {
		i := int(d.Opportunity.Amount.Value)
		if got, want := len(d.Activities), rows*i; got != want {
			t.Errorf("deal %d: %d activities, want %d", i, got, want)
		}
	}
}

func testScanInSlices(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Register(t, e, "hs")
	var want []string
	p := crm.Page{Stream: crm.Opportunities}
	for _, id := range []string{"9", "10", "100", "9007199254740993", "a"} { // decimal ids sort as numbers, before others
		want = append(want, id)
		p.Opportunities = append(p.Opportunities, crm.Opportunity{ID: id})
	}
	if _, err := e.CommitPage(t.Context(), e.Fence(), "hs", &p, Noon); err != nil {
		t.Fatal(err)
	}
	Commit(t, e, PageOf(Opportunity(1)))
	for limit := 1; limit <= 6; limit++ {
		var got []string
		slices := 0
		for after, more := "", true; more; slices++ {
			var last string
			var err error
			last, more, err = e.Scan(t.Context(), "hs", after, limit, func(d *hygiene.Deal) error {
				got = append(got, strings.Clone(d.Opportunity.ID))
				return nil
			})
			if err != nil || slices > 5 {
				t.Fatal(err)
			}
			after = last
		}
		diff(t, fmt.Sprint("limit ", limit), got, want)
		if want := (5 + limit - 1) / limit; slices != want {
			t.Errorf("limit %d: %d slices, want %d", limit, slices, want)
		}
	}
}

func testScansBesideCommitsSeeWholePages(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	done := make(chan error, 1)
	go func() {
		for n := range 60 {
			p := PageOf()
			for i := range 50 {
				o := Opportunity(n*50 + i)
				p.Opportunities = append(p.Opportunities, o)
				if n > 0 && i < 10 { // close some of the page before
					o = Opportunity((n-1)*50 + i)
					o.Closed = true
					p.Opportunities = append(p.Opportunities, o)
				}
			}
			if _, err := e.CommitPage(context.Background(), e.Fence(), "sf", &p, Noon); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for scans := 0; ; scans++ {
		if n := len(Deals(t, e, "sf")); n > 0 && n%40 != 10 { // 50 of the last page, 40 of each before
			t.Errorf("a scan saw %d deals: part of a page", n)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}

func testNamedDealsAreLent(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	custom := func(name, value string) []crm.Custom { return []crm.Custom{{Name: name, Value: value, Type: crm.Text}} }
	open, closed, blank, other, talks, plain := Opportunity(1), Opportunity(2), Opportunity(3), Opportunity(4), Opportunity(5), Opportunity(6)
	closed.Closed = true
	open.Custom, closed.Custom, blank.Custom = custom("same_as", "42"), custom("same_as", "43"), []crm.Custom{{Name: "same_as"}}
	other.Custom = custom("not_same_as", "44")
	talks.NextStep = "same_as\x12"
	Commit(t, e, PageOf(open, closed, blank, other, talks, plain))
	Register(t, e, "hs")
	got := map[string]string{}
	err := e.Named(t.Context(), "sf", "same_as", func(o *crm.Opportunity) error {
		c, _ := o.Get("same_as")
		got[strings.Clone(o.ID)] = fmt.Sprint(strings.Clone(c.Value), " ", o.Closed)
		return nil
	})
	if err != nil || len(got) != 2 || got[open.ID] != "42 false" || got[closed.ID] != "43 true" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, source := range []string{"hs", "never registered"} {
		if err := e.Named(t.Context(), source, "same_as", func(*crm.Opportunity) error { t.Error("lent"); return nil }); err != nil {
			t.Error(err)
		}
	}
	stop := errors.New("stop")
	if err := e.Named(t.Context(), "sf", "same_as", func(*crm.Opportunity) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}
