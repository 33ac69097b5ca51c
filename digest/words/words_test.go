package words

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		part, whole float64
		want        string
	}{{171, 212, "81 %"}, {0, 5, "0 %"}, {5, 5, "100 %"}, {999, 1000, "99 %"}, {1, 1000, "1 %"}} {
		if got := Percent(c.part, c.whole); got != c.want {
			t.Errorf("percent(%v, %v) = %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestUpperFirst(t *testing.T) {
	for in, want := range map[string]string{"otto hears": "Otto hears", "vp@acme.example hears of a@b.example": "vp@acme.example hears of a@b.example", "write to a@b.example": "Write to a@b.example", "": ""} {
		if got := UpperFirst(in); got != want {
			t.Errorf("upperFirst(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	today := crm.NewDate(2026, 11, 24)
	for _, c := range []struct {
		d    crm.Date
		want string
	}{{0, ""}, {today, "Tue 24 Nov"}, {today + 6, "Mon 30 Nov"}, {today + 7, "1 Dec"}, {today - 1, "23 Nov"}, {crm.NewDate(2027, 1, 15), "15 Jan 2027"}, {crm.NewDate(2025, 1, 15), "15 Jan 2025"}} {
		if got := Day(c.d, today); got != c.want {
			t.Errorf("day(%v) = %q, want %q", c.d, got, c.want)
		}
	}
	now := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		ago  time.Duration
		want string
	}{{time.Hour, "07:30"}, {24 * time.Hour, "Mon"}, {6 * 24 * time.Hour, "Wed"}, {7 * 24 * time.Hour, "17 Nov"}} {
		if got := Moment(now.Add(-c.ago), now, time.UTC); got != c.want {
			t.Errorf("moment %v ago = %q, want %q", c.ago, got, c.want)
		}
	}
}
