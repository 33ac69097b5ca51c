package words

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		v    float64
		cur  string
		want string
	}{
		{950, "USD", "$950"}, {0, "USD", "$0"}, {999.6, "USD", "$1k"}, {1500, "USD", "$1.5k"}, {9000, "USD", "$9k"}, {9960, "USD", "$10k"},
		{86000, "USD", "$86k"}, {999600, "EUR", "€1M"}, {1234567, "EUR", "€1.2M"}, {120e6, "GBP", "£120M"}, {2.34e9, "JPY", "¥2.3B"},
		{86000, "", "86k"}, {86000, "chf", "CHF 86k"}, {-1200, "USD", "-$1.2k"}, {math.NaN(), "USD", ""}, {math.Inf(1), "USD", ""}, {1e300, "USD", ""},
	} {
		if got := Money(c.v, c.cur); got != c.want {
			t.Errorf("money(%v, %q) = %q, want %q", c.v, c.cur, got, c.want)
		}
	}
}

// TestSum: the printed parts add up to the printed whole.
func TestSum(t *testing.T) {
	for _, c := range []struct {
		whole float64
		parts []float64
		want  string
	}{
		{412000, []float64{244000, 24000, 144000}, "$412k = $244k + $24k + $144k"},
		{1.9e6, []float64{1.1e6, 3e5, 5e5}, "$1.9M = $1.1M + $0.3M + $0.5M"},
		{2.04e6, []float64{1.3e6, 7.4e5}, "$2M = $1.3M + $0.7M"},
		{2e6, []float64{1.26e6, 7.4e5}, "$2M = $1.3M + $0.7M"},
		{2e6, []float64{1997000, 3000}, "$2,000k = $1,997k + $3k"},
		{2e6, []float64{2e6, 0}, "$2M = $2M + $0"},
		{1499, []float64{499.5, 499.5, 500}, "$1.5k = $0.5k + $0.5k + $0.5k"},
		{8450, []float64{8000, 450}, "$8.5k = $8k + $0.5k"},
		{50000, []float64{-50000, 100000}, "$50k = -$50k + $100k"},
		{86.4, []float64{86, 0.4}, "$86 = $86 + $0"},
	} {
		whole, parts := Sum(c.whole, c.parts, "USD")
		if got := whole + " = " + strings.Join(parts, " + "); got != c.want {
			t.Errorf("Sum(%v, %v) = %s, want %s", c.whole, c.parts, got, c.want)
		}
	}
}

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
