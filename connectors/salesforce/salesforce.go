// Package salesforce reads one Salesforce org as a [crm.Source], over the REST
// API.
//
// A stream is read in runs. The first run is a backfill in the order of ids. Each later
// run is an increment: it reads the rows that were stamped since the last run, with an
// overlap, because a row becomes visible minutes after its stamp. The watermark is the
// server's clock at the beginning of the last complete run, never our clock and never
// the stamp of a row. The watermark and the state of a run live in the cursor. A Source
// keeps only what may be lost: the session, the answers of describe, and the number of
// calls.
//
// Two facts about Salesforce shape the rest. A token names no expiry, so only a 401
// tells that a session has ended. And the next page of a query belongs to the session
// that made the query, so after a new login the query is made again from the last row
// that was read.
//
// Large reads use other ways that give the same records: a backfill of many rows is a
// job of Bulk API 2.0, and a part that the org cannot answer as a whole is read in
// windows of time. A sweep finds records that are gone without a trace; sweeps are the
// last parts of some increments.
//
// Only connectors/all imports this package; everything else uses [crm.Source]. The
// subfolders are for this package alone: login opens sessions, api makes calls, refusal
// explains errors of the org, schema keeps what the org says of itself, soql writes
// queries, row decodes answers, cursor says how far a stream has been read, and machine
// says which activities no person made. This package says which streams there are, how
// they are queried, and how rows become records. A newcomer opens streams.go first,
// then [Source.Fetch].
package salesforce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// Type is the type of a source of this package, as [crm.Info] tells it.
const Type = "salesforce"

// Source is one org. Many goroutines may use a Source at once.
type Source struct {
	cfg        Config
	org        *api.Client
	schema     *schema.Schema
	configured configured
	lately     lately
}

var (
	_ crm.Source = (*Source)(nil)
	_ crm.Meter  = (*Source)(nil)
	_ crm.Poller = (*Source)(nil)

	_ crm.Refresher = (*Source)(nil)
	_ crm.Sweeper   = (*Source)(nil)
)

// New returns the source that cfg describes. New makes no call.
func New(cfg Config, web *rest.Client) (*Source, error) {
	cfg = cfg.withDefaults()
	var errs []error
	cfg.check(func(key, message string) { errs = append(errs, fmt.Errorf("%s: %s", key, message)) })
	org, err := api.New(cfg.api(), web)
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("source %s: %w", cfg.Name, errors.Join(errs...))
	}
	return &Source{
		cfg:        cfg,
		org:        org,
		schema:     newSchema(org, cfg),
		configured: configured{fields: cfg.Fields, machines: machine.New(cfg.IntegrationUsers, cfg.AutomatedSubjects)},
	}, nil
}

// objects are the objects that are read.
var objects = []string{"Opportunity", "OpportunityHistory", "OpportunityStage", "Task", "Event", "User", "OpportunityContactRole", "Contact"}

func newSchema(org *api.Client, cfg Config) *schema.Schema {
	_, elsewhere := cfg.Fields["pipeline"]
	return schema.New(org, schema.Config{Objects: objects, Spare: []string{"Contact"}, Every: cfg.DescribeEvery, Now: cfg.Now, Unlined: elsewhere})
}

// Mapping is what the configuration says under fields.
func (s *Source) Mapping() map[string]string { return s.cfg.Fields }

// Name is the name of the source in the configuration.
func (s *Source) Name() string { return s.cfg.Name }

// Streams lists the streams. A stream is left out once Describe has found that the
// login can see none of its objects.
func (s *Source) Streams() []crm.Stream {
	return slices.DeleteFunc([]crm.Stream{crm.Users, crm.Stages, crm.Opportunities, crm.History, crm.Activities, crm.Contacts},
		func(name crm.Stream) bool {
			for _, object := range streams[name].objects() {
				if !s.schema.Hidden(object) {
					return false
				}
			}
			return true
		})
}

// Usage tells how many calls were made, and the org's own figures.
func (s *Source) Usage() crm.Usage { return s.org.Usage() }

// Resume takes over the usage that an earlier process noted.
func (s *Source) Resume(noted crm.Usage) { s.org.Resume(noted) }

// Refresh lets what the org has refused be tried at once.
func (s *Source) Refresh() {
	s.schema.Refresh()
	s.org.Refusals.Forget()
}

