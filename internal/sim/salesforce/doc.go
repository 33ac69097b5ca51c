// Package salesforce is the simulated Salesforce API: it serves the records of an
// org (package org) over HTTP. It is no general emulator. It copies the behaviour of
// the real service that has broken connectors, quirk by quirk, by the numbers of the
// project's list:
//
//	 1  the token reply has a string issued_at, instance_url, an id URL and no expires_in;
//	    client credentials are refused on login.* and test.* hosts
//	 2  OAuth errors are an object, REST errors an array
//	 3  JWT assertions (RS256) are refused for wrong aud, past or far exp, wrong user, each
//	    with words of its own; any host takes them ([AuthOptions])
//	 4  rotation brings a new refresh token and ends the session before; a replay ends the grant
//	 5  sessions end when idle; each success prolongs them; exact 401 body
//	 6  the 401 that no refresh cures ([Options].RefuseSessions)
//	 7  a query locator belongs to the session that opened it (ForeignLocator400: the other answer)
//	 8  locators end after 15 idle minutes (LocatorIdle), and the 11th evicts the oldest
//	 9  queryAll's nextRecordsUrl sits under /query/; any other spelling of it is 404
//	10  page size follows batchSize (200..2000), may be smaller (ShortPages), is at most 200
//	    with two long text columns; totalSize is constant
//	11  /query hides deleted rows and archived activities, /queryAll shows them
//	12  rows become visible some time after their stamp ([org.Org.SetCommitDelay])
//	13  stamps are whole seconds, filters ignore milliseconds, many rows share one
//	14  LastActivityDate and picklist renames bump SystemModstamp only
//	15  +0000 datetimes out; Z and offsets in; quoted datetimes, datetime against date and
//	    a plus sign that arrived as a space are refused
//	16  no ORDER BY, no order
//	17  unknown and hidden fields give the same INVALID_FIELD with caret, hidden objects INVALID_TYPE
//	18  HasOpenActivity and HasOverdueTask cannot be filtered; CurrencyIsoCode and the
//	    *InDays fields exist only where the org has the feature
//	19  describe leaves hidden fields out and answers 304
//	20  row-level sharing ([Options].OnlyOwners, [org.Org.HideRecord]); children are
//	    seen with their opportunity
//	21  Sforce-Limit-Info on every reply but /services/data, each page and each composite counts
//	    one; it may lag (LimitLag)
//	22  the daily limit answers 403 REQUEST_LIMIT_EXCEEDED without Retry-After, too many calls at
//	    once (MostAtOnce) the same code with another message
//	23  faults on demand: HTML with 200 or 503, resets, truncation, slowness ([fault.Rule])
//	24  414, 431 and over-long SOQL
//	25  time-outs and OPERATION_TOO_LARGE by size ([SizeLimits])
//	26  retired versions answer 410; the version list needs no login
//	27  Bulk API 2.0 queries with their states, locators, CSV and traps ([BulkOptions])
//	28  resultPages by fives
//	29  /updated and /deleted, by the minute
//	30  soft delete, undelete, purge after 15 days or at once
//	31  events and closed tasks older than 365 days are archived, with a new stamp or without
//	    ([org.Org.SetArchiving]), but for the pattern of a series; group events have child copies
//	32  (part) OpportunityHistory gets a row for each change of stage, amount, probability or close date
//	33  the stage decides IsClosed, IsWon, Probability and forecast category; PushCount counts
//	    moves to a later month
//	34  the amount of a deal with products does not change when written ([org.Org.AddProducts])
//	36  18-character ids with checksum; 15 accepted; a wrong suffix is MALFORMED_ID
//	37  the Date header comes from the company's clock
//
// Not simulated: field history (32), writes (35).
package salesforce
