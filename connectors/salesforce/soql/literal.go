package soql

import (
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Literal is a value in a condition.
type Literal interface{ literal() string }

// Text is a string or an id.
type Text string

// Moment is a datetime, in Unix seconds.
type Moment int64

// Day is a date.
type Day crm.Date

// Truth is true or false.
type Truth bool

// Null equals a field without a value.
type Null struct{}

// escapes are the short escapes of SOQL; other control characters are written as \u.
var escapes = map[rune]string{'\'': `\'`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}

func (v Text) literal() string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, c := range string(v) { // broken UTF-8 becomes U+FFFD
		switch e, special := escapes[c]; {
		case special:
			b.WriteString(e)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// The form with Z is the only one that needs no escaping in an address.
func (v Moment) literal() string { return time.Unix(int64(v), 0).UTC().Format("2006-01-02T15:04:05Z") }
func (v Day) literal() string    { return crm.Date(v).String() }
func (v Truth) literal() string  { return fmt.Sprint(bool(v)) }
func (Null) literal() string     { return "null" }
