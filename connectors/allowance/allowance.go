// Package allowance keeps a source within what its account lets it call: a
// [Meter] counts the calls of a day against our share of the account's daily
// number, and a [Pace] spreads calls over a rolling window of seconds.
//
// Every member of package connectors may use it. What an account's headers are
// called and what a person is told when a share is used up stay with the member,
// because each CRM words them otherwise. Repeating a call that was refused is
// not done here; it belongs to package rest and to the member.
package allowance
