package connectors

import (
	"fmt"
	"strconv"
	"strings"
)

// Months is a time in whole months, written 24mo or 2y. Zero means that the
// configuration gives none.
type Months int

const (
	aYear      = 12
	mostMonths = 50 * aYear
)

// Takes says how the configuration writes months.
func (Months) Takes() string { return "months: `24mo`, `2y`" }

// UnmarshalText reads months as the configuration writes them.
func (m *Months) UnmarshalText(text []byte) error {
	digits, unit := string(text), 0
	if s, ok := strings.CutSuffix(digits, "mo"); ok {
		digits, unit = s, 1
	} else if s, ok := strings.CutSuffix(digits, "y"); ok {
		digits, unit = s, aYear
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	switch {
	case err != nil || unit == 0:
		return fmt.Errorf("%.20q is no number of months; write it like 24mo or 2y", text)
	case n == 0:
		return fmt.Errorf("must be at least 1mo")
	case int(n)*unit > mostMonths:
		return fmt.Errorf("must be at most %dy", mostMonths/aYear)
	}
	*m = Months(int(n) * unit)
	return nil
}
