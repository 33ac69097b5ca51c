// Package salesforce is the simulated Salesforce API: it serves the records of an
// org (package org) over HTTP. The package is no general emulator: it copies the
// behaviour of the real service that has broken connectors, quirk by quirk. Tests
// carry the numbers of this list:
//
//	 1  the token reply has a string issued_at, instance_url, an id URL and no expires_in;
//	    login.* and test.* hosts refuse client credentials
//	 2  OAuth errors are an object, REST errors an array
//	 3  JWT assertions (RS256) are refused for wrong aud, past or far exp, wrong user, each
//	    refusal with its own text; all hosts accept assertions ([AuthOptions])
//	 4  rotation gives a new refresh token and ends the session before; a replay ends the grant
//	 5  sessions end when idle; each successful call prolongs its session; exact 401 body
//	 6  a 401 that stays after a refresh ([Options].RefuseSessions)
//	 7  a query locator belongs to the session that opened the query; another session gets
//	    401, or INVALID_QUERY_LOCATOR (ForeignLocator400)
//	 8  locators end after 15 idle minutes (LocatorIdle), and the 11th ends the oldest
//	 9  queryAll's nextRecordsUrl is under /query/; any other spelling of the URL is 404
//	10  page size follows batchSize (200..2000), may be smaller (ShortPages), is at most 200
//	    with two long text columns; totalSize is constant
//	11  /query leaves out deleted rows and archived activities, /queryAll does not
//	12  rows become visible some time after their stamp ([org.Org.SetCommitDelay])
//	13  stamps are whole seconds, filters ignore milliseconds, many rows share a stamp
//	14  LastActivityDate and picklist renames bump SystemModstamp only
//	15  datetimes are written with +0000 and read with Z or an offset; quoted datetimes,
//	    datetimes compared with dates, and a plus sign that arrived as a space are refused
//	16  without ORDER BY rows come in an arbitrary order
//	17  unknown and hidden fields give the same INVALID_FIELD with caret, hidden objects INVALID_TYPE
//	18  HasOpenActivity and HasOverdueTask cannot be filtered; CurrencyIsoCode and the
//	    *InDays fields exist only where the org has the feature; only an org without it
//	    names its currency in /connect/organization
//	19  describe leaves hidden fields out and answers 304
//	20  row-level sharing ([Options].OnlyOwners, [org.Org.HideRecord]); children are
//	    seen with their opportunity
//	21  Sforce-Limit-Info is on every reply but that of /services/data and may lag (LimitLag);
//	    each page and each composite counts as one call
//	22  the daily limit is 403 REQUEST_LIMIT_EXCEEDED without Retry-After; too many calls at
//	    once (MostAtOnce) are the same code with another message
//	23  faults on demand: HTML with 200 or 503, resets, truncation, slowness ([fault.Rule])
//	24  414, 431 and over-long SOQL
//	25  time-outs and OPERATION_TOO_LARGE by size ([SizeLimits])
//	26  retired versions answer 410; the version list requires no login
//	27  Bulk API 2.0 queries with their states, locators, CSV and traps ([BulkOptions])
//	28  resultPages lists five result pages at a time
//	29  /updated and /deleted cut their window to whole minutes
//	30  soft delete, undelete, purge after 15 days or at once
//	31  events and closed tasks older than 365 days are archived, with a new stamp or without
//	    ([org.Org.SetArchiving]); the pattern of a series is not; group events have child copies
//	32  OpportunityHistory gets a row for each change of stage, amount, probability or close date
//	33  the stage decides IsClosed, IsWon, Probability and forecast category; PushCount counts
//	    moves to a later month
//	34  the amount of a deal with products does not change when written ([org.Org.AddProducts])
//	36  18-character ids with checksum; 15 accepted; a wrong suffix is MALFORMED_ID
//	37  the Date header comes from the company's clock
//	38  SOAP login() up to version 64: refused by default, with exceptions of HTTP 500, for
//	    a missing security token, after ten wrong passwords ([AuthOptions])
//
// Not simulated: field history (the rest of 32), writes (35). Begin with [Server], and
// with [Options] for the switches.
package salesforce
