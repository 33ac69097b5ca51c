// Package salesforce reads one Salesforce org as a [crm.Source], over the REST
// API.
//
// A stream is read in runs. The first run is a backfill in id order; each later
// one asks for what was stamped since the last, with an overlap, because a row
// becomes visible minutes after its stamp. The watermark is the server's clock
// at the beginning of the last complete run, never ours and never a row's stamp.
// All of that lives in the cursor; a Source keeps only what can be lost: the
// session, what describe said, and how many calls were made.
//
// Two facts about Salesforce shape the rest. A token names no expiry, so a 401 is
// what tells that it ended. And a query's next page belongs to the session that
// asked for the first, so after a new login the query is asked again from the
// last row that was read.
//
// What is large is read in other ways that give the same records: a backfill of
// many rows by a job of Bulk API 2.0, and what an org cannot answer as a whole in
// windows of time. What is gone without a word shows in sweeps, which are the
// last parts of some increments.
//
// The subfolders are for this package alone: login opens sessions, api makes calls,
// refusal says what an org's no means, schema keeps what the org says of itself,
// soql writes queries, row decodes answers, cursor is how far a stream has been
// read, and machine says which activities nobody made. What streams there are, what
// is asked for them and how rows become records is here.
package salesforce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// Type is what sources of this package call themselves.
const Type = "salesforce"

// Source is one org. It may be used by many goroutines at once.
type Source struct {
	cfg       Config
	org       *api.Client
	schema    *schema.Schema
	wanted    wanted
	alone     atomic.Bool // queries are refused in composites
	uncounted atomic.Bool // it does not say how many open deals there are
}

var (
	_ crm.Source = (*Source)(nil)
	_ crm.Meter  = (*Source)(nil)
	_ crm.Poller = (*Source)(nil)
)

// New returns the source that cfg describes. It makes no call yet.
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
		cfg:    cfg,
		org:    org,
		schema: newSchema(org, cfg),
		wanted: wanted{fields: cfg.Fields, machines: machine.New(cfg.IntegrationUsers, cfg.AutomatedSubjects)},
	}, nil
}

// objects are the objects that are read.
var objects = []string{"Opportunity", "OpportunityHistory", "OpportunityStage", "Task", "Event", "User", "OpportunityContactRole"}

func newSchema(org *api.Client, cfg Config) *schema.Schema {
	_, elsewhere := cfg.Fields["pipeline"]
	return schema.New(org, schema.Config{Objects: objects, Every: cfg.DescribeEvery, Now: cfg.Now, Unlined: elsewhere})
}

// Name is the configuration's name of the source.
func (s *Source) Name() string { return s.cfg.Name }

// Streams lists the streams. Once Describe has found that the login cannot see
// an object at all, its stream is left out.
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

// Usage tells how many calls were made and what the org says is left.
func (s *Source) Usage() crm.Usage { return s.org.Usage() }

// Resume takes up what an earlier process had spent of the day.
func (s *Source) Resume(noted crm.Usage) { s.org.Resume(noted) }

// Describe logs in if need be and asks what the login can see. Answers are kept
// for Config.DescribeEvery, so that calling it before each run costs nothing
// most of the time.
func (s *Source) Describe(ctx context.Context) (crm.Info, error) {
	token, err := s.org.Session(ctx)
	if err != nil {
		return crm.Info{}, err
	}
	seen := map[string]*schema.Object{}
	for _, name := range objects {
		o, err := s.schema.Object(ctx, name)
		if err != nil && !errors.Is(err, schema.ErrNoObject) {
			return crm.Info{}, err
		}
		seen[name] = o // nil is hidden
	}
	if seen["Opportunity"] == nil {
		return crm.Info{}, s.schema.NoObject("Opportunity")
	}
	m := s.wanted.mapping(seen["Opportunity"])
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
			why[string(name)] = fmt.Sprintf("the login cannot read the object %s; give the run-as user read permission for it", strings.Join(hidden, ", nor "))
		}
	}
	access["emails"] = access["activities"]
	if s.cfg.Capture == CaptureEinstein {
		access["emails"], why["emails"] = crm.Hidden, captured
	}
	org, err := s.schema.Ask(ctx, seen["Opportunity"])
	if err != nil {
		return crm.Info{}, err
	}
	return crm.Info{
		Type: Type, Account: token.Org, Link: link(token.Instance), Currency: org.Currency, Fields: access, Why: why,
		TimeZone: org.Zone, FiscalStart: org.Fiscal,
	}, nil
}

// link is where an opportunity can be looked at.
func link(instance string) string {
	if u, err := url.Parse(instance); err == nil {
		if my, ok := strings.CutSuffix(u.Host, ".my.salesforce.com"); ok {
			instance = u.Scheme + "://" + my + ".lightning.force.com"
		}
	}
	return instance + "/lightning/r/Opportunity/{id}/view"
}

// captured says why nothing is concluded from silence.
const captured = "activity_capture is einstein: Einstein Activity Capture keeps emails where no query reads them; " +
	"switch on Sync Email as Salesforce Activity in Salesforce's setup and set activity_capture: crm; until then the rules about contact are not judged"

func readable(ok bool) crm.Access {
	if ok {
		return crm.Readable
	}
	return crm.Hidden
}
