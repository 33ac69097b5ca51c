// Package allowance keeps a source within the calls that its account allows: a
// [Meter] counts the calls of a day against our share of the account's daily
// number, and a [Pace] spreads calls over a rolling window of seconds. A source
// that opens neither has no limit of its own.
//
// Every member of package connectors may use this package. The names of an account's
// headers, and what a person is told when the share is used up, stay with the
// member, because they differ from CRM to CRM. Repeating a refused call is the work
// of package rest and of the member.
package allowance
