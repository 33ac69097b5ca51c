// Package hubspot is the simulated HubSpot API: it serves the records of a portal
// (package portal) over HTTP, and refreshes the tokens of OAuth apps. It copies the
// behaviour of the real service that has broken connectors, quirk by quirk, by the
// numbers of the project's list:
//
//	 1  record and owner ids are strings; toObjectId, userId and portalId are numbers
//	 2  all property values are strings or null; probabilities have all their digits
//	 3  what is asked for and empty is null, what was cleared is ""
//	 4  hs_object_id and the dates of creation and change come unasked
//	 5  unknown properties are ignored in lists and refused in filters
//	 6  lists: 10 unless asked for, at most 100, 50 with history
//	 7  a list has no total, its last page no paging; links lead to api.hubapi.com
//	 8  archived=true lists the archived only
//	 9  search: 10 unless asked for, at most 200
//	10  search's after is an offset that ends at 10,000
//	11  5 groups, 6 filters each, 18 together, 1 sort
//	12  the index lags ([Options].IndexLag); lists, single and batch reads do not
//	13  what search finds is told as it is now, outside of the filter if need be
//	14  search never tells of the archived, except for the lag
//	15  contacts by hs_lastmodifieddate: none, and no error
//	16  times compare by the millisecond; epoch milliseconds, numbers and ISO are read
//	17  sorts are names with or without minus, or objects; none is by creation
//	18  filters at top level are one group
//	19  search has neither burst headers nor associations
//	20  its 429 has neither policyName nor Retry-After
//	21  other 429 name TEN_SECONDLY_ROLLING or DAILY, which is shared with other apps
//	    ([Server.OthersCall]) and ends at the portal's midnight
//	22  X-HubSpot-RateLimit headers, for OAuth apps without the daily pair
//	23  batch reads: 100, 50 with history, 207 with OBJECT_NOT_FOUND and what was found
//	24  associations: 1,000 inputs, 207 with NO_ASSOCIATIONS_FOUND
//	25  they page by 500 alone, by [Options].AssociationPage in batches, {id, after}
//	26  one target can have several types; the order of targets means nothing
//	27  the archived are 404 unless asked for with archived=true, keep their last change and
//	    are gone after 90 days; DELETE archives and is 204 every time
//	28  associating stamps nobody, unless LinksStamp
//	29  a new activity moves the rollups of its deal and stamps it, after RollupDelay
//	30  a new record's last change is a few hundred milliseconds after its creation
//	31  merges: the loser ends or leads to the survivor (MergedResolve), which may get a new id
//	32  history comes newest first and ends after HistoryDepth versions
//	33  the default pipeline's ids are words, its creation is 1970, metadata are strings
//	34  deals, deal and 0-3 are one; v3, v4, 2025-09, 2026-03 and 2026-09 are answered,
//	    others are 404; 414 is HTML; hs_v2_time_in_current_stage is a time
//
// Besides, notes_next_activity_date changes with time alone, close dates have a time of
// day that may be the next day in UTC, and what is no token "expired" in 1970 or gets 530.
// OAuth apps refresh their tokens ([OAuth]). Faults on demand: [Fault],
// types that may not be read, rows that pages repeat or lack, a clock that is ahead,
// stages, pipelines and owners that change. Not simulated: writes other than DELETE, v3
// associations.
package hubspot
