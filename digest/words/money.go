package words

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/bojanz/currency"

	"github.com/pipetidy/pipetidy/digest/plain"
)

// Locale is how a reader writes amounts: an identifier as in "de" or "en-GB"; "" is "en".
type Locale string

// Unknown marks the code of a currency that nobody named: an amount of it is written with
// the words "currency unknown", so that nobody adds it to another amount.
const Unknown = "?"

// Money writes an amount as a digest does: $950, $1.5k, $67.5k, $1.2M, always in one way, so
// that the same amount looks the same in a line, in a sum and on another day. The code is that
// of ISO 4217; with "" the number stands alone, and with [Unknown] at its beginning the
// amount says that its currency is unknown. It is "" for NaN and for absurdly large values.
func (l Locale) Money(v float64, code string) string {
	step := stepOf(v)
	return l.inSteps(math.Round(v/step), step, code)
}

// Printed is the amount that a reader of Money(v) knows: a sum of such amounts is the sum of
// what is printed.
func Printed(v float64) float64 {
	step := stepOf(v)
	return math.Round(v/step) * step
}

// stepOf is to what an amount is rounded, by its size alone: tenths of thousands as far as
// people add them up in their heads.
func stepOf(v float64) float64 {
	switch v = math.Abs(v); {
	case v < 999.5:
		return 1
	case v < 9.995e6:
		return 100
	case v < 999.5e6:
		return 1e4
	}
	return 1e7
}

// Sum writes a whole and the parts that it is made of. The whole is written as [Locale.Money]
// does, and the parts in its steps, so that they add up to it as printed: what rounding leaves
// over is in the parts that it changes least, by less than a step each where none is smaller than one. A part that is not zero
// is never written as zero, unless it is less than one. Where some parts are taken away, and one
// is of a larger size than the whole, all are in the steps of that part.
func (l Locale) Sum(whole float64, parts []float64, code string) (total string, of []string) {
	largest := math.Abs(whole)
	for _, v := range parts {
		largest = max(largest, math.Abs(v))
	}
	step := stepOf(largest)
	n := math.Round(whole / step)
	rest := n
	rounded := make([]float64, len(parts))
	for i, v := range parts {
		rounded[i] = math.Round(v / step)
		if rounded[i] == 0 && v != 0 && step > 1 {
			rounded[i] = math.Copysign(1, v)
		}
		rest -= rounded[i]
	}
	for ; rest != 0 && len(parts) > 0 && !math.IsNaN(rest) && math.Abs(rest) <= float64(2*len(parts)); rest -= math.Copysign(1, rest) {
		rounded[nearest(parts, rounded, step, math.Copysign(1, rest))] += math.Copysign(1, rest)
	}
	for _, v := range rounded {
		of = append(of, l.inSteps(v, step, code))
	}
	return l.inSteps(n, step, code), of
}

// nearest is the part that one more step, or one less, makes wrong by least; what has a part
// keeps one.
func nearest(parts, rounded []float64, step, by float64) int {
	best, least := 0, math.Inf(1)
	for i, v := range parts {
		if v == 0 || rounded[i]+by == 0 {
			continue
		}
		if off := math.Abs(rounded[i] + by - v/step); off < least {
			best, least = i, off
		}
	}
	return best
}

// inSteps writes n steps of an amount in the unit that its size has: millions from one on where
// one digit says them, else from ten on.
func (l Locale) inSteps(n, step float64, code string) string {
	v := n * step
	size := math.Abs(v)
	if math.IsNaN(n) || size >= 1e15 {
		return ""
	}
	switch {
	case size >= 1e9:
		return l.write(v/1e9, 2, "B", code)
	case size >= 1e7, size >= 1e6 && math.Mod(size, 1e5) == 0:
		return l.write(v/1e6, 2, "M", code)
	case size >= 1e3:
		return l.write(v/1e3, 1, "k", code)
	}
	return l.write(v, 0, "", code)
}

// write writes v with the suffix behind its digits and the currency's sign where the
// locale has it. Spaces that do not break become plain ones, and marks of direction are
// left out, because a digest is also plain text.
func (l Locale) write(v float64, digits int, suffix, code string) string {
	if v == 0 {
		v, suffix = 0, "" // also of -0
	}
	f := currency.NewFormatter(currency.NewLocale(string(orEnglish(l))))
	f.MinDigits, f.MaxDigits = 0, uint8(digits)
	unknown := strings.HasPrefix(code, Unknown)
	code = strings.ToUpper(plain.Clip(code, 8))
	if code == "" || unknown {
		f.CurrencyDisplay, code = currency.DisplayNone, stand
	}
	if !currency.IsValid(code) { // older than the library's list, or no currency at all
		f.SymbolMap[stand], code = code, stand
	}
	n, err := currency.NewAmount(strconv.FormatFloat(v, 'f', digits, 64), code)
	if err != nil {
		return "" // no number that has digits
	}
	s := strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f':
			return ' '
		case '\u200e', '\u200f', '\u061c':
			return -1
		}
		return r
	}, f.Format(n))
	if last := strings.LastIndexFunc(s, unicode.IsDigit); suffix != "" && last >= 0 {
		last += len(string([]rune(s[last:])[:1]))
		s = s[:last] + suffix + s[last:]
	}
	if unknown {
		s += " (currency unknown)"
	}
	return s
}

// stand stands in for a code that the library does not have.
const stand = "USD"

func orEnglish(l Locale) Locale {
	if l == "" {
		return "en"
	}
	return l
}

// Purse holds sums by the code of their currency.
type Purse map[string]float64

// Empty reports whether no sum is there that is not zero.
func (p Purse) Empty() bool {
	for _, v := range p {
		if v != 0 {
			return false
		}
	}
	return true
}