// Describe tells what the login can see, and logs in if there is no session. Answers
// are kept for Config.DescribeEvery, so Describe before each run mostly costs no call.
// An object or a field that the login did not see is asked for again by each Describe.
func (s *Source) Describe(ctx context.Context) (crm.Info, error) {
	token, err := s.org.Session(ctx)
	if err != nil {
		return crm.Info{}, err
	}
	if err := s.schema.Reconsider(ctx, s.misses); err != nil {
		return crm.Info{}, err
	}
	seen, err := s.look(ctx)
	if err != nil {
		return crm.Info{}, err
	}
	m := s.configured.mapping(seen["Opportunity"])
	access, why := m.access(), maps.Clone(m.why)
	for _, name := range []crm.Stream{crm.Users, crm.Stages, crm.History, crm.Activities, crm.Contacts} {
		var hidden []string
		for _, object := range streams[name].objects() {
			if seen[object] == nil {
				hidden = append(hidden, object)
			}
		}
		access[string(name)] = readable(len(hidden) == 0)
		if len(hidden) > 0 {
			what, hint := s.schema.Unseen(hidden...)
			why[string(name)] = what + "; " + hint
		}
	}
	access["emails"] = access["activities"]
	if s.cfg.Capture == CaptureEinstein {
		access["emails"], why["emails"] = crm.Hidden, captured
	}
	describeDetails(seen, access, why)
	org, err := s.schema.Ask(ctx, seen["Opportunity"])
	if err != nil {
		return crm.Info{}, err
	}
	if len(org.Gaps) > 0 {
		access[string(crm.Stages)], why[string(crm.Stages)] = crm.Hidden, gaps(org.Gaps, org.Wait)
	}
	if org.Money.Unseen && m.from["currency"] == nil {
		access["currency"], why["currency"] = crm.Hidden, unseenCurrency
	}
	return crm.Info{
		Type: Type, Account: token.Org, Link: link(token.Instance), Currency: org.Money.Currency, Rates: org.Money.Rates, Fields: access, Why: why,
		TimeZone: org.Zone, FiscalStart: org.Fiscal, Dates: m.dates(), Mapped: s.cfg.Fields,
	}, nil
}

// look reads the descriptions of all objects; nil is a hidden one. In an org without our
// version of the API nothing is found, so look tries a version that the org has.
func (s *Source) look(ctx context.Context) (map[string]*schema.Object, error) {
	seen, err := s.described(ctx)
	if refusal.Retired(err) || err == nil && len(seen) == 0 {
		var changed bool
		if changed, err = s.org.Negotiate(ctx); err != nil {
			return nil, err
		}
		if changed {
			s.schema.Forget()
			seen, err = s.described(ctx)
		}
	}
	if err == nil && seen["Opportunity"] == nil {
		err = s.schema.NoObject("Opportunity")
	}
	return seen, err
}

func (s *Source) described(ctx context.Context) (map[string]*schema.Object, error) {
	seen := map[string]*schema.Object{}
	for _, name := range objects {
		switch o, err := s.schema.Object(ctx, name); {
		case err == nil:
			seen[name] = o
		case !errors.Is(err, schema.ErrNoObject):
			return nil, err
		}
	}
	return seen, nil
}

// misses reports whether the login does not see a field of o that is read.
func (s *Source) misses(o *schema.Object) bool {
	if o.Name == "Opportunity" && len(s.configured.mapping(o).why) > 0 {
		return true
	}
	for _, st := range streams {
		for _, p := range st.parts {
			if p.object != o.Name {
				continue
			}
			if _, ok := s.configured.see(p, o, nil); !ok || slices.ContainsFunc(p.fields, func(name string) bool { return o.Field(name) == nil }) {
				return true
			}
		}
	}
	return false
}

// link is the address of an opportunity's page, with {id} in place of the id.
func link(instance string) string {
	if u, err := url.Parse(instance); err == nil {
		if my, ok := strings.CutSuffix(u.Host, ".my.salesforce.com"); ok {
			instance = u.Scheme + "://" + my + ".lightning.force.com"
		}
	}
	return instance + "/lightning/r/Opportunity/{id}/view"
}

// unseenCurrency says why amounts of an org are in no known currency.
const unseenCurrency = "the org has several currencies, and the login does not see the field CurrencyIsoCode of Opportunity; " +
	"let the run-as user read the field; until then amounts are shown without a currency and in no sum"

// captured says why no rule judges that a deal had no contact.
const captured = "activity_capture is einstein: Einstein Activity Capture keeps emails where no query reads them; " +
	"switch on Sync Email as Salesforce Activity in Salesforce's setup and set activity_capture: crm; until then the rules about contact are not judged"

func readable(ok bool) crm.Access {
	if ok {
		return crm.Readable
	}
	return crm.Hidden
}
