package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// organization is what holds for the whole org. All of it is a comfort: a login
// that cannot read it reads the rest, and what is not known is left out.
type organization struct {
	zone     string     // IANA name, "" is unknown
	fiscal   time.Month // 0 is unknown
	currency string     // the corporate currency of an org with several, else ""
	lines    []line     // sales processes, in the order of describe
	gaps     bool       // there are lines that nobody could tell yet
	until    time.Time  // asked again from then on
}

// line is a record type of opportunities with the stages of its sales process.
type line struct {
	recordType
	stages []string // API names
}

// recordType is one as describe tells it.
type recordType struct {
	ID        string `json:"recordTypeId"`
	Name      string `json:"name"`
	Developer string `json:"developerName"`
	Active    *bool  `json:"active"` // nil is not told
	Master    bool   `json:"master"` // stands for having none
}

// organization returns what the org says of itself, from memory if that is recent.
// opportunity is what the login sees of that object.
func (s *Source) organization(ctx context.Context, opportunity *object) (*organization, error) {
	leave, err := s.objects.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	known := s.objects.organization()
	if known != nil && s.now().Before(known.until) {
		return known, nil
	}
	found, err := s.askOrganization(ctx, opportunity, known)
	if err != nil {
		return nil, err
	}
	s.objects.mu.Lock()
	defer s.objects.mu.Unlock()
	s.objects.org = found
	return found, nil
}

// question is one thing to ask and what to do with the answer.
type question struct {
	path string
	take func(*api.Reply) error
	keep func() // when there is no answer for the moment
}

// askOrganization asks anew. What does not answer for the moment stays as it was
// before (nil is not known) and is asked again in an hour.
func (s *Source) askOrganization(ctx context.Context, opportunity *object, before *organization) (*organization, error) {
	found := &organization{until: s.now().Add(s.cfg.DescribeEvery)}
	if before == nil {
		before = &organization{}
	}
	questions := []question{{path: s.organizationPath(), take: found.read, keep: func() { found.zone, found.fiscal = before.zone, before.fiscal }}}
	if a := s.objects.takeEarly(); a != nil {
		questions[0].path = ""
		_ = found.read(a) // of another form is unknown
	}
	if opportunity.field("CurrencyIsoCode") != nil {
		questions = append(questions, question{path: s.currencyPath(), take: found.readCurrency, keep: func() { found.currency = before.currency }})
	}
	for _, t := range s.recordTypes(opportunity) {
		questions = append(questions, question{
			path: s.org.Root() + "/ui-api/object-info/Opportunity/picklist-values/" + t.ID + "/StageName",
			take: func(a *api.Reply) error { return found.readStages(t, a) },
			keep: func() {
				i := slices.IndexFunc(before.lines, func(l line) bool { return l.ID == t.ID })
				if i < 0 {
					found.gaps = true
					return
				}
				found.lines = append(found.lines, before.lines[i])
			},
		})
	}
	questions = slices.DeleteFunc(questions, func(q question) bool { return q.path == "" })
	var paths []string
	for _, q := range questions {
		paths = append(paths, q.path)
	}
	answers, err := s.org.Each(ctx, paths)
	if err != nil {
		return nil, err
	}
	for i, q := range questions {
		err := answers[i].Err
		if err == nil {
			err = q.take(answers[i].Reply)
		}
		if err != nil && !errors.Is(err, crm.ErrRefused) {
			q.keep()
			found.until = s.now().Add(min(s.cfg.DescribeEvery, time.Hour))
		}
	}
	return found, nil
}

// recordTypes are the record types by which the org's deals have pipelines: none
// where the login cannot see them or the configuration says otherwise.
func (s *Source) recordTypes(opportunity *object) []recordType {
	if _, elsewhere := s.cfg.Fields["pipeline"]; elsewhere || opportunity.field("RecordTypeId") == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(opportunity.types), func(t recordType) bool {
		id, ok := api.LongID(t.ID) // it stands in an address
		return t.Master || t.Active != nil && !*t.Active || !ok || id != t.ID || t.Developer == ""
	})
}

func (s *Source) organizationPath() string {
	return s.small(soql.Query{Columns: []string{"TimeZoneSidKey", "FiscalYearStartMonth"}, Object: "Organization"})
}

func (s *Source) currencyPath() string {
	return s.small(soql.Query{Columns: []string{"IsoCode"}, Object: "CurrencyType", Where: soql.All{soql.Is("IsCorporate", "=", soql.Truth(true))}})
}

// small is the path of a query that is known to be short.
func (s *Source) small(q soql.Query) string {
	path, err := s.address("query", q)
	if err != nil {
		panic("salesforce: " + err.Error())
	}
	return path
}

func (o *organization) read(a *api.Reply) error {
	_, err := row.Page(a.Body, func(r *row.Row) error {
		o.zone = r.Text("TimeZoneSidKey")
		if m := r.Number("FiscalYearStartMonth"); m.Value >= 1 && m.Value <= 12 {
			o.fiscal = time.Month(m.Value)
		}
		return r.Err()
	})
	return err
}

func (o *organization) readCurrency(a *api.Reply) error {
	_, err := row.Page(a.Body, func(r *row.Row) error {
		o.currency = r.Text("IsoCode")
		return r.Err()
	})
	return err
}

// readStages reads the stages that a record type allows.
func (o *organization) readStages(t recordType, a *api.Reply) error {
	var list struct {
		Values []struct {
			Value string `json:"value"`
		} `json:"values"`
	}
	if err := json.Unmarshal(a.Body, &list); err != nil {
		return err
	}
	l := line{recordType: t}
	for _, v := range list.Values {
		l.stages = append(l.stages, v.Value)
	}
	if len(l.stages) > 0 { // a sales process without stages is none that we can read
		o.lines = append(o.lines, l)
	}
	return nil
}

// takeStage gives a stage once for all pipelines, and once for each that has it: a
// deal may be in a stage that its own process no longer has.
func (s *Source) takeStage(c *reading, r *row.Row) {
	st := stage(r)
	c.page.Stages = append(c.page.Stages, st)
	o := s.objects.organization()
	if o == nil {
		return
	}
	for _, l := range o.lines {
		if slices.Contains(l.stages, st.ID) {
			st.Pipeline, st.PipelineLabel = l.Developer, l.Name
			c.page.Stages = append(c.page.Stages, st)
		}
	}
}
