// Package sim is one invented company, "Acme", that lives: reps move deals,
// log calls, forget next steps and let close dates pass. It is served over real
// HTTP and SMTP on loopback, as a Salesforce API, as a HubSpot API, as a Slack API
// and as a mail server, so that tests and `pipetidy demo` go the whole way without an account
// anywhere. One seed gives one company, byte for byte.
//
// With [Options].HubSpot about half of the deals live in HubSpot; see [HubSpot].
//
// It is not a general emulator of either CRM. What it does, it does as the real
// service does where that has bitten connectors before. The quirks of the
// Salesforce side, by the numbers of the project's list:
//
//	 1  the token reply has a string issued_at, instance_url, an id URL and no expires_in;
//	    client credentials are refused on login.* and test.* hosts
//	 2  OAuth errors are an object, REST errors an array
//	 3  JWT assertions (RS256) are refused for wrong aud, past or far exp, wrong user, each
//	    with words of its own; any host takes them ([AuthOptions])
//	 4  rotation brings a new refresh token and ends the session before; a replay ends the grant
//	 5  sessions end when idle; each success prolongs them; exact 401 body
//	 6  the 401 that no refresh cures ([SalesforceOptions].RefuseSessions)
//	 7  a query locator belongs to the session that opened it (ForeignLocator400: the other answer)
//	 8  locators end after 15 idle minutes (LocatorIdle), and the 11th evicts the oldest
//	 9  queryAll's nextRecordsUrl sits under /query/; any other spelling of it is 404
//	10  page size follows batchSize (200..2000), may be smaller (ShortPages), is at most 200
//	    with two long text columns; totalSize is constant
//	11  /query hides deleted rows and archived activities, /queryAll shows them
//	12  rows become visible some time after their stamp ([Org.SetCommitDelay])
//	13  stamps are whole seconds, filters ignore milliseconds, many rows share one
//	14  LastActivityDate and picklist renames bump SystemModstamp only
//	15  +0000 datetimes out; Z and offsets in; quoted datetimes, datetime against date and
//	    a plus sign that arrived as a space are refused
//	16  no ORDER BY, no order
//	17  unknown and hidden fields give the same INVALID_FIELD with caret, hidden objects INVALID_TYPE
//	18  HasOpenActivity and HasOverdueTask cannot be filtered; CurrencyIsoCode and the
//	    *InDays fields exist only where the org has the feature
//	19  describe leaves hidden fields out and answers 304
//	20  row-level sharing ([SalesforceOptions].OnlyOwners, [Org.HideRecord]); children are
//	    seen with their opportunity
//	21  Sforce-Limit-Info on every reply but /services/data, each page and each composite counts
//	    one; it may lag (LimitLag)
//	22  the daily limit answers 403 REQUEST_LIMIT_EXCEEDED without Retry-After, too many calls at
//	    once (MostAtOnce) the same code with another message
//	23  faults on demand: HTML with 200 or 503, resets, truncation, slowness ([Fault])
//	24  414, 431 and over-long SOQL
//	25  time-outs and OPERATION_TOO_LARGE by size ([SizeLimits])
//	26  retired versions answer 410; the version list needs no login
//	27  Bulk API 2.0 queries with their states, locators, CSV and traps ([BulkOptions])
//	28  resultPages by fives
//	29  /updated and /deleted, by the minute
//	30  soft delete, undelete, purge after 15 days or at once
//	31  events and closed tasks older than 365 days are archived, with a new stamp or without
//	    ([Org.SetArchiving]), but for the pattern of a series; group events have child copies
//	32  (part) OpportunityHistory gets a row for each change of stage, amount, probability or close date
//	33  the stage decides IsClosed, IsWon, Probability and forecast category; PushCount counts
//	    moves to a later month
//	34  the amount of a deal with products does not change when written ([Org.AddProducts])
//	36  18-character ids with checksum; 15 accepted; a wrong suffix is MALFORMED_ID
//	37  the Date header comes from the company's clock
//
// Not simulated: field history (32), writes (35).
//
// The quirks of the HubSpot side, by the numbers of a list of its own:
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
//	12  the index lags ([HubSpotOptions].IndexLag); lists, single and batch reads do not
//	13  what search finds is told as it is now, outside of the filter if need be
//	14  search never tells of the archived, except for the lag
//	15  contacts by hs_lastmodifieddate: none, and no error
//	16  times compare by the millisecond; epoch milliseconds, numbers and ISO are read
//	17  sorts are names with or without minus, or objects; none is by creation
//	18  filters at top level are one group
//	19  search has neither burst headers nor associations
//	20  its 429 has neither policyName nor Retry-After
//	21  other 429 name TEN_SECONDLY_ROLLING or DAILY, which is shared with other apps
//	    ([HubSpot.OthersCall]) and ends at the portal's midnight
//	22  X-HubSpot-RateLimit headers, for OAuth apps without the daily pair
//	23  batch reads: 100, 50 with history, 207 with OBJECT_NOT_FOUND and what was found
//	24  associations: 1,000 inputs, 207 with NO_ASSOCIATIONS_FOUND
//	25  they page by 500 alone, by [HubSpotOptions].AssociationPage in batches, {id, after}
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
// OAuth apps refresh their tokens ([HubSpotOAuth]). Faults on demand: [HubSpotFault],
// types that may not be read, rows that pages repeat or lack, a clock that is ahead,
// stages, pipelines and owners that change. Not simulated: writes other than DELETE, v3
// associations.
package sim

