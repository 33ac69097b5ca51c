// Package sim is one invented company, "Acme", that lives: reps move deals, log
// calls, forget next steps and let close dates pass. The company is served over
// real HTTP and SMTP on loopback, as a Salesforce API, as a HubSpot API, as a Slack
// API and as a mail server, so tests and `pipetidy demo` run without an account
// anywhere. One seed gives one company, byte for byte.
//
// Begin with [New], [Company.Advance] and [Serve]. A test that requires a few known
// records, rather than a living company, writes them down itself.
//
// This package holds the people, the course of each deal, the named stories and the
// days that pass; [Serve] starts all services. The records and the services are
// packages below, none of which imports this package: salesforce (with the records
// in salesforce/org and the queries in soql), hubspot (with the records in
// hubspot/portal), slack and mail. Package fault holds what a service does wrong on
// request.
package sim

import (
	"cmp"
	"math/rand/v2"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/slack"
)

// Options say which company to invent. The zero value of each field has a
// default.
type Options struct {
	Seed  uint64    // another seed is another company; 0 is 1
	Start time.Time // the company's present at the beginning; zero is Tue 24 Nov 2026, 08:12 in Los Angeles
	Reps  int       // reps of team West, at most 9 of them named; 0 is 9
	Deals int       // open opportunities; 0 is 300. Two thirds as many are closed
	// Roleless is the percentage of open deals on which nobody entered a contact role, as in
	// orgs that do not use them; the deals with a fixed story keep theirs.
	Roleless int
	// NoHostile leaves out the deal whose name attacks mail headers, markup,
	// Slack and spreadsheets.
	NoHostile bool
	// Fortnight adds what happens once in a while to the company's first ten working
	// days: deals are won, change hands and teams, and a list is imported.
	Fortnight bool
	// HubSpot lets about half of the deals live in a HubSpot portal instead of
	// Salesforce, some reps' in both; see [Company.HubSpot].
	HubSpot bool
	// Live makes the company's clock run; otherwise the clock stands still between
	// calls to Advance and SetNow.
	Live bool
	Zone string // of the org, IANA name; "" is America/New_York
}

// DefaultStart is the present of a company whose options name none: Tuesday,
// 24 November 2026, 08:12 in Los Angeles.
func DefaultStart() time.Time { return time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC) }

// Company is the simulated company: its people, the course of their deals, and as
// [org.Org] the records in Salesforce. All methods may be called at the same time:
// each method holds the clock.
type Company struct {
	*org.Org
	*roster
	*diary
	clock *clock.Clock
	opt   Options
	rng   *rand.Rand

	rec    *org.Records
	portal *portal.Records

	deals   map[string]*deal // what reps know about their deals, by id
	storied []*deal          // those with a fixed story
	names   map[string]bool  // of the deals that were planned: no two new deals have one
	lived   time.Time        // until when the company has lived
	planned crm.Date         // until when its days are planned

	sf    *salesforce.Server
	hub   *hubspot.Server
	slack *slack.Workspace
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
	at := clock.New(opt.Start, clock.Location(cmp.Or(opt.Zone, eastZone)), opt.Live)
	rec := org.NewRecords(at, opt.Seed, opt.Start.AddDate(0, -6, 0), opsMail, buyerName)
	c := &Company{
		Org:    org.New(rec),
		roster: &roster{rec: rec},
		diary:  &diary{clock: at},
		clock:  at,
		opt:    opt,
		rng:    rand.New(rand.NewPCG(opt.Seed, 0x9e3779b97f4a7c15)),
		rec:    rec,
		deals:  map[string]*deal{},
		names:  map[string]bool{},
		sf:     salesforce.New(rec, integrationMail),
		hub:    hubspot.New(at, acmePipelines(opt.Start.AddDate(-2, 0, 0)), buyerName),
	}
	c.portal = c.hub.Records
	c.slack = slack.New(c)
	return c
}

// Salesforce is the company's Salesforce org, the same at every call.
func (c *Company) Salesforce() *salesforce.Server { return c.sf }

// Slack is the company's Slack workspace, the same at every call.
func (c *Company) Slack() *slack.Workspace { return c.slack }

// HubSpot is the company's HubSpot portal, the same at every call. Without
// [Options].HubSpot the portal holds no deals.
func (c *Company) HubSpot() *hubspot.Server { return c.hub }

// Now is the company's present.
func (c *Company) Now() time.Time { return c.clock.Now() }

// SetNow moves the clock, and nothing happens. [Company.Advance] lets the company
// live until a time.
func (c *Company) SetNow(t time.Time) {
	c.clock.Lock()
	defer c.clock.Unlock()
	c.clock.Set(t)
}
