package hygiene

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

func TestTallies(t *testing.T) {
	p := testPass(t)
	all := NewTallies(p, nil)
	add := func(owner string, amount crm.Number, currency string, closes crm.Date, commit bool, severities ...Severity) {
		r := Result{Facts: Facts{OwnerID: owner, OwnerName: "name of " + owner, Team: "West", Amount: amount, Currency: currency, CloseDate: closes, Commit: commit}}
		for _, s := range severities {
			r.Failed = append(r.Failed, Finding{Severity: s})
		}
		all.Add(&r)
	}
	dec31 := crm.NewDate(2026, 12, 31)
	add("ben", crm.Num(100), "USD", dec31, true)
	add("ben", crm.Num(40), "USD", crm.NewDate(2026, 11, 18), true, Medium, High) // its date has passed
	add("ben", crm.Num(7), "EUR", dec31, true, Medium)
	add("ben", crm.Number{}, "USD", dec31, true, High)  // no amount: counted, not summed
	add("ben", crm.Num(1000), "USD", dec31+1, true)     // next quarter
	add("ben", crm.Num(1000), "USD", 0, true)           // no date
	add("ben", crm.Num(1000), "USD", dec31, false, Low) // not in commit
	add("ben", crm.Num(0), "", dec31, true, Info)       // info needs no update
	add("ana", crm.Number{}, "", 0, false)
	all.Add(&Result{Facts: Facts{OwnerID: "ana"}, ClosedAs: Won})
	all.Add(&Result{Facts: Facts{OwnerID: "ana"}, Outcomes: map[string]Outcome{"a": Unknown, "b": Passed}})
	all.Add(&Result{Facts: Facts{OwnerID: "ana"}, Outcomes: map[string]Outcome{"a": Unknown}})

	want := []Tally{
		{Source: "sales", OwnerID: "ana", OwnerName: "name of ana", Team: "West", Deals: 3, Commit: map[string]float64{}, CommitDoubt: map[string]float64{}, CommitQuestion: map[string]float64{}},
		{Source: "sales", OwnerID: "ben", OwnerName: "name of ben", Team: "West", Deals: 8, NeedUpdate: 4, CommitDeals: 5,
			Commit: map[string]float64{"USD": 140, "EUR": 7, "": 0}, CommitDoubt: map[string]float64{"USD": 40}, CommitQuestion: map[string]float64{"EUR": 7}},
	}
	if diff := cmp.Diff(want, all.List()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"a": 2}, all.Unknown()); diff != "" {
		t.Errorf("unknown: want -, got +:\n%s", diff)
	}
}

// The quarter begins at midnight in the company's time zone.
func TestTalliesQuarterZone(t *testing.T) {
	p := testPass(t)
	p.Now = time.Date(2026, 10, 1, 3, 0, 0, 0, time.UTC)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	p.Company = zone
	if got := NewTallies(p, nil).quarter; got != crm.NewDate(2026, 9, 30) {
		t.Errorf("on 30 Sep at 23:00 in New York: got %s", got)
	}
}
