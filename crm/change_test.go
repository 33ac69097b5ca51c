package crm

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFold(t *testing.T) {
	at := func(m int) time.Time { return time.Date(2026, 11, 24, 10, m, 0, 0, time.UTC) }
	for _, c := range []struct {
		name string
		in   []Change
		want []string
	}{
		{"a history row restates what did not change", []Change{
			{ID: "2", Field: FieldStage, New: "Proposal", At: at(5)}, {ID: "1", Field: FieldStage, New: "Discovery", At: at(0)},
			{ID: "3", Field: FieldStage, New: "Proposal", At: at(9)},
		}, []string{"10:00 stage ? Discovery", "10:05 stage Discovery Proposal"}},
		{"we saw later what the CRM told already", []Change{
			{ID: "o", Field: FieldStage, Old: "Discovery", OldKnown: true, New: "Proposal", At: at(7), Observed: true},
			{ID: "1", Field: FieldStage, New: "Discovery", At: at(0)}, {ID: "2", Field: FieldStage, New: "Proposal", At: at(5)},
		}, []string{"10:00 stage ? Discovery", "10:05 stage Discovery Proposal"}},
		{"at the same moment the CRM's word comes first", []Change{
			{ID: "a", Field: FieldStage, New: "Proposal", At: at(5), Observed: true}, {ID: "b", Field: FieldStage, New: "Proposal", At: at(5)},
		}, []string{"10:05 stage ? Proposal"}},
		{"there and back again", []Change{
			{ID: "1", Field: FieldStage, New: "A", At: at(1)}, {ID: "2", Field: FieldStage, New: "B", At: at(2)}, {ID: "3", Field: FieldStage, New: "A", At: at(3)},
		}, []string{"10:01 stage ? A", "10:02 stage A B", "10:03 stage B A"}},
		{"only we saw it", []Change{
			{ID: "o", Field: FieldNextStep, Old: "call", OldKnown: true, New: "", At: at(2), Observed: true},
		}, []string{"10:02 next_step call "}},
		{"fields keep apart", []Change{
			{ID: "1", Field: FieldStage, New: "A", At: at(1)}, {ID: "1", Field: FieldAmount, New: "A", At: at(1)},
		}, []string{"10:01 stage ? A", "10:01 amount ? A"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, x := range Fold(c.in) {
				old := x.Old
				if !x.OldKnown {
					old = "?"
				}
				got = append(got, fmt.Sprintf("%s %s %s %s", x.At.Format("15:04"), x.Field, old, x.New))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestFieldValueTellsEmptyFromZero(t *testing.T) {
	var o Opportunity
	if v := FieldValue(&o, FieldAmount); v != "" {
		t.Errorf("no amount is written %q, want nothing", v)
	}
	o.Amount = Num(0)
	if v := FieldValue(&o, FieldAmount); v != "0" {
		t.Errorf("an amount of zero is written %q, want 0", v)
	}
	for _, f := range Tracked {
		if v := FieldValue(&Opportunity{}, f); v != "" {
			t.Errorf("an empty %s is written %q", f, v)
		}
	}
}

// TestACloseDateIsWrittenAndReadAsWhatTheCRMKeeps: a date is the same day everywhere, an
// instant is on a day of each zone.
func TestACloseDateIsWrittenAndReadAsWhatTheCRMKeeps(t *testing.T) {
	on := NewDate(2026, 12, 31)
	for _, c := range []struct {
		name     string
		closesAt time.Time
		zone     *time.Location
		want     string
	}{
		{"a date in the west", time.Time{}, time.FixedZone("", -12*3600), "2026-12-31"},
		{"a date in the east", time.Time{}, time.FixedZone("", 14*3600), "2026-12-31"},
		{"an instant in the west", time.Date(2026, 12, 31, 5, 0, 0, 500_000_000, time.UTC), time.FixedZone("", -8*3600), "2026-12-30"},
		{"an instant in the east", time.Date(2026, 12, 31, 20, 0, 0, 0, time.UTC), time.FixedZone("", 5*3600), "2027-01-01"},
	} {
		o := Opportunity{CloseDate: on, ClosesAt: c.closesAt}
		if got := CloseDay(FieldValue(&o, FieldCloseDate), c.zone); got.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	for _, empty := range []string{"", "soon", "2026-13-01"} {
		if got := CloseDay(empty, time.UTC); !got.IsZero() {
			t.Errorf("%q is %s, want no date", empty, got)
		}
	}
}

func TestInfoURL(t *testing.T) {
	i := Info{Link: "https://acme.example/r/{id}/view"}
	if got := i.URL("006A"); got != "https://acme.example/r/006A/view" {
		t.Errorf("got %q", got)
	}
	if got := (&Info{}).URL("006A"); got != "" {
		t.Errorf("without a link: got %q", got)
	}
}
