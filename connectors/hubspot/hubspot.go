// Package hubspot reads one HubSpot portal as a [crm.Source]. It signs in with a
// static bearer token (a service key, or the token of an older private app) or as an
// OAuth app that is installed in the portal. connectors/all lists the source; all other
// packages know a source by package crm alone.
//
// A stream is read in runs. A backfill lists records in the order of their ids;
// each later run searches for the ids of the records modified since the last run,
// with an overlap, and reads those records by batch. The search index lags and may
// answer with rows that no longer fit the question, so only the batch counts as the
// record. A search is paged by the id of the last row, never by an offset:
// paging by id has neither the end at 10,000 rows nor the loop over many rows of
// one millisecond, and a row that changes meanwhile cannot move.
//
// Changes without a modification stamp (links that come later, calculated fields,
// deals out of the recycle bin) are found by reading the stream again from its
// beginning, in laps (lap.go). Archived records are hidden from the search, so runs list
// the archived deals. The watermark is the server's clock at the beginning of
// the last complete run. The watermark and the place of a run live in the cursor; a
// Source keeps only what can be lost, such as which records of the overlap it has read.
//
// Package api makes the calls, package row decodes records, and package portal
// normalises them; none of the three knows a stream. Open plan.go first: a plan lists
// the parts of a run. A walk fetches one page of a part, and deals, history, contacts,
// activities and owners are the walks of each kind of record.
package hubspot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Type is what sources of this package call themselves.
const Type = "hubspot"

// Source is one portal. It may be used by many goroutines at once.
type Source struct {
	cfg    Config
	where  string // names the source in errors
	api    *api.Client
	survey *survey
	open   *openDeals            // whose links are looked at
	seen   *seenLinks            // links of open deals with activities
	names  *referred             // stages and owners that were read
	told   *told                 // details of activities that were answered for
	joint  atomic.Pointer[joint] // what the streams of the last poll share; nil is nothing

	memories memories // what increments have read already
}

var (
	_ crm.Source   = (*Source)(nil)
	_ crm.Meter    = (*Source)(nil)
	_ crm.Resolver = (*Source)(nil)
	_ crm.Clocked  = (*Source)(nil)
	_ crm.Sweeper  = (*Source)(nil)
)

// New returns the source that cfg describes. New makes no call.
func New(cfg Config, web *rest.Client) (*Source, error) {
	cfg = cfg.withDefaults()
	var errs []error
	cfg.validate(func(key, message string) { errs = append(errs, fmt.Errorf("%s: %s", key, message)) })
	if len(errs) > 0 {
		return nil, fmt.Errorf("source %s: %w", cfg.Name, errors.Join(errs...))
	}
	s := &Source{cfg: cfg, where: fmt.Sprintf("source %s (%s)", cfg.Name, cfg.URL), open: newOpenDeals(), seen: newSeenLinks(), names: &referred{}, told: &told{}, memories: newMemories()}
	s.api = api.New(cfg.client(s.where), web)
	s.survey = newSurvey(s.api, cfg, s.where)
	return s, nil
}

// client returns the settings of the API client.
func (c *Config) client(where string) api.Config {
	return api.Config{
		Name: c.Name, Where: where, URL: c.URL, Token: c.Token, Auth: c.Auth, Vault: c.Vault,
		PageLimit: c.PageLimit, SearchRate: c.SearchRate, CallRate: c.CallRate, Budget: c.Budget, Now: c.Now,
	}
}

// Mapping is what the configuration says under fields.
func (s *Source) Mapping() map[string]string { return s.cfg.Fields }

// Name is the configuration's name of the source.
func (s *Source) Name() string { return s.cfg.Name }

// Streams lists the streams, without activities or contacts once Describe has found
// that the token may read none of them.
func (s *Source) Streams() []crm.Stream {
	v := s.survey.known()
	return slices.DeleteFunc([]crm.Stream{crm.Users, crm.Stages, crm.Opportunities, crm.History, crm.Activities, crm.Contacts},
		func(name crm.Stream) bool { return v != nil && v.blocked(name) != nil })
}

// Usage says how many calls were made, and how many the portal has left today.
func (s *Source) Usage() crm.Usage { return s.api.Usage() }

// ServerTime is what HubSpot's clock shows.
func (s *Source) ServerTime() time.Time { return s.api.Clock().Now() }

// Resume counts the calls that an earlier process made today.
func (s *Source) Resume(noted crm.Usage) { s.api.Resume(noted) }

// Describe says what the portal is and what the token may read. The description is
// kept for a day, or for an hour where something is missing, or until the token changes.
func (s *Source) Describe(ctx context.Context) (crm.Info, error) {
	v, err := s.survey.look(ctx)
	if err != nil {
		return crm.Info{}, err
	}
	access := v.Schema.Access()
	access["history"], access[crm.HistoryAuthor], access[crm.HistoryApp] = crm.Readable, crm.Readable, crm.Readable
	// Emails are a field of their own: some rules do with the other activities.
	access["activities"] = portal.Readable(!slices.ContainsFunc(portal.Spoken, v.hidden))
	access["emails"] = portal.Readable(!v.hidden("emails"))
	access["contacts"] = portal.Readable(!v.hidden("contacts"))
	why := map[string]string{}
	for detail, objects := range portal.Told { // why not is said of the objects
		access[detail] = portal.Readable(!slices.ContainsFunc(objects, v.hidden))
	}
	for field, objects := range map[string][]string{"activities": portal.Spoken, "emails": {"emails"}, "contacts": {"contacts"}} {
		if words := v.why(s.api.AddScope(), objects...); words != "" {
			why[field] = words
		}
	}
	if v.Zone.String() == "" {
		why["time_zone"] = "the portal tells none that this machine knows, so an export has close dates by the portal's present offset from UTC, and the day of api_budget begins by it; findings go by the owners' calendars all the same; set the time zone in HubSpot, under Settings → Account Defaults"
	}
	for _, field := range v.Schema.Missing() {
		if name, ok := s.cfg.Fields[field]; ok {
			why[field] = fmt.Sprintf("deals have no property %q of a type that fits; look up the property's internal name in HubSpot, under Settings → Properties, and correct fields.%s of the source", name, field)
		}
	}
	currency := v.Currency
	if v.Several && v.Schema.At("currency") == "" {
		access["currency"], currency = crm.Hidden, ""
		if why["currency"] == "" {
			why["currency"] = unseenCurrency
		}
	}
	return crm.Info{
		Type: Type, Account: v.ID, Link: v.Link(), Currency: currency, TimeZone: v.Zone.String(),
		Fields: access, Why: why, Dates: v.Schema.Dates(), Mapped: s.cfg.Fields,
	}, nil
}

// unseenCurrency says why amounts of a portal are in no known currency.
const unseenCurrency = "the portal has several currencies, and deals have no property deal_currency_code that the token sees; " +
	"let the token read the property, or name another that holds the code, as currency under fields of the source; until then amounts are shown without a currency and in no sum"