import (
	"math/rand/v2"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// Options say which company to invent. The zero value of each field has a
// default.
type Options struct {
	Seed  uint64    // another seed is another company; 0 is 1
	Start time.Time // the company's present at the beginning; zero is Tue 24 Nov 2026, 08:12 in Los Angeles
	Reps  int       // reps of team West, at most 9 of them named; 0 is 9
	Deals int       // open opportunities; 0 is 300. Two thirds as many are closed
	// NoHostile leaves out the deal whose name attacks mail headers, markup,
	// Slack and spreadsheets.
	NoHostile bool
	// HubSpot lets about half of the deals live in a HubSpot portal instead of
	// Salesforce, some reps' in both; see [Company.HubSpot].
	HubSpot bool
	// Live makes the company's clock run; otherwise it stands still between
	// calls of Advance and SetNow.
	Live bool
}

// DefaultStart is the present of a company whose options name none: Tuesday,
// 24 November 2026, 08:12 in Los Angeles.
func DefaultStart() time.Time { return time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC) }

// Company is the simulated company: its people and the course of their deals, and
// with [Org] what they keep in Salesforce. All methods may be called at the same
// time; whatever lives holds the clock.
type Company struct {
	*Org
	*roster
	*diary
	clock *clock.Clock
	opt   Options
	rng   *rand.Rand

	rec    *orgRecords
	portal *portalRecords

	deals   map[string]*deal // what reps know about their deals, by id
	storied int              // deals with a fixed story
	lived   time.Time        // until when the company has lived
	planned crm.Date         // until when its days are planned

	sf    *Salesforce
	hub   *HubSpot
	slack *Slack
}

// New invents the company and its past up to opt.Start.
func New(opt Options) *Company {
	c := empty(opt)
	c.clock.Lock()
	defer c.clock.Unlock()
	c.seedOrg()
	c.seedPeople()
	if opt.HubSpot {
		c.seedPortal()
	}
	c.seedDeals()
	c.run(c.opt.Start)
	c.lived = c.opt.Start
	return c
}

func empty(opt Options) *Company {
	if opt.Seed == 0 {
		opt.Seed = 1
	}
	if opt.Start.IsZero() {
		opt.Start = DefaultStart()
	}
	opt.Start = opt.Start.UTC().Truncate(time.Second)
	if opt.Reps == 0 {
		opt.Reps = 9
	}
	if opt.Deals == 0 {
		opt.Deals = 300
	}
	at := clock.New(opt.Start, clock.Location(eastZone), opt.Live)
	rec := newOrgRecords(at, opt.Seed, opt.Start.AddDate(0, -6, 0), opsMail, buyerName)
	c := &Company{
		Org:    newOrg(rec),
		roster: &roster{rec: rec},
		diary:  &diary{clock: at},
		clock:  at,
		opt:    opt,
		rng:    rand.New(rand.NewPCG(opt.Seed, 0x9e3779b97f4a7c15)),
		rec:    rec,
		deals:  map[string]*deal{},
		sf:     newSalesforce(rec, integrationMail),
		hub:    newHubSpot(at, acmePipelines(opt.Start.AddDate(-2, 0, 0)), buyerName),
	}
	c.portal = c.hub.rec
	c.slack = newSlack(c)
	return c
}

// Salesforce is the company's Salesforce org. It is always the same one.
func (c *Company) Salesforce() *Salesforce { return c.sf }

// Slack is the company's Slack workspace. It is always the same one.
func (c *Company) Slack() *Slack { return c.slack }

// HubSpot is the company's HubSpot portal. It is always the same one; without
// [Options].HubSpot it holds no deals.
func (c *Company) HubSpot() *HubSpot { return c.hub }

// Now is the company's present.
func (c *Company) Now() time.Time { return c.clock.Now() }

// SetNow moves the clock without letting anything happen. To let the company
// live until then, use Advance.
func (c *Company) SetNow(t time.Time) {
	c.clock.Lock()
	defer c.clock.Unlock()
	c.clock.Set(t)
}
