// Package hubspot is the simulated HubSpot API: it serves the records of a portal
// (package portal) over HTTP, and refreshes the tokens of OAuth apps. The package is
// no general emulator: it copies the behaviour of the real service that has broken
// connectors, quirk by quirk. Tests carry the numbers of this list:
//
//	 1  record and owner ids are strings; toObjectId, userId and portalId are numbers
//	 2  all property values are strings or null; probabilities have all their digits
//	 3  a property that was never set is null, a cleared property is ""
//	 4  hs_object_id and the dates of creation and change are always told
//	 5  unknown properties are ignored in lists and refused in filters
//	 6  lists: 10 records by default, at most 100, 50 with history
//	 7  a list has no total, its last page no paging; links lead to api.hubapi.com
//	 8  archived=true lists only archived records
//	 9  search: 10 records by default, at most 200
//	10  search's after is an offset that ends at 10,000
//	11  5 groups, 6 filters each, 18 together, 1 sort
//	12  the search index lags ([Options].IndexLag); lists, single and batch reads do not
//	13  search tells the present values of a record, even if they no longer meet the filter
//	14  search tells no archived records, except for the lag
//	15  a search of contacts by hs_lastmodifieddate finds nothing, and is no error
//	16  times compare by the millisecond; epoch milliseconds, numbers and ISO are read
//	17  sorts are names with or without minus, or objects; the default is by creation
//	18  filters at top level are one group
//	19  search has neither burst headers nor associations
//	20  the 429 of a search has neither policyName nor Retry-After
//	21  other 429 name TEN_SECONDLY_ROLLING or DAILY; the daily limit is shared with other
//	    apps ([Server.OthersCall]) and ends at the portal's midnight
//	22  X-HubSpot-RateLimit headers, for OAuth apps without the daily pair
//	23  batch reads: 100, 50 with history; 207 holds OBJECT_NOT_FOUND and the found records
//	24  associations: 1,000 inputs, 207 with NO_ASSOCIATIONS_FOUND
//	25  associations page by 500 for a single record, by [Options].AssociationPage in
//	    batches, where an input with a cursor is {id, after}
//	26  one target can have several types; the order of targets means nothing
//	27  archived records are 404 without archived=true, keep the stamp of their last change
//	    and are gone after 90 days; DELETE archives and is 204 every time
//	28  associating stamps neither record, unless LinksStamp
//	29  a new activity changes the rollups of its deal and stamps the deal, after RollupDelay
//	30  a new record's last change is a few hundred milliseconds after its creation
//	31  merges: the loser ends or leads to the survivor (MergedResolve), which may get a new id
//	32  history comes newest first and ends after HistoryDepth versions
//	33  the default pipeline's ids are words, its creation is 1970, metadata are strings
//	34  deals, deal and 0-3 name the same type; v3, v4, 2025-09, 2026-03 and 2026-09 are
//	    answered, other versions are 404; 414 is HTML; hs_v2_time_in_current_stage is a time
//
// Besides, notes_next_activity_date changes with time alone, close dates have a time of
// day that may be the next day in UTC, and a text that is no token "expired" in 1970 or
// gets 530. On demand there are faults ([Fault]), types that may not be read, rows that
// pages repeat or lack, a clock that is ahead, and stages, pipelines and owners that
// change. Not simulated: writes other than DELETE, v3 associations. Begin with
// [Server], and with [Options] for the switches.
package hubspot
