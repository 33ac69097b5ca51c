package hygiene

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// TestFactsThatCouldNotBeRead: what a reader needs of a deal says which of it is neither
// empty nor known, and what that leaves open about the commit.
func TestFactsThatCouldNotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		unclear   []string
		category  string // of the deal; "" leaves it to the stage, which says Commit
		hidden    string // for the login, on all deals
		want      string
		in, sure  bool
		committed int // deals in the commit
		unread    int
		unsure    int
	}{
		"all read":                       {category: "Commit", in: true, sure: true, committed: 1},
		"not in the commit":              {category: "Pipeline", sure: true},
		"amount":                         {unclear: []string{"amount"}, category: "Commit", want: "amount", in: true, sure: true, committed: 1, unread: 1},
		"amount that the login lacks":    {hidden: "amount", category: "Commit", want: "amount", in: true, sure: true, committed: 1, unread: 1},
		"close date":                     {unclear: []string{"close_date"}, category: "Commit", want: "close_date", unsure: 1},
		"close date, not in the commit":  {unclear: []string{"close_date"}, category: "Pipeline", want: "close_date", sure: true},
		"forecast category":              {unclear: []string{"forecast_category"}, want: "forecast_category", unsure: 1},
		"stage, the category is known":   {unclear: []string{"stage"}, category: "Commit", want: "stage", in: true, sure: true, committed: 1},
		"stage, which says the category": {unclear: []string{"stage"}, want: "forecast_category stage", unsure: 1},
		"owner":                          {unclear: []string{"next_step", "owner"}, category: "Commit", want: "owner", in: true, sure: true, committed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := testPass(t)
			if c.hidden != "" {
				p.Source.Info.Fields[c.hidden] = crm.Hidden
			}
			d := testDeal()
			o := &d.Opportunity
			o.Stage, o.ForecastCategory, o.Unclear = "s4", c.category, c.unclear
			for _, f := range append(c.unclear, c.hidden) {
				switch f {
				case "amount":
					o.Amount = crm.Number{}
				case "close_date":
					o.CloseDate = 0
				case "stage":
					o.Stage = ""
				}
			}
			f := p.Facts(d)
			all := NewTallies(p, nil)
			in, sure := f.Committed(all.Quarter())
			if f.Unclear != c.want || in != c.in || sure != c.sure {
				t.Errorf("unclear %q, in the commit %v, sure %v; want %q, %v, %v", f.Unclear, in, sure, c.want, c.in, c.sure)
			}
			if f.IsUnclear("forecast_category") && (f.Commit || f.Forecast != "") {
				t.Errorf("the forecast is said to be %q", f.Forecast)
			}
			all.Add(&Result{Facts: f})
			if got := all.List()[0]; got.CommitDeals != c.committed || got.CommitUnread != c.unread || got.CommitUnsure != c.unsure {
				t.Errorf("the tally is %+v", got)
			}
		})
	}
}

// TestALifeOfWhatCannotBeRead: a finding whose deal has an owner that cannot be read stays
// its owner's, and is given to nobody; one that cannot be judged knows what is unclear of
// its deal today.
func TestALifeOfWhatCannotBeRead(t *testing.T) {
	nov18 := crm.NewDate(2026, 11, 18)
	open := Life{Finding: found("006A", "no-activity", "words", nov18), State: Open, Opened: day0, First: day0}
	open.Deal.Team, open.Deal.OwnerEmail, open.Deal.OwnerID, open.Deal.Amount = "West", "ana@acme.example", "ana", crm.Num(5)
	for name, o := range map[string]Outcome{"failed": Fail, "held": Unknown} {
		r := judged("no-activity", o, "words", 0)
		r.Facts.Unclear = "amount close_date owner"
		for i := range r.Failed {
			r.Failed[i].Deal = r.Facts
		}
		got := Diff([]Life{open}, []Result{r}, nil, again(now, 4))
		if len(got) != 1 {
			t.Fatalf("%s: %d lives changed", name, len(got))
		}
		f := &got[0].Deal
		if !got[0].Moved.Equal(time.Time{}) || f.Team != "West" || f.OwnerEmail != "ana@acme.example" || f.OwnerID != "ana" {
			t.Errorf("%s: given to %s %q at %v", name, f.Team, f.OwnerEmail, got[0].Moved)
		}
		if diff := cmp.Diff(crm.Number{}, f.Amount); diff != "" || !f.IsUnclear("amount") {
			t.Errorf("%s: the amount is %v, unclear %q", name, f.Amount, f.Unclear)
		}
	}
}
