package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/crm"
)

// object is what the login can see of an sObject type.
type object struct {
	name   string
	hidden bool
	fields map[string]*field // by lower-case name
	types  []recordType
	at     time.Time
}

// field is one field of an object, as describe tells it. A field that
// field-level security hides is not there at all.
type field struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Filterable bool   `json:"filterable"`
}

// field returns the field called name, nil if the login cannot see it. Names
// are without case, as in SOQL.
func (o *object) field(name string) *field { return o.fields[strings.ToLower(name)] }

// filterable reports whether name may stand in a condition.
func (o *object) filterable(name string) bool {
	f := o.field(name)
	return f != nil && f.Filterable
}

// errNoObject says that the login cannot see an object at all.
var errNoObject = errors.New("object is not visible")

// objectNames are the objects that are read.
var objectNames = []string{"Opportunity", "OpportunityHistory", "OpportunityStage", "Task", "Event", "User", "OpportunityContactRole"}

// objects keeps what the org said of itself.
type objects struct {
	turn chan struct{} // holds one element while nobody is asking

	mu    sync.Mutex
	known map[string]*object
	org   *organization // nil is not asked yet
	early *api.Reply    // what the organization said when describe was asked, until it is read
}

func newObjects() *objects {
	o := &objects{turn: make(chan struct{}, 1), known: map[string]*object{}}
	o.turn <- struct{}{}
	return o
}

// enter waits until nobody else is asking: of many streams that begin at once, one
// asks for all.
func (o *objects) enter(ctx context.Context) (leave func(), err error) {
	select {
	case <-o.turn:
		return func() { o.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// recent returns what is known of an object and was asked after since; nil is
// nothing.
func (o *objects) recent(name string, since time.Time) *object {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known := o.known[name]; known != nil && known.at.After(since) {
		return known
	}
	return nil
}

func (o *objects) note(found *object) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known[found.name] = found
}

func (o *objects) hidden(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.known[name]
	return known != nil && known.hidden
}

func (o *objects) organization() *organization {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.org
}

func (o *objects) takeEarly() (a *api.Reply) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a, o.early = o.early, nil
	return a
}

// object returns what describe says about name, from memory if that is recent.
// The error wraps errNoObject when there is no such object for this login.
//
// If-Modified-Since would save nothing here: it costs a call as well, and it
// does not notice changes of field-level security.
func (s *Source) object(ctx context.Context, name string) (*object, error) {
	since := s.now().Add(-s.cfg.DescribeEvery)
	known := s.objects.recent(name, since)
	if known == nil {
		leave, err := s.objects.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		if known = s.objects.recent(name, since); known == nil {
			if err := s.survey(ctx, since); err != nil {
				return nil, err
			}
			known = s.objects.recent(name, since)
		}
		if known == nil {
			if known, err = s.describe(ctx, name); err != nil {
				return nil, err
			}
		}
	}
	if known.hidden {
		return nil, errNoObject
	}
	return known, nil
}

// survey asks in one call for everything that was not asked after since. What has
// no usable answer is left to describe, which knows what to say about it.
func (s *Source) survey(ctx context.Context, since time.Time) error {
	var names, paths []string
	for _, name := range objectNames {
		if s.objects.recent(name, since) == nil {
			names, paths = append(names, name), append(paths, s.describePath(name))
		}
	}
	if len(names) == 1 {
		return nil // by itself it costs the same, and says what is wrong with it
	}
	answers, err := s.org.Together(ctx, append(paths, s.organizationPath()))
	if errors.Is(err, api.ErrNoComposite) {
		return nil
	} else if err != nil {
		return err
	}
	for i, name := range names {
		if o, err := s.description(name, answers[i]); err == nil {
			s.objects.note(o)
		}
	}
	s.objects.mu.Lock()
	defer s.objects.mu.Unlock()
	s.objects.early = answers[len(names)].Reply
	return nil
}

// describe asks for one object anew.
func (s *Source) describe(ctx context.Context, name string) (*object, error) {
	var a api.Answer
	a.Reply, a.Err = s.org.Get(ctx, s.describePath(name), false)
	o, err := s.description(name, a)
	if err != nil {
		return nil, err
	}
	s.objects.note(o)
	return o, nil
}

func (s *Source) describePath(name string) string {
	return s.org.Root() + "/sobjects/" + name + "/describe"
}

// description reads what describe answered.
func (s *Source) description(name string, a api.Answer) (*object, error) {
	o := &object{name: name, fields: map[string]*field{}, at: s.now()}
	var refused *api.RefusedError
	switch {
	case errors.As(a.Err, &refused) && (refused.Status == http.StatusNotFound || refused.Code == "INVALID_TYPE"):
		o.hidden = true
		return o, nil
	case a.Err != nil:
		return nil, a.Err
	}
	var said struct {
		Fields    []*field     `json:"fields"`
		Queryable *bool        `json:"queryable"`
		Types     []recordType `json:"recordTypeInfos"`
	}
	if err := json.Unmarshal(a.Reply.Body, &said); err != nil || len(said.Fields) == 0 {
		return nil, s.org.Fail(crm.ErrBusy, "the description of "+name+" cannot be read", "the next run tries again")
	}
	o.hidden = said.Queryable != nil && !*said.Queryable
	o.types = said.Types
	for _, f := range said.Fields {
		if fieldForm.MatchString(f.Name) { // it will stand in a query
			o.fields[strings.ToLower(f.Name)] = f
		}
	}
	return o, nil
}

func (s *Source) noObject(name string) error {
	return s.org.Fail(crm.ErrRefused, "the login cannot read the object "+name, "give the run-as user read permission for it")
}
