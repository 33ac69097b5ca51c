// Package soql builds SOQL queries as values: nothing is ever pasted into one, so
// that no value can end a literal or add a condition. What is asked of which
// object is for package salesforce to say; nothing here knows an object, and
// nothing here makes a call.
package soql

import (
	"fmt"
	"net/url"
	"strings"
)

// Query is a SOQL query. The names of objects and fields are the program's own or
// come from describe, and whoever reads describe checks their form.
type Query struct {
	Columns []string
	Object  string
	Where   All
	Order   []string
	Limit   int // 0 is all
}

// String writes the query.
func (q Query) String() string {
	var b strings.Builder
	b.WriteString("SELECT " + strings.Join(q.Columns, ", ") + " FROM " + q.Object)
	if len(q.Where) > 0 {
		b.WriteString(" WHERE ")
		join(&b, " AND ", q.Where)
	}
	if len(q.Order) > 0 {
		b.WriteString(" ORDER BY " + strings.Join(q.Order, ", "))
	}
	if q.Limit > 0 {
		fmt.Fprintf(&b, " LIMIT %d", q.Limit)
	}
	return b.String()
}

// longest bounds the escaped query: Salesforce refuses addresses over 16,384
// bytes and addresses with headers over the same.
const longest = 12 << 10

// Escaped is the query as it stands in an address; ok is false when it is too long
// for one.
func (q Query) Escaped() (text string, ok bool) {
	text = strings.ReplaceAll(url.QueryEscape(q.String()), "+", "%20")
	return text, len(text) <= longest
}
