package control

import (
	"fmt"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// found are n findings of a severity on one deal.
func found(id string, s hygiene.Severity, amount float64, n int) []hygiene.Life {
	out := make([]hygiene.Life, n)
	for i := range out {
		out[i].Record, out[i].Rule, out[i].Severity = id, fmt.Sprintf("rule-%d", i), s
		if amount != 0 {
			out[i].Deal.Amount = crm.Number{Value: amount, Known: true}
		}
	}
	return out
}

// TestListingIsBounded: of many deals the gravest are listed, then the largest, then the first
// in the order of the journal; what is held is bounded by what is listed.
func TestListingIsBounded(t *testing.T) {
	const most = 10
	l, all := listing{most: most}, listing{}
	for i := range 1000 {
		deal := found(fmt.Sprint("deal-", i), hygiene.Severity(1+i%4), float64(i%7*100), 1+i%3)
		l.add(deal)
		all.add(deal)
		if l.n > 2*most+2 || len(l.deals) > l.n {
			t.Fatalf("after %d deals it holds %d findings", i+1, l.n)
		}
	}
	got, want := l.lives(), all.lives()
	if len(got) != most || len(want) != 1999 {
		t.Fatalf("got %d of %d findings", len(got), len(want))
	}
	for i := range got {
		if got[i].Record != want[i].Record || got[i].Rule != want[i].Rule {
			t.Errorf("finding %d: got %s of %s, want %s of %s", i, got[i].Rule, got[i].Record, want[i].Rule, want[i].Record)
		}
	}
	if got[0].Severity != hygiene.High || got[0].Deal.Amount.Value != 600 {
		t.Errorf("first is %+v", got[0])
	}
	none := listing{none: true}
	if none.add(got[:1]); none.n != 0 || len(none.lives()) != 0 {
		t.Errorf("nothing is to be kept: %+v", none)
	}
}

// TestSums: findings are counted by team and rule; a deal counts once in each sum, and an
// amount only in a currency that is known.
func TestSums(t *testing.T) {
	s := newSums()
	hide := func(l *hygiene.Life) bool { return l.Record == "b" }
	s.add("West", "USD", append(found("a", hygiene.High, 100, 2), found("a", hygiene.Low, 100, 1)...), hide) // rule-0 twice
	s.add("West", "EUR", found("b", hygiene.High, 7, 1), hide)
	s.add("", "", found("c", hygiene.Info, 5, 1), hide)
	s.add("East", "USD", found("d", hygiene.Medium, 0, 1), hide)
	got := s.list()
	if got.Findings != 6 || got.Deals != 4 || got.Severities["high"] != 3 || got.Quiet["high"] != 1 || got.Unsummed != 2 || got.Amounts["USD"] != 100 || got.Amounts["EUR"] != 7 {
		t.Errorf("all: %+v", got.CheckSum)
	}
	if len(got.Teams) != 3 || got.Teams[0].Team != "East" || got.Teams[1].Team != "West" || got.Teams[2].Team != "" {
		t.Fatalf("teams: %+v", got.Teams)
	}
	west := got.Teams[1]
	if west.Findings != 4 || west.Deals != 2 || len(west.Rules) != 2 {
		t.Errorf("West: %+v", west)
	}
	if r := west.Rules[0]; r.Rule != "rule-0" || r.Findings != 3 || r.Deals != 2 || r.Amounts["USD"] != 100 || r.Amounts["EUR"] != 7 || r.Quiet["high"] != 1 {
		t.Errorf("rule-0 of West: %+v", r)
	}
}
