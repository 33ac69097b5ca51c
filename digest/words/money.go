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

// Money writes an amount as a digest does: $950, $1.5k, $86k, €1.2M. The code is that of
// ISO 4217; with "" the number stands alone, and with [Unknown] at its beginning the
// amount says that its currency is unknown. It is "" for NaN and for absurdly large values.
func (l Locale) Money(v float64, code string) string {
	_, step, _ := Unit(math.Abs(v))
	return l.inSteps(math.Round(v/step), step, code)
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

// Sum writes a whole and the parts that it is made of, all in one step: the coarsest of
// three from that of Money on, in which a reader who adds the parts gets the whole, who
// takes their shares gets those that [Percent] says, and who sees a part alone elsewhere
// finds no other amount. A part that is not zero is never written as zero. What the last
// step leaves over is in the largest part.
func (l Locale) Sum(whole float64, parts []float64, code string) (total string, of []string) {
	_, step, _ := Unit(math.Abs(whole))
	for _, v := range parts {
		for v != 0 && math.Abs(v) < step/2 && step > 1 {
			step = finer(step)
		}
	}
	n, rounded, rest := inSteps(whole, parts, step)
	for tries := 2; tries > 0 && step > 1 && (rest != 0 || !sameShares(whole, parts, n, rounded)); tries-- {
		step = finer(step)
		n, rounded, rest = inSteps(whole, parts, step)
	}
	if rest != 0 && len(parts) > 0 {
		largest := 0
		for i, v := range parts {
			if math.Abs(v) > math.Abs(parts[largest]) {
				largest = i
			}
		}
		rounded[largest] += rest
	}
	for _, v := range rounded {
		of = append(of, l.inSteps(v, step, code))
	}
	return l.inSteps(n, step, code), of
}

// inSteps rounds a whole and its parts to steps, and says what the rounded parts leave over.
func inSteps(whole float64, parts []float64, step float64) (n float64, rounded []float64, rest float64) {
	n = math.Round(whole / step)
	rest = n
	for _, v := range parts {
		rounded = append(rounded, math.Round(v/step))
		rest -= math.Round(v / step)
	}
	return n, rounded, rest
}

// sameShares reports whether the rounded parts are the same shares of the rounded whole, in
// percent, as the parts are of the whole.
func sameShares(whole float64, parts []float64, n float64, rounded []float64) bool {
	for i, v := range parts {
		if whole > 0 && v > 0 && n > 0 && Percent(v, whole) != Percent(rounded[i], n) {
			return false
		}
	}
	return true
}

// finer is the step below one of Unit or of this function: 1e8, 1e7, … 100, 1. Tenths of
// hundreds are left out: $1.52k is read no faster than $1,520.
func finer(step float64) float64 {
	if step <= 100 {
		return 1
	}
	return step / 10
}

// inSteps writes n steps of an amount.
func (l Locale) inSteps(n, step float64, code string) string {
	if math.IsNaN(n) || math.Abs(n*step) >= 1e15 {
		return ""
	}
	switch step {
	case 1e8:
		return l.write(n/10, 1, "B", code)
	case 1e7:
		return l.write(n/100, 2, "B", code)
	case 1e6:
		return l.write(n, 0, "M", code)
	case 1e5:
		return l.write(n/10, 1, "M", code)
	case 1e4:
		return l.write(n/100, 2, "M", code)
	case 1e3:
		return l.write(n, 0, "k", code)
	case 100:
		return l.write(n/10, 1, "k", code)
	}
	return l.write(n, 0, "", code)
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
