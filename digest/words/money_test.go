package words

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		v    float64
		code string
		want string
	}{
		{950, "USD", "$950"}, {0, "USD", "$0"}, {999.6, "USD", "$1k"}, {1500, "USD", "$1.5k"}, {9000, "USD", "$9k"}, {9960, "USD", "$10k"},
		{86000, "USD", "$86k"}, {999600, "EUR", "€999.6k"}, {67500, "USD", "$67.5k"}, {1480000, "USD", "$1,480k"}, {1234567, "EUR", "€1,234.6k"}, {1.2e6, "EUR", "€1.2M"}, {12345678, "EUR", "€12.35M"}, {120e6, "GBP", "£120M"}, {2.34e9, "JPY", "¥2.34B"},
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
		}{{1500, "USD"}, {1.2e6, "USD"}, {86000, "EUR"}, {5e6, "JPY"}, {2500, "CHF"}, {-40000, "USD"}} {
			got = append(got, locale.Money(a.v, a.code))
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: %s, want %s", locale, got, want)
		}
	}
	if whole, parts := Locale("de").Sum(2e6, []float64{1997000, 3000}, "EUR"); whole != "2M €" || strings.Join(parts, "+") != "1.997k €+3k €" {
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
		{1.9e6, []float64{1.1e6, 3e5, 5e5}, "$1.9M = $1.1M + $300k + $500k"},
		{2.04e6, []float64{1.3e6, 7.4e5}, "$2,040k = $1.3M + $740k"},
		{2e6, []float64{1.26e6, 7.4e5}, "$2M = $1,260k + $740k"},
		{1.74e6, []float64{9.52e5, 7.88e5}, "$1,740k = $952k + $788k"},
		{412400, []float64{149400, 131500, 131500}, "$412.4k = $149.4k + $131.5k + $131.5k"},
		{412345.4, []float64{149400.2, 131472.6, 131472.6}, "$412.3k = $149.4k + $131.4k + $131.5k"},
		{2.345e9, []float64{2e9, 0.345e9}, "$2.35B = $2B + $350M"},
		{2.34e9, []float64{2e9, 0.34e9}, "$2.34B = $2B + $340M"},
		{2e6, []float64{1997000, 3000}, "$2M = $1,997k + $3k"},
		{2e6, []float64{2e6, 0}, "$2M = $2M + $0"},
		{1499, []float64{499.5, 499.5, 500}, "$1.5k = $500 + $500 + $500"},
		{8450, []float64{8000, 450}, "$8.5k = $8k + $500"},
		{50000, []float64{-50000, 100000}, "$50k = -$50k + $100k"},
		{86.4, []float64{86, 0.4}, "$86 = $86 + $0"},
	} {
		whole, parts := Locale("").Sum(c.whole, c.parts, "USD")
		if got := whole + " = " + strings.Join(parts, " + "); got != c.want {
			t.Errorf("Sum(%v, %v) = %s, want %s", c.whole, c.parts, got, c.want)
		}
	}
}

// read is the amount that a printed one says.
func read(t interface{ Fatal(...any) }, s string) float64 {
	var v float64
	if _, err := fmt.Sscan(strings.TrimRight(strings.NewReplacer("$", "", ",", "").Replace(s), "kMB"), &v); err != nil {
		t.Fatal(s, err)
	}
	switch s[len(s)-1] {
	case 'k':
		return v * 1e3
	case 'M':
		return v * 1e6
	case 'B':
		return v * 1e9
	}
	return v
}

// TestPrintedSumsAddUp: over random amounts, the printed parts add up to the printed whole, which
// is printed as it is alone, whatever its parts are; each is wrong by less than a step of the
// whole (and one more for each part that is too small for one), the whole by half of one at most; and what is made of the printed amounts of single
// deals is printed as their sum.
func TestPrintedSumsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]float64{2e3, 5e4, 8e5, 9e6, 5e8}).Draw(t, "size")
		var deals []float64
		if rapid.Bool().Draw(t, "cents") {
			deals = rapid.SliceOfN(rapid.Float64Range(1, size), 1, 6).Draw(t, "deals")
		} else {
			for _, n := range rapid.SliceOfN(rapid.IntRange(1, int(size/100)), 1, 6).Draw(t, "deals") {
				deals = append(deals, float64(n)*100)
			}
		}
		parts, whole := make([]float64, 4), 0.0
		for _, v := range deals {
			parts[rapid.IntRange(0, 3).Draw(t, "part")] += v
			whole += v
		}
		total, of := Locale("").Sum(whole, parts, "USD")
		if alone := Locale("").Money(whole, "USD"); total != alone {
			t.Fatalf("%v is %s, and with its parts %s", whole, alone, total)
		}
		step, sum := stepOf(whole), 0.0
		off := step
		for _, v := range parts {
			if v > 0 && v < step/2 && step > 1 {
				off += step // it is written as a step, which another part has less
			}
		}
		for i, s := range of {
			v := read(t, s)
			if sum += v; math.Abs(v-parts[i]) >= off+1e-6 || (parts[i] >= 1 || parts[i] == 0) && (v == 0) != (parts[i] == 0) {
				t.Fatalf("%v is printed %s in %s = %v", parts[i], s, total, of)
			}
		}
		if n := read(t, total); math.Abs(n-sum) > 1e-6*max(1, n) || math.Abs(n-whole) > step/2+1e-6 {
			t.Fatalf("%s = %s: adds up to %v, and is %v", total, strings.Join(of, " + "), sum, whole)
		}
		printed, added := 0.0, 0.0
		for _, v := range deals {
			printed, added = printed+Printed(v), added+read(t, Locale("").Money(v, "USD"))
		}
		if math.Abs(printed-added) > 1e-6*printed {
			t.Fatalf("the printed deals add up to %v, and are %v", added, printed)
		}
		if slices.Max(deals) < 9.9e6 && slices.Min(deals) >= 1000 && printed < 9.9e6 && math.Abs(read(t, Locale("").Money(printed, "USD"))-added) > 1e-6*added {
			t.Fatalf("%v deals make %v, printed %s", deals, added, Locale("").Money(printed, "USD"))
		}
	})
}

// TestSumOfWhatIsTakenAway: where parts are taken away, the printed ones add up to the whole all
// the same, though it is of another size than they are.
func TestSumOfWhatIsTakenAway(t *testing.T) {
	for _, c := range []struct {
		whole float64
		parts []float64
		want  string
	}{
		{0, []float64{16549, -9799, -6750}, "$0 = $16.5k -$9.8k -$6.7k"},
		{9061000, []float64{12005000, -2944000}, "$9,060k = $12M -$2,940k"},
		{30000, []float64{84500, -54500}, "$30k = $84.5k -$54.5k"},
	} {
		total, of := Locale("").Sum(c.whole, c.parts, "USD")
		sum := 0.0
		for _, s := range of {
			sum += read(t, s)
		}
		if got := total + " = " + strings.Join(of, " "); got != c.want || math.Abs(sum-read(t, total)) > 1e-6 {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Float64Range(-2e7, 2e7), 2, 6).Draw(t, "parts")
		whole := 0.0
		for _, v := range parts {
			whole += v
		}
		total, of := Locale("").Sum(whole, parts, "USD")
		sum := 0.0
		for _, s := range of {
			sum += read(t, s)
		}
		if math.Abs(sum-read(t, total)) > 1e-3 {
			t.Fatalf("%s = %v adds up to %v", total, of, sum)
		}
	})
}
