// Package words writes numbers, amounts, shares, dates and lists as the readers of a
// digest say them. Text from outside is for package plain.
package words

import (
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// symbols of the currencies that have one of their own in English text; the
// others are written with their code, "CHF 86k".
var symbols = map[string]string{
	"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪",
	"CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "MXN": "MX$", "BRL": "R$", "CNY": "CN¥", "HKD": "HK$", "SGD": "S$",
}

// Money writes an amount as a digest does: $950, $1.5k, $86k, €1.2M. It is "" for NaN
// and for absurdly large values.
func Money(v float64, currency string) string {
	if math.IsNaN(v) || math.Abs(v) >= 1e15 {
		return ""
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	return sign + symbol(currency) + short(v)
}

// symbol is what stands before an amount in the currency.
func symbol(currency string) string {
	currency = strings.ToUpper(plain.Clip(currency, 8))
	if s, ok := symbols[currency]; ok || currency == "" {
		return s
	}
	return currency + " "
}

// Unit is the unit in which v is written, its suffix, and the step to which v is
// rounded.
func Unit(v float64) (size, step float64, suffix string) {
	switch {
	case v < 999.5:
		return 1, 1, ""
	case v < 9950:
		return 1e3, 100, "k"
	case v < 999.5e3:
		return 1e3, 1e3, "k"
	case v < 99.95e6:
		return 1e6, 1e5, "M"
	case v < 999.5e6:
		return 1e6, 1e6, "M"
	}
	return 1e9, 1e8, "B"
}

func short(v float64) string {
	size, step, suffix := Unit(v)
	digits := 0
	if step < size {
		digits = 1
	}
	s := strconv.FormatFloat(math.Round(v/step)*step/size, 'f', digits, 64)
	return strings.TrimSuffix(s, ".0") + suffix
}

// Sum writes a whole and the parts that it is made of, so that what is printed adds up:
// all in one unit, which is fine enough for the smallest part, and what rounding leaves
// over is in the largest part.
func Sum(whole float64, parts []float64, currency string) (total string, of []string) {
	_, step, _ := Unit(math.Abs(whole))
	for _, v := range parts {
		for v != 0 && math.Abs(v) < step/2 && step > 1 {
			step = finer[step]
		}
	}
	rest, largest := math.Round(whole/step), 0
	rounded := make([]float64, len(parts))
	for i, v := range parts {
		rounded[i] = math.Round(v / step)
		rest -= rounded[i]
		if math.Abs(v) > math.Abs(parts[largest]) {
			largest = i
		}
	}
	if len(parts) > 0 {
		rounded[largest] += rest
	}
	for _, v := range rounded {
		of = append(of, inSteps(v, step, currency))
	}
	return inSteps(math.Round(whole/step), step, currency), of
}

// finer is the step below each step of Unit.
var finer = map[float64]float64{1e8: 1e6, 1e6: 1e5, 1e5: 1e3, 1e3: 100, 100: 1}

// inSteps writes n steps of an amount.
func inSteps(n, step float64, currency string) string {
	if math.IsNaN(n) || math.Abs(n*step) >= 1e15 {
		return ""
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	suffix, tenth := "", false
	switch step {
	case 1e8:
		suffix, tenth = "B", true
	case 1e6:
		suffix = "M"
	case 1e5:
		suffix, tenth = "M", true
	case 1e3:
		suffix = "k"
	case 100:
		suffix, tenth = "k", true
	}
	if n == 0 {
		return symbol(currency) + "0"
	}
	if !tenth {
		return sign + symbol(currency) + Number(int(n)) + suffix
	}
	w := Number(int(n) / 10)
	if d := int(n) % 10; d > 0 {
		w += "." + strconv.Itoa(d)
	}
	return sign + symbol(currency) + w + suffix
}

// Purse holds sums by currency code.
type Purse map[string]float64

// Currencies lists the currencies of p, the largest sum first.
func (p Purse) Currencies() []string {
	cs := make([]string, 0, len(p))
	for c := range p {
		cs = append(cs, c)
	}
	sort.Slice(cs, func(i, j int) bool {
		if p[cs[i]] != p[cs[j]] {
			return p[cs[i]] > p[cs[j]]
		}
		return cs[i] < cs[j]
	})
	return cs
}

// Sum adds all amounts as if they were in one currency. With several currencies it only
// says whether there is any amount.
func (p Purse) Sum() float64 {
	var s float64
	for _, v := range p {
		s += v
	}
	return s
}

// String writes one amount per currency, "$412k and €1.2M".
func (p Purse) String() string {
	var out []string
	for _, c := range p.Currencies() {
		if m := Money(p[c], c); m != "" {
			out = append(out, m)
		}
	}
	return List(out)
}

// Percent writes part of whole. It is 100 % only for the whole, and 0 % only for
// nothing.
func Percent(part, whole float64) string {
	p := math.Round(part / whole * 100)
	switch {
	case part < whole && p >= 100:
		p = 99
	case part > 0 && p < 1:
		p = 1
	}
	return strconv.Itoa(int(p)) + " %"
}

// List joins words as a sentence does: "a", "a and b", "a, b and c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Count writes n with its noun; more is the plural.
func Count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + more
}

// Plural chooses the word for n.
func Plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// Number writes n with thousands apart: 12,500.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Day writes a date relative to today: "Fri 27 Nov" up to a week ahead, else "27 Nov",
// with the year where that is not the year of today.
func Day(d, today crm.Date) string {
	if d.IsZero() {
		return ""
	}
	if Near(d, today) {
		return d.Weekday().String()[:3] + " " + d.Short()
	}
	y, _, _ := d.Civil()
	if ty, _, _ := today.Civil(); ty != y {
		return d.Short() + " " + strconv.Itoa(y)
	}
	return d.Short()
}

// Near reports whether d is today or one of the next six days, which a weekday names
// without doubt.
func Near(d, today crm.Date) bool { return d >= today && d < today+7 }

// Moment writes a past time as a reader would name it: "08:12" today, "Mon" in
// the last six days, else "16 Nov".
func Moment(t, now time.Time, loc *time.Location) string {
	d, today := crm.DateOf(t, loc), crm.DateOf(now, loc)
	switch {
	case d == today:
		return t.In(loc).Format("15:04")
	case d < today && d > today-7:
		return d.Weekday().String()[:3]
	}
	return Day(d, today)
}

// Sentence ends s with a full stop, unless s ends like a sentence already.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// UpperFirst writes the first letter large.
func UpperFirst(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
