// Package soql builds SOQL queries as values. No text is ever pasted into a query, so
// no value can end a literal or add a condition.
//
// The package knows no object of Salesforce and makes no call: package salesforce
// says what is queried, and package api sends the query. A newcomer opens [Query]
// first, then [Is].
package soql

import (
	"fmt"
	"net/url"
	"strings"
)

// Query is a SOQL query. The names of objects and fields are written as they are:
// they are the program's own, or package schema has checked their form.
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

// longest bounds the escaped query: Salesforce refuses an address of more than 16,384
// bytes, and an address that is longer than that together with the headers.
const longest = 12 << 10

// Escaped is the query as it stands in an address; ok is false when the query is too
// long for an address.
func (q Query) Escaped() (text string, ok bool) {
	text = strings.ReplaceAll(url.QueryEscape(q.String()), "+", "%20")
	return text, len(text) <= longest
}
