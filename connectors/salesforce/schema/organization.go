package schema

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

// Organization is what holds for the whole org. No value of it is required: what the
// login cannot read stays empty.
type Organization struct {
	Zone   string     // IANA name, "" is unknown
	Fiscal time.Month // month in which the fiscal year begins, 0 is unknown
	Money  Money
	Lines  []Line        // sales processes, in the order of describe
	Gaps   []Gap         // the record types whose stages are not known
	Wait   time.Duration // from an answer that is not whole to the next one; 0 is whole

	until time.Time // when the answer is no longer recent
}

// Gap is a record type whose stages are not known.
type Gap struct {
	Name string
	Err  error // why: of an org that refuses them it wraps crm.ErrRefused
}

// Line is a record type of opportunities with the stages of its sales process.
type Line struct {
	ID, Name, Developer string   // Developer is the API name
	Stages              []string // API names
}

// recordType is a record type, as describe tells it.
type recordType struct {
	ID        string `json:"recordTypeId"`
	Name      string `json:"name"`
	Developer string `json:"developerName"`
	Active    *bool  `json:"active"` // nil is unknown
	Master    bool   `json:"master"` // the record type of rows that have none
}

// Ask returns what the org says of itself, from memory if the answer is recent.
// opportunity is the description of the object Opportunity.
func (s *Schema) Ask(ctx context.Context, opportunity *Object) (*Organization, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	known := s.Organization()
	if known != nil && s.cfg.Now().Before(known.until) {
		return known, nil
	}
	found, err := s.askOrganization(ctx, opportunity, known)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.about = found
	return found, nil
}

// question is one request, and what is done with its answer.
type question struct {
	path string
	take func(*api.Reply) error
	keep func(error) // used instead of take when there is no usable answer, and why
	// refusable says that a refusal is an answer: the login may not know, or the org has
	// nothing to tell.
	refusable bool
}

// askOrganization reads what the org says of itself anew. A value whose request meets a
// busy Salesforce stays as it was before (before is nil at first) and is read again in an
// hour, or later if there is still no answer then. So do the stages of a record type when
// their request is refused: a record type without stages does not exist, so a refusal tells
// nothing of the stages.
func (s *Schema) askOrganization(ctx context.Context, opportunity *Object, before *Organization) (*Organization, error) {
	found := &Organization{until: s.cfg.Now().Add(s.cfg.Every)}
	if before == nil {
		before = &Organization{}
	}
	questions := []question{
		{path: s.organizationPath(), take: found.read, keep: func(error) { found.Zone, found.Fiscal = before.Zone, before.Fiscal }, refusable: true},
		s.moneyQuestion(opportunity, &found.Money, before.Money),
	}
	if a := s.takeEarly(); a != nil {
		questions[0].path = ""
		_ = found.read(a) // an answer in another form leaves the values unknown
	}
	for _, t := range s.recordTypes(opportunity) {
		questions = append(questions, question{
			path: s.org.Root() + "/ui-api/object-info/Opportunity/picklist-values/" + t.ID + "/StageName",
			take: func(a *api.Reply) error { return found.readStages(t, a) },
			keep: func(err error) {
				i := slices.IndexFunc(before.Lines, func(l Line) bool { return l.ID == t.ID })
				if i < 0 {
					found.Gaps = append(found.Gaps, Gap{t.Name, err})
					return
				}
				found.Lines = append(found.Lines, before.Lines[i])
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
		if err != nil {
			q.keep(err) // a refusal is of its moment as well
		}
		if err != nil && !(q.refusable && errors.Is(err, crm.ErrRefused)) {
			found.Wait = min(max(2*before.Wait, time.Hour), s.cfg.Every) // longer each time, because it costs calls
			found.until = s.cfg.Now().Add(found.Wait)
		}
	}
	return found, nil
}

// recordTypes returns the record types that are pipelines of deals. There are none
// where the login cannot see record types, or where the configuration names another
// field as the pipeline.
func (s *Schema) recordTypes(opportunity *Object) []recordType {
	if s.cfg.Unlined || opportunity.Field("RecordTypeId") == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(opportunity.types), func(t recordType) bool {
		id, ok := row.LongID(t.ID) // the id will stand in an address
		return t.Master || t.Active != nil && !*t.Active || !ok || id != t.ID || t.Developer == ""
	})
}

func (s *Schema) organizationPath() string {
	return s.small(soql.Query{Columns: []string{"TimeZoneSidKey", "FiscalYearStartMonth"}, Object: "Organization"})
}

// small returns the path of a query that is known to be short.
func (s *Schema) small(q soql.Query) string {
	path, err := s.org.QueryPath("query", q)
	if err != nil {
		panic("salesforce: " + err.Error())
	}
	return path
}

// read decodes the row of Organization.
func (o *Organization) read(a *api.Reply) error {
	_, err := row.Page(a.Body, nil, func(r *row.Row) error {
		o.Zone = r.Text("TimeZoneSidKey")
		if m := r.Number("FiscalYearStartMonth"); m.Value >= 1 && m.Value <= 12 {
			o.Fiscal = time.Month(m.Value)
		}
		return r.Err()
	})
	return err
}

// readStages decodes the stages that a record type allows.
func (o *Organization) readStages(t recordType, a *api.Reply) error {
	var list struct {
		Values []struct {
			Value string `json:"value"`
		} `json:"values"`
	}
	if err := json.Unmarshal(a.Body, &list); err != nil {
		return errors.New("an answer of another form")
	}
	l := Line{ID: t.ID, Name: t.Name, Developer: t.Developer}
	for _, v := range list.Values {
		if v.Value == "" {
			return errNoStages // a stage without a name is none, so others may be missing as well
		}
		l.Stages = append(l.Stages, v.Value)
	}
	if len(l.Stages) == 0 {
		return errNoStages
	}
	o.Lines = append(o.Lines, l)
	return nil
}

// errNoStages says that an answer names no stage. Each record type has stages, so the
// answer is none.
var errNoStages = errors.New("an answer without stages")
