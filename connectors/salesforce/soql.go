package salesforce

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// query is a SOQL query as a value: nothing is ever pasted into one. The names
// of objects and fields are ours or come from describe, which checks their form.
type query struct {
	columns []string
	object  string
	where   all
	order   []string
	limit   int // 0 is all
}

// String writes the query.
func (q query) String() string {
	var b strings.Builder
	b.WriteString("SELECT " + strings.Join(q.columns, ", ") + " FROM " + q.object)
	if len(q.where) > 0 {
		b.WriteString(" WHERE ")
		join(&b, " AND ", q.where)
	}
	if len(q.order) > 0 {
		b.WriteString(" ORDER BY " + strings.Join(q.order, ", "))
	}
	if q.limit > 0 {
		fmt.Fprintf(&b, " LIMIT %d", q.limit)
	}
	return b.String()
}

// condition is what a row must meet.
type condition interface {
	write(b *strings.Builder)
	fields() []string // that it names
}

// is compares a field with a literal by =, !=, <, <=, > or >=.
type is struct {
	field, op string
	value     literal
}

// oneOf is met by a field that has one of the values, of which there is at
// least one.
type oneOf struct {
	field  string
	values []string
}

// all is met when each of its conditions is, either when one of them is. Neither
// may be empty within another condition.
type (
	all    []condition
	either []condition
)

func (c is) write(b *strings.Builder) { b.WriteString(c.field + " " + c.op + " " + c.value.literal()) }
func (c is) fields() []string         { return []string{c.field} }

func (c oneOf) write(b *strings.Builder) {
	b.WriteString(c.field + " IN (")
	for i, v := range c.values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text(v).literal())
	}
	b.WriteByte(')')
}
func (c oneOf) fields() []string { return []string{c.field} }

func (c all) write(b *strings.Builder)    { grouped(b, " AND ", c) }
func (c all) fields() []string            { return fieldsOf(c) }
func (c either) write(b *strings.Builder) { grouped(b, " OR ", c) }
func (c either) fields() []string         { return fieldsOf(c) }

func grouped(b *strings.Builder, word string, list []condition) {
	b.WriteByte('(')
	join(b, word, list)
	b.WriteByte(')')
}

func join(b *strings.Builder, word string, list []condition) {
	for i, c := range list {
		if i > 0 {
			b.WriteString(word)
		}
		c.write(b)
	}
}

func fieldsOf(list []condition) (names []string) {
	for _, c := range list {
		names = append(names, c.fields()...)
	}
	return names
}

// literal is a value as a query writes it.
type literal interface{ literal() string }

type (
	text   string   // a string or an id
	moment int64    // a datetime, in Unix seconds
	day    crm.Date // a date
	truth  bool
	null   struct{}
)

// escapes are the escapes of SOQL; other control characters are written as \u.
var escapes = map[rune]string{'\'': `\'`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}

func (v text) literal() string {
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
func (v moment) literal() string { return time.Unix(int64(v), 0).UTC().Format("2006-01-02T15:04:05Z") }
func (v day) literal() string    { return crm.Date(v).String() }
func (v truth) literal() string  { return fmt.Sprint(bool(v)) }
func (null) literal() string     { return "null" }

// maxQuery bounds the escaped query: Salesforce refuses addresses over 16,384
// bytes and addresses with headers over the same.
const maxQuery = 12 << 10

// address is the path that asks q. The resource queryAll also gives deleted rows
// and archived activities.
func (s *Source) address(resource string, q query) (string, error) {
	escaped := strings.ReplaceAll(url.QueryEscape(q.String()), "+", "%20")
	if len(escaped) > maxQuery {
		return "", s.fail(crm.ErrRefused, fmt.Sprintf("the query has %d bytes, too long for Salesforce", len(escaped)),
			"name fewer fields under fields")
	}
	return s.version() + "/" + resource + "?q=" + escaped, nil
}
