package words

import (
	"math"
	"strings"
	"testing"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		v    float64
		code string
		want string
	}{
		{950, "USD", "$950"}, {0, "USD", "$0"}, {999.6, "USD", "$1k"}, {1500, "USD", "$1.5k"}, {9000, "USD", "$9k"}, {9960, "USD", "$10k"},
		{86000, "USD", "$86k"}, {999600, "EUR", "€1M"}, {1234567, "EUR", "€1.2M"}, {120e6, "GBP", "£120M"}, {2.34e9, "JPY", "¥2.3B"},
		{86000, "", "86k"}, {86000, "chf", "CHF 86k"}, {-1200, "USD", "-$1.2k"}, {math.NaN(), "USD", ""}, {math.Inf(1), "USD", ""}, {1e300, "USD", ""},
		{-0.2, "USD", "$0"}, {5e6, "KRW", "₩5M"}, {5e6, "CNY", "CN¥5M"}, {7000, "CAD", "CA$7k"}, {1200, "HRK", "HRK 1.2k"}, {1200, "points", "POINTS 1.2k"},
		{23000, "?", "23k (currency unknown)"}, {0, "?sales", "0 (currency unknown)"}, {5, "\x00<b>", "<B>5"},
	} {
		if got := Locale("").Money(c.v, c.code); got != c.want {
			t.Errorf("money(%v, %q) = %q, want %q", c.v, c.code, got, c.want)
		}
	}
}

// TestLocale: the sign and the separators are the reader's; what an unknown locale lacks is
// written as in English.
func TestLocale(t *testing.T) {
	for locale, want := range map[Locale]string{
		"en":    "$1.5k $1.2M €86k ¥5M CHF 2.5k -$40k",
		"en-GB": "US$1.5k US$1.2M €86k JP¥5M CHF 2.5k -US$40k",
		"de":    "1,5k $ 1,2M $ 86k € 5M ¥ 2,5k CHF -40k $",
		"de-AT": "$ 1,5k $ 1,2M € 86k ¥ 5M CHF 2,5k -$ 40k",
		"fr":    "1,5k $US 1,2M $US 86k € 5M ¥ 2,5k CHF -40k $US",
		"sv":    "1,5k US$ 1,2M US$ 86k € 5M ¥ 2,5k CHF −40k US$",
		"ja":    "$1.5k $1.2M €86k ￥5M CHF 2.5k -$40k",
		"xx":    "$1.5k $1.2M €86k ¥5M CHF 2.5k -$40k",
	} {
		var got []string
		for _, a := range []struct {
			v    float64
			code string
		}{{1500, "USD"}, {1234567, "USD"}, {86000, "EUR"}, {5e6, "JPY"}, {2500, "CHF"}, {-40000, "USD"}} {
			got = append(got, locale.Money(a.v, a.code))
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: %s, want %s", locale, got, want)
		}
	}
	if whole, parts := Locale("de").Sum(2e6, []float64{1997000, 3000}, "EUR"); whole != "2.000k €" || strings.Join(parts, "+") != "1.997k €+3k €" {
		t.Errorf("got %s = %s", whole, parts)
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
		{2.04e6, []float64{1.3e6, 7.4e5}, "$2.04M = $1.3M + $0.74M"},
		{2e6, []float64{1.26e6, 7.4e5}, "$2M = $1.26M + $0.74M"},
		{1.74e6, []float64{9.52e5, 7.88e5}, "$1.74M = $0.95M + $0.79M"},
		{412400, []float64{149400, 131500, 131500}, "$412.4k = $149.4k + $131.5k + $131.5k"},
		{412345.4, []float64{149400.2, 131472.6, 131472.6}, "$412,345 = $149,399 + $131,473 + $131,473"},
		{2.345e9, []float64{2e9, 0.345e9}, "$2.35B = $2B + $0.35B"},
		{2.34e9, []float64{2e9, 0.34e9}, "$2.34B = $2B + $0.34B"},
		{2e6, []float64{1997000, 3000}, "$2,000k = $1,997k + $3k"},
		{2e6, []float64{2e6, 0}, "$2M = $2M + $0"},
		{1499, []float64{499.5, 499.5, 500}, "$1.5k = $0.5k + $0.5k + $0.5k"},
		{8450, []float64{8000, 450}, "$8,450 = $8,000 + $450"},
		{50000, []float64{-50000, 100000}, "$50k = -$50k + $100k"},
		{86.4, []float64{86, 0.4}, "$86 = $86 + $0"},
	} {
		whole, parts := Locale("").Sum(c.whole, c.parts, "USD")
		if got := whole + " = " + strings.Join(parts, " + "); got != c.want {
			t.Errorf("Sum(%v, %v) = %s, want %s", c.whole, c.parts, got, c.want)
		}
	}
}
